"""Locks between processes; the system releases them when a process dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def locked(path: str, *, shared: bool = False) -> Iterator[int]:
    """Holds the file's lock; waits for it. The file is made, and stays.

    Args:
        path: the lock's file; nobody may remove it.
        shared: many may hold it together, with nobody who holds it alone.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


@contextmanager
def passing(path: str, *, wait: bool = True) -> Iterator[bool]:
    """Holds the lock of a file that goes away with the last who needs it.

    Whoever waited for a file that was removed meanwhile waits for the new one.

    Args:
        path: the lock's file.
        wait: otherwise False is given, and nothing held, where somebody else holds it.
    """
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            if not _same(path, handle):
                continue
            try:
                yield True
            finally:
                os.unlink(path)
            return
        finally:
            os.close(handle)


def _same(path: str, handle: int) -> bool:
    try:
        return os.stat(path).st_ino == os.fstat(handle).st_ino
    except FileNotFoundError:
        return False


@contextmanager
def abandoned(path: str) -> Iterator[bool]:
    """Whether nobody held the file's lock: whoever did has ended or died. Then it is held meanwhile.

    Args:
        path: the lock's file.

    Raises:
        FileNotFoundError: there is no such lock any more.
    """
    handle = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        yield False
        return
    try:
        yield True
    finally:
        os.close(handle)
