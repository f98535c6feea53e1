"""The fenced blocks of a page, with their places."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))

_FENCE = re.compile(r"^```(\w*)\s*$")
_NAME = re.compile(r"^\*\*`(\S+)`\*\*$")


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Args:
        page: the file it stands in.
        line: the line of its opening fence, from 1.
        language: the word behind the fence, or "".
        name: the file that the block is, from a line such as **`silver/orders.sql`** above it; or None.
        lines: what is inside.
    """

    page: Path
    line: int
    language: str
    name: str | None
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)

    @property
    def end(self) -> int:
        """The line of its closing fence."""
        return self.line + len(self.lines) + 1

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def blocks(page: Path) -> list[Block]:
    """Every fenced block of a page, in order.

    Raises:
        AssertionError: a block is not closed.
    """
    found: list[Block] = []
    lines = page.read_text(encoding="utf-8").splitlines()
    name, number = None, 0
    while number < len(lines):
        line = lines[number]
        if fence := _FENCE.match(line):
            assert "```" in lines[number + 1 :], f"{page}:{number + 1}: the block is not closed"
            end = lines.index("```", number + 1)
            found.append(Block(page, number + 1, fence[1], name, tuple(lines[number + 1 : end])))
            number = end
        if line.strip():
            named = _NAME.match(line)
            name = named[1] if named else None
        number += 1
    return found
