"""Many files on their way at once, with a line of progress when it takes long."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass

logger = logging.getLogger("odibi_dagster.storage")

#: Transfers of one session that are under way at the same time; each holds a few MB.
AT_ONCE = 16
#: A transfer that takes longer than this is told, and then again after each such time; seconds.
PATIENCE = 5.0


@dataclass(frozen=True)
class Job:
    """One file's transfer.

    Args:
        run: does it, or raises.
        size: bytes.
        so_far: how many bytes have arrived; asked at any time, from another thread.
    """

    run: Callable[[], None]
    size: int
    so_far: Callable[[], int] = lambda: 0


def transfer(jobs: Sequence[Job], doing: str, *, at_once: int = AT_ONCE) -> None:
    """Does all the jobs, several at once; when it returns, each one is done.

    After a failure no further job begins, those under way end, and the first failure is raised.

    Args:
        jobs: in the order in which they begin.
        doing: what is told of it, such as "silver.orders: fetching".
        at_once: how many at the same time.

    Raises:
        Exception: whatever a job raised.
    """
    if not jobs:
        return
    if len(jobs) == 1 and jobs[0].size < 1_000_000:
        jobs[0].run()
        return
    started, total = time.monotonic(), sum(job.size for job in jobs)
    with ThreadPoolExecutor(min(at_once, len(jobs)), thread_name_prefix="odibi-transfer") as pool:
        futures = [pool.submit(job.run) for job in jobs]
        while True:
            done, waiting = wait(futures, timeout=PATIENCE, return_when=FIRST_EXCEPTION)
            failed = [future for future in done if future.exception() is not None]
            if failed:
                pool.shutdown(cancel_futures=True)
                # What was cancelled has no result; of those that failed, the first in order is told.
                raise next(error for f in futures if not f.cancelled() and (error := f.exception()))
            if not waiting:
                break
            ended = sum(job.size for job, f in zip(jobs, futures, strict=True) if f.done())
            under_way = sum(job.so_far() for job, f in zip(jobs, futures, strict=True) if f.running())
            _tell(doing, ended + under_way, total, time.monotonic() - started)
    seconds = time.monotonic() - started
    if seconds >= PATIENCE:
        logger.info("%s: done, %s in %.0f s, %s/s", doing, size(total), seconds, size(total / seconds))


def _tell(doing: str, arrived: float, total: int, seconds: float) -> None:
    logger.info("%s: %s of %s, %s/s", doing, size(arrived), size(total), size(arrived / seconds))


def size(count: float) -> str:
    """Bytes for people: 812 B, 34.0 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
