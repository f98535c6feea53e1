"""The sources behind a network: each imports its client when it is asked for the first time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from odibi_dagster.storage.secrets.databricks import Databricks
from odibi_dagster.storage.secrets.keyvault import KeyVault
from odibi_dagster.storage.secrets.secretsmanager import SecretsManager
from odibi_dagster.storage.secrets.sources import Fetch


def vaults(
    variables: Mapping[str, str],
    azure: Callable[[], Any] | None = None,
    aws: Callable[[], Mapping[str, Any]] | None = None,
) -> dict[str, Fetch]:
    """Who asks Key Vault, Secrets Manager and Databricks, by scheme.

    Args:
        variables: the process variables, for Databricks.
        azure: returns the Azure SDK's credential for Key Vault; None is its default chain.
        aws: returns the fields of Dagster's SecretsManagerResource; None is boto3's default chain.
    """
    return {
        "keyvault": KeyVault(azure),
        "secretsmanager": SecretsManager(aws),
        "databricks": Databricks(variables),
    }
