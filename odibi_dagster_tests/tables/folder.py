"""A folder of table files made for one test."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pytest

from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.tables.load import load_tables
from odibi_dagster.tables.spec import TableSpec

ORDERS = "from: landing\npath: raw/orders/*.csv\nformat: csv\n"


class Folder:
    """Writes table files and loads them; bronze/orders.yaml is always there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.write({"bronze/orders.yaml": ORDERS})

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            file = self.path / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")

    def load(
        self,
        files: Mapping[str, str],
        names: Mapping[str, str] | None = None,
        resources: Collection[str] = (),
    ) -> dict[str, TableSpec]:
        self.write(files)
        return {spec.key: spec for spec in load_tables(self.path, names or {}, resources=resources)}

    def errors(
        self,
        files: Mapping[str, str],
        names: Mapping[str, str] | None = None,
        resources: Collection[str] = (),
    ) -> tuple[ConfigError, ...]:
        self.write(files)
        with pytest.raises(ConfigErrors) as caught:
            load_tables(self.path, names or {}, resources=resources)
        return caught.value.errors

    def error(
        self, name: str, text: str, names: Mapping[str, str] | None = None, resources: Collection[str] = ()
    ) -> ConfigError:
        """The one error that this file causes; it names the file, its table, and what to do."""
        errors = self.errors({name: text}, names, resources)
        assert len(errors) == 1, "\n".join(map(str, errors))
        assert errors[0].where.file == str(self.path / name)
        assert errors[0].where.table == name.rpartition(".")[0].replace("/", ".")
        assert errors[0].what.endswith(".") and errors[0].remedy.endswith((".", "?"))
        return errors[0]

    def header_error(self, header: str) -> ConfigError:
        """The one error of a table with this header, which begins on line 2 of the file."""
        return self.error("silver/big.sql", f"/*\n{header}\n*/\nSELECT order_id FROM bronze.orders\n")

    def spec(self, header: str) -> TableSpec:
        """A SQL table with this header."""
        return self.load({"silver/big.sql": f"/*\n{header}\n*/\nSELECT order_id FROM bronze.orders\n"})[
            "silver.big"
        ]
