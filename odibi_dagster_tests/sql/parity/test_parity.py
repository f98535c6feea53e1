"""The compiler against what real Spark answered, without a JVM: names, types, values, errors."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odibi_dagster_tests.sql.parity.answer import load
from odibi_dagster_tests.sql.parity.case import cases_of, families
from odibi_dagster_tests.sql.parity.duck import Duck, duck
from odibi_dagster_tests.sql.parity.verdict import DIFFERENT, judge


@pytest.fixture(scope="module")
def asked() -> Iterator[Duck]:
    with duck() as one:
        yield one


@pytest.mark.parametrize("family", families())
def test_no_case_differs_from_spark(asked: Duck, family: str) -> None:
    answers = load(family)
    cases = cases_of(family)
    assert [case.text for case in cases] == list(answers), (
        f"run: python -m odibi_dagster_tests.sql.parity record {family}"
    )
    verdicts = [judge(case, answers[case.text], asked) for case in cases]
    wrong = [f"{v.case.entry}: {v.case.text}: {v.why}" for v in verdicts if v.outcome == DIFFERENT]
    assert not wrong, "\n".join(wrong)
