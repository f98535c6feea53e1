"""An environment and the tables of one folder: everything that is known before anything runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.resources import cloud_keys
from odibi_dagster.storage.probe import refuse_unsafe
from odibi_dagster.storage.secrets.logs import guard_logs
from odibi_dagster.storage.secrets.streams import guard_streams
from odibi_dagster.storage.stores import location_of, use
from odibi_dagster.tables.graph import Graph
from odibi_dagster.tables.load import load_tables
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.spec import TableSpec

#: The key of the resource that answers secrets by name; every project has it.
SECRETS = "secrets"
#: The key of the Spark session, in environments that name it.
SPARK = "spark"
_SHIPPED = Path(__file__).resolve().parent / "defs"


@dataclass(frozen=True)
class Project:
    """The environment, and the tables in the order in which they can be computed.

    Args:
        environment: where bytes live and what works.
        tables: by key ("silver.orders"), inputs before the tables that read them.
    """

    environment: Environment
    tables: Mapping[str, TableSpec]

    @cached_property
    def graph(self) -> Graph:
        """Who reads whom."""
        return Graph.of(self.tables.values())

    def url(self, key: str) -> str:
        """The URL of a table: its `location:`, else `<layer URL>/<name>`."""
        layer, _, name = key.partition(".")
        spec = self.tables.get(key)
        if spec and spec.location:
            return str(location_of(spec.location))
        return str(location_of(self.environment.layer_url(layer)).join(name))

    @property
    def kept(self) -> list[str]:
        """The keys of the tables that a Spark session keeps in memory.

        Raises:
            ConfigError: there is no such table.
        """
        section = self.environment.settings.spark
        keys = [key.replace("/", ".") for key in section.keep] if section else []
        for key in keys:
            if key not in self.tables:
                raise ConfigError(
                    f"`spark: {{keep: …}}` names {key}, and there is no such table.",
                    where=Where(file=str(self.environment.file)),
                    remedy=did_you_mean(key, self.tables),
                )
        return keys

    @property
    def checkpoints(self) -> str:
        """The URL of the checkpoints layer."""
        return self.environment.layer_url("checkpoints")

    def refuse_unsafe_stores(self, key: str) -> None:
        """Sees, once in a lake's life, that commits to a table and to its ledger cannot be lost.

        Raises:
            NoAtomicCreate: the store lets two writers create one object.
            StorageError, TransientError: the store refused or did not answer.
        """
        for url in (self.checkpoints, self.url(key)):
            refuse_unsafe(url, self.checkpoints)

    def table(self, key: str) -> TableSpec:
        """The table of that name.

        Raises:
            ConfigError: there is none; the message names the nearest.
        """
        key = key.replace("/", ".")
        if key not in self.tables:
            raise ConfigError(
                f"There is no table {key}.",
                remedy=did_you_mean(key, self.tables) or "`odibi-dagster tables` lists them.",
            )
        return self.tables[key]


def load_project(
    env: str | None = None, tables: Path | None = None, resources: Collection[str] = ()
) -> Project:
    """Reads the environment and every table file; connects to nothing.

    The environment's stores become the process's: URLs are plain everywhere, and how one is reached is looked
    up when bytes are needed.

    Args:
        env: an environment's name or file; None means ODIBI_ENV, else `local`.
        tables: the folder with `bronze/`, `silver/`, `gold/`; None means ODIBI_TABLES, else the shipped ones.
        resources: keys of further resources that a table's function may ask for.

    Raises:
        ConfigErrors: everything that is wrong, with files and lines.
    """
    guard_streams()  # from here on, the process knows secrets
    guard_logs()
    environment = load_environment(env)
    use(environment.stores)  # from here on, every URL of this process is reached as this environment says
    folder = tables or Path(environment.names.get("ODIBI_TABLES") or _SHIPPED)
    known = {SECRETS, *cloud_keys(environment), *({SPARK} if environment.has_spark else ()), *resources}
    specs = load_tables(folder, environment.secrets, resources=known, engine=environment.settings.engine.name)
    project = Project(environment, {spec.key: spec for spec in specs})
    _ = project.kept  # refuses what is not there
    return project
