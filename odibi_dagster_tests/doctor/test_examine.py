"""Checks run in order, subjects at once, and nobody waits for one that hangs."""

from __future__ import annotations

import time

from odibi_dagster.doctor.check import Check, Said, Subject
from odibi_dagster.doctor.examine import at_once, examine


def _boom() -> Said:
    raise RuntimeError("AccountKey=c2VjcmV0;x")


def test_a_check_that_hangs_has_failed_and_the_next_are_skipped() -> None:
    def hang() -> Said:
        time.sleep(30)
        return Said("ok", "")

    checks = (
        Check("a", hang, timeout=0.2),
        Check("b", lambda: Said("ok", "b"), ("a",)),
        Check("c", lambda: Said("ok", "c"), ("b",)),
        Check("d", lambda: Said("ok", "d")),
    )
    begun = time.monotonic()
    found = list(examine([Subject("one", checks), Subject("two", checks)]))
    assert time.monotonic() - begun < 5
    told = [("failed", "a"), ("skipped", "b"), ("skipped", "c"), ("ok", "d")]
    assert [(each.result, each.check) for each in found] == told * 2
    assert found[2].text == "because of `a`"


def test_a_defect_in_a_check_is_a_line_without_secrets() -> None:
    (found,) = examine([Subject("one", (Check("a", _boom),))])
    assert (found.result, found.text) == ("failed", "RuntimeError: AccountKey=***;x")


def test_results_keep_their_order_and_errors_their_place() -> None:
    results = at_once(lambda n: 10 // n, [5, 0, 2])
    assert (results[0], results[2]) == (2, 5)
    assert isinstance(results[1], ZeroDivisionError)
