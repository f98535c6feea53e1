from __future__ import annotations

import logging
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from odibi_dagster.errors import ConfigErrors, Where
from odibi_dagster.reliability.hooks import Hook, Report, call_hooks, parse_hooks

REPORT: Report = {
    "event": "table_failed",
    "table": "silver.orders",
    "run": "a-run",
    "class": "data",
    "message": "3 rows break a rule.",
    "attempt": 1,
    "remedy": "Look.",
}

CALLS: list[tuple[str, Report]] = []


def first(report: Report) -> None:
    CALLS.append(("first", report))
    report["table"] = "changed by a hook"


def second(report: Report) -> None:
    CALLS.append(("second", report))


def raises(report: Report) -> None:
    raise ValueError("a broken hook")


def leaves(report: Report) -> None:
    sys.exit(3)


def hangs(report: Report) -> None:
    time.sleep(60)


class Pager:
    @staticmethod
    def page(report: Report) -> None:
        CALLS.append(("pager", report))


number = 3


@pytest.fixture(autouse=True)
def fresh() -> None:
    CALLS.clear()


def here(name: str) -> str:
    return f"{__name__}:{name}"


def test_the_hooks_are_called_in_the_order_of_their_priority() -> None:
    hooks = parse_hooks(
        [
            {"call": here("second"), "priority": "low"},
            {"call": here("Pager.page"), "priority": 25},
            {"call": here("first"), "priority": "critical", "timeout": 3},
            {"call": here("second")},
        ]
    )
    assert [hook.priority for hook in hooks] == [0, 20, 25, 30]
    assert hooks[0].timeout == 3.0
    call_hooks(hooks, REPORT)
    assert [name for name, _ in CALLS] == ["first", "second", "pager", "second"]


def test_each_gets_exactly_the_report_and_its_own_copy() -> None:
    call_hooks(parse_hooks([{"call": here("first")}, {"call": here("second")}]), REPORT)
    assert CALLS[1][1] == REPORT
    assert list(CALLS[1][1]) == ["event", "table", "run", "class", "message", "attempt", "remedy"]
    assert REPORT["table"] == "silver.orders"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("raises", "raised ValueError: a broken hook"),
        ("leaves", "raised SystemExit: 3"),
        ("hangs", "did not return within 0.2 seconds"),
        ("no_such_function", "has no attribute 'no_such_function'"),
        ("number", "is not a function"),
    ],
)
def test_a_bad_hook_changes_nothing_and_is_logged(
    bad: str, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    log = logging.getLogger("a test's")
    with caplog.at_level(logging.WARNING, logger=log.name):
        call_hooks([Hook(here(bad), 0, timeout=0.2), Hook(here("second"))], REPORT, log=log)
    assert [name for name, _ in CALLS] == ["second"]
    assert said in caplog.text
    assert "silver.orders" in caplog.text
    assert time.monotonic() - started < 5


def test_a_module_that_does_not_exist_is_logged_when_it_is_needed(caplog: pytest.LogCaptureFixture) -> None:
    hooks = parse_hooks([{"call": "no.such.module:function"}])
    log = logging.getLogger("a test's")
    call_hooks(hooks, REPORT, log=log)
    assert "No module named 'no'" in caplog.text


def test_a_hanging_hook_does_not_keep_the_process_alive(tmp_path: Path) -> None:
    code = textwrap.dedent(f"""
        from odibi_dagster.reliability.hooks import Hook, call_hooks
        call_hooks([Hook({here("hangs")!r}, timeout=0.1)], {REPORT!r})
    """)
    started = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, timeout=50)
    assert time.monotonic() - started < 40


def test_reading_them_imports_nothing_of_the_users() -> None:
    parse_hooks([{"call": "this:s"}])
    assert "this" not in sys.modules


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigErrors) as caught:
        parse_hooks(
            [
                {"call": "no colon"},
                {"call": "a.b:c", "priority": "urgent"},
                {"call": "a.b:c", "priority": True},
                {"call": "a.b:c", "timeout": 0},
                {"cal": "a.b:c"},
                "a.b:c",
            ],
            where=Where(file="local.yaml", line=7),
        )
    text = str(caught.value)
    assert len(caught.value.errors) == 6
    for part in ("no colon", "urgent", "True", "timeout 0", "unknown keys: cal", "Hook 6", "local.yaml:7"):
        assert part in text
    with pytest.raises(ConfigErrors, match="must be a list"):
        parse_hooks("a.b:c")


def test_none_are_none() -> None:
    assert parse_hooks(None) == parse_hooks([]) == ()
