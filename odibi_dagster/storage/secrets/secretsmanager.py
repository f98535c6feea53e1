"""`${secretsmanager:id[#field]}`: AWS Secrets Manager, through Dagster's resource."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from odibi_dagster.errors import ConfigError, OdibiError, StorageError, TransientError
from odibi_dagster.storage.credentials import AwsCredential, aws_session
from odibi_dagster.storage.secrets.reference import Reference

_DENIED = ("AccessDenied", "UnrecognizedClient", "InvalidSignature", "InvalidClientTokenId", "ExpiredToken")
_BUSY = ("Throttling", "TooManyRequests", "InternalServiceError", "ServiceUnavailable", "RequestTimeout")


class SecretsManager:
    """Reads secrets by name or ARN.

    Args:
        identity: returns who asks, and how the wire is used; None is boto3's default chain.
    """

    def __init__(self, identity: Callable[[], AwsCredential] | None = None) -> None:
        self._identity = identity

    def __call__(self, reference: Reference) -> str:
        """The secret's current value; with `#field`, that field of the JSON object it is.

        Raises:
            ConfigError: there is no such secret or field, or no region is known.
            StorageError: the identity is refused.
            TransientError: the service cannot be reached, or is busy.
        """
        from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped, unused-ignore]

        name, _, field = reference.address.partition("#")
        try:
            answer = self._client().get_secret_value(SecretId=name)
        except (BotoCoreError, ClientError) as error:
            raise _explained(error, reference) from error
        value = answer.get("SecretString")
        text = value if value is not None else answer["SecretBinary"].decode("utf-8")
        return _field(text, field, reference) if field else text

    def _client(self) -> Any:
        from dagster_aws.secretsmanager import SecretsManagerResource

        credential = self._identity() if self._identity else AwsCredential()
        network = credential.network
        if network and (network.proxy or network.ca_file):  # Dagster's resource takes neither
            return credential.boto_client("secretsmanager")
        return SecretsManagerResource(**_settings(credential)).get_client()


def _settings(credential: AwsCredential) -> dict[str, Any]:
    """Who asks, in the words of Dagster's resource; botocore's own default chain needs none."""
    settings: dict[str, Any] = {"region_name": credential.region_name}
    if credential.network:
        settings["max_attempts"] = credential.network.attempts
    if credential.kind != "default":
        keys = aws_session.keys(credential)
        settings["aws_access_key_id"] = keys.access_key_id
        settings["aws_secret_access_key"] = keys.secret_access_key
        settings["aws_session_token"] = keys.session_token or None
    return settings


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
