import errno
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from odibi_dagster.errors import ConfigError, ConfigErrors, DataError, Throttled, TransientError, Where
from odibi_dagster.reliability.retry import guard, is_permanent, retry_policy


def test_the_policy_is_the_guides_by_default() -> None:
    assert retry_policy() == dg.RetryPolicy(
        max_retries=3, delay=10.0, backoff=dg.Backoff.EXPONENTIAL, jitter=dg.Jitter.PLUS_MINUS
    )


def test_the_policy_can_be_shaped_and_switched_off() -> None:
    assert retry_policy(0) is None
    assert retry_policy(1, 2.5, "none", "none") == dg.RetryPolicy(max_retries=1, delay=2.5)
    shaped = retry_policy(1, 2.5, "linear", "full")
    assert shaped is not None
    assert (shaped.backoff, shaped.jitter) == (dg.Backoff.LINEAR, dg.Jitter.FULL)


@pytest.mark.parametrize(
    "wrong", [{"max_retries": -1}, {"delay": -1}, {"backoff": "cubic"}, {"jitter": "some"}]
)
def test_impossible_policies_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="retry"):
        retry_policy(**wrong)


def test_a_permanent_error_is_a_failure_that_says_everything() -> None:
    with pytest.raises(dg.Failure) as caught, guard("silver.orders"):
        raise DataError(
            "3 rows break order_id_is_unique.", where=Where("silver.orders"), why="a, b, c", remedy="Look."
        )
    failure = caught.value
    assert not failure.allow_retries
    assert {key: value.value for key, value in failure.metadata.items()} == {
        "what": "3 rows break order_id_is_unique.",
        "where": "silver.orders",
        "why": "a, b, c",
        "remedy": "Look.",
        "kind": "data",
    }
    assert str(failure) == "silver.orders: 3 rows break order_id_is_unique.\n  why: a, b, c\n  to do: Look."
    assert isinstance(failure.__cause__, DataError)


def test_a_full_disk_names_the_remedy() -> None:
    with pytest.raises(dg.Failure) as caught, guard("silver.orders", "defs/silver/orders.sql"):
        raise OSError(errno.ENOSPC, "No space left on device", "/lake")
    assert "Free some space" in str(caught.value)
    assert caught.value.metadata["where"].value == "silver.orders, defs/silver/orders.sql"
    assert caught.value.metadata["kind"].value == "storage"


def test_several_errors_are_all_told() -> None:
    with pytest.raises(dg.Failure) as caught, guard("silver.orders"):
        raise ConfigErrors([ConfigError("One."), ConfigError("Two.", remedy="Do.")])
    assert "One." in str(caught.value)
    assert "Two." in str(caught.value)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "full"),
        PermissionError(errno.EACCES, "no"),
        OSError(errno.EROFS, "read-only"),
        FileNotFoundError(errno.ENOENT, "gone"),
        KeyError("no_such_column"),
        TypeError("x"),
        NameError("x"),
        ZeroDivisionError("x"),
        ModuleNotFoundError("x"),
        duckdb.BinderException("x"),
        duckdb.ConversionException("x"),
        duckdb.IOException('Could not write file "/x": No space left on device'),
        OSError("Generic LocalFileSystem error: Permission denied (os error 13)"),
        ConfigError("x"),
    ],
)
def test_permanent(error: BaseException) -> None:
    assert is_permanent(error)


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError("late"),
        ConnectionResetError("bye"),
        BrokenPipeError("x"),
        OSError(errno.EIO, "disk"),
        OSError(errno.EMFILE, "too many files"),
        ValueError("an answer that is no JSON"),
        RuntimeError("a library's"),
        TransientError("x"),
        duckdb.IOException("x"),
    ],
)
def test_passing(error: Exception) -> None:
    assert not is_permanent(error)
    with pytest.raises(type(error)) as caught, guard("silver.orders"):
        raise error
    assert caught.value is error


@pytest.mark.parametrize(
    "error",
    [dg.Failure("mine"), dg.RetryRequested(2), dg.DagsterInvariantViolationError("x"), KeyboardInterrupt()],
)
def test_dagsters_own_pass_unchanged(error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, guard():
        raise error
    assert caught.value is error


def test_it_decorates_functions() -> None:
    @guard("silver.orders")
    def body(value: int) -> int:
        return 1 // value

    assert body(1) == 1
    with pytest.raises(dg.Failure, match="ZeroDivisionError"):
        body(0)


@pytest.mark.parametrize(
    ("error", "attempts"), [(TimeoutError("late"), 3), (KeyError("column"), 1), (DataError("x"), 1)]
)
def test_dagster_tries_again_only_what_may_pass(tmp_path: Path, error: Exception, attempts: int) -> None:
    """In the step and in the IO manager alike."""
    seen: list[str] = []

    class Store(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: object) -> None:
            seen.append("publish")
            with guard():
                raise error

        def load_input(self, context: dg.InputContext) -> None: ...

    policy = retry_policy(2, 0.0)

    @dg.asset(retry_policy=policy)
    def in_the_step() -> None:
        seen.append("compute")
        with guard():
            raise error

    @dg.asset(retry_policy=policy, io_manager_key="store")
    def in_the_publish() -> int:
        return 1

    for asset, word in (in_the_step, "compute"), (in_the_publish, "publish"):
        seen.clear()
        assert not dg.materialize([asset], resources={"store": Store()}, raise_on_error=False).success
        assert seen == [word] * attempts


@pytest.mark.parametrize("where", ["compute", "publish"])
def test_the_next_attempt_comes_when_the_store_asked_for_it(where: str) -> None:
    """In the step and in the IO manager alike; how many there are, the policy says."""
    error = Throttled("The store is asked too much.")
    error.after = 0.3

    class Store(dg.IOManager):
        def handle_output(self, context: dg.OutputContext, obj: object) -> None:
            with guard():
                raise error

        def load_input(self, context: dg.InputContext) -> None: ...

    @dg.asset(retry_policy=retry_policy(2, 0.1, "none", "none"), io_manager_key="store")
    def table() -> int:
        if where == "compute":
            with guard():
                raise error
        return 1

    done = dg.materialize([table], resources={"store": Store()}, raise_on_error=False)
    retries = [
        event.step_retry_data.seconds_to_wait for event in done.all_events if event.is_step_up_for_retry
    ]
    assert retries == [0.3, 0.3]
    (failed,) = done.get_step_failure_events()
    assert "The store is asked too much." in str(failed.step_failure_data.error)


@pytest.mark.parametrize(
    ("after", "delay", "longest"),
    [(20.0, 10.0, 22.0), (86400.0, 0.0, 905.0), (5.0, 10.0, 20.0), (None, 0.0, 0)],
)
def test_a_store_may_ask_for_more_than_the_policy_up_to_a_quarter_of_an_hour(
    after: float | None, delay: float, longest: float
) -> None:
    error = Throttled("x")
    error.after = after

    @dg.op(retry_policy=retry_policy(1, delay, "none"))
    def work() -> None:
        wanted = dg.RetryRequested if longest else Throttled
        with pytest.raises(wanted) as caught, guard():
            raise error
        if isinstance(caught.value, dg.RetryRequested):
            assert min(after or 0, 900) <= caught.value.seconds_to_wait <= longest
            assert caught.value.max_retries == 1
            assert caught.value.__cause__ is error

    @dg.job
    def job() -> None:
        work()

    assert job.execute_in_process().success
