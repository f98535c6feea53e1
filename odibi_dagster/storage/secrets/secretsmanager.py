"""`${secretsmanager:id[#field]}`: AWS Secrets Manager, through Dagster's resource."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from odibi_dagster.errors import ConfigError, OdibiError, StorageError, TransientError
from odibi_dagster.storage.secrets.reference import Reference

_DENIED = ("AccessDenied", "UnrecognizedClient", "InvalidSignature", "InvalidClientTokenId", "ExpiredToken")
_BUSY = ("Throttling", "TooManyRequests", "InternalServiceError", "ServiceUnavailable", "RequestTimeout")


class SecretsManager:
    """Reads secrets by name or ARN.

    Args:
        settings: returns the fields of Dagster's SecretsManagerResource, such as `region_name`; asked each
            time, so that keys may rotate. None is boto3's default chain.
    """

    def __init__(self, settings: Callable[[], Mapping[str, Any]] | None = None) -> None:
        self._settings = settings

    def __call__(self, reference: Reference) -> str:
        """The secret's current value; with `#field`, that field of the JSON object it is.

        Raises:
            ConfigError: there is no such secret or field, or no region is known.
            StorageError: the identity is refused.
            TransientError: the service cannot be reached, or is busy.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped, unused-ignore]
        from dagster_aws.secretsmanager import SecretsManagerResource

        name, _, field = reference.address.partition("#")
        try:
            resource = SecretsManagerResource(**(self._settings() if self._settings else {}))
            answer = resource.get_client().get_secret_value(SecretId=name)
        except (BotoCoreError, ClientError) as error:
            raise _explained(error, reference) from error
        value = answer.get("SecretString")
        text = value if value is not None else answer["SecretBinary"].decode("utf-8")
        return _field(text, field, reference) if field else text


def _field(text: str, field: str, reference: Reference) -> str:
    try:
        values = json.loads(text)
    except ValueError:
        values = None
    if not isinstance(values, dict):  # neither the text nor what the parser says of it is repeated
        raise ConfigError(
            f"`{reference}`: the secret is no JSON object.",
            remedy="Leave `#` and the field out to get all of it.",
        )
    if field not in values:
        raise ConfigError(
            f"`{reference}`: the secret has no field {field}.", why=f"it has {', '.join(sorted(values))}"
        )
    value = values[field]
    return value if isinstance(value, str) else json.dumps(value)


def _explained(error: Any, reference: Reference) -> OdibiError:
    code = getattr(error, "response", {}).get("Error", {}).get("Code", type(error).__name__)
    why = str(error)
    if code == "ResourceNotFoundException":
        return ConfigError(
            f"`{reference}`: Secrets Manager has no such secret in this account and region.",
            why=why,
            remedy="Correct the name or the region, or create the secret.",
        )
    if code == "NoRegionError":
        return ConfigError(
            f"`{reference}`: no AWS region is known.",
            why=why,
            remedy="Write `region:` in `stores:` (provider: s3), or set AWS_REGION.",
        )
    if code.startswith(_DENIED) or code in (
        "NoCredentialsError",
        "PartialCredentialsError",
        "ProfileNotFound",
    ):
        return StorageError(
            f"`{reference}`: Secrets Manager refuses.",
            why=why,
            remedy="Give the identity secretsmanager:GetSecretValue on it, and kms:Decrypt on its key.",
        )
    if code.startswith(_BUSY) or code.endswith(("ConnectionError", "TimeoutError", "ConnectionClosedError")):
        return TransientError(
            f"`{reference}`: Secrets Manager cannot be reached, or is busy.",
            why=why,
            remedy="Look at the network, and run again.",
        )
    return StorageError(f"`{reference}`: Secrets Manager refuses.", why=why)
