"""What a cache has when nobody says otherwise, and how its size is written."""

from __future__ import annotations

import os
import re

_UNITS = {"": 1, "K": 1000, "M": 1000**2, "G": 1000**3, "T": 1000**4}
_BINARY = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}


def default_folder() -> str:
    """The user's folder for what can be had again: XDG_CACHE_HOME, or `~/.cache`; ours below it."""
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(os.path.abspath(home), "odibi-dagster")


def count(size: str) -> int:
    """The bytes of a size such as "20GB", "1.5 TiB" or "512MB"; GB is 1000³, GiB 1024³.

    Raises:
        ValueError: the text is no size.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(i?)B", size.strip(), re.IGNORECASE)
    if match is None:
        raise ValueError(size)
    units = _BINARY if match[3] else _UNITS
    return max(1, int(float(match[1]) * units[match[2].upper()]))
