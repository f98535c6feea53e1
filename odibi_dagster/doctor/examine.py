"""Runs the checks: those of one subject in order, all subjects at once, nothing for longer than it may."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from odibi_dagster.doctor.check import Check, Finding, Said, Subject, failure, finding

T = TypeVar("T")
R = TypeVar("R")
#: How many tables, or sources, of one check.
_AT_ONCE = 8


def examine(subjects: Sequence[Subject]) -> Iterator[Finding]:
    """What all checks find, in the order of the subjects, each as soon as it is known.

    A check whose `needs` failed is skipped and says because of which. One that takes longer than its time-out
    has failed; its thread is left alone, and ends with the process.
    """
    found: list[queue.SimpleQueue[Finding | None]] = [queue.SimpleQueue() for _ in subjects]
    for subject, to in zip(subjects, found, strict=True):
        threading.Thread(target=_subject, args=(subject, to.put), daemon=True).start()
    for each in found:
        while (one := each.get()) is not None:
            yield one


def at_once(work: Callable[[T], R], items: Iterable[T]) -> list[R | BaseException]:
    """The result for each item, or what was raised, several at a time; the order is the items'."""
    waiting = list(enumerate(items))
    results: dict[int, R | BaseException] = {}
    todo = iter(waiting)
    lock = threading.Lock()

    def worker() -> None:
        while True:
            with lock:
                number, item = next(todo, (-1, None))
            if number < 0:
                return
            try:
                results[number] = work(item)  # type: ignore[arg-type]
            except Exception as error:
                results[number] = error

    threads = [threading.Thread(target=worker, daemon=True) for _ in range(min(_AT_ONCE, len(waiting)))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [results[number] for number, _ in waiting]


def _subject(subject: Subject, put: Callable[[Finding | None], None]) -> None:
    blocked: dict[str, str] = {}
    try:
        for check in subject.checks:
            if because := next((blocked[name] for name in check.needs if name in blocked), ""):
                blocked[check.name] = because
                said = Said("skipped", f"because of `{because}`")
                put(finding(subject.name, check.name, said, 0.0))
                continue
            begun = time.monotonic()
            everything = _looked(check)
            seconds = time.monotonic() - begun
            for said in everything:
                put(finding(subject.name, check.name, said, seconds))
            if any(said.result == "failed" for said in everything):
                blocked[check.name] = check.name
    finally:
        put(None)


def _looked(check: Check) -> list[Said]:
    """What a check says, or that it took too long."""
    answer: queue.SimpleQueue[list[Said]] = queue.SimpleQueue()

    def look() -> None:
        try:
            said = check.look()
            answer.put([said] if isinstance(said, Said) else list(said))
        except BaseException as error:
            answer.put([failure(error)])

    threading.Thread(target=look, daemon=True).start()
    try:
        return answer.get(timeout=check.timeout)
    except queue.Empty:
        return [Said("failed", f"It did not answer within {check.timeout:g} s.")]
