"""Which failures are tried again, and the retry policy that does it."""

from __future__ import annotations

import contextlib
import errno
import os
import random
from collections.abc import Iterator
from typing import Literal

import dagster as dg

from odibi_dagster.errors import AuthenticationError, ConfigError, OdibiError, TransientError, Where
from odibi_dagster.reliability.classify import classify, kind_of
from odibi_dagster.storage.stores import store_of

_FULL = "Free some space on the disk, or point the folder at another one; then resume the run."
_DENIED = "Give the user that runs the platform the right to read and write there; then resume the run."

# Errors of the operating system that no second attempt mends, with what does.
_PERMANENT_ERRNO = {
    errno.ENOSPC: _FULL,
    errno.EDQUOT: _FULL,
    errno.EFBIG: _FULL,
    errno.EACCES: _DENIED,
    errno.EPERM: _DENIED,
    errno.EROFS: _DENIED,
    errno.ENOENT: "Create the file or folder, or correct its path.",
    errno.ENOTDIR: "Correct the path: a part of it is a file.",
    errno.EISDIR: "Correct the path: it is a folder.",
    errno.ENAMETOOLONG: "Shorten the path or the partition's value.",
}

#: Seconds that a store may make a step wait; whoever asks for more is asked again by then.
_LONGEST_WAIT = 900.0

_BACKOFF = {"exponential": dg.Backoff.EXPONENTIAL, "linear": dg.Backoff.LINEAR, "none": None}
_JITTER = {"full": dg.Jitter.FULL, "plus_minus": dg.Jitter.PLUS_MINUS, "none": None}

_NATIVE = ("duckdb", "deltalake", "obstore")

# A mistake in the code does the same thing again: the inputs of a retry are pinned to the same versions.
_PROGRAMMING = (
    TypeError,
    AttributeError,
    NameError,
    ImportError,
    SyntaxError,
    LookupError,
    ArithmeticError,
    AssertionError,
    NotImplementedError,
    RecursionError,
)


def retry_policy(
    max_retries: int = 3,
    delay: float = 10.0,
    backoff: Literal["exponential", "linear", "none"] = "exponential",
    jitter: Literal["full", "plus_minus", "none"] = "plus_minus",
) -> dg.RetryPolicy | None:
    """Return Dagster's retry policy for a step, or None when `max_retries` is 0.

    It covers the computation and the publish, and a step process that dies. Which errors count is decided
    by `guard`.

    Args:
        max_retries: attempts after the first.
        delay: seconds before the first retry.
        backoff: how the delay grows: doubling, by `delay` each time, or not at all.
        jitter: a random part of each delay, so that many tables do not come back at once: anything up to
            the whole delay, or the delay plus or minus a part of itself.

    Raises:
        ConfigError: a negative number, or an unknown `backoff` or `jitter`.
    """
    if max_retries < 0 or delay < 0:
        raise ConfigError(
            f"retry: max_retries {max_retries} and delay {delay} must not be negative.",
            remedy="Use 0 retries to switch retrying off.",
        )
    if backoff not in _BACKOFF or jitter not in _JITTER:
        raise ConfigError(
            f"retry: unknown backoff {backoff!r} or jitter {jitter!r}.",
            remedy=f"Backoff is one of {', '.join(_BACKOFF)}; jitter is one of {', '.join(_JITTER)}.",
        )
    if max_retries == 0:
        return None
    return dg.RetryPolicy(
        max_retries=max_retries, delay=delay, backoff=_BACKOFF[backoff], jitter=_JITTER[jitter]
    )


