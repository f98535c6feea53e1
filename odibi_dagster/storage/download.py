"""An object's bytes in pieces, all of one version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from obstore.store import ObjectStore

#: Bytes that one request asks for: a request has a time-out, so it must not grow with the object.
RANGE = 32 * 2**20
#: Bytes that are in memory at least.
CHUNK = 2**20


def chunks(store: ObjectStore, key: str, if_match: str | None, *, ranged: bool) -> Iterator[Any]:
    """The bytes of one object, in buffers of a megabyte or two.

    Larger objects are asked for range by range, each on the condition that the object is still the one that
    the first answer came from.

    Args:
        store: obstore's.
        key: the object's.
        if_match: the entity tag it must have, without quotes; None means any.
        ranged: whether to ask for ranges; otherwise it is one request.

    Raises:
        FileNotFoundError, obstore.exceptions.BaseError: as obstore does.
    """
    import obstore

    options: dict[str, Any] = {"if_match": f'"{if_match}"'} if if_match else {}
    first = options | {"range": (0, RANGE)} if ranged else options
    try:
        found = obstore.get(store, key, options=first)  # type: ignore[arg-type]
    except (obstore.exceptions.BaseError, ValueError) as error:
        if not ranged or " 416 " not in str(error):  # an empty object has no first byte
            raise
        found = obstore.get(store, key, options=options)  # type: ignore[arg-type]
    yield from found.stream(min_chunk_size=CHUNK)
    if not ranged:
        return
    size, options = found.meta["size"], {"if_match": found.meta["e_tag"]}
    for start in range(RANGE, size, RANGE):
        part = options | {"range": (start, min(start + RANGE, size))}
        yield from obstore.get(store, key, options=part).stream(min_chunk_size=CHUNK)  # type: ignore[arg-type]
