"""A small deployment on a test's server, to be broken and looked at."""

from __future__ import annotations

import dataclasses
import json
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from odibi_dagster.doctor.check import Finding
from odibi_dagster.doctor.doctor import doctor
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.services.place import Place, Server
from odibi_dagster_tests.stores import stores_of

TABLES = {
    "bronze/orders.yaml": "from: landing\npath: raw/*.csv\nformat: csv\nschema: {id: bigint}\n",
    "silver/orders.sql": "SELECT id FROM bronze.orders",
    "silver/others.sql": "SELECT id FROM bronze.orders",
}
#: What follows a check that fails, in a remote store; `bucket` stands for the container too.
CHAIN = [
    "secrets",
    "name",
    "connection",
    "proxy",
    "tls",
    "answer",
    "clock",
    "credentials",
    "bucket",
    "list",
    "read",
    "speed",
    "sources",
    "table logs",
    "ledgers",
    "write",
    "delete",
    "put-if-absent",
]


def after(check: str) -> set[str]:
    """The checks that cannot be judged without this one, and `clock`'s are those of `answer`."""
    return set(CHAIN[CHAIN.index(check) + 1 :])


@dataclass
class Patient:
    """A deployment: one environment file with one store, and a folder of table files.

    Args:
        root: a folder of its own.
        server: where the layers are.
        monkeypatch: for the variables.
        lake: above the layers.
        store: the entry of `stores:`.
        network: the section.
        more: further keys of the environment file.
    """

    root: Path
    server: Server
    monkeypatch: pytest.MonkeyPatch
    lake: Place
    store: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)

    def land(self) -> None:
        (self.lake / "landing").write("raw/a.csv", "id\n1\n")

    def publish(self, table: str, **configuration: str) -> None:
        """A table that somebody has written, without the platform's doing."""
        import duckdb
        from deltalake import write_deltalake

        place = self.lake / table.replace(".", "/")
        rows: Any = duckdb.connect().sql("SELECT range AS id FROM range(200000)")
        settings = {name.replace("_", "."): value for name, value in configuration.items()}
        options = self.server.delta_options()
        write_deltalake(place.url, rows, storage_options=options, configuration=settings)

    def examine(self, *, write: bool = False) -> Findings:
        """What the doctor finds; no secret of the deployment is in it."""
        file = self.root / "shop.yaml"
        layers = {
            name: f"{self.lake.url}/{name}" for name in ("landing", "bronze", "silver", "gold", "checkpoints")
        }
        said = {
            "layers": layers,
            "stores": [self.store],
            "network": self.network,
            "settle": "0s",
            **self.more,
        }
        file.write_text(json.dumps(said))
        for name, text in TABLES.items():
            path = self.root / "tables" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.monkeypatch.setenv("ODIBI_ENV", str(file))
        self.monkeypatch.setenv("ODIBI_TABLES", str(self.root / "tables"))
        begun = time.monotonic()
        with using(stores_of(self.server)):  # afterwards the process has its former stores again
            found = Findings(list(doctor(write=write)), time.monotonic() - begun)
        text = json.dumps([dataclasses.asdict(each) for each in found.all])
        hidden = [value for key, value in self.store.items() if "key" in key or "token" in key]
        hidden = [value for value in [*hidden, *self.secrets] if not value.startswith("${")]
        assert [value for value in hidden if value in text] == []
        return found


@dataclass(frozen=True)
class Findings:
    """What was found, and how long it took."""

    all: list[Finding]
    seconds: float

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.all)

    def named(self, result: str) -> set[str]:
        """The checks with a line of this result."""
        same = {"container": "bucket"}
        return {same.get(each.check, each.check) for each in self.all if each.result == result}

    def text(self, check: str, result: str = "failed") -> str:
        """What the lines of a check say, and what to do."""
        lines: dict[str, list[str]] = defaultdict(list)
        for each in self.all:
            if each.result == result:
                lines[each.check].append(f"{each.text} {each.remedy}")
        return "\n".join(lines[check])
