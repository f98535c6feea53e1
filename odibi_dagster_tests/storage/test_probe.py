"""A lake's store must let only one of two writers create an object."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster.errors import NoAtomicCreate
from odibi_dagster.storage import probe
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.services.juicefs import JuiceFS
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.stores import stores_of


@pytest.fixture(autouse=True)
def _new_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "_known", set())


def names(url: str) -> list[str]:
    return [path.as_py() for batch in open_objects(url).list() for path in batch["path"]]


def test_a_sound_store_is_asked_once_in_the_life_of_a_lake(
    remote: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    layer, checkpoints, asked = remote.url("bronze"), remote.url("checkpoints"), []
    put = Objects.put_if_absent
    monkeypatch.setattr(Objects, "put_if_absent", lambda *args: asked.append(1) or put(*args))
    probe.refuse_unsafe(layer, checkpoints)
    assert len(asked) == 2 and names(layer) == [] and len(names(checkpoints)) == 1
    probe.refuse_unsafe(f"{layer}/orders", checkpoints)
    probe._known.clear()  # another process
    probe.refuse_unsafe(layer, checkpoints)
    assert len(asked) == 2
    open_objects(checkpoints).put(names(checkpoints)[0], b"torn")
    probe._known.clear()
    probe.refuse_unsafe(layer, checkpoints)
    assert len(asked) == 4


def test_a_gateway_that_ignores_the_condition_is_refused_every_time(juicefs: JuiceFS, tmp_path: Path) -> None:
    with using(stores_of(juicefs)):
        url, checkpoints = juicefs.url(), str(tmp_path / "checkpoints")
        for _ in range(2):
            with pytest.raises(NoAtomicCreate, match="conditional writes"):
                probe.refuse_unsafe(url, checkpoints)
        assert names(checkpoints) == []


def test_local_disk_is_not_asked(tmp_path: Path) -> None:
    probe.refuse_unsafe(str(tmp_path / "bronze"), str(tmp_path / "checkpoints"))
    assert list(tmp_path.iterdir()) == []
    assert probe.honours_put_if_absent(str(tmp_path / "bronze"))
