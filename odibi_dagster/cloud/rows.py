"""The rows that go to delta-rs, which may be ended before they are all read."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Any


class Rows:
    """A relation's rows as an Arrow stream for one reader; at the block's end nothing of it runs any more.

    After a failure delta-rs' threads hold what they were reading for up to a second, and a kept error's
    frames for longer. DuckDB 2 refuses all other work on a connection with an open result: that of the
    relation which a user wanted to write.

    Args:
        relation: DuckDB's.
    """

    def __init__(self, relation: Any) -> None:
        from arro3.core import RecordBatchReader

        self._lock = threading.Lock()
        self._reader: RecordBatchReader | None = RecordBatchReader.from_arrow(relation)
        self._schema = self._reader.schema

    def __enter__(self) -> Rows:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:  # a batch that is being computed is waited for
            self._reader = None

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """The Arrow PyCapsule protocol."""
        from arro3.core import RecordBatchReader

        return RecordBatchReader.from_batches(self._schema, self).__arrow_c_stream__(requested_schema)

    def __iter__(self) -> Rows:
        return self

    def __next__(self) -> Any:
        with self._lock:
            if self._reader is None:
                raise RuntimeError("the write has ended")  # and never a shorter table
            return next(self._reader)
