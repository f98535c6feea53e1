"""What a run of Dagster costs by itself: one asset that does nothing, in the run's own process."""

import dagster as dg


@dg.asset
def nothing() -> None:
    """Nothing."""


defs = dg.Definitions(assets=[nothing], executor=dg.in_process_executor)
