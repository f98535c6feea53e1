"""What makes a landed file the same file."""

from __future__ import annotations

#: The same rule in SQL, over the columns size, modified_us and etag.
IDENTITY = "coalesce(etag, size || '@' || modified_us)"


def identity(size: int, modified_us: int, etag: str | None) -> str:
    """A text that two versions of one path share only if they are the same bytes.

    An entity tag that lasts is the store's own word; elsewhere it is the size and the modification time.
    A local disk's tag is not used: it holds the inode, which a copy or a restore changes.

    Args:
        size: bytes.
        modified_us: microseconds since 1970, UTC.
        etag: the tag, or None where the store has none that lasts.
    """
    return etag if etag is not None else f"{size}@{modified_us}"
