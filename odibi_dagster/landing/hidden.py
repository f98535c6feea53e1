"""Names that are not arrivals: markers, unfinished files, folders of other writers."""

from __future__ import annotations

from odibi_dagster.storage.markers import STEPS

_STEPS = (
    *STEPS,
    r"\.[^/]*",  # dot files and folders: checksums, copies in progress
    "_temporary",  # Hadoop's output committer
    "_delta_log",
    r"[^/]*~",
)
_SUFFIXES = ("tmp", "temp", "part", "partial", "filepart", "crdownload", "download", "inprogress", "swp")

#: Matches the rest of a path after the folders that the glob names literally.
HIDDEN = (
    rf"(?:.*/)?(?:{'|'.join(_STEPS)})(?:/.*)?"
    rf"|.*\.(?i:{'|'.join(_SUFFIXES)})|.*\._COPYING_|.*/"
)
