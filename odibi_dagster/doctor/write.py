"""Whether runs can write: only where they do, and only when it is asked for. What is written is deleted."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from odibi_dagster.doctor.check import Check, Said, failure
from odibi_dagster.doctor.places import Place, Places, names
from odibi_dagster.errors import OdibiError
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.probe import honours_put_if_absent

_FOLDER, _BYTES = "_odibi_probe", b"written by odibi-dagster doctor; nothing needs it"


def write_checks(places: Places, needs: tuple[str, ...], *, write: bool) -> Iterator[Check]:
    """The checks of writing to one store.

    Args:
        places: what is there; nothing is written where only others write.
        needs: the checks without which writing is not tried.
        write: False makes one line that says that it was not tried.
    """
    written = [place for place in places.folders if place.written]
    if not written:
        return
    if not write:
        yield Check("write", lambda: Said("skipped", "--write tries it"), needs)
        return
    tried = _Tried(written)
    yield Check("write", tried.write, needs, 20)
    yield Check("delete", tried.delete, (*needs, "write"), 20)
    yield Check("put-if-absent", tried.put_if_absent, (*needs, "write"), 20)


@dataclass
class _Tried:
    places: list[Place]
    name: str = field(default_factory=lambda: f"{_FOLDER}/{uuid.uuid4()}")
    left: bool = False

    def write(self) -> Iterator[Said]:
        good = []
        for place in self.places:
            objects = open_objects(place.url)
            try:
                objects.put(self.name, _BYTES)
                if objects.get(self.name) == _BYTES:
                    good.append(place)
                else:
                    yield Said("failed", f"{place.name}: other bytes came back", "Look at the gateway.")
            except (OdibiError, FileNotFoundError) as error:
                yield _of(place, error)
        if good:
            yield Said("ok", f"{len(_BYTES)} bytes to {names(good)}")

    def delete(self) -> Iterator[Said]:
        good = []
        for place in self.places:
            objects = open_objects(place.url)
            try:
                objects.delete([self.name])
                if objects.head(self.name) is None:
                    good.append(place)
                else:
                    yield Said("failed", f"{place.name}: {self.name} is still there", "Delete it by hand.")
            except OdibiError as error:
                self.left = True
                said = _of(place, error)
                # What some gateways answer, no client can read.
                bulk = "Write `options: {disable_bulk_delete: true}` into this store's entry of `stores:`."
                remedy = said.remedy or (bulk if "DeleteObjects" in said.text else "")
                yield Said("failed", f"{said.text}; {self.name} is left there", remedy)
        if good:
            yield Said("ok", f"from {names(good)}")

    def put_if_absent(self) -> Said:
        try:
            honoured = honours_put_if_absent(self.places[0].url)
        except OdibiError:
            if not self.left:
                raise
            return Said("skipped", "because of `delete`")
        if honoured:
            return Said("ok", "of two writers of one object, one is refused")
        return Said(
            "failed",
            "two writers can both create one object: commits would be lost silently",
            "Put the tables on a store with conditional writes (Azure storage, Amazon S3, a server that has "
            "them), or update or go around the gateway that drops If-None-Match.",
        )


def _of(place: Place, error: BaseException) -> Said:
    said = failure(error)
    return Said(said.result, f"{place.name}: {said.text}", said.remedy)
