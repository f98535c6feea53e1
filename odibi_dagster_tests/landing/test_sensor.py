from __future__ import annotations

import time
from collections.abc import Iterator

import dagster as dg
import pytest

from odibi_dagster.errors import StorageError
from odibi_dagster.landing import sensor as module
from odibi_dagster.landing.due import Watched
from odibi_dagster.landing.record import park
from odibi_dagster.landing.sensor import landing_sensor
from odibi_dagster.landing.whole import list_whole
from odibi_dagster.storage.objects import Objects
from odibi_dagster_tests.landing.lake import ON_DISK, Lake

ORDERS = dg.AssetKey(["bronze", "orders"])


class Platform:
    """A lake, an asset that runs one step of it, and an instance that remembers runs."""

    def __init__(self, lake: Lake, instance: dg.DagsterInstance) -> None:
        self.lake, self.instance, self.fails, self.digest = lake, instance, False, None
        self.cursor: str | None = None
        self.watched = [self.watch()]

        @dg.asset(key=ORDERS)
        def orders() -> None:
            if self.fails:
                raise dg.Failure("no", allow_retries=False)
            lake.run()

        self.asset = orders

    def watch(self, table: str = "bronze.orders", **options: object) -> Watched:
        source = self.lake.source(**({"table": table} | options))
        return Watched(source, self.lake.checkpoints, self.lake.done, lambda: self.digest)

    def tick(self, **options: float) -> dg.SensorResult:
        sensor = landing_sensor(self.watched, interval=30, **options)  # type: ignore[arg-type]
        keys = [dg.AssetKey(one.source.table.split(".")) for one in self.watched]
        others = [dg.AssetSpec(key) for key in keys if key != ORDERS]
        defs = dg.Definitions(assets=[self.asset, *others], sensors=[sensor])
        context = dg.build_sensor_context(self.instance, cursor=self.cursor, definitions=defs)
        found = sensor.evaluate_tick(context)
        self.cursor = found.cursor
        return found

    def work(self, request: dg.RunRequest) -> bool:
        return dg.materialize(
            [self.asset],
            instance=self.instance,
            tags=dict(request.tags),
            selection=request.asset_selection,
            raise_on_error=False,
        ).success

    def keys(self) -> list[str | None]:
        return [request.run_key for request in self.tick().run_requests or []]


@pytest.fixture
def platform(lake: Lake) -> Iterator[Platform]:
    with dg.instance_for_test() as instance:
        yield Platform(lake, instance)


def test_asks_for_exactly_the_table_and_only_while_something_is_pending(platform: Platform) -> None:
    assert platform.keys() == [] and "nothing is pending" in (platform.tick().skip_message or "")
    platform.lake.land("raw/a.csv")
    (request,) = platform.tick().run_requests or []
    assert request.run_key == "bronze.orders:1:1" and request.asset_selection == [ORDERS]
    assert platform.keys() == ["bronze.orders:1:1"]  # the same key: Dagster starts it once
    assert not platform.lake.ledger().exists  # the sensor only reads
    assert platform.work(request)
    assert platform.keys() == []
    platform.lake.land("raw/b.csv", modified=1_000_000)
    assert platform.keys() == ["bronze.orders:2:1"]


def test_an_open_batch_is_asked_for_again(platform: Platform) -> None:
    platform.lake.land("raw/a.csv")
    platform.lake.open()
    assert platform.keys() == ["bronze.orders:1:1"]


