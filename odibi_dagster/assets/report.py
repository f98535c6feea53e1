"""What came of the expectations, as Dagster's check results and as texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from odibi_dagster.assets.checks import Outcome
from odibi_dagster.tables.spec import ExternalBody, LandingBody, TableSpec

#: The check that every landing table has besides its own.
READABLE = "landed_files_are_readable"


def to_results(spec: TableSpec, outcomes: Sequence[Outcome]) -> Iterator[dg.AssetCheckResult]:
    """One check result for each expectation: counts as numbers, a few failing keys, the rule."""
    for outcome in outcomes:
        metadata: dict[str, Any] = {
            "violations": outcome.violations,
            "rule": outcome.text,
            "on_fail": outcome.on_fail,
        }
        if outcome.on_fail == "drop":
            metadata["dropped"] = outcome.dropped
        if outcome.keys:
            metadata["examples"] = dg.MetadataValue.json(_plain(outcome.keys))
        yield dg.AssetCheckResult(
            asset_key=dg.AssetKey([spec.layer, spec.name]),
            check_name=outcome.name,
            passed=outcome.passed,
            severity=dg.AssetCheckSeverity.ERROR if outcome.on_fail == "fail" else dg.AssetCheckSeverity.WARN,
            description=_sentence(outcome),
            metadata=metadata,
        )


def stop(spec: TableSpec, outcomes: Sequence[Outcome]) -> dg.Failure:
    """The failure of a step whose result must not be published."""
    broken = [outcome for outcome in outcomes if outcome.stops]
    lines = [f"{outcome.name}: {_sentence(outcome)} ({outcome.text})" for outcome in broken]
    lines += [f"  for example {json.dumps(_plain(o.keys), ensure_ascii=False)}" for o in broken if o.keys]
    return dg.Failure(
        f"{spec.key}, {spec.file}: {len(broken)} expectation(s) failed; nothing was published, "
        "the version before is what readers see.\n  "
        + "\n  ".join(lines)
        + "\n  to do: mend the rows upstream or "
        "in the SELECT; or let the expectation drop them (`on_fail: drop`) or only warn (`on_fail: warn`).",
        metadata={"kind": "data", "expectations": ", ".join(outcome.name for outcome in broken)},
        allow_retries=False,
    )


def to_details(outcomes: Iterable[Outcome]) -> list[dict[str, Any]]:
    """Plain values for the commit, so that a retry can report them again."""
    return [
        {
            "name": o.name,
            "on_fail": o.on_fail,
            "violations": o.violations,
            "text": o.text,
            "dropped": o.dropped,
            "note": o.note,
        }
        for o in outcomes
    ]


def from_details(details: Iterable[Mapping[str, Any]], spec: TableSpec) -> list[Outcome]:
    """What `to_details` wrote, for the expectations that the table still has."""
    have = {expectation.name for expectation in spec.expect}
    if isinstance(spec.body, (LandingBody, ExternalBody)):
        have.add(READABLE)
    return [Outcome(**dict(each)) for each in details if each["name"] in have]


def _sentence(outcome: Outcome) -> str:
    if outcome.passed:
        return "holds" + (f"; {outcome.note}" if outcome.note else "")
    rows = "1 violation" if outcome.violations == 1 else f"{outcome.violations} violations"
    return rows + (f"; {outcome.note}" if outcome.note else "")


def _plain(keys: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {k: v if isinstance(v, (int, float, str, bool, type(None))) else str(v) for k, v in row.items()}
        for row in keys
    ]
