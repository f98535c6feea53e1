"""Python's logging: every record is masked when it is made, whoever makes it and wherever it goes."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from odibi_dagster.storage.secrets.redaction import anything, mask

_plain = logging.Formatter()


def guard_logs() -> None:
    """From now on all log records of this process are masked; done again, nothing changes.

    A filter would hold for one logger or handler; a record passes through the factory exactly once.
    """
    factory = logging.getLogRecordFactory()
    if not isinstance(factory, _Factory):
        logging.setLogRecordFactory(_Factory(factory))


class _Factory:
    def __init__(self, make: Callable[..., logging.LogRecord]) -> None:
        self._make = make

    def __call__(self, *args: Any, **keywords: Any) -> logging.LogRecord:
        record = self._make(*args, **keywords)
        if anything():
            _mask(record)
        return record


def _mask(record: logging.LogRecord) -> None:
    try:
        said = record.getMessage()
    except Exception:  # arguments that do not fit the format: logging tells of them itself
        record.msg, record.args = mask(str(record.msg)), _masked(record.args)
        return
    if (masked := mask(said)) is not said:
        record.msg, record.args = masked, None
    if record.exc_info and record.exc_info[0] and not record.exc_text:
        text = _plain.formatException(record.exc_info)
        if (masked := mask(text)) is not text:
            record.exc_text = masked  # formatters take it instead of the exception
    if record.stack_info:
        record.stack_info = mask(record.stack_info)


def _masked(args: Any) -> Any:
    if isinstance(args, dict):
        return {name: mask(str(value)) for name, value in args.items()}
    return tuple(mask(str(value)) for value in args) if isinstance(args, tuple) else args
