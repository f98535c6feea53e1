"""One step's share of what a run may use."""

from __future__ import annotations

import os
import re


def threads(limit: int | None, steps: int) -> int | None:
    """Threads for one of `steps` concurrent steps, at least one; None leaves it to DuckDB."""
    if steps == 1:
        return limit
    return max(1, (limit or os.cpu_count() or 1) // steps)


def memory(limit: str | None, steps: int) -> str | None:
    """Memory for one of `steps` concurrent steps; without a limit, a share of 80 % of the machine."""
    if limit is None:
        return None if steps == 1 else f"{80 / steps:.0f}%"
    return size(limit, steps)


def size(limit: str | None, steps: int) -> str | None:
    """A share of a size such as "4GB", in its own unit."""
    match = re.fullmatch(r"\s*([0-9.]+)\s*([A-Za-z%]*)\s*", limit or "")
    if match is None or steps == 1:
        return limit
    return f"{float(match[1]) / steps:.3f}{match[2]}"
