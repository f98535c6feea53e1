"""From an environment's name to everything that was found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from odibi_dagster.doctor.check import Check, Finding, Said, Subject, failure
from odibi_dagster.doctor.disk import local_store
from odibi_dagster.doctor.examine import examine
from odibi_dagster.doctor.machine import machine
from odibi_dagster.doctor.places import Places, places
from odibi_dagster.doctor.remote import remote_store
from odibi_dagster.doctor.spark import spark, uses_spark
from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.environment.stores import build_stores
from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.project import Project, load_project
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets import show
from odibi_dagster.storage.stores import Stores, using

#: Nobody waits for long in front of a doctor: seconds, and how often a request is tried.
_CONNECT, _TIMEOUT, _ATTEMPTS = 5.0, 8.0, 2


def doctor(*, write: bool = False) -> Iterator[Finding]:
    """Looks at the environment of ODIBI_ENV, at what its stores answer, and at this machine.

    Nothing is written to a store, unless it is asked for. What could not be judged because of something else
    is skipped, and no failure. Each finding comes as soon as it is known.

    Args:
        write: also write a small object where runs write, delete it, and see that put-if-absent holds.
    """
    environment, project, problems = _loaded()
    checks = (
        Check("environment", lambda: _environment(environment, problems)),
        Check("tables", lambda: _tables(project, problems), ("environment",)),
    )
    first = Subject("configuration", checks)
    if environment is None:
        yield from examine([first, machine(None)])
        return
    stores = _impatient(environment)
    with using(stores):
        found = places(environment, project)
        show([*(project.tables if project else ()), *(place.url for each in found for place in each.folders)])
        subjects = [_store(stores, each, write=write) for each in found if each.root != "memory://"]
        if uses_spark(environment, project):
            subjects.append(spark(environment, project))
        yield from examine([first, *subjects, machine(environment)])


def _store(stores: Stores, each: Places, *, write: bool) -> Subject:
    if not each.remote:
        return local_store(each, write=write)
    return remote_store(stores.store_of(each.root), each, write=write)


def _impatient(environment: Environment) -> Stores:
    """The environment's stores, with shorter time-outs where it has long ones."""
    network = environment.settings.network.network()
    quick: Network = replace(
        network,
        connect_timeout=min(network.connect_timeout, _CONNECT),
        timeout=min(network.timeout, _TIMEOUT),
        attempts=min(network.attempts, _ATTEMPTS),
    )
    return build_stores(environment.settings.stores, quick, environment.names)


def _loaded() -> tuple[Environment | None, Project | None, tuple[ConfigError, ...]]:
    try:
        environment = load_environment()
    except ConfigError as error:
        return None, None, _each(error)
    try:
        return environment, load_project(), ()
    except ConfigError as error:
        return environment, None, _each(error)


def _each(error: ConfigError) -> tuple[ConfigError, ...]:
    return error.errors if isinstance(error, ConfigErrors) else (error,)


def _environment(environment: Environment | None, problems: tuple[ConfigError, ...]) -> Iterator[Said]:
    if environment is None:
        yield from map(failure, problems)
    else:
        yield Said("ok", f"{environment.name}: {environment.file}")


def _tables(project: Project | None, problems: tuple[ConfigError, ...]) -> Iterator[Said]:
    if project is None:
        yield from map(failure, problems)
    else:
        yield Said("ok", f"{len(project.tables)} table files load")
