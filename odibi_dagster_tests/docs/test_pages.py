"""README and docs: each block is of a kind that some test holds, table files load, links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.project import SECRETS
from odibi_dagster.resources import AWS, AZURE
from odibi_dagster.tables.load import load_tables
from odibi_dagster_tests.docs.blocks import PAGES, ROOT, Block, blocks

LAYERS = ("bronze", "silver", "gold")
ALL = [block for page in PAGES for block in blocks(page)]
#: Blocks without a name, by page: headers, which odibi_dagster_tests/tables/test_docs.py loads.
HEADERS = {"tables.md": "yaml"}
#: What the tables of a page may read and do not show.
ELSEWHERE = {
    "silver/orders.sql": "SELECT CAST(1 AS BIGINT) AS order_id, CAST(1 AS BIGINT) AS customer_id",
    "silver/customers.sql": "SELECT CAST(1 AS BIGINT) AS customer_id",
}


#: What the reader of a page has: variables, and what tables' functions may ask for.
VARIABLES = {"AZURE_STORAGE_ACCOUNT_NAME": "shopdata"}
RESOURCES = {SECRETS, *AZURE, *AWS}


@pytest.mark.parametrize("block", ALL, ids=str)
def test_a_block_is_held_by_a_test(block: Block) -> None:
    assert block.lines, "the block is empty"
    if block.language in ("bash", "text"):
        return  # test_commands.py runs the first and compares the second
    assert block.language in ("sql", "yaml", "python"), (
        f"```{block.language}: no test knows what to do with it"
    )
    assert block.name or HEADERS.get(block.page.name) == block.language, "name its file in the line above"


def tables(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.name and Path(block.name).parent.name in LAYERS]


@pytest.mark.parametrize("page", [page for page in PAGES if tables(page)], ids=lambda page: page.name)
def test_the_tables_of_a_page_load_together(page: Path, tmp_path: Path) -> None:
    broken = problems(tables(page), tmp_path)
    assert broken == [], "\n".join(broken)


def problems(found: list[Block], folder: Path) -> list[str]:
    """What is wrong with the table files of a page, with the page's lines."""
    where = {}
    for name, text in ELSEWHERE.items():
        write(folder, name, text)
    for block in found:
        name = "/".join(Path(block.name or "").parts[-2:])
        where[name] = block
        write(folder, name, block.text)
    try:
        specs = {spec.key: spec for spec in load_tables(folder, VARIABLES, resources=RESOURCES)}
    except ConfigErrors as errors:
        return [f"{place(error, where)}: {error}" for error in errors.errors]
    return [f"{block}: it is no table" for name, block in where.items() if key(name) not in specs]


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def key(name: str) -> str:
    return name.replace("/", ".").rpartition(".")[0]


def place(error: ConfigError, where: dict[str, Block]) -> str:
    for name, block in where.items():
        if (error.where.file or "").endswith(name):
            return f"{block.page.relative_to(ROOT)}:{block.line + (error.where.line or 0)}"
    return str(error.where)


def test_a_broken_snippet_is_named_with_its_page_and_line(tmp_path: Path) -> None:
    block = Block(
        ROOT / "docs/tables.md", 40, "sql", "silver/x.sql", ("SELECT order_id", "FROM silver.ordres")
    )
    (problem,) = problems([block], tmp_path)
    assert problem.startswith("docs/tables.md:42: ")


def test_links_lead_to_files() -> None:
    dead = [
        f"{page.relative_to(ROOT)}:{number}: {target}"
        for page in PAGES
        for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1)
        for target in re.findall(r"\]\(([^)#\s]+)", line)
        if not target.startswith("https://") and not (page.parent / target).exists()
    ]
    assert dead == []


def test_pages_name_no_place_of_one_machine() -> None:
    named = [
        page.name for page in PAGES if re.search(r"/(work|root|home)/", page.read_text(encoding="utf-8"))
    ]
    assert named == []
