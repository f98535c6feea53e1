"""A folder in front of every layer, so that dev stands beside prod."""

from __future__ import annotations

from dataclasses import replace

from odibi_dagster.environment.sections import EnvironmentFile, LayersSection
from odibi_dagster.storage.location import Location


def prefixed(settings: EnvironmentFile) -> EnvironmentFile:
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
