"""Places on every store, and what a lake needs of a store: the servers keep their word."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import pytest

from odibi_dagster_tests.services.juicefs import JuiceFS
from odibi_dagster_tests.services.place import Place, Server


def test_objects_come_and_go(store: Server) -> None:
    place = Place(store, store.url("a"))
    for path in ("x.txt", "b/y.txt", "b/c d=1/z%20.txt"):
        place.write(path, path)
    assert place.paths() == ["b/c d=1/z%20.txt", "b/y.txt", "x.txt"]
    assert place.paths("b") == ["b/c d=1/z%20.txt", "b/y.txt"]
    assert place.read("b/c d=1/z%20.txt") == b"b/c d=1/z%20.txt"
    other = pickle.loads(pickle.dumps(Place(store, store.url("b"))))
    place.copy(other)
    place.delete("x.txt")
    assert (place.exists("x.txt"), other.exists("x.txt")) == (False, True)
    with pytest.raises(FileNotFoundError):
        place.read("x.txt")
    place.remove()
    assert (place.paths(), len(other.paths())) == ([], 3)


def creators_that_won(place: Place, racers: int = 8) -> int:
    """How many of several that create one object at once are told that they did."""
    from obstore.exceptions import AlreadyExistsError

    store, start, won = place._store(), threading.Barrier(racers), []

    def create(number: int) -> None:
        start.wait()
        try:
            store.put("one", b"%d" % number, mode="create")
            won.append(number)
        except AlreadyExistsError:
            pass

    threads = [threading.Thread(target=create, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert int(place.read("one")) in won
    return len(won)


@pytest.mark.parametrize("store", ["azurite", "seaweedfs"], indirect=True)
def test_one_creator_wins(store: Server) -> None:
    for _ in range(3):
        assert creators_that_won(Place(store, store.url("race"))) == 1


def test_a_gateway_that_lets_everybody_win(juicefs: JuiceFS) -> None:
    assert creators_that_won(Place(juicefs, juicefs.url("race"))) > 1


@pytest.mark.parametrize("store", ["azurite", "seaweedfs"], indirect=True)
def test_a_wrong_key_is_refused(store: Any) -> None:
    import base64
    from dataclasses import replace

    from obstore.exceptions import BaseError

    wrong = base64.b64encode(b"wrong" * 8).decode()
    bad = replace(store, key=wrong) if store.provider == "azure" else replace(store, secret_access_key=wrong)
    with pytest.raises((BaseError, PermissionError)):
        Place(bad, store.url()).write("x", b"")
