"""A folder on any store, read and written without the code under test."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import quote

if TYPE_CHECKING:
    from deltalake import DeltaTable


class Server(Protocol):
    """What Azurite, SeaweedFS and the local disk have in common. Servers can be pickled."""

    @property
    def provider(self) -> str: ...

    def url(self, name: str = "lake") -> str:
        """The canonical URL of a place that nobody has written to."""
        ...

    def store_section(self) -> dict[str, Any]:
        """The entry of `stores:` in an environment file; empty if there is nothing to say."""
        ...

    def obstore_options(self) -> dict[str, str]:
        """The `config` of obstore's store."""
        ...

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options`."""
        ...


@dataclass(frozen=True)
class LocalDisk:
    """The local disk as a store.

    Args:
        folder: where its places are.
    """

    folder: str
    provider: str = "local"

    def url(self, name: str = "lake") -> str:
        return f"{self.folder}/{name}-{uuid.uuid4().hex[:8]}"

    def store_section(self) -> dict[str, Any]:
        return {}

    def obstore_options(self) -> dict[str, str]:
        return {}

    def delta_options(self) -> dict[str, str]:
        return {}


@dataclass(frozen=True)
class Place:
    """A folder on a store. Paths are relative to it, as they are: nothing is escaped.

    Args:
        server: which store.
        url: the folder's canonical URL.
    """

    server: Server
    url: str

    def __truediv__(self, name: str) -> Place:
        return Place(self.server, f"{self.url}/{name}")

    def read(self, path: str) -> bytes:
        """Raises FileNotFoundError if there is no such object."""
        if self._local:
            return self._local.joinpath(path).read_bytes()
        return bytes(self._store().get(path).bytes())

    def write(self, path: str, content: bytes | str) -> None:
        """The object appears whole, as a careful producer writes it."""
        content = content.encode() if isinstance(content, str) else content
        if self._local:
            file = self._local / path
            file.parent.mkdir(parents=True, exist_ok=True)
            part = file.with_name(f".{file.name}.part")
            part.write_bytes(content)
            part.rename(file)
        else:
            self._store().put(path, content)

    def delete(self, path: str) -> None:
        if self._local:
            self._local.joinpath(path).unlink()
        else:
            self._store().delete(path)

    def exists(self, path: str) -> bool:
        return path in self.paths(path.rpartition("/")[0])

    def paths(self, below: str = "") -> list[str]:
        """All objects below a folder of it, sorted."""
        if self._local:
            found = self._local.joinpath(below).rglob("*") if below else self._local.rglob("*")
            return sorted(str(path.relative_to(self._local)) for path in found if path.is_file())
        listed = self._store().list(below or None).collect()
        return sorted(item["path"] for item in listed)

    def copy(self, other: Place) -> None:
        """All objects go to another place too; on disk they keep their age."""
        if self._local and other._local:
            shutil.copytree(self._local, other._local, dirs_exist_ok=True)
            return
        for path in self.paths():
            other.write(path, self.read(path))

    def remove(self) -> None:
        """All of it is gone."""
        if self._local:
            shutil.rmtree(self._local, ignore_errors=True)
        elif paths := self.paths():
            self._store().delete(paths)

    def delta(self, version: int | None = None) -> DeltaTable:
        """The Delta table whose folder this is."""
        from deltalake import DeltaTable

        return DeltaTable(self.url, version=version, storage_options=self.server.delta_options() or None)

    @property
    def _local(self) -> Path | None:
        return Path(self.url) if self.server.provider == "local" else None

    def _store(self) -> Any:
        from obstore.store import AzureStore, S3Store

        kind = AzureStore if self.server.provider == "azure" else S3Store
        options = cast(Any, self.server.obstore_options())
        url = quote(self.url, safe=":/@")  # a `#` in a folder's name begins no fragment
        return kind.from_url(url, config=options, client_options={"allow_http": True})
