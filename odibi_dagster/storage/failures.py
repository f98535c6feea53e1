"""The one classification of what goes wrong with a store, from what stores and clients really say."""

from __future__ import annotations

import errno
import random

from odibi_dagster.errors import (
    ObjectNotFound,
    PermissionDenied,
    SpaceError,
    StorageError,
    Throttled,
    TransientError,
    Where,
)
from odibi_dagster.storage import remedies
from odibi_dagster.storage.kinds import kind_of
from odibi_dagster.storage.refusal import told
from odibi_dagster.storage.response import response_of

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def explain(where: Where, error: BaseException) -> StorageError | TransientError:
    """What a store's, a client's or the operating system's error means, and what to do about it.

    A StorageError ends the run at once: the same would happen again until somebody acts. A TransientError may
    pass: the clients have already tried it several times, and Dagster's retry policy tries the step again.

    Args:
        where: the table and the URL that was at work.
        error: what obstore, delta-rs, boto3, the Azure SDK or Python raised.

    Returns:
        The error to raise `from` it; its text holds no signature, key or token.
    """
    refused = told(error)
    if isinstance(refused, StorageError | TransientError):
        return refused
    if local := _local(where, error):
        return local
    answer = response_of(error)
    provider = remedies.provider_of(where.url or answer.text)
    if kind := kind_of(answer):
        found = kind.error(kind.what, where=where, why=answer.why, remedy=kind.remedy(answer, provider))
        if isinstance(found, Throttled):
            found.after = answer.after
        return found
    if "invalid path" in answer.text:
        remedy = "Rename the file: its name holds a control character, an empty step or is not UTF-8."
        return StorageError("A file's name cannot be read.", where=where, why=answer.why, remedy=remedy)
    if answer.status is not None and 400 <= answer.status < 500:
        return StorageError("The store refused.", where=where, why=answer.why)
    if answer.status is None and ("os error" in answer.text or getattr(error, "errno", None) is not None):
        return StorageError("The store refused.", where=where, why=answer.why)
    return TransientError("The store did not answer as it should.", where=where, why=answer.why)


def refusal(where: Where, error: BaseException) -> StorageError | TransientError | None:
    """What a store itself refused, for readers of a log: None if the error may be about what the log holds.

    A missing object is such an error, and so is whatever nobody recognizes. Arguments as in `explain`.
    """
    found = explain(where, error)
    return None if type(found) in (StorageError, TransientError, ObjectNotFound) else found


def pause(error: TransientError, attempt: int, cap: float = 60.0) -> float:
    """For how many seconds to wait before the same call again.

    What the store asked for (Retry-After) counts in full, up to the cap; otherwise the time doubles from half
    a second. A random part keeps many callers from coming back together.

    Args:
        error: what the last call failed with.
        attempt: how many have failed, from 1.
        cap: seconds; never longer.
    """
    grown = min(cap, 0.5 * 2 ** min(attempt - 1, 16))
    if error.after is not None:
        return min(cap, error.after + random.uniform(0, min(1.0, grown)))
    return random.uniform(grown / 2, grown)


def _local(where: Where, error: BaseException) -> StorageError | None:
    """What only the operating system says."""
    said, number = response_of(error).why, getattr(error, "errno", None)
    if number in _FULL or any(f"(os error {code})" in said for code in _FULL):
        return out_of_space(where, error)
    if isinstance(error, PermissionError) or "os error 13" in said or "os error 30" in said:
        return denied(where, error)
    return None


def denied(where: Where, error: BaseException) -> StorageError:
    """Nobody may read or write there."""
    return PermissionDenied(
        "The place may not be read or written.",
        where=where,
        why=response_of(error).why,
        remedy="Give the user who runs Dagster read and write permission on this folder.",
    )


def out_of_space(where: Where, error: BaseException) -> StorageError:
    """The disk is full; nothing was published."""
    return SpaceError(
        "There is no space left.",
        where=where,
        why=response_of(error).why,
        remedy="Free space or move the layer, then run again: what was published before is intact.",
    )
