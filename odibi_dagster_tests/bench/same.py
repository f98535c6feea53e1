"""Whether two contenders did the same work."""

from __future__ import annotations


def same_work(ours: dict[str, dict[str, int]], theirs: dict[str, dict[str, int]], name: str) -> None:
    """Rows in each table and violations of each expectation are equal.

    Args:
        ours: what the platform published and counted, by table.
        theirs: what the other did.
        name: the other, for the message.

    Raises:
        RuntimeError: names what differs.
    """
    different = [
        f"{table} {what}: {ours[table].get(what)} and {found}"
        for table in theirs
        for what, found in theirs[table].items()
        if ours.get(table, {}).get(what) != found
    ]
    if different:
        raise RuntimeError(f"The platform and {name} did not do the same: {'; '.join(different)}")
