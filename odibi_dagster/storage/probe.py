"""Whether a store lets only one of two writers create an object: every commit rests on it."""

from __future__ import annotations

import hashlib
import json
import uuid
from datetime import UTC, datetime

from odibi_dagster.errors import NoAtomicCreate, OdibiError, Where
from odibi_dagster.storage.objects import Objects, open_objects
from odibi_dagster.storage.stores import location_of

#: The version of what is remembered. A newer one means that the probe asks for more than it did.
FORMAT = 1
#: Names that readers of tables, and of landing, pass over.
_FOLDER = "_odibi_probe"
_known: set[tuple[str, str]] = set()


def refuse_unsafe(url: str, checkpoints_url: str) -> None:
    """Sees that the store of a URL honours put-if-absent, before the first commit to it.

    A store is asked once in the life of a lake: that it passed is an object below the checkpoints layer. A
    store that failed is not remembered, so that a mended one is asked again. Local disk is not asked.

    Args:
        url: where tables are going to be, such as a layer's URL; the probe's object lies there for a moment.
        checkpoints_url: the checkpoints layer's URL.

    Raises:
        NoAtomicCreate: the second of two creations of one object succeeded.
        StorageError, TransientError: a store refused or did not answer.
    """
    location = location_of(url)
    if not location.remote or location.store == "memory" or (location.root, checkpoints_url) in _known:
        return
    memory = open_objects(checkpoints_url)
    name = f"{_FOLDER}/{hashlib.sha256(location.root.encode()).hexdigest()[:16]}.json"
    if not _remembered(memory, name, location.root):
        if not honours_put_if_absent(url):
            raise NoAtomicCreate(
                "The store lets two writers create one object.",
                where=Where(url=location.root),
                why="an object was created (If-None-Match: *) under a name that was taken, and no error came",
                remedy="Put the tables on a store with conditional writes: Azure storage, Amazon S3, or a "
                "server that implements them. A gateway in between may drop the header: update it, or go "
                "around it. On this store commits of two writers would be lost silently.",
            )
        passed = {"format": FORMAT, "store": location.root, "at": datetime.now(UTC).isoformat()}
        memory.put(name, json.dumps(passed).encode())
    _known.add((location.root, checkpoints_url))


def honours_put_if_absent(url: str) -> bool:
    """Whether, of two creations of one object below a URL, the second fails and changes nothing.

    The object is deleted again; a process that is killed meanwhile leaves a few bytes that nothing reads.

    Raises:
        StorageError, TransientError: the store refused or did not answer.
    """
    objects, name = open_objects(url), f"{_FOLDER}/{uuid.uuid4()}"
    first = objects.put_if_absent(name, b"first")
    second = objects.put_if_absent(name, b"second")
    honoured = first and not second and objects.get(name) == b"first"
    try:
        objects.delete([name])
    except OdibiError:
        if honoured:
            raise
    return honoured


def _remembered(memory: Objects, name: str, root: str) -> bool:
    try:
        said = json.loads(memory.get(name))
        return bool(said["store"] == root and said["format"] >= FORMAT)
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return False
