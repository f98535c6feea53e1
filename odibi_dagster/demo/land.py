"""Lands the demo's files, wherever the landing layer is."""

from __future__ import annotations

import tempfile
from pathlib import Path

from odibi_dagster.demo.generate import generate
from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.storage.objects import open_objects


def land(landing_url: str, *, orders: int = 20_000) -> int:
    """Write the demo's files below the landing layer; those that are there already are left alone.

    On a store of objects they are made on this machine first. The same number of orders gives the same bytes,
    so an object of the same size is taken for the same; another one is never overwritten.

    Args:
        landing_url: the landing layer.
        orders: how many orders.

    Returns:
        How many files the demo has.

    Raises:
        ConfigError: a number out of range, or a file of that name holds something else.
        StorageError, TransientError: the store refused or did not answer.
    """
    objects = open_objects(landing_url)
    if not objects.remote:
        return len(generate(landing_url, orders=orders))
    with tempfile.TemporaryDirectory(prefix="odibi-demo-") as folder:
        files = generate(folder, orders=orders)
        for file in files:
            name = file.relative_to(folder).as_posix()
            there = objects.head(name)
            if there is None:
                objects.upload(str(file), name)
            elif there.size != Path(file).stat().st_size:
                raise ConfigError(
                    "There is another file with the name of one of the demo's.",
                    where=Where(url=f"{landing_url}/{name}"),
                    remedy="Remove it, land elsewhere, or give the number of --orders that it was made of.",
                )
    return len(files)
