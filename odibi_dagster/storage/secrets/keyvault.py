"""`${keyvault:vault/name[@version]}`: Azure Key Vault, with the environment's Azure identity."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import ConfigError, OdibiError, StorageError, TransientError, Where
from odibi_dagster.storage.secrets.reference import Reference

if TYPE_CHECKING:
    from azure.keyvault.secrets import SecretClient


#: Seconds after which a client is made anew: the identity's own secret may have been rotated.
_LIFETIME = 300.0


class KeyVault:
    """Reads secrets of any vault that one identity may open; one client a vault, tokens kept by the SDK.

    Args:
        identity: returns the SDK's credential; None is the default chain (DefaultAzureCredential).
        options: returns further options of the SDK's client for a vault's URL, such as time-outs and proxies.
    """

    def __init__(
        self,
        identity: Callable[[], Any] | None = None,
        options: Callable[[str], Mapping[str, Any]] = lambda url: {},
    ) -> None:
        self._identity, self._options = identity, options
        self._clients: dict[str, tuple[float, SecretClient]] = {}
        self._lock = threading.Lock()

    def __call__(self, reference: Reference) -> str:
        """The secret's current value, or that of the version.

        Raises:
            ConfigError: the vault has no such secret, or it is disabled.
            StorageError: the identity is refused.
            TransientError: the vault cannot be reached, or is busy.
        """
        from azure.core.exceptions import AzureError

        vault, name, version = split(reference.address)
        try:
            value = self._client(vault).get_secret(name, version).value
        except AzureError as error:
            raise _explained(error, reference, vault) from error
        if value is None:
            raise ConfigError(f"`{reference}` has no value.", where=Where(url=vault))
        return value

    def _client(self, vault: str) -> SecretClient:
        from azure.keyvault.secrets import SecretClient

        with self._lock:
            made, client = self._clients.get(vault, (0.0, None))
            if client is None or time.monotonic() - made > _LIFETIME:
                client = SecretClient(vault, self._credential(), **self._options(vault))
                self._clients[vault] = time.monotonic(), client
            return client

    def _credential(self) -> Any:
        if self._identity is not None:
            return self._identity()
        from azure.identity import DefaultAzureCredential

        return DefaultAzureCredential()


def split(address: str) -> tuple[str, str, str | None]:
    """The vault's URL, the secret's name, and the version if there is one.

    A vault is a bare name in the public cloud, or a host: `my-vault.vault.azure.cn`.
    """
    host, _, name = address.removeprefix("https://").rpartition("/")
    name, _, version = name.partition("@")
    return f"https://{host if '.' in host else f'{host}.vault.azure.net'}", name, version or None


def _explained(error: Exception, reference: Reference, vault: str) -> OdibiError:
    from azure.core.exceptions import ClientAuthenticationError, HttpResponseError, ResourceNotFoundError

    why, where = str(error).partition("\n")[0].strip(), Where(url=vault)
    status = getattr(error, "status_code", None)
    if isinstance(error, ResourceNotFoundError):
        return ConfigError(
            f"`{reference}`: the vault has no such secret.",
            where=where,
            why=why,
            remedy="Correct the name or the version, or create the secret.",
        )
    if isinstance(error, ClientAuthenticationError):
        return StorageError(
            f"`{reference}`: no identity to ask the vault with.",
            where=where,
            why=why,
            remedy="Name a credential in `stores:` (provider: azure), or give the machine an identity.",
        )
    if status == 403:
        return StorageError(
            f"`{reference}`: the vault refuses this identity.",
            where=where,
            why=why,
            remedy="Assign it the role Key Vault Secrets User; let the vault's firewall admit this machine.",
        )
    if isinstance(error, HttpResponseError) and status is not None and status < 500 and status != 429:
        return StorageError(f"`{reference}`: the vault refuses.", where=where, why=why)
    return TransientError(
        f"`{reference}`: the vault cannot be reached.",
        where=where,
        why=why,
        remedy="Correct the vault's name if it is wrong; else look at the network, and run again.",
    )
