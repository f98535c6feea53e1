"""Every scenario by whole ticks: evaluate, then really run what was requested, then evaluate again."""

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import dagster as dg
import pytest

from odibi_dagster.assets.automation import automation_sensor, condition

BRONZE_A, BRONZE_B = dg.AssetKey(["bronze", "a"]), dg.AssetKey(["bronze", "b"])
SILVER, GOLD = dg.AssetKey(["silver", "s"]), dg.AssetKey(["gold", "g"])
NOON = datetime.datetime(2026, 3, 1, 12, 0, tzinfo=datetime.UTC)


class Platform:
    """bronze.a -> silver.s -> gold.g <- bronze.b, with the state that tests change between ticks."""

    def __init__(self, **conditions: Any) -> None:
        self.instance = dg.DagsterInstance.ephemeral()
        self.versions = dict.fromkeys((BRONZE_A, BRONZE_B, SILVER, GOLD), 1)
        self.failing: set[dg.AssetKey] = set()
        self.during: dict[dg.AssetKey, Callable[[], None]] = {}
        self.made: list[str] = []
        self.cursor: Any = None
        self.time = NOON
        eager_silver = condition("eager", ancestors=[BRONZE_A])
        eager_gold = condition("eager", ancestors=[SILVER, BRONZE_A, BRONZE_B])
        self.assets = [
            self.table(BRONZE_A),
            self.table(BRONZE_B),
            self.table(SILVER, BRONZE_A, automation=conditions.get("silver", eager_silver)),
            self.table(GOLD, SILVER, BRONZE_B, automation=conditions.get("gold", eager_gold)),
        ]
        self.defs = dg.Definitions(self.assets)
        self.run(BRONZE_A, BRONZE_B, SILVER, GOLD)
        assert self.tick() == []

    def table(
        self, key: dg.AssetKey, *inputs: dg.AssetKey, automation: dg.AutomationCondition[Any] | None = None
    ) -> dg.AssetsDefinition:
        @dg.multi_asset(
            name="__".join(key.path),
            can_subset=True,
            outs={
                "table": dg.AssetOut(
                    key=key, is_required=False, dagster_type=dg.Nothing, automation_condition=automation
                )
            },
            deps=list(inputs),
        )
        def body(context: dg.AssetExecutionContext) -> Any:
            self.made.append(key.to_user_string())
            if key in self.during:
                self.during.pop(key)()
            if key in self.failing:
                raise dg.Failure("broken", allow_retries=False)
            if inputs:
                self.versions[key] += 1
            yield dg.Output(None, "table", data_version=dg.DataVersion(str(self.versions[key])))

        return body

    def run(self, *keys: dg.AssetKey) -> bool:
        job = self.defs.resolve_implicit_global_asset_job_def()
        return job.execute_in_process(
            instance=self.instance, asset_selection=list(keys), raise_on_error=False
        ).success

    def lands(self, key: dg.AssetKey) -> None:
        """New data arrives: bronze publishes a new version."""
        self.versions[key] += 1
        assert self.run(key)

    def tick(self) -> list[str]:
        """One evaluation; the requested tables are run, as one run."""
        requested = self.evaluate()
        if requested:
            self.made.clear()
            self.run(*requested)
            return list(self.made)
        return []

    def evaluate(self) -> list[dg.AssetKey]:
        result = dg.evaluate_automation_conditions(
            self.defs, self.instance, cursor=self.cursor, evaluation_time=self.time
        )
        self.cursor = result.cursor
        return [key for key in (SILVER, GOLD) if result.get_requested_partitions(key)]


@pytest.fixture
def platform() -> Platform:
    return Platform()


def test_new_data_flows_down_in_one_run(platform: Platform) -> None:
    platform.lands(BRONZE_A)
    assert platform.tick() == ["silver/s", "gold/g"]
    assert platform.tick() == platform.tick() == []


def test_a_burst_is_one_run(platform: Platform) -> None:
    for _ in range(5):
        platform.lands(BRONZE_A)
        platform.lands(BRONZE_B)
    assert platform.tick() == ["silver/s", "gold/g"]
    assert platform.tick() == platform.tick() == []


def test_a_run_with_nothing_new_starts_nothing(platform: Platform) -> None:
    assert platform.run(BRONZE_A)  # nothing pending: the same data version again
    assert platform.tick() == platform.tick() == []


def test_descendants_of_a_failed_table_do_not_start_on_old_data(platform: Platform) -> None:
    platform.failing.add(SILVER)
    platform.lands(BRONZE_A)
    assert platform.tick() == ["silver/s"]  # fails; gold is skipped in the run
    assert platform.tick() == []
    platform.lands(BRONZE_B)  # another input of gold is fresh
    assert platform.tick() == platform.tick() == []
    platform.failing.clear()
    assert platform.run(SILVER)  # mended by hand
    assert platform.tick() == ["gold/g"]
    assert platform.tick() == []


