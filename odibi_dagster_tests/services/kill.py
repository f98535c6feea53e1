"""kill -9 of a process and of all that it started."""

from __future__ import annotations

from contextlib import suppress

import psutil


def kill_tree(root: psutil.Process) -> None:
    """Ends a process and its descendants at once, as a power cut does; one that has just ended is no error.

    The root goes first, so that it starts nothing more and tells nobody about its children's end.
    """
    with suppress(psutil.NoSuchProcess):
        children = root.children(recursive=True)
        for each in (root, *children):
            with suppress(psutil.NoSuchProcess):
                each.kill()


def kill_children() -> None:
    """The same for all that this process has started, and not for itself."""
    for child in psutil.Process().children():
        kill_tree(child)
