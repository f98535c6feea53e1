"""Where bytes live: one spelling of a folder, whatever the reader wrote."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote, urlsplit

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage import azure_url
from odibi_dagster.storage.scrub import scrub

Provider = Literal["local", "azure", "s3", "memory"]

_S3 = ("s3", "s3a", "s3n")
#: What a place can look like, for messages.
SPELLINGS = (
    "/data/lake, file:///data/lake, abfss://container@account.dfs.core.windows.net/lake, "
    "az://container/lake, s3://bucket/lake"
)


@dataclass(frozen=True)
class Location:
    """A folder or file in a store: on local disk, in an Azure container, in an S3 bucket, in memory.

    Two spellings of one place give equal locations; `str()` is what the table log and people see, and
    `Location.parse(str(location)) == location`.

    Args:
        store: which kind of store.
        path: absolute and normalized on local disk; elsewhere the key, without `/` at either end ("" is the
            store's root).
        container: the Azure container or the S3 bucket.
        account: the Azure storage account.
        suffix: the Azure cloud's domain, "core.windows.net".
    """

    store: Provider
    path: str
    container: str = ""
    account: str = ""
    suffix: str = ""

    @classmethod
    def parse(cls, text: str, account: str | None = None) -> Location:
        """Read any spelling of a place.

        Understood are local paths (`~` and relative ones too), `file://`, `s3:// s3a:// s3n://`,
        `abfss:// abfs:// wasbs:// wasb:// az://` and the `https://` addresses of Azure storage, in the
        public, the Chinese and the US government cloud, and `memory://`. Only `file://` and `https://` are
        percent-decoded: elsewhere the path is the key as it is.

        Args:
            text: what somebody wrote.
            account: the Azure account of an `az://container/path`, which names none.

        Raises:
            ConfigError: the text is empty, names no such place, or carries a secret, which is not repeated.
        """
        if not text.strip():
            raise ConfigError("A location is empty.", remedy=f"Write one like {SPELLINGS}.")
        if "://" not in text:
            return cls("local", os.path.abspath(os.path.expanduser(text)))
        scheme, _, rest = text.partition("://")
        scheme = scheme.lower()
        if scheme == "file":
            parts = urlsplit(text)
            if parts.netloc not in ("", "localhost"):
                raise _unreachable(text, "a file:// URL names no host")
            return cls("local", os.path.abspath(unquote(text.partition("://")[2].removeprefix(parts.netloc))))
        if scheme in _S3:
            return cls._s3(text, rest)
        if scheme in azure_url.SCHEMES:
            place = azure_url.parse(text, account)
            return cls("azure", _key(place.path, text), place.container, place.account, place.suffix)
        if scheme == "memory":
            return cls("memory", _key(rest, text))
        raise _unreachable(text, f"{scheme}:// is no store that is known here")

    @classmethod
    def _s3(cls, text: str, rest: str) -> Location:
        bucket, _, path = rest.partition("/")
        if "@" in bucket:
            raise ConfigError(
                "An S3 URL holds something before an @: keys do not belong into a URL.",
                remedy="Write s3://bucket/path, and the keys into the environment's `stores:`.",
            )
        if not bucket:
            raise _unreachable(text, "it names no bucket")
        return cls("s3", _key(path, text), bucket)

    def join(self, *names: str) -> Location:
        """The place below this one; `..` cannot climb out of it.

        Raises:
            ConfigError: a name is absolute or holds a `..` step.
        """
        for name in names:
            if name.startswith("/") or ".." in name.split("/"):
                raise ConfigError(
                    f"{name!r} leaves {self}.",
                    remedy="Name a folder below it, without '..' or a leading '/'.",
                )
        if self.store == "local":
            path = os.path.normpath(os.path.join(self.path, *names))
        else:
            path = _key("/".join((self.path, *names)), str(self))
        return Location(self.store, path, self.container, self.account, self.suffix)

    @property
    def root(self) -> str:
        """The store this place is in, without a path: what credentials are for."""
        match self.store:
            case "azure":
                return f"abfss://{self.container}@{self.account}.dfs.{self.suffix}"
            case "s3":
                return f"s3://{self.container}"
            case "memory":
                return "memory://"
            case "local":
                return "/"

    @property
    def remote(self) -> bool:
        """Whether bytes have to be fetched before a program of this machine can open them."""
        return self.store != "local"

    @property
    def misread(self) -> str | None:
        """A character of the path with which delta-rs works at another place; None if there is none.

        It decodes a % on some calls and not on others, and ends the path of a store's URL at a # or a ?.
        """
        return next((char for char in ("%#?" if self.remote else "%") if char in self.path), None)

    def for_spark(self) -> str:
        """The URL as Hadoop's clients spell it: `s3a://` for S3, else as `str()`."""
        return str(self).replace("s3://", "s3a://", 1) if self.store == "s3" else str(self)

    def __str__(self) -> str:
        if self.store == "local":
            return self.path
        return f"{self.root}/{self.path}" if self.path or self.store == "memory" else self.root


def _key(path: str, text: str) -> str:
    steps = [step for step in path.split("/") if step not in ("", ".")]
    if ".." in steps:
        raise _unreachable(text, "its path holds a '..' step")
    return "/".join(steps)


def _unreachable(text: str, why: str) -> ConfigError:
    return ConfigError(
        f"{scrub(text)!r} is not a place this environment can reach.",
        why=why,
        remedy=f"Write a location like {SPELLINGS}.",
    )
