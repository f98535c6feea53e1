"""The spellings of a place in Azure storage.

Rules for names: https://learn.microsoft.com/azure/storage/common/storage-account-overview (accounts: 3 to 24
lower-case letters and digits) and https://learn.microsoft.com/rest/api/storageservices/naming-and-referencing-
containers--blobs--and-metadata (containers: 3 to 63 lower-case letters, digits and single hyphens).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.scrub import scrub

SCHEMES = ("abfss", "abfs", "wasbs", "wasb", "az", "azure", "https", "http")
#: The domains of the public cloud, of China's and of the US government's.
SUFFIXES = ("core.windows.net", "core.chinacloudapi.cn", "core.usgovcloudapi.net")
_HOST = re.compile(rf"([^.]+)\.(?:blob|dfs)\.({'|'.join(map(re.escape, SUFFIXES))})(?::443)?", re.IGNORECASE)
_ACCOUNT = re.compile(r"[a-z0-9]{3,24}")
_CONTAINER = re.compile(r"(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*|\$root|\$web|\$logs")
_EXAMPLE = "abfss://container@account.dfs.core.windows.net/path"
_SIGNATURE = re.compile(r"[?&]sig=", re.IGNORECASE)


@dataclass(frozen=True)
class AzurePlace:
    """What an Azure URL names."""

    container: str
    account: str
    suffix: str
    path: str


def parse(text: str, account: str | None) -> AzurePlace:
    """Read one of the spellings; `account` is for those that name none.

    Raises:
        ConfigError: it is no place in Azure storage, account and container are swapped, or it carries a
            signature, which is not repeated.
    """
    if _SIGNATURE.search(text):
        raise ConfigError(
            "A location carries a shared access signature.",
            why=f"it begins with {text.partition('?')[0]}",
            remedy="Write the URL without what follows the '?', and the signature as `sas_token:` into the "
            "environment's `stores:`.",
        )
    scheme, _, rest = text.partition("://")
    authority, _, path = rest.partition("/")
    if scheme.lower() in ("https", "http"):
        return _web(text, authority, unquote(path))
    if "@" not in authority:
        return _short(text, scheme.lower(), authority, path, account)
    container, _, host = authority.partition("@")
    found = _HOST.fullmatch(host)
    if found is None:
        raise _wrong(
            text, f"{host.rpartition('@')[2]!r} is no host of Azure storage", f"Write it like {_EXAMPLE}."
        )
    _refuse_swapped(text, container, found[1], found[2], path, account)
    return _place(text, container, found[1], found[2], path)


def _web(text: str, host: str, path: str) -> AzurePlace:
    found = _HOST.fullmatch(host)
    if found is None:
        raise _wrong(
            text,
            f"{host.rpartition('@')[2]!r} is no host of Azure storage",
            "Write https://ACCOUNT.blob.core.windows.net/container/path. An emulator or a private "
            "endpoint stands as `endpoint:` in the environment's `stores:`, not in the URL.",
        )
    container, _, path = path.partition("/")
    return _place(text, container, found[1], found[2], path)


def _short(text: str, scheme: str, authority: str, path: str, account: str | None) -> AzurePlace:
    if "." in authority:
        raise _wrong(text, "there is no container@ in front of the host", f"Write it like {_EXAMPLE}.")
    if account is None:
        raise _wrong(
            text,
            f"{scheme}://container/path names no storage account, and the environment has none",
            f"Write {_EXAMPLE}, or name the account in the environment's `stores:`.",
        )
    return _place(text, authority, account, SUFFIXES[0], path)


def _refuse_swapped(
    text: str, container: str, account: str, suffix: str, path: str, default: str | None
) -> None:
    """Notice `account@container`: where the second cannot be an account and the first can."""
    other_way = _ACCOUNT.fullmatch(container) and _CONTAINER.fullmatch(account)
    known = default is not None and container == default != account
    if other_way and (known or not _ACCOUNT.fullmatch(account.lower())):
        why = f"{account!r} cannot be a storage account: it is 3 to 24 lower-case letters and digits"
        raise _wrong(
            text,
            f"{container!r} is the environment's account" if known else why,
            f"Account and container are swapped: write abfss://{account}@{container}.dfs.{suffix}/{path}",
        )


def _place(text: str, container: str, account: str, suffix: str, path: str) -> AzurePlace:
    account, suffix = account.lower(), suffix.lower()
    if not _ACCOUNT.fullmatch(account):
        raise _wrong(
            text,
            f"{account!r} cannot be a storage account: it is 3 to 24 lower-case letters and digits",
            f"Write it like {_EXAMPLE}.",
        )
    if not _CONTAINER.fullmatch(container):
        raise _wrong(
            text,
            f"{container!r} cannot be a container: it is 3 to 63 lower-case letters, digits and single "
            "hyphens",
            f"Write it like {_EXAMPLE}.",
        )
    return AzurePlace(container, account, suffix, path)


def _wrong(text: str, why: str, remedy: str) -> ConfigError:
    return ConfigError(f"{scrub(text)!r} is no place in Azure storage.", why=why, remedy=remedy)
