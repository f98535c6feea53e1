"""Whether files are there, without them, and one more of them."""

from __future__ import annotations

from odibi_dagster.cloud.listing import find
from odibi_dagster.cloud.target import Target
from odibi_dagster.errors import ConfigError, ObjectNotFound, Where


def exists(target: Target, path: str) -> bool:
    """See `CloudAdapter.exists`."""
    key, objects = target.key(path), target.objects()
    if not key:
        objects.empty()  # raises where there is no such container
        return True
    if not path.endswith("/") and objects.head(key) is not None:
        return True
    return not objects.empty(key)


def delete(target: Target, path: str) -> int:
    """See `CloudAdapter.delete`."""
    found = find(target, path)
    if found is None:
        return 0
    if found.kind == "folder":
        raise ConfigError(
            f"This is a folder with {len(found.files)} files; nothing was deleted.",
            where=Where(url=target.url(found.path)),
            remedy=f"To delete them all: delete({(found.path + '/**').lstrip('/')!r}).",
        )
    target.objects().delete([str(file) for file in found.files])
    return len(found.files)


def copy(target: Target, source: str, goal: str) -> None:
    """See `CloudAdapter.copy`."""
    start, end = target.key(source), target.key(goal)
    if not end or goal.endswith("/"):
        raise ConfigError(
            f"{goal!r} is no file's name.",
            where=Where(url=target.url(end)),
            remedy="Write the whole name of the copy.",
        )
    try:
        target.objects().copy(start, end)
    except FileNotFoundError as error:
        raise ObjectNotFound(
            "There is no file to copy.",
            where=Where(url=target.url(start)),
            remedy='Look at what is there: list("folder/"). Folders are copied file by file.',
        ) from error
