"""A small project of plain Dagster assets that the tests run in this and in other processes."""

import errno
import json
import os
import signal
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import dagster as dg

from odibi_dagster.reliability.dead_runs import dead_run_sensor
from odibi_dagster.reliability.executor import odibi_executor
from odibi_dagster.reliability.hooks import parse_hooks
from odibi_dagster.reliability.pins import pins
from odibi_dagster.reliability.retry import guard, retry_policy
from odibi_dagster.reliability.tell import failure_hook, run_failure_sensor

# How the assets behave, and where they write what they saw: set by the tests.
BOX = Path(os.environ.get("ODIBI_TEST_BOX", "/nonexistent"))


def setting(name: str, default: str = "") -> str:
    path = BOX / name
    return path.read_text() if path.exists() else default


def note(name: str, value: object) -> None:
    with (BOX / name).open("a") as file:
        file.write(json.dumps(value) + "\n")


def noted(box: Path, name: str) -> list[object]:
    return [json.loads(line) for line in (box / name).read_text().splitlines()]


def told(report: Mapping[str, object]) -> None:
    """The user's failure hook."""
    note("told", report)


def told_slowly(report: Mapping[str, object]) -> None:
    time.sleep(1)
    told(report)


def dies_telling(report: Mapping[str, object]) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


HOOKS = parse_hooks([{"call": f"{__name__}:told"}])


def pin(selected: frozenset[dg.AssetKey]) -> dict[str, int]:
    note("selected", sorted(key.to_user_string() for key in selected))
    made = {".".join(key.path) for key in selected}
    return {
        name: version for name, version in json.loads(setting("versions", "{}")).items() if name not in made
    }


def table(layer: str, name: str, *inputs: tuple[str, str], pool: str | None = None) -> dg.AssetsDefinition:
    key = dg.AssetKey([layer, name])

    @dg.multi_asset(
        name=f"{layer}__{name}",
        can_subset=True,
        outs={"table": dg.AssetOut(key=key, is_required=False, io_manager_key="nothing")},
        deps=[dg.AssetKey(list(each)) for each in inputs],
        retry_policy=retry_policy(1, delay=0.0),
        pool=pool,
        hooks={failure_hook(f"{layer}.{name}", HOOKS)},
    )
    def body(context: dg.AssetExecutionContext) -> Iterator[object]:
        note("pins", [name, pins(context)])
        match setting(f"{layer}.{name}"):
            case "fail":
                raise dg.Failure(f"{name} fails", allow_retries=False)
            case "full disk":
                with guard(f"{layer}.{name}"):
                    raise OSError(errno.ENOSPC, "No space left on device", "/lake/silver")
            case "flaky":
                raise ConnectionResetError("the other side hung up")
            case "die":
                os.kill(os.getpid(), signal.SIGKILL)
            case "hang":
                note("hanging", os.getpid())
                time.sleep(120)
        version = int(setting("publishes", "1"))
        yield dg.Output(
            None, "table", metadata={"version": version}, data_version=dg.DataVersion(str(version))
        )

    return body


class Nothing(dg.IOManager):
    """Keeps nothing: the tests look at runs, not at data."""

    def handle_output(self, context: dg.OutputContext, obj: object) -> None: ...

    def load_input(self, context: dg.InputContext) -> None: ...


def build(kind: str) -> dg.Definitions:
    return dg.Definitions(
        assets=[
            table("bronze", "orders", pool="bronze.orders"),
            table("bronze", "customers"),
            table("silver", "orders", ("bronze", "orders"), ("bronze", "customers")),
            table("gold", "metrics", ("silver", "orders"), ("bronze", "customers")),
        ],
        resources={"nothing": Nothing()},
        executor=odibi_executor(
            kind,  # type: ignore[arg-type]
            pin=pin,
            hooks=HOOKS,
            preload=["odibi_dagster_tests.reliability.project"],
            max_concurrent=2 if kind == "multiprocess" else None,
        ),
        sensors=[dead_run_sensor(HOOKS, interval=1), run_failure_sensor(HOOKS)],
        jobs=[dg.define_asset_job("everything", "*")],
    )


defs = build(os.environ.get("ODIBI_TEST_EXECUTOR", "in_process"))


def everything() -> dg.JobDefinition:
    return defs.resolve_job_def("everything")
