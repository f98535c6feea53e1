"""The sources behind a network, asked as the environment's own identities."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets.databricks import Databricks
from odibi_dagster.storage.secrets.keyvault import KeyVault
from odibi_dagster.storage.secrets.secretsmanager import SecretsManager
from odibi_dagster.storage.secrets.sources import Fetch
from odibi_dagster.storage.stores import Stores

C = TypeVar("C", AwsCredential, AzureCredential)


def vaults(stores: Callable[[], Stores], variables: Mapping[str, str]) -> dict[str, Fetch]:
    """Who asks Key Vault, Secrets Manager and Databricks, by scheme.

    Args:
        stores: the environment's, looked at when a vault is asked.
        variables: the process variables, for Databricks.
    """
    return {
        "keyvault": KeyVault(lambda: _identity(stores()), lambda url: _network(stores()).azure_options(url)),
        "secretsmanager": SecretsManager(lambda: _aws(stores())),
        "databricks": Databricks(variables, lambda: _network(stores())),
    }


def _network(stores: Stores) -> Network:
    return stores.network if isinstance(stores.network, Network) else Network()


def _identity(stores: Stores) -> Any:
    """The first Azure identity that gets tokens: keys and signatures of a storage account open no vault."""
    from odibi_dagster.storage.credentials.azure_identity import sdk_credential

    without = ("account_key", "sas_token", "connection_string")
    found = next((each for each in _credentials(stores, AzureCredential) if each.kind not in without), None)
    return sdk_credential(found or AzureCredential(network=_network(stores)))


def _aws(stores: Stores) -> AwsCredential:
    """The first S3 identity, without what is S3's alone."""
    found = next(_credentials(stores, AwsCredential), AwsCredential(network=_network(stores)))
    return replace(found, bucket="", endpoint=None, options=())


def _credentials(stores: Stores, kind: type[C]) -> Iterator[C]:
    return (entry.credential for entry in stores.entries if isinstance(entry.credential, kind))
