"""Secrets by name, as a table's function asks for them."""

from __future__ import annotations

from typing import overload

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.secrets.reference import Reference, parse
from odibi_dagster.storage.secrets.secret import Secret
from odibi_dagster.storage.secrets.sources import Sources


class Secrets:
    """The environment's secrets: `secrets["db_password"]`, `secrets["keyvault:my-vault/db-password"]`.

    A name is what stands between `${` and `}` in a file. Each value is masked, from the moment it is handed
    out, in everything that the process writes.

    Args:
        sources: who answers.
    """

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    def __getitem__(self, name: str) -> str:
        """The value, as of now: a source is asked again when its answer is some minutes old.

        Raises:
            ConfigError: nothing has that name; the message names the nearest.
            StorageError: its source refuses.
            TransientError: its source cannot be reached.
        """
        return self._secret(name).reveal()

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """The value, or `default` when nothing has that name; a source that refuses raises all the same."""
        try:
            return self[name]
        except ConfigError:
            return default

    def _secret(self, name: str) -> Secret:
        parts = parse(name if name.startswith("${") else f"${{{name}}}")
        if len(parts) != 1 or not isinstance(parts[0], Reference):
            raise ConfigError(f"`{name}` is not the name of one secret.", remedy="Write it like db_password.")
        return Secret(parts, self._sources.value)

    def __repr__(self) -> str:
        return "Secrets(***)"
