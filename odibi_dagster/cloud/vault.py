"""Secrets of the provider's vault, asked as the adapter's identity."""

from __future__ import annotations

from odibi_dagster.cloud.target import Target
from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.secrets import parse
from odibi_dagster.storage.secrets.reference import Reference


def get_secret(target: Target, vault: str, name: str | None) -> str:
    """See `CloudAdapter.get_secret`."""
    if target.provider == "local":
        raise ConfigError(
            "A folder of this machine has no vault.",
            remedy='Ask with CloudAdapter.create("azure", …) or CloudAdapter.create("s3", …).',
        )
    if target.provider == "azure":
        if not name:
            raise ConfigError(
                "get_secret: the secret's name is missing.",
                remedy='Write get_secret("my-keyvault", "database-password").',
            )
        text = f"${{keyvault:{vault}/{name}}}"
    else:
        text = f"${{secretsmanager:{vault}#{name}}}" if name else f"${{secretsmanager:{vault}}}"
    (reference,) = parse(text)
    assert isinstance(reference, Reference)
    return target.sources.value(reference)
