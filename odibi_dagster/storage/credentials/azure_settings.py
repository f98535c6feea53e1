"""What an environment says of an identity for Azure storage."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from odibi_dagster.storage.network import Network
from odibi_dagster.storage.value import Value

Kind = Literal[
    "account_key",
    "sas_token",
    "connection_string",
    "service_principal",
    "workload_identity",
    "managed_identity",
    "default",
]
PUBLIC = "core.windows.net"


@dataclass(frozen=True)
class AzureSettings:
    """One identity for Azure storage, as it is named; with nothing named it is the default chain.

    Args:
        account: the storage account.
        suffix: the cloud's domain.
        account_key: one of the account's keys, base64.
        sas_token: a shared access signature, with or without its `?`.
        connection_string: of the account.
        tenant_id, client_id, client_secret: a service principal.
        use_managed_identity: the machine's identity; with client_id a user-assigned one.
        federated_token_file: with tenant_id and client_id, workload identity.
        endpoint: the Blob service's URL, if it is not the account's own.
        authority_host: where tokens come from, if it is not the cloud's own.
        msi_endpoint: the machine's token service, if it is not IMDS or App Service's.
        network: how the SDK asks for tokens.
        variables: the process variables.
    """

    account: str = ""
    suffix: str = PUBLIC
    account_key: Value = field(default=None, repr=False)
    sas_token: Value = field(default=None, repr=False)
    connection_string: Value = field(default=None, repr=False)
    tenant_id: Value = None
    client_id: Value = None
    client_secret: Value = field(default=None, repr=False)
    use_managed_identity: bool = False
    federated_token_file: str | None = None
    endpoint: str | None = None
    authority_host: str | None = None
    msi_endpoint: str | None = None
    network: Network | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False, compare=False)

    @property
    def kind(self) -> Kind:
        """Which identity it is."""
        if self.account_key is not None:
            return "account_key"
        if self.sas_token is not None:
            return "sas_token"
        if self.connection_string is not None:
            return "connection_string"
        if self.federated_token_file:
            return "workload_identity"
        if self.client_secret is not None:
            return "service_principal"
        return "managed_identity" if self.use_managed_identity else "default"

    @property
    def blob_endpoint(self) -> str:
        """The URL of the account's Blob service."""
        return (self.endpoint or f"https://{self.account}.blob.{self.suffix}").rstrip("/")

    @property
    def authority(self) -> str:
        """Where Entra's tokens come from."""
        clouds = {
            "core.chinacloudapi.cn": "https://login.chinacloudapi.cn",
            "core.usgovcloudapi.net": "https://login.microsoftonline.us",
        }
        # `az://` names no cloud, so the endpoint may be all that tells which one it is.
        own = (host for suffix, host in clouds.items() if self.blob_endpoint.endswith(f".{suffix}"))
        return (self.authority_host or next(own, "https://login.microsoftonline.com")).rstrip("/")
