"""A remote store's listing as the rest of the platform knows it: relative paths, plain tags, no folders."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from odibi_dagster.storage.markers import FOLDER_SUFFIX

if TYPE_CHECKING:
    from obstore.store import ObjectStore

_AT_ONCE = 16


def relative(store: ObjectStore, root: str, batch: Any) -> Any:
    """The batch with paths below `root`, entity tags without quotes, and without markers of folders.

    Hadoop's clients mark folders by `name_$folder$`, by an empty object `name/`, which a listing shows as
    `name`, and by an empty blob with the metadata `hdi_isfolder`. The store is asked about empty objects
    alone: a folder is not there under its name, or says what it is.

    Args:
        store: to ask.
        root: the key that paths become relative to, without `/` at its end.
        batch: arro3's, as obstore lists.
    """
    from arro3.core import Array, DataType, RecordBatch

    keys, sizes = batch["path"].to_pylist(), batch["size"].to_pylist()
    empty = [number for number, size in enumerate(sizes) if size == 0]
    folders = _folders(store, [keys[number] for number in empty])
    drop = {number for number in empty if keys[number].endswith(FOLDER_SUFFIX) or keys[number] in folders}
    if drop:
        batch = batch.take(Array([n for n in range(len(keys)) if n not in drop], DataType.uint64()))
        keys = batch["path"].to_pylist()
    start = len(root) + 1 if root else 0
    tags = [tag and tag.strip('"') for tag in batch["e_tag"].to_pylist()]
    columns: dict[str, Any] = {name: batch[name] for name in batch.schema.names}
    columns["path"] = Array([key[start:] for key in keys], DataType.string())
    columns["e_tag"] = Array(tags, DataType.string())
    return RecordBatch(columns)


def _folders(store: ObjectStore, keys: list[str]) -> set[str]:
    """Those of some empty objects that stand for folders."""
    asked = [key for key in keys if not key.endswith(FOLDER_SUFFIX)]
    if not asked:
        return set()
    with ThreadPoolExecutor(min(_AT_ONCE, len(asked))) as pool:
        answers = pool.map(lambda key: _is_folder(store, key), asked)
        return {key for key, folder in zip(asked, answers, strict=True) if folder}


def _is_folder(store: ObjectStore, key: str) -> bool:
    import obstore

    try:
        found = obstore.get(store, key, options={"head": True})
    except FileNotFoundError:
        return True
    return str(found.attributes.get("hdi_isfolder", "")).lower() == "true"
