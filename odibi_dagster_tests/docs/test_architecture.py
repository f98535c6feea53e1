"""docs/architecture.md: the packages and what they import are those of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from odibi_dagster.lake import publish, staged_files
from odibi_dagster_tests.docs.blocks import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "odibi_dagster"
ROWS = re.findall(r"^\| `(\w+)` \| .*? \| ([`\w ]*) ?\|$", TEXT, re.MULTILINE)
#: Modules that the page counts to a package.
COUNTED = {
    "definitions": "build",
    "project": "tables",
    "environment": "tables",
    "extends": "tables",
    "named_secrets": "tables",
    "store_sections": "tables",
}


def test_the_packages_import_what_the_page_says() -> None:
    said = {name: set(re.findall(r"\w+", uses)) for name, uses in ROWS}
    real: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        own = counted(file.relative_to(PACKAGE).parts[0])
        if own in ("defs", "__init__", "errors"):
            continue
        real.setdefault(own, set()).update(
            other for module in imports(file) if (other := counted(module)) not in (own, "errors")
        )
    assert said == real


def counted(name: str) -> str:
    name = name.removesuffix(".py")
    return COUNTED.get(name, name)


def imports(file: Path) -> Iterator[str]:
    """The platform's packages that a file imports when it runs; what only names types does not count."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and id(node) not in typing:
            parts = node.module.split(".")
            if parts[0] == "odibi_dagster":
                yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]


def test_the_numbers_are_the_code_s() -> None:
    assert publish.PATIENCE == 120 and "at most two minutes" in TEXT
    assert staged_files.STALE.total_seconds() / 86_400 == 3.5 and "three and a half days" in TEXT


def test_the_files_it_names_are_there() -> None:
    named = set(re.findall(r"`(\w+(?:/\w+)*\.py)`", TEXT))
    assert named and all((PACKAGE / name).is_file() for name in named)
