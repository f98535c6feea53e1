"""Where bytes live: one spelling of a folder, whatever the reader wrote."""

from __future__ import annotations

import os
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from odibi_dagster.errors import ConfigError


@dataclass(frozen=True)
class Location:
    """A folder on local disk, named by its absolute path.

    Two spellings of one folder give equal locations; `str()` is what the table log and people see.

    Args:
        path: absolute, normalized, without a trailing slash.
    """

    path: str

    @classmethod
    def parse(cls, text: str) -> Location:
        """Read a local path (`~` and relative paths too) or a `file://` URL.

        Raises:
            ConfigError: the text is empty, or names a store that is not local disk.
        """
        if not text.strip():
            raise ConfigError("A location is empty.", remedy="Write a path such as /data/lake/silver.")
        if "://" in text:
            parts = urlsplit(text)
            if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
                raise ConfigError(
                    f"{text!r} is not a place this environment can reach.",
                    why=f"{parts.scheme}:// is not local disk",
                    remedy="Use an absolute path or file:///absolute/path.",
                )
            text = unquote(parts.path)
        return cls(os.path.abspath(os.path.expanduser(text)))

    def join(self, *names: str) -> Location:
        """The folder below this one; `..` cannot climb out of it.

        Raises:
            ConfigError: a name is absolute or holds a `..` step.
        """
        for name in names:
            if name.startswith("/") or ".." in name.split("/"):
                raise ConfigError(
                    f"{name!r} leaves {self}.",
                    remedy="Name a folder below it, without '..' or a leading '/'.",
                )
        return Location(os.path.join(self.path, *names).rstrip("/"))

    def exists(self) -> bool:
        """Whether the folder is there now."""
        return os.path.isdir(self.path)

    def __str__(self) -> str:
        return self.path
