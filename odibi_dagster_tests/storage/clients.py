"""The same small thing done through each client of a store, with one retry and short time-outs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import obstore
from obstore.store import AzureStore, S3Store

QUICK = {"timeout": "2s", "connect_timeout": "2s", "max_retries": "1", "retry_timeout": "8s"}
RETRY = {"max_retries": 1, "retry_timeout": timedelta(seconds=8)}
WRONG = base64.b64encode(b"wrong" * 12).decode()


def obstore_client(
    provider: str, options: Mapping[str, Any], container: str = "tests", timeout: str = "2s"
) -> Any:
    make: Any = AzureStore if provider == "azure" else S3Store
    wire = {"allow_http": True, "timeout": timeout, "connect_timeout": "2s"}
    return make(container, config=dict(options), client_options=wire, retry_config=RETRY)


def through_obstore(
    provider: str, options: Mapping[str, Any], container: str = "tests", timeout: str = "2s"
) -> dict[str, Callable[[], object]]:
    """A read, a listing, a write and a deletion."""
    client = obstore_client(provider, options, container, timeout)
    return {
        "read": lambda: obstore.get(client, "nothing/here"),
        "list": lambda: obstore.list(client, "nothing").collect(),
        "write": lambda: obstore.put(client, "written", b"1"),
        "delete": lambda: obstore.delete(client, ["written", "written2"]),
    }


def through_delta(provider: str, options: Mapping[str, str], container: str = "tests") -> object:
    from deltalake import DeltaTable

    account = options.get("azure_storage_account_name", "odibitests")
    host = f"{container}@{account}.dfs.core.windows.net" if provider == "azure" else container
    scheme = "abfss" if provider == "azure" else "s3"
    return DeltaTable(
        f"{scheme}://{host}/nothing", storage_options={"allow_http": "true", **QUICK, **options}
    )


def azure_blobs(endpoint: str, credential: Any) -> Any:
    from azure.storage.blob import BlobServiceClient

    quick = {"retry_total": 0, "connection_timeout": 2, "read_timeout": 2}
    return BlobServiceClient(endpoint, credential=credential, **quick).get_container_client("tests")


def boto_client(endpoint: str, key: str = "nobody", secret: str = "wrong", timeout: float = 2) -> Any:
    import boto3
    from botocore.config import Config

    quick = Config(connect_timeout=2, read_timeout=timeout, retries={"total_max_attempts": 1})
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=quick,
    )
