"""How a landed file's columns differ from those it must have."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from odibi_dagster.engines.protocol import Landed
from odibi_dagster.errors import DataError, Where


def difference(
    file: str,
    found: Sequence[str],
    wanted: Sequence[str],
    read: Landed,
    *,
    table: str,
    than: str,
    missing: bool = True,
) -> DataError:
    """The error for a file whose columns are not the wanted ones; a near miss is pointed out.

    Args:
        file: the file's path relative to the source.
        found: its columns.
        wanted: the columns it must have.
        read: what is being read.
        table: the table being computed.
        than: ends the sentence "… does not have the columns".
        missing: whether a column that is not there is wrong, too.
    """
    extra = [name for name in found if name not in wanted]
    lacking = [name for name in wanted if name not in found]
    parts = []
    candidates = lacking if missing else list(wanted)
    for name in extra:
        near = difflib.get_close_matches(name.lower(), [w.lower() for w in candidates], n=1, cutoff=0.6)
        meant = next((w for w in candidates if near and w.lower() == near[0]), None)
        parts.append(f"column {name!r} is unknown" + (f" (did you mean {meant!r}?)" if meant else ""))
    if missing:
        parts += [f"column {name!r} is missing" for name in lacking]
    if not parts:
        doubles = sorted({name for name in found if list(found).count(name) > 1})
        parts = [f"column {name!r} occurs more than once" for name in doubles]
    return DataError(
        f"{file} does not have the columns {than}.",
        where=Where(table=table, url=f"{read.url}/{file}"),
        why="; ".join(parts),
        remedy="Correct the file and let it land again, or change `columns:` of the source.",
    )
