"""One deployment: where bytes live, which engine works, how runs are executed."""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.extends import merge_chain, read_chain
from odibi_dagster.named_secrets import import_named
from odibi_dagster.storage.credentials.process import restore
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.storage.secrets.sources import Fetch
from odibi_dagster.storage.secrets.usual import remember_usual
from odibi_dagster.storage.secrets.vaults import vaults
from odibi_dagster.storage.stores import Stores
from odibi_dagster.store_sections import NetworkSection, StoreSection, build_stores, distinct_stores
from odibi_dagster.tables.document import Document, resolve
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.schedule import RetrySection
from odibi_dagster.tables.section import Duration, Seconds, Section, problem
from odibi_dagster.tables.validate import validate

_PACKAGE = Path(__file__).resolve().parent
_SHIPPED = _PACKAGE / "environments"


def _size(text: str) -> str:
    import re

    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|B)", text, re.IGNORECASE):
        raise problem(f"`{text}` is not a size.", "Write it like 4GB or 512MiB.")
    return text


def _url(text: str, info: ValidationInfo) -> str:
    try:
        url = str(Location.parse(text, (info.context or {}).get("account")))
    except ConfigError as error:
        raise problem(error.what, error.remedy) from error
    if "%" in url:
        # delta-rs decodes such a path on some calls and not on others.
        raise problem(f"`{url}` holds a %.", "Use a folder whose path has no % in it.")
    return url


def _folder(text: str, info: ValidationInfo) -> str:
    url = _url(text, info)
    if Location.parse(url).remote:
        raise problem(f"`{url}` is not on this machine.", "Use a folder of a local disk.")
    return url


def _import_path(text: str) -> str:
    module, _, name = text.partition(":")
    if not (all(part.isidentifier() for part in module.split(".")) and name.isidentifier()):
        raise problem(f"`{text}` is not an import path.", "Write package.module:function.")
    return text


def _prefix(text: str) -> str:
    steps = text.strip("/").split("/")
    if text.startswith("/") or any(step in ("", ".", "..") for step in steps) or "%" in text or "://" in text:
        raise problem(f"`{text}` is not a path prefix.", "Write a folder's name, like dev_${env:USER}.")
    return "/".join(steps)


Size = Annotated[str, AfterValidator(_size)]
Url = Annotated[str, AfterValidator(_url)]
ImportPath = Annotated[str, AfterValidator(_import_path)]
Folder = Annotated[str, AfterValidator(_folder)]


class EngineSection(Section):
    """Which engine, and how much of the machine one run may use (divided among its concurrent steps)."""

    name: Literal["pandas"] = "pandas"
    memory_limit: Size | None = None
    threads: Annotated[int, Field(ge=1)] | None = None
    spill: Folder | None = None
    spill_limit: Size | None = None


def _off(value: object) -> object:
    return None if value in ("off", False) else value


class CacheSection(Section):
    """Local copies of remote data files: where, how many bytes in all, and how long unused ones stay."""

    folder: Folder | None = None
    size: Size = "20GB"
    age: Annotated[Duration, Field(gt=timedelta(0))] = timedelta(days=7)


class LayersSection(Section):
    """The URL of each layer."""

    landing: Url
    bronze: Url
    silver: Url
    gold: Url
    checkpoints: Url


class ExecutorSection(Section):
    """How the steps of a run are executed."""

    kind: Literal["in_process", "multiprocess"] = "in_process"
    max_concurrent: Annotated[int, Field(ge=1)] | None = None


class SensorsSection(Section):
    """Whether landing sensors and automation start switched on, and how often they look."""

    enabled: bool = True
    interval: Annotated[Seconds, Field(ge=1)] = 30.0


class HookSection(Section):
    """A function that is told of failures."""

    call: ImportPath
    priority: Literal["critical", "high", "normal", "low"] | int = "normal"
    timeout: Annotated[Seconds, Field(gt=0)] = 10.0


class EnvironmentFile(Section):
    """What an environment file may say."""

    description: str = ""
    extends: str | None = None
    secrets: ImportPath | None = None
    prefix: Annotated[str, AfterValidator(_prefix)] | None = None
    engine: EngineSection = EngineSection()
    layers: LayersSection
    stores: Annotated[tuple[StoreSection, ...], AfterValidator(distinct_stores)] = ()
    network: NetworkSection = NetworkSection()
    cache: Annotated[CacheSection | None, BeforeValidator(_off)] = CacheSection()
    executor: ExecutorSection = ExecutorSection()
    retry: RetrySection = RetrySection()
    sensors: SensorsSection = SensorsSection()
    settle: Annotated[Seconds, Field(ge=0)] = 60.0
    hooks: tuple[HookSection, ...] = ()


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
    path = _find(name or own.get("ODIBI_ENV") or "local")
    names = ChainMap(own, {"ODIBI_LAKE": str(default_lake())})
    chain = read_chain(path, _find)
    document = merge_chain(chain)
    problems = Problems(str(path))
    remote: dict[str, Fetch] = {}
    secrets = _secrets(document, Sources(names, remote=remote), problems)
    document = resolve(document, secrets, problems)
    settings = validate(EnvironmentFile, document, problems, {"account": _account(document)})
    if problems.errors or settings is None:
        raise ConfigErrors(problems.errors)
    environment = Environment(path.stem, path, _prefixed(settings), names, secrets)
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
        return replace(sources, named=import_named(_import_path(wanted)), called=f"`secrets: {wanted}`")
    except ConfigError as error:
        line, file = document.line(path), document.file(path)
        problems.add(error.what, line=line, file=file, why=error.why, remedy=error.remedy)
        raise ConfigErrors(problems.errors) from error  # without it each name would look unknown
    except PydanticCustomError:
        pass  # the section says so itself
    return sources


def _prefixed(settings: EnvironmentFile) -> EnvironmentFile:
    """Each layer below the prefix: of a container or bucket; on local disk, of the layer's folder."""
    if not settings.prefix:
        return settings
    layers = settings.layers
    urls = {name: _below(getattr(layers, name), settings.prefix) for name in LayersSection.model_fields}
    return settings.model_copy(update={"layers": layers.model_copy(update=urls)})


def _below(url: str, prefix: str) -> str:
    location = Location.parse(url)
    folder, _, name = location.path.rpartition("/")
    path = f"{prefix}/{location.path}" if location.remote else f"{folder}/{prefix}/{name}"
    return str(replace(location, path=path.rstrip("/")))


def _find(wanted: str, beside: Path | None = None) -> Path:
    """The file of a shipped name, or at a path; a relative one is sought `beside` a folder."""
    if wanted.endswith((".yaml", ".yml")) or "/" in wanted:
        path = (beside or Path()) / Path(wanted).expanduser()
        if path.is_file():
            return path.resolve()
        raise ConfigError(
            f"There is no environment file {wanted}.",
            remedy="Correct ODIBI_ENV or --env; it is a path or a name.",
        )
    shipped = sorted(file.stem for file in _SHIPPED.glob("*.yaml"))
    if wanted not in shipped:
        raise ConfigError(
            f"There is no environment {wanted!r}.",
            why=f"shipped are {', '.join(shipped)}",
            remedy=did_you_mean(wanted, shipped) or "Set ODIBI_ENV to one of them, or to the path of a file.",
        )
    return _SHIPPED / f"{wanted}.yaml"
