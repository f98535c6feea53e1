"""Names that are not arrivals: markers, unfinished files, folders of other writers."""

from __future__ import annotations

_STEPS = (
    r"\.[^/]*",  # dot files and folders: checksums, copies in progress
    "_SUCCESS",
    "_temporary",  # Hadoop's output committer
    "_committed_[^/]*",  # Databricks' commit protocol
    "_started_[^/]*",
    "_delta_log",
    r"[^/]*_\$folder\$",  # folder markers
    r"[^/]*~",
)
_SUFFIXES = ("tmp", "temp", "part", "partial", "filepart", "crdownload", "download", "inprogress", "swp")

#: Matches the rest of a path after the folders that the glob names literally.
HIDDEN = (
    rf"(?:.*/)?(?:{'|'.join(_STEPS)})(?:/.*)?"
    rf"|.*\.(?i:{'|'.join(_SUFFIXES)})|.*\._COPYING_|.*/"
)
