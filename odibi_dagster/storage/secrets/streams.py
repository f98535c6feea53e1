"""Standard output and error, between what Python prints and where it goes: secrets are masked on the way."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from odibi_dagster.storage.secrets.redaction import anything, mask


def guard_streams() -> None:
    """From now on what this process prints is masked; done again, nothing changes.

    Each call of `print` or `write` is masked as a whole; nothing is held back or delayed. What another
    program writes to an inherited descriptor does not pass through here.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and not isinstance(stream, Masked):
            setattr(sys, name, Masked(stream))


class Masked:
    """A text stream that masks what is written; everything else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self.__dict__["_stream"] = stream

    def write(self, text: str) -> int:
        """Writes the masked text; returns the length of the text as given, as the caller expects."""
        if not anything() or not isinstance(text, str):
            return int(self._stream.write(text) or 0)
        self._stream.write(mask(text))
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Writes the lines together, so that what they hold together is masked too."""
        self.write("".join(lines))

    @property
    def buffer(self) -> MaskedBytes:
        """The binary stream below, masked as well."""
        return MaskedBytes(self._stream.buffer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._stream, name, value)

    def __iter__(self) -> Any:
        return iter(self._stream)

    def __enter__(self) -> Masked:
        return self

    def __exit__(self, *error: object) -> None:
        self._stream.__exit__(*error)


class MaskedBytes:
    """A binary stream that masks what is written; everything else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def write(self, data: Any) -> int:
        """Writes the masked bytes; returns the length of the bytes as given."""
        if not anything():
            return int(self._stream.write(data) or 0)
        given = bytes(data)
        text = given.decode("utf-8", "surrogateescape")
        self._stream.write(mask(text).encode("utf-8", "surrogateescape"))
        return len(given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)
