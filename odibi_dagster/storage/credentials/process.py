"""Process variables that delta-rs would take instead of what an environment file names.

delta-rs completes its options from the process environment, and some of what it finds there wins over what
it was given (measured with 1.6.6: an account key over a SAS or a service principal, a session token beside
access keys that have none). Its environment is the C library's; what is taken out there stays in os.environ,
so that Python code, and the SDKs with it, see what they always saw.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

_KEPT = "ODIBI_KEPT_"
_hidden: set[str] = set()


def hide(names: Iterable[str]) -> None:
    """From now on no library that asks the C library finds these variables; `os.environ` keeps them.

    Child processes find them under another name, and have them back after `restore`.
    """
    for name in names:
        if name not in _hidden and name in os.environ:
            os.putenv(_KEPT + name, os.environ[name])
            os.unsetenv(name)
            _hidden.add(name)


def restore() -> None:
    """In a process whose parent hid variables: they are what they were before."""
    for kept in [name for name in os.environ if name.startswith(_KEPT)]:
        os.environ.setdefault(kept.removeprefix(_KEPT), os.environ[kept])
        del os.environ[kept]
