"""dagster-azure's resources whose clients are made from one of the environment's credentials."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from azure.storage.blob import BlobServiceClient, ExponentialRetry
from azure.storage.filedatalake import DataLakeServiceClient
from dagster_azure.adls2 import ADLS2DefaultAzureCredential, ADLS2Resource
from dagster_azure.blob import AzureBlobStorageAnonymousCredential, AzureBlobStorageResource
from pydantic import PrivateAttr

from odibi_dagster.storage.credentials import AzureCredential


class _ADLS2(ADLS2Resource):
    """ADLS2Resource that also knows identities, endpoints and networks; secrets are none of its fields."""

    _of: AzureCredential = PrivateAttr()

    @cached_property
    def adls2_client(self) -> DataLakeServiceClient:
        """The client of the account's Data Lake service."""
        url = self._of.endpoint or f"https://{self._of.account}.dfs.{self._of.suffix}"
        return DataLakeServiceClient(url, credential=self._of.sdk_credential(), **_options(self._of, url))

    @cached_property
    def blob_client(self) -> BlobServiceClient:
        """The client of the account's Blob service."""
        return blob_service(self._of)


class _Blob(AzureBlobStorageResource):
    """AzureBlobStorageResource that also knows identities and networks; secrets are none of its fields."""

    _of: AzureCredential = PrivateAttr()

    @contextmanager
    def get_client(self) -> Iterator[BlobServiceClient]:
        """The client of the account's Blob service, closed at the end."""
        with blob_service(self._of) as client:
            yield client


def adls2(credential: AzureCredential) -> ADLS2Resource:
    """Dagster's ADLS2Resource of the credential's account."""
    found = credential.settled()
    made = _ADLS2(
        storage_account=found.account,
        credential=ADLS2DefaultAzureCredential(kwargs={}),  # a field that must be there; it is not used
        endpoint_suffix=found.suffix,
    )
    made._of = found
    return made


def blob(credential: AzureCredential) -> AzureBlobStorageResource:
    """Dagster's AzureBlobStorageResource of the credential's account."""
    found = credential.settled()
    made = _Blob(account_url=found.blob_endpoint, credential=AzureBlobStorageAnonymousCredential())
    made._of = found
    return made


def blob_service(credential: AzureCredential) -> BlobServiceClient:
    """The SDK's client of the credential's account."""
    url = credential.blob_endpoint
    return BlobServiceClient(url, credential=credential.sdk_credential(), **_options(credential, url))


def _options(credential: AzureCredential, url: str) -> dict[str, Any]:
    """The network's settings; retries come within a second, and not after fifteen, the SDK's default."""
    options = credential.network.azure_options(url) if credential.network else {}
    total = options.pop("retry_total", 3)
    return {
        **options,
        "retry_policy": ExponentialRetry(initial_backoff=1, increment_base=2, retry_total=total),
    }
