"""What an environment file may say: its sections, and what their values must be."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from odibi_dagster.environment.spark import SparkSection
from odibi_dagster.environment.stores import NetworkSection, StoreSection, distinct_stores
from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.location import Location
from odibi_dagster.tables.schedule import RetrySection
from odibi_dagster.tables.section import Duration, Seconds, Section, choice, problem


def _size(text: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|B)", text, re.IGNORECASE):
        raise problem(f"`{text}` is not a size.", "Write it like 4GB or 512MiB.")
    return text


def _url(text: str, info: ValidationInfo) -> str:
    try:
        location = Location.parse(text, (info.context or {}).get("account"))
    except ConfigError as error:
        raise problem(error.what, error.remedy) from error
    if char := location.misread:
        raise problem(f"`{location}` holds a {char}.", f"Use a folder whose path has no {char} in it.")
    return str(location)


def _folder(text: str, info: ValidationInfo) -> str:
    url = _url(text, info)
    if Location.parse(url).remote:
        raise problem(f"`{url}` is not on this machine.", "Use a folder of a local disk.")
    return url


def import_path(text: str) -> str:
    module, _, name = text.partition(":")
    if not (all(part.isidentifier() for part in module.split(".")) and name.isidentifier()):
        raise problem(f"`{text}` is not an import path.", "Write package.module:function.")
    return text


def _prefix(text: str) -> str:
    steps = text.strip("/").split("/")
    if text.startswith("/") or any(step in ("", ".", "..") for step in steps) or re.search("[%#?]|://", text):
        raise problem(f"`{text}` is not a path prefix.", "Write a folder's name, like dev_${env:USER}.")
    return "/".join(steps)


EngineName = Literal["pandas", "spark"]
Size = Annotated[str, AfterValidator(_size)]
Url = Annotated[str, AfterValidator(_url)]
ImportPath = Annotated[str, AfterValidator(import_path)]
Folder = Annotated[str, AfterValidator(_folder)]


def _named(value: object) -> object:
    """`engine: spark` is short for `engine: {name: spark}`."""
    return {"name": value} if isinstance(value, str) else value


class EngineSection(Section):
    """Which engine, and how much of the machine one run may use (divided among its concurrent steps)."""

    name: Annotated[EngineName, choice(get_args(EngineName))] = "pandas"
    memory_limit: Size | None = None
    threads: Annotated[int, Field(ge=1)] | None = None
    spill: Folder | None = None
    spill_limit: Size | None = None
    pandas_rows: Annotated[int, Field(ge=0)] = 5_000_000


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
    engine: Annotated[EngineSection, BeforeValidator(_named)] = EngineSection()
    spark: SparkSection | None = None
    layers: LayersSection
    stores: Annotated[tuple[StoreSection, ...], AfterValidator(distinct_stores)] = ()
    network: NetworkSection = NetworkSection()
    cache: Annotated[CacheSection | None, BeforeValidator(_off)] = CacheSection()
    executor: ExecutorSection = ExecutorSection()
    retry: RetrySection = RetrySection()
    sensors: SensorsSection = SensorsSection()
    settle: Annotated[Seconds, Field(ge=0)] = 60.0
    hooks: tuple[HookSection, ...] = ()