def test_a_failed_table_is_tried_again_by_the_next_new_data(platform: Platform) -> None:
    platform.failing.add(SILVER)
    platform.lands(BRONZE_A)
    platform.tick()
    platform.failing.clear()
    assert platform.tick() == []
    platform.lands(BRONZE_A)
    assert platform.tick() == ["silver/s", "gold/g"]
    assert platform.tick() == []


def test_gold_waits_while_bronze_has_failed_above_its_parent(platform: Platform) -> None:
    platform.failing.add(BRONZE_A)
    assert not platform.run(BRONZE_A)
    platform.lands(BRONZE_B)
    assert platform.tick() == platform.tick() == []
    platform.failing.clear()
    platform.lands(BRONZE_A)
    assert platform.tick() == ["silver/s", "gold/g"]


def test_an_update_during_a_run_is_not_lost(platform: Platform) -> None:
    platform.lands(BRONZE_A)
    platform.during[SILVER] = lambda: platform.lands(BRONZE_A)  # after silver has read its input
    assert platform.tick() == ["silver/s", "bronze/a", "gold/g"]
    assert platform.tick() == ["silver/s", "gold/g"]
    assert platform.tick() == platform.tick() == []


def test_an_update_during_a_run_that_a_tick_sees_is_not_lost(platform: Platform) -> None:
    """The tick sees the update, the last request and the running table, all at once."""
    seen: list[list[dg.AssetKey]] = []

    def meanwhile() -> None:
        platform.lands(BRONZE_A)
        seen.append(platform.evaluate())

    platform.lands(BRONZE_A)
    platform.during[SILVER] = meanwhile
    platform.tick()
    assert seen == [[]]
    assert platform.tick() == ["silver/s", "gold/g"]
    assert platform.tick() == platform.tick() == []


def test_a_tick_while_a_parent_runs_waits_for_it(platform: Platform) -> None:
    seen: list[list[dg.AssetKey]] = []
    platform.lands(BRONZE_B)
    platform.during[BRONZE_A] = lambda: seen.append(platform.evaluate())
    platform.lands(BRONZE_A)
    assert seen == [[]]  # gold has a fresh input, and waits for the other
    assert platform.tick() == ["silver/s", "gold/g"]
    assert platform.tick() == []


def test_a_tick_while_the_table_runs_itself_waits(platform: Platform) -> None:
    seen: list[list[dg.AssetKey]] = []

    def meanwhile() -> None:
        platform.lands(BRONZE_B)
        seen.append(platform.evaluate())

    platform.during[GOLD] = meanwhile
    assert platform.run(GOLD)
    assert seen == [[]]
    assert platform.tick() == ["gold/g"]
    assert platform.tick() == []


def test_running_the_parent_together_with_the_table_asks_for_nothing_more(platform: Platform) -> None:
    platform.versions[BRONZE_A] += 1
    assert platform.run(BRONZE_A, SILVER, GOLD)
    assert platform.tick() == platform.tick() == []


def test_dagsters_own_eager_starts_a_failed_tables_descendants() -> None:
    """Why `eager()` is not used. When this fails, Dagster has changed: look again."""
    platform = Platform(gold=dg.AutomationCondition.eager())
    platform.failing.add(SILVER)
    platform.lands(BRONZE_A)
    platform.tick()
    platform.tick()
    platform.lands(BRONZE_B)
    assert platform.tick() == ["gold/g"]


def test_manual_is_never_requested() -> None:
    assert condition("manual") is None
    platform = Platform(silver=None, gold=None)
    platform.lands(BRONZE_A)
    assert platform.tick() == []


def at(platform: Platform, hour: int, minute: int = 0) -> Sequence[str]:
    platform.time = NOON.replace(hour=hour, minute=minute)
    return platform.tick()


def test_cron_asks_once_for_each_time() -> None:
    platform = Platform(gold=condition("cron", "0 14 * * *", ancestors=[SILVER, BRONZE_A, BRONZE_B]))
    platform.lands(BRONZE_B)
    assert at(platform, 13) == []
    assert at(platform, 14, 1) == ["gold/g"]
    assert at(platform, 14, 2) == at(platform, 23) == []


def test_cron_waits_for_a_failed_ancestor_and_then_runs_once() -> None:
    platform = Platform(gold=condition("cron", "0 14 * * *", ancestors=[SILVER, BRONZE_A, BRONZE_B]))
    platform.failing.add(BRONZE_B)
    assert not platform.run(BRONZE_B)
    assert at(platform, 14, 1) == at(platform, 14, 2) == []
    platform.failing.clear()
    platform.lands(BRONZE_B)
    assert at(platform, 15) == ["gold/g"]
    assert at(platform, 16) == []


