"""Lakes of one store in the states that tests begin with."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pytest

from odibi_dagster_tests.guarantees.lake import Lake
from odibi_dagster_tests.guarantees.processes import run
from odibi_dagster_tests.services.place import Server

REMOTE = ["azurite", "seaweedfs"]
STORES = ["local", *REMOTE]
#: The same, and Spark computes: what the pandas engine has begun it goes on with.
SPARK = [f"{store}-spark" for store in STORES]


def on_stores(names: Sequence[str] = STORES) -> pytest.MarkDecorator:
    """The test's lakes are on each of these stores in turn; with `-spark`, Spark computes."""
    return pytest.mark.parametrize("lakes", names, indirect=True)


class Lakes:
    """Makes lakes on one store: each is the test's own.

    Args:
        folder: for the lakes that others are copied from.
        server: the store; None is the local disk.
        remote: the Spark Connect server that computes once a test has its lake; None is the pandas engine.
    """

    def __init__(self, folder: Path, server: Server | None = None, remote: str | None = None) -> None:
        self.folder, self.server, self.remote = folder, server, remote

    def fresh(self, root: Path) -> Lake:
        """Two files have landed, nothing has run."""
        lake = Lake.create(root, self.server)
        lake.land(1)
        lake.land(2)
        return self._computed(lake)

    def grown(self, root: Path) -> Lake:
        """Everything has run once, on the pandas engine, and another file has landed."""
        if self.server and self.server.provider == "azure":
            # An etag is new with each write there: no file can be copied unnoticed.
            return self._computed(self._grown(root))
        return self._computed(self._template.copy(root))

    def _computed(self, lake: Lake) -> Lake:
        return lake.on_spark(remote=self.remote) if self.remote else lake

    @cached_property
    def _template(self) -> Lake:
        return self._grown(self.folder / "grown")

    def _grown(self, root: Path) -> Lake:
        lake = Lakes(self.folder, self.server).fresh(root)
        run(lake)
        lake.land(3)
        return lake
