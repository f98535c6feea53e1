"""Everything a project reads or writes, by the store that it is in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from odibi_dagster.assets.landing_source import external_source, landing_source
from odibi_dagster.environment import Environment
from odibi_dagster.environment.sections import LayersSection
from odibi_dagster.landing.source import LandingSource
from odibi_dagster.project import Project
from odibi_dagster.storage.stores import location_of
from odibi_dagster.tables.spec import ExternalBody, LandingBody


@dataclass(frozen=True)
class Place:
    """One folder of a store.

    Args:
        name: the layer's, or the table's: "silver", "bronze.rates".
        url: canonical.
        written: whether runs write there.
    """

    name: str
    url: str
    written: bool


@dataclass
class Places:
    """What is in one store.

    Args:
        root: the store's URL; "/" is this machine's disks.
        folders: layers, tables elsewhere, and what sources read.
        tables: the tables' URLs by key.
        sources: what is read of files.
        deltas: by table, the Delta tables of others that are read.
        ledgers: the tables whose ledgers are here.
        checkpoints: the checkpoints layer, of ledgers.
    """

    root: str
    folders: list[Place] = field(default_factory=list)
    tables: dict[str, str] = field(default_factory=dict)
    sources: list[LandingSource] = field(default_factory=list)
    deltas: dict[str, str] = field(default_factory=dict)
    ledgers: list[str] = field(default_factory=list)
    checkpoints: str = ""

    @property
    def remote(self) -> bool:
        return self.root != "/"


def places(environment: Environment, project: Project | None) -> list[Places]:
    """The stores of an environment, and of a project's tables if they load; the layers' come first.

    Args:
        environment: which layers.
        project: None if its tables do not load.
    """
    found: dict[str, Places] = {}

    def of(url: str) -> Places:
        root = location_of(url).root
        return found.setdefault(root, Places(root))

    for layer in LayersSection.model_fields:
        url = environment.layer_url(layer)
        of(url).folders.append(Place(layer, url, layer != "landing"))
    checkpoints = environment.layer_url("checkpoints")
    for spec in project.tables.values() if project else ():
        assert project is not None
        url = project.url(spec.key)
        of(url).tables[spec.key] = url
        if spec.location:
            _add(of(url).folders, Place(spec.key, url, True))
        if isinstance(spec.body, LandingBody):
            of(environment.layer_url("landing")).sources.append(landing_source(project, spec))
            if spec.kind == "append":
                of(checkpoints).ledgers.append(spec.key)
        elif isinstance(spec.body, ExternalBody):
            if spec.body.format == "delta":
                of(spec.body.url).deltas[spec.key] = str(location_of(spec.body.url))
                _add(of(spec.body.url).folders, Place(spec.key, str(location_of(spec.body.url)), False))
            else:
                source = external_source(spec, spec.body)
                of(source.url).sources.append(source)
                _add(of(source.url).folders, Place(spec.key, source.url, False))
    for each in found.values():
        each.checkpoints = checkpoints
    return list(found.values())


def _add(folders: list[Place], place: Place) -> None:
    if place.url not in [each.url for each in folders]:
        folders.append(place)


def names(folders: Iterable[Place]) -> str:
    """Their names, as a sentence has them."""
    return ", ".join(place.name for place in folders)
