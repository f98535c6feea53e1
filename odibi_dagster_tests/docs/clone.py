"""A page's commands, run in order in a copy of the tree, as somebody would who reads from top to bottom."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from odibi_dagster_tests.docs.blocks import ROOT, Block

_PRELUDE = Path(__file__).with_name("prelude.sh")
_LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build")
_MARK = re.compile(r"^@@(\d+)\n", re.MULTILINE)
# A reader's shell has none of these; the tests' own must not leak into it.
_OURS = ("ODIBI_ENV", "ODIBI_LAKE", "ODIBI_TABLES", "DAGSTER_HOME", "VIRTUAL_ENV", "MAKEFLAGS", "MAKELEVEL")


@dataclass(frozen=True)
class Done:
    """How a page went: the output of each block of commands by its line, and what went wrong."""

    outputs: dict[int, str]
    failure: str


def copy_tree(to: Path) -> Path:
    """A copy of the tree with the running interpreter's environment as its `.venv`."""
    shutil.copytree(ROOT, to, ignore=_LEFT_OUT)
    (to / ".venv").symlink_to(sys.prefix)
    return to


def run_page(found: Iterable[Block], clone: Path, exported: Mapping[str, str] | None = None) -> Done:
    """Runs the commands of a page in one shell; blocks with a name are written to that file of the clone.

    The script has the page's lines at the page's line numbers, so that bash names the right one.

    Args:
        found: the page's blocks.
        clone: the copy of the tree.
        exported: what the reader exports instead of the page's own values, such as an account's name.
    """
    exported = exported or {}
    page: Path | None = None
    script: dict[int, str] = {}
    for block in found:
        page = block.page
        if block.language == "bash":
            script[block.line] = ""
            script.update(enumerate(block.lines, start=block.line + 1))
            script[block.end] = f"printf '\\n@@%s\\n' {block.line}"
        elif block.name and block.language != "text":
            script[block.line] = (
                f"mkdir -p '{Path(block.name).parent}'; cat > '{block.name}' <<'END_OF_BLOCK'"
            )
            script.update(enumerate(block.lines, start=block.line + 1))
            script[block.end] = "END_OF_BLOCK"
    assert page is not None
    file = clone / page.name
    file.write_text("\n".join(script.get(n, "") for n in range(1, max(script) + 1)) + "\n", encoding="utf-8")
    env = {key: value for key, value in os.environ.items() if key not in _OURS}
    done = subprocess.run(
        ["bash", file.name],
        cwd=clone,
        env={
            **env,
            "BASH_ENV": str(_PRELUDE),
            "PYTHONPATH": str(clone),
            "PYTHONWARNINGS": "ignore",
            "EXPORTED_BY_THE_READER": " ".join(exported),
            **exported,
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    parts = _MARK.split(done.stdout)
    outputs = {int(line): text for text, line in zip(parts[::2], parts[1::2], strict=False)}
    failure = (
        f"{page.relative_to(ROOT)}: exit code {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    )
    return Done(outputs, failure if done.returncode else "")