@ON_DISK
def test_failed_attempts_are_repeated_after_growing_pauses(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform.lake.land("raw/a.csv")
    platform.fails = True
    now, later = time.time(), 0.0
    monkeypatch.setattr(module.time, "time", lambda: now + later)
    # What events are stamped with, from Python 3.13 on.
    monkeypatch.setattr(module.time, "time_ns", lambda: int((now + later) * 1e9))
    for attempt, pause in enumerate((30, 60, 120), 1):
        (request,) = platform.tick().run_requests or []
        assert request.run_key == f"bronze.orders:1:{attempt}"
        assert not platform.work(request)
        now, later = time.time(), 0
        later = pause - 2
        assert platform.keys() == []
        later = pause + 2
    assert platform.keys() == ["bronze.orders:1:4"]
    platform.fails = False
    platform.work((platform.tick().run_requests or [])[0])
    assert platform.keys() == []


@ON_DISK
@pytest.mark.parametrize("whole_job", [False, True])
def test_nothing_is_asked_for_while_a_run_is_active(platform: Platform, whole_job: bool) -> None:
    platform.lake.land("raw/a.csv")
    job = dg.Definitions(assets=[platform.asset]).resolve_implicit_global_asset_job_def()
    run = platform.instance.create_run_for_job(
        job, asset_selection=None if whole_job else frozenset({ORDERS}), status=dg.DagsterRunStatus.STARTED
    )
    assert platform.keys() == [] and "a run is active" in (platform.tick().skip_message or "")
    platform.instance.report_run_failed(run)
    assert platform.keys() == ["bronze.orders:1:1"]


@ON_DISK
def test_a_run_of_other_tables_is_no_obstacle(platform: Platform) -> None:
    platform.lake.land("raw/a.csv")
    other = dg.AssetKey("other")
    job = dg.Definitions(assets=[dg.asset(key=other)(lambda: None)]).resolve_implicit_global_asset_job_def()
    platform.instance.create_run_for_job(
        job, asset_selection=frozenset({other}), status=dg.DagsterRunStatus.STARTED
    )
    assert platform.keys() == ["bronze.orders:1:1"]


def test_many_changes_are_made_known_once(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        platform.lake.land(f"raw/{number}.csv", modified=1_000_000)
    platform.lake.run()
    for number in range(20):
        platform.lake.land(f"raw/{number}.csv", "new", modified=2_000_000)
    platform.lake.land("raw/new.csv")
    (request,) = platform.tick().run_requests or []
    assert request.run_key == "bronze.orders:2:changed:1"
    assert not platform.work(request)
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", -1.0)
    assert platform.keys() == []
    platform.watched = [platform.watch(accept_changed=True)]
    assert platform.keys() == ["bronze.orders:2:1"]


def test_a_replaced_ledger_is_made_known_once(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    platform.lake.land("raw/a.csv")
    platform.lake.run()
    platform.lake.ledger_place.remove()
    (request,) = platform.tick().run_requests or []
    assert request.run_key is not None and request.run_key.startswith("bronze.orders:stopped:")
    assert not platform.work(request)  # the run fails with the same error, for everybody to see
    monkeypatch.setattr(module, "FIRST_PAUSE_SECONDS", -1.0)
    assert platform.keys() == []


def test_a_parked_batch_lets_the_next_one_through(platform: Platform) -> None:
    platform.lake.land("raw/a.csv")
    batch = platform.lake.open()
    assert batch is not None
    platform.lake.publish(park(batch, "three tries"))
    assert platform.keys() == []
    platform.lake.land("raw/b.csv")
    assert platform.keys() == ["bronze.orders:2:1"]


def test_a_whole_source_is_due_when_its_listing_differs_from_the_published_one(platform: Platform) -> None:
    platform.watched = [platform.watch(kind="full")]
    assert platform.keys() == []  # nothing has ever been there
    platform.lake.land("raw/a.csv", modified=1_000_000)
    (request,) = platform.tick().run_requests or []
    assert request.run_key is not None and request.run_key.endswith(":1")
    source = platform.watched[0].source
    platform.digest = list_whole(source, module.datetime.now(module.UTC)).digest
    assert platform.keys() == []
    platform.lake.land("raw/a.csv", "new", modified=2_000_000)
    assert len(platform.keys()) == 1
    platform.lake.take("raw/a.csv")
    assert len(platform.keys()) == 1  # every file is gone: a run says so


@ON_DISK
def test_a_whole_source_is_not_due_while_its_only_change_has_not_settled(platform: Platform) -> None:
    platform.watched = [platform.watch(kind="full", settle=60)]
    platform.lake.land("raw/a.csv", modified=1_000_000)
    source = platform.watched[0].source
    platform.digest = list_whole(source, module.datetime.now(module.UTC)).digest
    platform.lake.land("raw/b.csv")
    assert platform.keys() == []


@ON_DISK
def test_one_source_that_fails_does_not_stop_the_others(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Objects.list

    def fails(self: Objects, prefix: str = "") -> Iterator[object]:
        if prefix == "bad":
            raise StorageError("The store refused.")
        return real(self, prefix)

    monkeypatch.setattr(Objects, "list", fails)
    platform.watched = [platform.watch("bronze.bad", path="bad/*"), platform.watch()]
    with pytest.raises(StorageError, match="refused"):
        platform.tick()  # nothing else to do: the tick is shown as failed
    platform.lake.land("raw/a.csv")
    assert platform.keys() == ["bronze.orders:1:1"]


@ON_DISK
def test_a_tick_that_runs_out_of_time_goes_on_where_it_stopped(platform: Platform) -> None:
    platform.watched = [platform.watch("bronze.a", path="a/*"), platform.watch("bronze.b", path="b/*")]
    platform.lake.land("a/1.csv")
    platform.lake.land("b/1.csv")
    assert [r.run_key for r in platform.tick(budget=-1).run_requests or []] == ["bronze.a:1:1"]
    assert [r.run_key for r in platform.tick(budget=-1).run_requests or []] == ["bronze.b:1:1"]
    assert [r.run_key for r in platform.tick(budget=-1).run_requests or []] == ["bronze.a:1:1"]
    assert [r.run_key for r in platform.tick().run_requests or []] == ["bronze.b:1:1", "bronze.a:1:1"]
