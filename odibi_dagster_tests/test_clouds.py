"""The shipped cloud environments: variables, Dagster's own command, and the local demo's rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from odibi_dagster_tests.clouds import Cloud, new_cloud
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.oracle import TYPES, differences
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

#: Instants, and what is made of them.
_WHEN = ("processed_at", "snapshot_at", "_landed_at", "year", "month", "day")


@pytest.fixture(scope="module", params=["azure", "aws", "hybrid"])
def cloud(
    request: pytest.FixtureRequest,
    demo_lake: Lake,
    azurite: Azurite,
    seaweedfs: SeaweedFS,
    tmp_path_factory: pytest.TempPathFactory,
) -> Cloud:
    """The demo, landed in a cloud and materialized with Dagster's own command."""
    made = new_cloud(request.param, tmp_path_factory.mktemp(request.param), azurite, seaweedfs)
    made.land(demo_lake.landing)
    made.materialize("*")
    return made


def test_the_tables_are_the_local_ones(cloud: Cloud, demo_lake: Lake) -> None:
    for table in sorted(TYPES):
        wanted = demo_lake.rows(table)
        assert wanted, table
        assert differences(wanted, cloud.rows(table), ignoring=_WHEN) == [], table
