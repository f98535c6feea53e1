"""Dagster's own resources for Azure and AWS, as the environment's credentials: for assets that users write.

A resource is made when a step asks for it: until then neither dagster-azure nor dagster-aws nor an SDK is
imported (measured: 0.7 s and 1.8 s), no secret is resolved, and nothing is contacted. What it holds is in no
definition, so Dagster's UI cannot show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from odibi_dagster.environment import Environment
from odibi_dagster.environment.sections import LayersSection
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.location import Location

if TYPE_CHECKING:
    import dagster as dg

#: The keys that Dagster's documentation uses, and what is there.
AZURE = {
    "adls2": "dagster_azure.adls2.ADLS2Resource of the environment's first Azure account.",
    "azure_blob_storage": "dagster_azure.blob.AzureBlobStorageResource of the same account.",
}
AWS = {
    "s3": "dagster_aws.s3.S3Resource as the environment's first S3 entry.",
    "secretsmanager": "dagster_aws.secretsmanager.SecretsManagerResource as the same identity.",
}


def cloud_keys(environment: Environment) -> frozenset[str]:
    """The keys of `cloud_resources`, without making any of them."""
    return frozenset(_credentials(environment))


def cloud_resources(environment: Environment) -> Mapping[str, dg.ResourceDefinition]:
    """Resources for the providers that the environment's `stores:` names.

    They belong to the first entry of their provider; for Azure, to the first with an account.

    Returns:
        adls2 (ADLS2Resource) and azure_blob_storage (AzureBlobStorageResource); s3 (S3Resource) and
        secretsmanager (SecretsManagerResource).
    """
    return {key: _lazily(key, credential) for key, credential in _credentials(environment).items()}


def _credentials(environment: Environment) -> dict[str, AzureCredential | AwsCredential]:
    found: dict[str, AzureCredential | AwsCredential] = {}
    for section, entry in zip(environment.settings.stores, environment.stores.entries, strict=False):
        credential = entry.credential
        if isinstance(credential, AzureCredential) and (section.account or section.connection_string):
            found = {**dict.fromkeys(AZURE, _in_its_cloud(credential, environment)), **found}
        if isinstance(credential, AwsCredential):
            found = {**dict.fromkeys(AWS, replace(credential, bucket=entry.name or "")), **found}
    return found


def _in_its_cloud(credential: AzureCredential, environment: Environment) -> AzureCredential:
    """The credential in the cloud of the layers that its account holds: an entry names the account alone."""
    urls = (environment.layer_url(layer) for layer in LayersSection.model_fields)
    layers = (Location.parse(url) for url in urls)
    own = (each for each in layers if each.store == "azure" and each.account == credential.account)
    location = next(own, None)
    return credential.at(location) if location else credential


def _lazily(key: str, credential: AzureCredential | AwsCredential) -> dg.ResourceDefinition:
    import dagster as dg

    def made(context: object) -> Any:
        return _azure(key, credential) if isinstance(credential, AzureCredential) else _aws(key, credential)

    return dg.ResourceDefinition(made, description={**AZURE, **AWS}[key])


def _azure(key: str, credential: AzureCredential) -> Any:
    from odibi_dagster.resources.azure import adls2, blob

    return adls2(credential) if key == "adls2" else blob(credential)


def _aws(key: str, credential: AwsCredential) -> Any:
    from odibi_dagster.resources.aws import s3, secretsmanager

    return s3(credential) if key == "s3" else secretsmanager(credential)
