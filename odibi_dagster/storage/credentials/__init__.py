"""Who asks a store: one dataclass a provider, which turns an environment's words into each client's options.

Nothing is contacted, no SDK is imported and no secret is resolved before options or a client are asked for.
"""

from odibi_dagster.storage.credentials.aws import AwsCredential
from odibi_dagster.storage.credentials.azure import AzureCredential

__all__ = ["AwsCredential", "AzureCredential"]
