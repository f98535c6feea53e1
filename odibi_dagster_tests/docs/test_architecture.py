"""docs/architecture.md: the packages and what they import are those of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

from odibi_dagster.lake import publish, staged_files
from odibi_dagster_tests.docs.blocks import ROOT

TEXT = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
PACKAGE = ROOT / "odibi_dagster"
PACKAGES, *INSIDE = TEXT.split("\nInside of ")
#: The page's tables by the package that they are of.
TABLES = {"": PACKAGES, **{text.split("`")[1]: text for text in INSIDE}}
#: Modules that the page counts to another one.
COUNTED = {
    "definitions": "build",
    "listing": "objects",
    "download": "objects",
    "access": "objects",
    "trust": "network",
    "response": "failures",
    "kinds": "failures",
    "remedies": "failures",
    "refusal": "failures",
    "store": "stores",
    "azure_url": "location",
    **dict.fromkeys(
        ("secrets/vaults", "secrets/keyvault", "secrets/secretsmanager", "secrets/databricks"), "vaults"
    ),
}
#: Files of the package that hold no code of it, and what all may use.
EXEMPT = ("defs", "__init__", "errors", "scrub", "value")


def rows(text: str) -> dict[str, set[str]]:
    """What each package or module uses, in the page's order."""
    found = re.findall(r"^\| `(\w+)` \| .*? \| ([`\w ]*) ?\|$", text, re.MULTILINE)
    return {name: set(re.findall(r"\w+", uses)) for name, uses in found}


@pytest.mark.parametrize("inside", TABLES, ids=lambda inside: inside or "packages")
def test_the_packages_import_what_the_page_says(inside: str) -> None:
    said = rows(TABLES[inside])
    real: dict[str, set[str]] = {}
    for file in (PACKAGE / inside).rglob("*.py"):
        own = counted(file.relative_to(PACKAGE / inside).with_suffix("").parts)
        if own in EXEMPT:
            continue
        real.setdefault(own, set()).update(
            other for module in imports(file, inside) if (other := counted(module)) not in (own, *EXEMPT)
        )
    assert said == real
    order = list(said)
    for number, (name, uses) in enumerate(said.items()):
        assert uses <= set(order[number + 1 :]), f"{name} uses what stands above it"


def counted(parts: Sequence[str]) -> str:
    return COUNTED.get("/".join(parts[:2])) or COUNTED.get(parts[0]) or parts[0]


def imports(file: Path, inside: str) -> Iterator[Sequence[str]]:
    """What of the platform, or of one package, a file imports when it runs; what names types is none."""
    below = ["odibi_dagster", *([inside] if inside else [])]
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
            if parts[: len(below)] == below:
                rest = parts[len(below) :]
                yield from [rest] if rest else [[alias.name] for alias in node.names]


def test_no_two_files_of_credentials_name_each_other() -> None:
    """Not for types either: what an entry says stands below who asks a cloud with it, and that below both."""
    folder, uses = PACKAGE / "storage/credentials", dict[str, set[str]]()
    for file in folder.glob("*.py"):
        text = file.read_text(encoding="utf-8")
        named = re.findall(r"from odibi_dagster\.storage\.credentials(?:\.(\w+))? import ([\w, ]+)", text)
        files = {one for module, names in named for one in ([module] if module else names.split(", "))}
        uses[file.stem] = {one for one in files if (folder / f"{one}.py").is_file()}
    assert uses["aws_session"] == {"aws_settings"} and "azure_settings" in uses["azure_identity"]
    TopologicalSorter(uses).prepare()


def test_neither_engine_names_the_other() -> None:
    """Not for types either."""
    for engine, other in (("pandas", "spark"), ("spark", "pandas")):
        files = (PACKAGE / "engines" / engine).rglob("*.py")
        naming = [file.name for file in files if f"engines.{other}" in file.read_text(encoding="utf-8")]
        assert not naming, f"{engine}: {naming}"


def test_the_numbers_are_the_code_s() -> None:
    assert publish.PATIENCE == 120 and "at most two minutes" in TEXT
    assert staged_files.STALE.total_seconds() / 86_400 == 3.5 and "three and a half days" in TEXT


def test_the_files_it_names_are_there() -> None:
    named = set(re.findall(r"`(\w+(?:/\w+)*\.py)`", TEXT))
    assert named
    assert all((PACKAGE / name).is_file() or (PACKAGE / "storage" / name).is_file() for name in named)
