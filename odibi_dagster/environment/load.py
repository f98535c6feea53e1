"""One deployment: where bytes live, which engine works, how runs are executed."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic_core import PydanticCustomError

from odibi_dagster.environment.extends import merge_chain, read_chain
from odibi_dagster.environment.find import find
from odibi_dagster.environment.named_secrets import import_named
from odibi_dagster.environment.prefix import prefixed
from odibi_dagster.environment.sections import EnvironmentFile, import_path
from odibi_dagster.environment.stores import build_stores
from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.storage.credentials.process import restore
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.storage.secrets.sources import Fetch
from odibi_dagster.storage.secrets.usual import remember_usual
from odibi_dagster.storage.secrets.vaults import vaults
from odibi_dagster.storage.stores import Stores
from odibi_dagster.tables.document import Document, resolve
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.validate import validate

if TYPE_CHECKING:
    from odibi_dagster.spark.settings import Settings

_PACKAGE = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Environment:
    """A deployment, read and checked.

    Args:
        name: as in ODIBI_ENV, or the file's stem.
        file: the file it was read from.
        settings: what the file says.
        names: the process variables.
        secrets: what `${…}` stands for, here and in table files.
    """

    name: str
    file: Path
    settings: EnvironmentFile
    names: Mapping[str, str] = field(repr=False)  # process variables are among them: never print them
    secrets: Sources = field(repr=False, default_factory=Sources)

    @cached_property
    def stores(self) -> Stores:
        """How its URLs are reached: what `stores:` and `network:` say, and the default chains."""
        return build_stores(self.settings.stores, self.settings.network.network(), self.names)

    @property
    def has_spark(self) -> bool:
        """Whether it says anything about Spark: then a function may ask for the resource `spark`."""
        return self.settings.engine.name == "spark" or self.settings.spark is not None

    def spark(self) -> Settings:
        """What a Spark session is started with; nothing is resolved or started."""
        from odibi_dagster.environment.sections import LayersSection
        from odibi_dagster.environment.spark import SparkSection
        from odibi_dagster.spark.settings import Settings
        from odibi_dagster.spark.stores import HadoopStores, layer_urls
        from odibi_dagster.storage.cache.folder import count

        engine, executor = self.settings.engine, self.settings.executor
        section = self.settings.spark or SparkSection()
        layers = layer_urls(self.layer_url(layer) for layer in LayersSection.model_fields)
        return Settings(
            preset=section.preset,
            master=section.master,
            remote=section.remote,
            config=section.config,
            threads=engine.threads,
            memory=count(engine.memory_limit) if engine.memory_limit else None,
            spill=engine.spill,
            concurrent=1 if executor.kind == "in_process" else executor.max_concurrent or os.cpu_count() or 1,
            network=self.settings.network.network(),
            stores=HadoopStores(self.stores, layers),
        )

    def layer_url(self, layer: str) -> str:
        """The URL of landing, bronze, silver, gold or checkpoints."""
        return str(getattr(self.settings.layers, layer))


def default_lake() -> Path:
    """The root of the local layers without ODIBI_LAKE: `.lake` in a checkout, else `~/.odibi/lake`."""
    checkout = _PACKAGE.parent
    if (checkout / "pyproject.toml").is_file():
        return checkout / ".lake"
    return Path.home() / ".odibi" / "lake"


def load_environment(name: str | None = None, variables: Mapping[str, str] | None = None) -> Environment:
    """Reads an environment file; nothing is contacted or created.

    Args:
        name: a shipped environment's name or the path of a file; None means ODIBI_ENV, else `local`.
        variables: the process variables; None means the process's own.

    Raises:
        ConfigErrors: everything that is wrong with the file, with lines.
        ConfigError: there is no such environment.
    """
    restore()
    own = os.environ if variables is None else dict(variables)
    path = find(name or own.get("ODIBI_ENV") or "local")
    names = ChainMap(own, {"ODIBI_LAKE": str(default_lake())})
    chain = read_chain(path, find)
    document = merge_chain(chain)
    problems = Problems(str(path))
    remote: dict[str, Fetch] = {}
    secrets = _secrets(document, Sources(names, remote=remote), problems)
    document = resolve(document, secrets, problems)
    settings = validate(EnvironmentFile, document, problems, {"account": _account(document)})
    if problems.errors or settings is None:
        raise ConfigErrors(problems.errors)
    environment = Environment(path.stem, path, prefixed(settings), names, secrets)
    remote.update(
        vaults(lambda: environment.stores, names)
    )  # vaults are asked as the environment's identities
    remember_usual(names)
    return environment


def _account(document: Document) -> str | None:
    """The account of URLs that name none: that of the first Azure entry with one."""
    stores = document.data.get("stores")
    entries = [entry for entry in stores if isinstance(entry, dict)] if isinstance(stores, list) else []
    azure = (entry.get("account") for entry in entries if entry.get("provider") == "azure")
    return next((account for account in azure if isinstance(account, str)), None)


def _secrets(document: Document, sources: Sources, problems: Problems) -> Sources:
    """Who answers references: the variables, and what `secrets:` names."""
    wanted, path = document.data.get("secrets"), ("secrets",)
    if not isinstance(wanted, str):  # anything else is refused with the other keys
        return sources
    try:
        return replace(sources, named=import_named(import_path(wanted)), called=f"`secrets: {wanted}`")
    except ConfigError as error:
        line, file = document.line(path), document.file(path)
        problems.add(error.what, line=line, file=file, why=error.why, remedy=error.remedy)
        raise ConfigErrors(problems.errors) from error  # without it each name would look unknown
    except PydanticCustomError:
        pass  # the section says so itself
    return sources
