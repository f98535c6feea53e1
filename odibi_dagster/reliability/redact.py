"""No secret reaches what Dagster keeps: the two places through which errors and events leave a process."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

from odibi_dagster.storage.secrets.logs import guard_logs
from odibi_dagster.storage.secrets.redaction import anything, mask
from odibi_dagster.storage.secrets.streams import guard_streams

if TYPE_CHECKING:
    from dagster import EventLogEntry

T = TypeVar("T")

# What an event is about is not masked, or it would be about something else: parts of these classes, …
_KEYS = frozenset({"AssetKey", "AssetCheckKey", "NodeHandle", "StepHandle"})
# … and these fields of any class of Dagster's; the same words in a person's metadata are masked.
_IDENTITY = frozenset(
    {
        "run_id",
        "root_run_id",
        "parent_run_id",
        "step_key",
        "job_name",
        "pipeline_name",
        "partition",
        "check_name",
        "output_name",
        "input_name",
        "event_type_value",
        "step_kind_value",
        "cls_name",
    }
)


def guard_process() -> None:
    """From now on no revealed secret leaves this process by its output, its logs or Dagster's records.

    Guarded are standard output and error (which Dagster's compute logs capture), all log records, the errors
    that Dagster makes serializable for events, ticks and answers to its services, and all events, with their
    metadata. While nothing has been revealed everything passes unchanged. Done again, nothing changes.
    """
    guard_streams()
    guard_logs()
    _guard_errors()
    _guard_failures()
    _guard_events()


def _guard_errors() -> None:
    from dagster_shared.error import SerializableErrorInfo

    made = SerializableErrorInfo.from_traceback.__func__  # type: ignore[attr-defined]
    if hasattr(made, "guarded"):
        return

    @functools.wraps(made)
    def from_traceback(cls: type[SerializableErrorInfo], tb: Any) -> SerializableErrorInfo:
        info: SerializableErrorInfo = made(cls, tb)  # causes and contexts come through here themselves
        if not anything():
            return info
        return cls(
            message=mask(info.message),
            stack=[mask(frame) for frame in info.stack],
            cls_name=info.cls_name,
            cause=info.cause,
            context=info.context,
        )

    from_traceback.guarded = True  # type: ignore[attr-defined]
    SerializableErrorInfo.from_traceback = classmethod(from_traceback)  # type: ignore[assignment, method-assign]


def _guard_failures() -> None:
    # The run's process writes the first failure of its steps into its own event: with step processes it has
    # it from one of them, and does not know what was revealed there.
    from dagster import DagsterEvent

    made = DagsterEvent.step_failure_event
    if hasattr(made, "guarded"):
        return

    @functools.wraps(made)
    def step_failure_event(
        step_context: Any, step_failure_data: Any, message: str | None = None
    ) -> DagsterEvent:
        return made(step_context, masked(step_failure_data), message and mask(message))

    step_failure_event.guarded = True  # type: ignore[attr-defined]
    DagsterEvent.step_failure_event = staticmethod(step_failure_event)  # type: ignore[method-assign]


def _guard_events() -> None:
    from dagster import DagsterInstance

    for name in ("handle_new_event", "store_event"):
        stored = getattr(DagsterInstance, name)
        if not hasattr(stored, "guarded"):
            setattr(DagsterInstance, name, _guarded(stored))


def _guarded(stored: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(stored)
    def store(instance: Any, event: EventLogEntry, *args: Any, **keywords: Any) -> None:
        stored(instance, masked(event), *args, **keywords)

    store.guarded = True  # type: ignore[attr-defined]
    return store


def masked(said: T) -> T:
    """A serializable value of Dagster's without revealed secrets: the same one if there are none in it.

    Args:
        said: an entry of the event log, or a part of one.

    Returns:
        A value of the same class, about the same run, step, asset and partition.
    """
    if not anything():
        return said
    from dagster._serdes import deserialize_value, serialize_value

    text = serialize_value(cast(Any, said))
    if mask(text) is text:  # nearly always
        return said
    return cast(T, deserialize_value(json.dumps(_masked(json.loads(text))), cast(Any, type(said))))


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(each) for each in value]
    if isinstance(value, dict):
        made_of = value.get("__class__", "")
        if made_of in _KEYS or "__enum__" in value:
            return value
        return {
            # The fields of classes are identifiers; other keys may hold anything.
            key if key.isidentifier() else mask(key): each
            if made_of and (key in _IDENTITY or key.startswith("__"))
            else _masked(each)
            for key, each in value.items()
        }
    return value