@contextlib.contextmanager
def guard(table: str | None = None, file: str | None = None) -> Iterator[None]:
    """Turn failures that will not pass by themselves into `dagster.Failure(allow_retries=False)`.

    For the body of a step and for the IO manager; as a `with` block or as a decorator of a function.

    Never retried: the platform's own errors unless they say `retryable`; refused, missing or full storage;
    SQL errors; and the errors of a user's function that are mistakes in code (TypeError, NameError, KeyError,
    IndexError, ZeroDivisionError, AssertionError, ImportError and their like), because a retry reads the same
    versions and would only make the user wait. Everything else that a user's function raises is retried:
    time-outs, broken connections, and whatever an unknown library throws. A function that knows better says
    so: `raise TransientError(…)` or `dagster.RetryRequested` for yes, `dagster.Failure(allow_retries=False)`
    for no.

    When a store said for how long it wants to be left alone (`TransientError.after`), the step's next attempt
    comes no earlier, though at most 15 minutes later; attempts are counted as the step's retry policy says.

    The failure's metadata has `what`, `where`, `why`, `remedy` and `kind`. Dagster's own errors and events
    pass through unchanged.

    Args:
        table: "layer.table", named when the error does not name a place.
        file: the table's file, likewise.

    Raises:
        dagster.Failure: for a permanent error, which is its cause.
        dagster.RetryRequested: for a passing one whose store wants a longer pause than the policy has.
    """
    try:
        yield
    except (dg.Failure, dg.RetryRequested, dg.DagsterError):
        raise
    except Exception as error:
        if isinstance(error, AuthenticationError):
            _ask_again(error.where.url)
        if is_permanent(error):
            raise failure(error, table=table, file=file) from error
        if isinstance(error, TransientError) and (later := _later(error)):
            raise later from error
        raise


def _ask_again(url: str | None) -> None:
    """The next run of this process asks for the store's secrets anew: they may have been rotated."""
    if url:
        with contextlib.suppress(ConfigError):  # it is about a token service, and not about a store
            store_of(url).forget()


def _later(error: TransientError) -> dg.RetryRequested | None:
    """The next attempt when the store asked for it; None where the policy's is later, or missing."""
    if error.after is None or (context := _step()) is None:
        return None
    step = context.get_step_execution_context()
    if (policy := step.op_retry_policy) is None:
        return None
    wait = min(error.after, _LONGEST_WAIT)
    planned = policy.calculate_delay(step.previous_attempt_count + 1)
    if wait <= planned and policy.jitter is None:
        return None
    # With jitter Dagster would draw the delay again, and it might be too short. Tables that were refused
    # together come back one after another.
    wait += random.uniform(0, min(5.0, wait / 10)) if policy.jitter else 0.0
    return dg.RetryRequested(max_retries=policy.max_retries, seconds_to_wait=max(wait, planned))


def _step() -> dg.OpExecutionContext | None:
    """The step that this thread works on, if it does."""
    try:
        return dg.OpExecutionContext.get()
    except dg.DagsterInvariantViolationError:
        return None


def is_permanent(error: BaseException) -> bool:
    """Whether trying the same work again cannot help."""
    if isinstance(error, OdibiError):
        return not error.retryable
    if _refusal(error) is not None:
        return True
    return isinstance(error, _PROGRAMMING) or kind_of(error) in ("configuration", "sql", "state", "data")


def _refusal(error: BaseException) -> str | None:
    """The remedy, if the operating system refused for good; libraries keep its words and lose its number."""
    if isinstance(error, OSError) and error.errno is not None:
        return _PERMANENT_ERRNO.get(error.errno)
    if isinstance(error, OSError) or type(error).__module__.partition(".")[0].strip("_") in _NATIVE:
        spoken = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS)
        return next((_PERMANENT_ERRNO[code] for code in spoken if os.strerror(code) in str(error)), None)
    return None


def failure(error: BaseException, *, table: str | None = None, file: str | None = None) -> dg.Failure:
    """Return the Dagster failure that says of a permanent error what, where, why and what to do.

    Args:
        error: the permanent error.
        table: "layer.table", named when the error does not name a place.
        file: the table's file, likewise.
    """
    where = Where(table=table, file=file)
    if isinstance(error, OdibiError):
        where = error.where if str(error.where) else where
        # ConfigErrors holds several and prints them all.
        what = error.what if type(error).__str__ is OdibiError.__str__ else str(error)
        why, remedy = error.why, error.remedy
    elif (mended_by := _refusal(error)) is not None:
        what, why, remedy = "The operating system refused.", str(error), mended_by
    else:
        what, why = "The table's code failed.", f"{type(error).__name__}: {error}"
        remedy = "Correct the code or its data; the traceback below shows the line. Then run the table again."
    parts = {
        "what": what,
        "where": str(where),
        "why": why,
        "remedy": remedy,
        "kind": classify(error),
    }
    told = OdibiError(what, where=where, why=why, remedy=remedy)
    return dg.Failure(
        str(told), metadata={key: value for key, value in parts.items() if value}, allow_retries=False
    )
