"""The variables in which credentials usually stand: what a plain name may be called in the process."""

from __future__ import annotations

from collections.abc import Mapping

from odibi_dagster.storage.secrets.redaction import remember

# The first names are the guide's and the clients' option names; the variables are those that
# azure-identity, azure-storage, object_store and botocore document.
_ACCOUNT = ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
_KEY = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY", "AZURE_STORAGE_ACCESS_KEY")
_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
USUAL: Mapping[str, tuple[str, ...]] = {
    "azure_account_name": _ACCOUNT,
    "azure_storage_account": _ACCOUNT,
    "azure_account_key": _KEY,
    "azure_storage_key": _KEY,
    "azure_sas_token": ("AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"),
    "azure_connection_string": ("AZURE_STORAGE_CONNECTION_STRING",),
    "azure_container": ("AZURE_STORAGE_CONTAINER",),
    "azure_tenant_id": ("AZURE_TENANT_ID", "AZURE_STORAGE_TENANT_ID"),
    "azure_client_id": ("AZURE_CLIENT_ID", "AZURE_STORAGE_CLIENT_ID"),
    "azure_client_secret": ("AZURE_CLIENT_SECRET", "AZURE_STORAGE_CLIENT_SECRET"),
    "aws_access_key_id": ("AWS_ACCESS_KEY_ID",),
    "aws_secret_access_key": ("AWS_SECRET_ACCESS_KEY",),
    "aws_session_token": ("AWS_SESSION_TOKEN",),
    "aws_bucket": ("AWS_BUCKET",),
    "aws_region": _REGION,
    "aws_profile": ("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
    "databricks_host": ("DATABRICKS_HOST",),
    "databricks_token": ("DATABRICKS_TOKEN",),
}

#: Those of the names above whose values give access.
_GIVE_ACCESS = (
    "azure_account_key",
    "azure_sas_token",
    "azure_connection_string",
    "azure_client_secret",
    "aws_secret_access_key",
    "aws_session_token",
    "databricks_token",
)


def remember_usual(variables: Mapping[str, str]) -> None:
    """Mask the usual credentials of the process from now on: clients find them without anybody's asking."""
    for name in _GIVE_ACCESS:
        for variable in USUAL[name]:
            remember(variables.get(variable, ""))


def variables_of(name: str) -> tuple[str, ...]:
    """The variables that may answer a plain name, those that are asked first in front."""
    return tuple(dict.fromkeys((name, name.upper(), *USUAL.get(name.lower(), ()))))
