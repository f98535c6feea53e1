"""One thing to look at, and what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from odibi_dagster.errors import OdibiError
from odibi_dagster.storage.scrub import scrub
from odibi_dagster.storage.secrets import mask

Result = Literal["ok", "warning", "failed", "skipped"]


@dataclass(frozen=True)
class Said:
    """What a look says.

    Args:
        result: `skipped` where it cannot be judged.
        text: what was found, or why not.
        remedy: what to do.
    """

    result: Result
    text: str
    remedy: str = ""


@dataclass(frozen=True)
class Check:
    """One thing to look at.

    Args:
        name: a word or two: "credentials".
        look: says what it finds; an OdibiError that it raises is a failure.
        needs: checks of the same subject without which it cannot be judged.
        timeout: seconds after which nobody waits for it any longer.
    """

    name: str
    look: Callable[[], Said | Iterable[Said]]
    needs: tuple[str, ...] = ()
    timeout: float = 10.0


@dataclass(frozen=True)
class Subject:
    """A store, this machine, …: its checks, in their order."""

    name: str
    checks: tuple[Check, ...]


@dataclass(frozen=True)
class Finding:
    """One line for the reader; its texts hold no secret.

    Args:
        subject: a store's URL, or what else was looked at.
        check: the check's name.
        result: how it went.
        text: what was found, or why it failed or was skipped.
        remedy: what to do.
        seconds: how long it took.
    """

    subject: str
    check: str
    result: Result
    text: str
    remedy: str
    seconds: float


def finding(subject: str, check: str, said: Said, seconds: float) -> Finding:
    """A finding whose texts are rid of secrets: of known values, and of what looks like one."""
    text, remedy = (scrub(mask(each)) for each in (said.text, said.remedy))
    return Finding(subject, check, said.result, text, remedy, seconds)


def failure(error: BaseException) -> Said:
    """What an exception says to the reader."""
    if isinstance(error, OdibiError):
        where = f" ({error.where})" if str(error.where) else ""
        why = f" {error.why}" if error.why else ""
        return Said("failed", f"{error.what}{why}{where}", error.remedy)
    first = (str(error).strip().splitlines() or [""])[0]
    return Said("failed", f"{type(error).__name__}: {first}" if first else type(error).__name__)
