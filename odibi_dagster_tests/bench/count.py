"""What the platform published and counted: so that a benchmark compares equal work."""

from __future__ import annotations

import json
import sys

import dagster as dg

from odibi_dagster.project import load_project


def main() -> None:
    """`count.py HOME`: rows and violations by table of the newest run, as JSON."""
    (home,) = sys.argv[1:]
    counted: dict[str, dict[str, int]] = {}
    with dg.DagsterInstance.from_config(home) as instance:
        for key in load_project().tables:
            event = instance.get_latest_materialization_event(dg.AssetKey(key.split(".")))
            assert event is not None and event.asset_materialization is not None, f"{key} was not published"
            rows = event.asset_materialization.metadata["dagster/row_count"].value
            counted[key] = {"rows in all": int(str(rows))}
        evaluations = instance.get_event_records(
            dg.EventRecordsFilter(dg.DagsterEventType.ASSET_CHECK_EVALUATION), ascending=True
        )
        for record in evaluations:
            event_ = record.event_log_entry.dagster_event
            assert event_ is not None
            found = event_.asset_check_evaluation_data
            violations = found.metadata["violations"].value
            counted[".".join(found.asset_key.path)][found.check_name] = int(str(violations))
    print(json.dumps(counted))


if __name__ == "__main__":
    main()