def daily(**options: Any) -> tuple[dg.Definitions, dg.DagsterInstance, list[Any]]:
    """A daily parent with one partition made, a daily child and an unpartitioned one."""
    days = dg.DailyPartitionsDefinition("2026-02-25", end_offset=0)
    parent, child, whole = (dg.AssetKey(["silver", name]) for name in ("parent", "child", "whole"))
    version = [1]

    @dg.asset(key=parent, partitions_def=days)
    def parent_() -> dg.MaterializeResult:  # type: ignore[type-arg]
        return dg.MaterializeResult(data_version=dg.DataVersion(str(version[0])))

    @dg.asset(
        key=child,
        partitions_def=days,
        deps=[parent],
        automation_condition=condition("eager", ancestors=[parent]),
    )
    def child_() -> None: ...

    @dg.asset(
        key=whole,
        deps=[dg.AssetDep(parent, partition_mapping=dg.AllPartitionMapping())],
        automation_condition=condition("eager", ancestors=[parent], **options),
    )
    def whole_() -> None: ...

    return (
        dg.Definitions([parent_, child_, whole_]),
        dg.DagsterInstance.ephemeral(),
        [parent_, child_, whole_, version],
    )


def test_of_a_partitioned_table_the_newest_partition_is_asked_for() -> None:
    parent = dg.AssetKey(["silver", "parent"])
    defs, instance, (upstream, downstream, whole, version) = daily(partitioned_parents=[parent])
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON)
    for day in "2026-02-26", "2026-02-28":
        dg.materialize([upstream], partition_key=day, instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON, cursor=tick.cursor)
    assert tick.get_requested_partitions(downstream.key) == {"2026-02-28"}
    assert tick.get_requested_partitions(whole.key) == {None}  # days that were never made do not hold it up
    dg.materialize([downstream], partition_key="2026-02-28", instance=instance)
    dg.materialize([whole], instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON, cursor=tick.cursor)
    assert tick.total_requested == 0

    dg.materialize([upstream], partition_key="2026-02-28", instance=instance)  # the same data again
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON, cursor=tick.cursor)
    assert tick.total_requested == 0
    version[0] = 2
    dg.materialize([upstream], partition_key="2026-02-28", instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON, cursor=tick.cursor)
    assert tick.get_requested_partitions(downstream.key) == {"2026-02-28"}
    assert tick.get_requested_partitions(whole.key) == {None}


def test_missing_partitions_hold_up_a_table_unless_they_may_be_missing() -> None:
    defs, instance, (upstream, _, whole, _) = daily()
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON)
    dg.materialize([upstream], partition_key="2026-02-28", instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON, cursor=tick.cursor)
    assert not tick.get_requested_partitions(whole.key)


def test_a_new_day_is_asked_for_once_its_input_is_there() -> None:
    defs, instance, (upstream, downstream, _, _) = daily()
    dg.materialize([upstream], partition_key="2026-02-28", instance=instance)
    dg.materialize([downstream], partition_key="2026-02-28", instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=NOON)
    tomorrow = NOON + datetime.timedelta(days=1)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=tomorrow, cursor=tick.cursor)
    assert tick.total_requested == 0
    dg.materialize([upstream], partition_key="2026-03-01", instance=instance)
    tick = dg.evaluate_automation_conditions(defs, instance, evaluation_time=tomorrow, cursor=tick.cursor)
    assert tick.get_requested_partitions(downstream.key) == {"2026-03-01"}


def test_the_sensor_is_on_unless_it_is_not_wanted() -> None:
    assert automation_sensor().default_status is dg.DefaultSensorStatus.RUNNING
    assert automation_sensor(running=False).default_status is dg.DefaultSensorStatus.STOPPED
    dg.Definitions.validate_loadable(dg.Definitions(Platform().assets, sensors=[automation_sensor()]))


@pytest.mark.parametrize("reported", ["in the run that takes it", "by somebody else"])
def test_news_of_a_landing_source_start_nothing(reported: str) -> None:
    """A batch is reported as the source's new data in the run that takes it, or by whoever else."""
    source = dg.AssetKey(["landing", "a"])
    platform, batches = Platform(), iter(range(1, 10))

    @dg.multi_asset(
        name="takes",
        outs={
            "table": dg.AssetOut(
                key=dg.AssetKey(["bronze", "taken"]),
                dagster_type=dg.Nothing,
                automation_condition=condition("eager", landed=[source]),
            )
        },
        deps=[source],
    )
    def takes(context: dg.AssetExecutionContext) -> Any:
        number = str(next(batches))
        yield dg.Output(None, "table", data_version=dg.DataVersion(number))
        if reported == "in the run that takes it":
            context.log_event(arrived(source, number))

    taken = dg.AssetKey(["bronze", "taken"])
    platform.defs = dg.Definitions([*platform.assets, takes, dg.AssetSpec(source)])

    def started() -> bool:
        result = dg.evaluate_automation_conditions(platform.defs, platform.instance, cursor=platform.cursor)
        platform.cursor = result.cursor
        return bool(result.get_requested_partitions(taken))

    started()
    for number in range(3):
        assert platform.run(taken)
        if reported == "by somebody else":
            platform.instance.report_runless_asset_event(arrived(source, f"other {number}"))
        assert not started() and not started()


def arrived(source: dg.AssetKey, version: str) -> dg.AssetMaterialization:
    return dg.AssetMaterialization(source, tags={"dagster/data_version": version})
