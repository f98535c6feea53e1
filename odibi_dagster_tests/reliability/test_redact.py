"""What Dagster keeps of errors and events, after something was revealed."""

from __future__ import annotations

import json
import sys

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._serdes import serialize_value
from dagster._utils.error import serializable_error_info_from_exc_info

from odibi_dagster.lake.commit import properties_of
from odibi_dagster.reliability.hooks import Report, call_hooks, parse_hooks
from odibi_dagster.reliability.redact import guard_process, masked
from odibi_dagster.storage.secrets import remember

SECRET = "s3cr3t päss'wörd"
_told: list[Report] = []


@dg.asset
def a() -> None: ...


DEFINITIONS = dg.Definitions(jobs=[dg.define_asset_job("all", "*")], assets=[a])


def told(report: Report) -> None:
    _told.append(report)


@pytest.fixture(autouse=True)
def guarded() -> None:
    guard_process()


def test_errors_and_their_causes_for_ticks_and_answers_of_the_code_server() -> None:
    remember(SECRET)
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise RuntimeError(f"of {SECRET}") from error
    except RuntimeError:
        info = serializable_error_info_from_exc_info(sys.exc_info())
    assert info.message == "RuntimeError: of ***\n"
    assert info.cls_name == "RuntimeError"
    assert info.cause is not None
    assert info.cause.message == "ValueError: ***\n"
    assert SECRET not in info.to_string()


def event(word: str) -> dg.EventLogEntry:
    """An entry with the word in every place that a person can fill, and as a name of what it is about."""
    metadata = {
        "text": word,
        f"key {word}": 1,
        "path": dg.MetadataValue.path(f"/{word}"),
        "json": {"path": word, "run_id": [word], f"a {word}": None},
        "table": dg.MetadataValue.table([dg.TableRecord({"word": word})]),
    }
    data = EngineEventData(metadata=metadata)
    said = dg.DagsterEvent(
        "ENGINE_EVENT", "job", step_key=word, event_specific_data=data, message=f"says {word}"
    )
    return dg.EventLogEntry(None, 20, f"says {word}", "run-1", 0.0, step_key=word, dagster_event=said)


def test_events_lose_what_was_revealed_and_keep_what_they_are_about() -> None:
    before = event(SECRET)
    assert masked(before) is before, "nothing is revealed"
    remember(SECRET)
    assert masked(event("harmless")) == event("harmless")
    after = masked(before)
    text = serialize_value(after)
    assert json.dumps(SECRET)[1:-1] not in text.replace(f'"step_key": {json.dumps(SECRET)}', "")
    assert after.step_key == SECRET
    assert after == event_masked()


def event_masked() -> dg.EventLogEntry:
    expected = event("***")
    said = expected.dagster_event
    assert said is not None
    return expected._replace(step_key=SECRET, dagster_event=said._replace(step_key=SECRET))


def test_every_event_of_an_instance_is_masked_before_it_is_stored() -> None:
    remember(SECRET)
    with dg.DagsterInstance.ephemeral() as instance:
        run = instance.create_run_for_job(DEFINITIONS.resolve_job_def("all"))
        instance.report_engine_event(f"engine says {SECRET}", run, EngineEventData({"x": SECRET}))
        instance.report_runless_asset_event(dg.AssetMaterialization("b", metadata={"x": SECRET}))
        kept = [serialize_value(each) for each in instance.all_logs(run.run_id)]
        latest = instance.get_latest_materialization_event(dg.AssetKey("b"))
    assert latest is not None
    assert any("engine says ***" in each for each in kept)
    assert all(json.dumps(SECRET)[1:-1] not in each for each in [*kept, serialize_value(latest)])


def test_hooks_and_commits_hold_no_secret() -> None:
    remember(SECRET)
    report: Report = {
        "event": "table_failed",
        "table": "silver.orders",
        "run": "0",
        "class": "data",
        "message": f"cannot log in with {SECRET}",
        "attempt": 1,
        "remedy": "",
    }
    call_hooks(parse_hooks([{"call": f"{__name__}:told"}]), report)
    assert _told == [{**report, "message": "cannot log in with ***"}]
    said = {"odibi": json.dumps({"details": {"checks": [SECRET]}})}
    assert properties_of(said, None).custom_metadata == {"odibi": '{"details": {"checks": ["***"]}}'}
