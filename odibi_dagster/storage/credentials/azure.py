"""Who asks Azure storage, in the options of every client."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.storage.credentials import azure_identity, connection_string
from odibi_dagster.storage.credentials.azure_settings import AzureSettings
from odibi_dagster.storage.credentials.process import hide
from odibi_dagster.storage.refusal import carried
from odibi_dagster.storage.value import deferred, forget, text_of

if TYPE_CHECKING:
    from odibi_dagster.storage.location import Location

#: What delta-rs prefers over a SAS, a service principal or an identity.
_KEYS = ("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_ACCESS_KEY", "AZURE_STORAGE_MASTER_KEY")
#: What both clients take for a machine's user-assigned identity where the machine's own is meant.
_CLIENT = ("AZURE_CLIENT_ID", "AZURE_STORAGE_CLIENT_ID")


@dataclass(frozen=True)
class AzureCredential(AzureSettings):
    """One identity for Azure storage, in the options of every client. Arguments: see `AzureSettings`.

    The chain is: the usual variables of an account key, a SAS or a connection string; then azure-identity's
    DefaultAzureCredential (a service principal's variables, workload and managed identity, Azure CLI …); the
    Blob service's URL is AZURE_STORAGE_ENDPOINT, where that is set.
    What is named wins over the process environment, in obstore and in delta-rs.
    """

    def at(self, location: Location) -> AzureCredential:
        """This credential, for the account of a location."""
        return replace(self, account=location.account or self.account, suffix=location.suffix or self.suffix)

    def settled(self) -> AzureCredential:
        """The credential with a connection string taken apart, and the chain decided as far as variables do.

        Raises:
            ConfigError: the connection string is none, or is another account's.
        """
        if self.kind == "connection_string":
            return self._taken_apart()
        return self._found() if self.kind == "default" else self

    def named_account(self) -> str | None:
        """The account that it is for, also where a connection string alone says so; no network is touched.

        None where nothing says so, or only a vault does.
        """
        if self.account or self.kind != "connection_string" or deferred(self.connection_string):
            return self.account or None
        with suppress(ConfigError):  # told when it is used
            return connection_string.parse(text_of(self.connection_string)).account or None
        return None

    def _taken_apart(self) -> AzureCredential:
        parts = connection_string.parse(text_of(self.connection_string))
        if parts.account and self.account and parts.account != self.account:
            raise ConfigError(
                f"The connection string is of the account {parts.account}, not of {self.account}.",
                remedy="Correct `account:` or `connection_string:` in the environment's `stores:`.",
            )
        return replace(
            self,
            account=self.account or parts.account,
            connection_string=None,
            account_key=parts.key or None,
            sas_token=None if parts.key else parts.sas,
            endpoint=self.endpoint or parts.endpoint or None,
        )

    def _found(self) -> AzureCredential:
        """What the usual variables hold, if they are about this account."""
        own = self.variables.get("AZURE_STORAGE_ACCOUNT_NAME") or self.variables.get("AZURE_STORAGE_ACCOUNT")
        if own and self.account and own != self.account:
            return self
        if not self.endpoint and (endpoint := self.variables.get("AZURE_STORAGE_ENDPOINT")):
            return replace(self, endpoint=endpoint)._found()
        names = (*_KEYS[:1], "AZURE_STORAGE_KEY", *_KEYS[1:])
        if key := next((self.variables[name] for name in names if self.variables.get(name)), None):
            return replace(self, account_key=key)
        if sas := self.variables.get("AZURE_STORAGE_SAS_TOKEN") or self.variables.get(
            "AZURE_STORAGE_SAS_KEY"
        ):
            return replace(self, sas_token=sas)
        text = self.variables.get("AZURE_STORAGE_CONNECTION_STRING")
        if text and self.account in ("", connection_string.parse(text).account):
            return replace(self, connection_string=text)._taken_apart()
        return self

    def forget(self) -> None:
        """Ask for its secrets again when they are used next: a store has refused them."""
        for each in fields(self):
            forget(getattr(self, each.name))

    def obstore_options(self) -> dict[str, Any]:
        """obstore's AzureStore configuration; secrets are resolved now.

        Raises:
            ConfigError: a setting cannot be meant.
        """
        found = self.settled()
        kinds = {
            "account_key": "access_key",
            "service_principal": "client_secret",
            "default": "bearer_token",  # from `credential_provider`
        }
        return {
            **found._where(),
            **found._who(),
            "credential_type": kinds.get(found.kind, found.kind),
            "skip_signature": False,
            "use_emulator": False,
            "use_fabric_endpoint": False,
        } | ({"token": "asked for"} if found.kind == "default" else {})

    def credential_provider(self) -> Callable[[], dict[str, Any]] | None:
        """For obstore, what it asks for credentials again and again; None where it refreshes by itself.

        Keys and signatures are resolved anew every few minutes, so that a rotation reaches long runs.
        """
        kind = self.settled().kind
        if kind in ("account_key", "sas_token"):
            return carried(self._static)
        return carried(self._bearer) if kind == "default" else None

    def _static(self) -> dict[str, Any]:
        found = self.settled()
        name = "access_key" if found.kind == "account_key" else "sas_token"
        value = text_of(found.account_key) or text_of(found.sas_token).removeprefix("?")
        return {name: value, "expires_at": azure_identity.soon()}

    def _bearer(self) -> dict[str, Any]:
        token = azure_identity.token(self.settled())
        return {"token": token.value, "expires_at": token.until}

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options`, for one call: secrets are resolved, and a token asked for, now.

        Service principals, workload and managed identities are refreshed by delta-rs itself.

        Raises:
            ConfigError: a setting cannot be meant.
            AuthenticationError: the default chain finds nobody.
        """
        found = self.settled()
        if found.kind != "account_key":
            hide(_KEYS)
        options = {
            **found._where(),
            **found._who(),
            "skip_signature": "false",
            "use_emulator": "false",
            "use_fabric_endpoint": "false",
            "azure_use_azure_cli": "false",  # that it is there keeps the credentials of the process out
        }
        if found.kind == "default":
            options["bearer_token"] = azure_identity.token(found).value
        return options

    def _where(self) -> dict[str, str]:
        options = {"endpoint": self.blob_endpoint, "authority_host": self.authority}
        return {**options, **({"account_name": self.account} if self.account else {})}

    def _who(self) -> dict[str, str]:
        match self.kind:
            case "account_key":
                return {"account_key": self._key()}
            case "sas_token":
                return {"sas_token": text_of(self.sas_token).removeprefix("?")}
            case "service_principal":
                return {**self._principal(), "client_secret": text_of(self.client_secret)}
            case "workload_identity":
                return {**self._principal(), "federated_token_file": str(self.federated_token_file)}
            case "managed_identity":
                if self.client_id is None:
                    hide(_CLIENT)
                client = {"client_id": text_of(self.client_id)} if self.client_id is not None else {}
                endpoint = self.msi_endpoint or self.variables.get("IDENTITY_ENDPOINT")
                return {**client, **({"msi_endpoint": endpoint} if endpoint else {})}
            case _:
                return {}

    def _key(self) -> str:
        import base64
        import binascii

        key = text_of(self.account_key)
        try:
            base64.b64decode(key, validate=True)
        except binascii.Error:
            raise ConfigError(
                f"The key of the Azure account {self.account} is no account key.",
                where=Where(url=self.blob_endpoint),
                why="an account key is base64 text, and this is not",
                remedy="Copy one of the two keys from the account's page `Access keys`.",
            ) from None
        return key

    def _principal(self) -> dict[str, str]:
        return {"tenant_id": text_of(self.tenant_id), "client_id": text_of(self.client_id)}

    def sdk_credential(self) -> Any:
        """The Azure SDK's credential: for storage clients, Key Vault and Dagster's resources."""
        return azure_identity.sdk_credential(self.settled())
