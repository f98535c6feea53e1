"""docs/secrets.md: the sources, names and numbers it has are the code's."""

from __future__ import annotations

import re

import pytest

from odibi_dagster.storage.secrets.forms import SHORTEST
from odibi_dagster.storage.secrets.reference import SCHEMES, parse
from odibi_dagster.storage.secrets.sources import FRESH
from odibi_dagster.storage.secrets.usual import USUAL
from odibi_dagster.storage.store import LIFETIME
from odibi_dagster_tests.docs.blocks import ROOT

TEXT = (ROOT / "docs/secrets.md").read_text(encoding="utf-8")
ROWS = [line.split("|")[1:3] for line in TEXT.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_source_is_described_and_can_be_written_so(scheme: str) -> None:
    (written,) = [first.strip(" `") for first, _ in ROWS if first.startswith(f" `${{{scheme}:")]
    assert parse(written)
    rotates = TEXT.partition("## Rotation")[2].partition("## Redaction")[0]
    assert f"`{scheme}`" in rotates


def test_the_usual_variables_are_the_codes() -> None:
    said = {}
    for names, variables in ROWS:
        if re.search(r"`(azure|aws|databricks)_", names):
            for name in re.findall(r"`(\w+)`", names):
                said[name] = set(re.findall(r"`(\w+)`", variables))
    assert said["databricks_host"] | said["databricks_token"] == {"DATABRICKS_HOST", "DATABRICKS_TOKEN"}
    del said["databricks_host"], said["databricks_token"]
    assert said == {name: set(each) for name, each in USUAL.items() if not name.startswith("databricks")}


def test_the_numbers_are_the_codes() -> None:
    assert FRESH == LIFETIME == 300 and "used for five minutes" in TEXT
    assert SHORTEST == 6 and "shorter than six characters" in TEXT
