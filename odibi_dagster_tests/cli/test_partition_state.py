from __future__ import annotations

from dataclasses import replace

import dagster as dg

from odibi_dagster.cli.partition_state import partition_state
from odibi_dagster.project import Project
from odibi_dagster_tests.cli.shop import Shop


def test_an_empty_partition_that_was_made_is_not_missing(made: Shop, project: Project) -> None:
    with dg.DagsterInstance.from_config(str(made.home)) as instance:
        state = partition_state(project, project.tables["silver.by_region"], instance)
    assert state.keys == ("east", "north", "south")  # no row is of the east
    assert state.wanted == ()


def test_the_log_alone_tells_it_as_well(project: Project) -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        assert partition_state(project, project.tables["silver.by_region"], instance).wanted == ()


def test_a_new_partition_is_missing_and_other_code_makes_all_stale(project: Project) -> None:
    spec = project.tables["silver.by_region"]
    assert spec.partitions is not None
    wider = replace(spec, partitions=replace(spec.partitions, keys=("east", "north", "south", "west")))
    with dg.DagsterInstance.ephemeral() as instance:
        state = partition_state(project, wider, instance)
        assert (state.missing, state.stale) == (("west",), {})
        state = partition_state(project, replace(spec, fingerprint="other"), instance)
    assert (state.missing, set(state.stale)) == ((), {"east", "north", "south"})
