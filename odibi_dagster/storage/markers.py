"""Names that other programs leave between files: markers of folders, of commits, of success."""

from __future__ import annotations

import re

#: A step of a path that makes it no data file, as regular expressions; landing knows more of them.
STEPS = (
    "_SUCCESS",
    r"_committed_[^/]*",  # Databricks' commit protocol
    r"_started_[^/]*",
    r"[^/]*_\$folder\$",  # a folder, to Hadoop's older S3 clients
)
_MARKER = re.compile(rf"(?:.*/)?(?:{'|'.join(STEPS)})|.*/|", re.DOTALL)
FOLDER_SUFFIX = "_$folder$"


def is_marker(path: str) -> bool:
    """Whether an object of this name is never a file: `_SUCCESS`, `_committed_*`, `_started_*`, a folder."""
    return _MARKER.fullmatch(path) is not None
