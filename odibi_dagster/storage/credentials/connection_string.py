"""Azure storage connection strings.

The keys: https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from odibi_dagster.errors import ConfigError

_REMEDY = (
    "Copy it from the account's page `Access keys`: DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…"
)


@dataclass(frozen=True, repr=False)
class ConnectionString:
    """What a connection string says; "" where it says nothing."""

    account: str
    key: str
    sas: str
    endpoint: str


def parse(text: str) -> ConnectionString:
    """Read one.

    Raises:
        ConfigError: it is none, or names no account or no secret; what it holds is not repeated.
    """
    pairs = [part.partition("=") for part in text.strip().strip(";").split(";")]
    values = {name.strip().lower(): value.strip() for name, _, value in pairs}
    if values.get("usedevelopmentstorage", "").lower() == "true":
        raise ConfigError(
            "UseDevelopmentStorage=true is no connection string of an account.",
            remedy="Write `account:`, `account_key:` and `endpoint:` of the emulator.",
        )
    account, key = values.get("accountname", ""), values.get("accountkey", "")
    sas, endpoint = values.get("sharedaccesssignature", ""), values.get("blobendpoint", "").rstrip("/")
    # One that the portal makes for a SAS names its account in the endpoints alone.
    account = account or _account_of(endpoint)
    if not (account or endpoint) or not (key or sas):
        raise ConfigError("This is no connection string of an Azure storage account.", remedy=_REMEDY)
    if not endpoint and (suffix := values.get("endpointsuffix")):
        endpoint = f"{values.get('defaultendpointsprotocol', 'https')}://{account}.blob.{suffix}"
    return ConnectionString(account, key, sas, endpoint)


def _account_of(endpoint: str) -> str:
    name, _, service = (urlsplit(endpoint).hostname or "").partition(".")
    return name if service.startswith("blob.") else ""
