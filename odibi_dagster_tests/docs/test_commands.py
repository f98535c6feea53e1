"""README and docs: every command succeeds in a fresh copy of the tree, and prints what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odibi_dagster_tests.docs.blocks import PAGES, ROOT, Block, blocks
from odibi_dagster_tests.docs.clone import Done, copy_tree, run_page

#: Pages whose commands need a cloud; test_clouds.py and test_production.py run them.
CLOUDS = ("azure.md", "s3.md", "hybrid.md", "production.md")
WITH_COMMANDS = [
    page
    for page in PAGES
    if page.name not in CLOUDS and any(block.language == "bash" for block in blocks(page))
]
# What differs from run to run: seconds, sizes (compression depends on the order of rows), ids, the time.
_VARIES = re.compile(
    r"\d+(\.\d+)? (s|B|kB|MB)\b|\brun [0-9a-f]{8}|\b[0-9a-f]{8}\b|\d+ bytes|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
)
# The prelude only sees that these are there.
_LONG = re.compile(r"make (test|bench|lint|torture)\b|python -m odibi_dagster_tests\.(bench|torture)\b|#|$")


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_the_commands_of_a_page_do_what_it_says(page: Path, tmp_path: Path) -> None:
    hold(page, run_page(blocks(page), copy_tree(tmp_path / "clone")))


def hold(page: Path, done: Done) -> None:
    """Sees that every command of a page succeeded and printed what the page shows."""
    found = blocks(page)
    assert not done.failure, done.failure
    assert set(done.outputs) == {block.line for block in found if block.language == "bash"}
    for block, before in shown(found):
        missing = not_printed(block, done.outputs[before.line])
        assert missing is None, (
            f"{page.relative_to(ROOT)}:{missing}: the command of line {before.line} prints something else:\n"
            f"{done.outputs[before.line]}"
        )


def shown(found: list[Block]) -> list[tuple[Block, Block]]:
    """The outputs that a page shows, each with the commands that print it."""
    commands: Block | None = None
    pairs = []
    for block in found:
        if block.language == "bash":
            commands = None if all(_LONG.match(line) for line in block.lines) else block
        elif block.language == "text" and block.name is None and commands is not None:
            pairs.append((block, commands))
    return pairs


def not_printed(block: Block, output: str) -> int | None:
    """The page's line that the output lacks; lines follow one another unless `…` stands between them."""
    printed = [same(line) for line in output.splitlines()]
    position, anywhere = 0, True
    for number, line in enumerate(block.lines, start=block.line + 1):
        if line.strip() == "…":
            anywhere = True
            continue
        wanted = same(line)
        if anywhere and wanted in printed[position:]:
            position = printed.index(wanted, position)
        if position >= len(printed) or printed[position] != wanted:
            return number
        position, anywhere = position + 1, False
    return None


def same(line: str) -> str:
    return " ".join(_VARIES.sub("…", line).split())


def test_a_shown_line_that_is_not_printed_is_found() -> None:
    block = Block(ROOT / "README.md", 10, "text", None, ("a  0.20 s", "…", "d"))
    assert not_printed(block, "x\na 1.35 s\nb\nd\n") is None
    assert not_printed(block, "x\na 1.35 s\nb\n") == 13
    assert not_printed(block, "x\nd\na 1.35 s\n") == 13
    assert not_printed(Block(ROOT / "README.md", 10, "text", None, ("a", "b")), "a\nx\nb\n") == 12
    assert not_printed(block, "") == 11


def test_a_command_that_fails_is_named_with_file_and_line(tmp_path: Path) -> None:
    page = ROOT / "README.md"
    found = [
        Block(page, 4, "sql", "a.sql", ("SELECT $x", "'y'")),
        Block(page, 9, "bash", None, ("cat a.sql",)),
        Block(page, 20, "bash", None, ("true", "false  # and no more", "echo never")),
    ]
    done = run_page(found, tmp_path)
    assert "README.md:22: failed: false" in done.failure
    assert done.outputs == {9: "SELECT $x\n'y'\n\n"}
    assert "never" not in done.failure.replace("echo never", "")


def test_the_two_commands_are_the_first_ones() -> None:
    first = [block.text for block in blocks(ROOT / "README.md") if block.language == "bash"][:2]
    assert first == ["make demo\n", "make test\n"]
    assert "exec make test" in (ROOT / ".ci/run").read_text(encoding="utf-8")
