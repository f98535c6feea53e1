"""Each test begins and ends with nothing revealed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from odibi_dagster.storage.secrets import redaction


@pytest.fixture(autouse=True)
def nothing_revealed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, empty in (("_forms", set()), ("_public", set()), ("_wanted", ())):
        monkeypatch.setattr(redaction, name, empty)
    yield
