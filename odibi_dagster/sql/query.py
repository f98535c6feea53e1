"""One SELECT, as it was found when definitions loaded; whoever computes with it parses it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .problems import Problems


@dataclass(frozen=True)
class Query:
    """One SELECT that uses only what the catalogue knows.

    Args:
        text: the SQL as written.
        inputs: `layer.table` names of FROM in lower case, in order of first appearance, without WITH's.
        parameters: the names of `:partition_key`, `:partition_start`, `:partition_end` it uses.
        fingerprint: hex; equal for texts that differ in comments and white space only.
        file, first_line, table: where the text stands, for errors.
    """

    text: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    fingerprint: str
    file: str = ""
    first_line: int = 1
    table: str = ""

    def problems(self) -> Problems:
        """A fresh collector of problems for this text."""
        from .problems import Problems

        return Problems(file=self.file, first_line=self.first_line, table=self.table)
