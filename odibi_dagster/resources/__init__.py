"""Dagster's own resources for Azure and AWS, as the environment's credentials: for assets that users write.

A resource is made when a step asks for it: until then neither dagster-azure nor dagster-aws nor an SDK is
imported (measured: 0.7 s and 1.8 s), no secret is resolved, and nothing is contacted. What it holds is in no
definition, so Dagster's UI cannot show it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import dagster as dg

from odibi_dagster.environment import Environment
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential

#: Under the keys that Dagster's documentation uses.
AZURE_KEYS = ("adls2", "azure_blob_storage")
AWS_KEYS = ("s3", "secretsmanager")


def cloud_resources(environment: Environment) -> Mapping[str, dg.ResourceDefinition]:
    """Resources for the providers that the environment's `stores:` names.

    They belong to the first entry of their provider; for Azure, to the first with an account.

    Returns:
        adls2 (ADLS2Resource) and azure_blob_storage (AzureBlobStorageResource); s3 (S3Resource) and
        secretsmanager (SecretsManagerResource).
    """
    made: dict[str, dg.ResourceDefinition] = {}
    for entry in environment.stores.entries[: len(environment.settings.stores)]:
        credential = entry.credential
        if isinstance(credential, AzureCredential) and credential.account and "adls2" not in made:
            made |= {key: _lazily(_azure, key, credential) for key in AZURE_KEYS}
        if isinstance(credential, AwsCredential) and "s3" not in made:
            own = replace(credential, bucket=entry.name or "")
            made |= {key: _lazily(_aws, key, own) for key in AWS_KEYS}
    return made


def _lazily(make: Callable[[str, Any], Any], key: str, credential: Any) -> dg.ResourceDefinition:
    described = {
        "adls2": "dagster_azure.adls2.ADLS2Resource of the environment's first Azure account.",
        "azure_blob_storage": "dagster_azure.blob.AzureBlobStorageResource of the same account.",
        "s3": "dagster_aws.s3.S3Resource as the environment's first S3 entry.",
        "secretsmanager": "dagster_aws.secretsmanager.SecretsManagerResource as the same identity.",
    }
    return dg.ResourceDefinition(lambda context: make(key, credential), description=described[key])


def _azure(key: str, credential: AzureCredential) -> Any:
    from odibi_dagster.resources.azure import adls2, blob

    return adls2(credential) if key == "adls2" else blob(credential)


def _aws(key: str, credential: AwsCredential) -> Any:
    from odibi_dagster.resources.aws import s3, secretsmanager

    return s3(credential) if key == "s3" else secretsmanager(credential)
