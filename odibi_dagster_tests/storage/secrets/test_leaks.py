"""Failing and careless tables, run as users run them; then every byte that was written is searched."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from odibi_dagster_tests.storage.secrets import leaky


@pytest.mark.parametrize("executor", ["in_process", "multiprocess"])
def test_no_byte_that_a_run_writes_holds_a_secret(tmp_path: Path, executor: str) -> None:
    lake = leaky.make(tmp_path, executor)
    root = lake.root
    done = lake.materialize(check=False)
    assert done.returncode, done.stdout[-2000:]
    (root / "stdout").write_text(done.stdout)
    (root / "stderr").write_text(done.stderr)

    written = dict(_written(root))
    everything = b"".join(written.values())
    for sign in (b"cannot log in with ***", b"printed ***", b"bytes ***", b"warned of ***", b"logged ***",
                 b"Password=***", b"the other side said dXNlcj", b"a library says"):  # fmt: skip
        assert sign in everything, sign
    library = (root / "library.log").read_text()
    assert "{'password': ***" in library or "***" in library.splitlines()[0]
    for suffix, first in ((".out", 0), (".err", 1)):
        lines = [
            line for file, data in written.items() if file.suffix == suffix for line in data.splitlines()
        ]
        numbered = [line for line in lines if line.startswith(b"line ")]
        assert numbered == [b"line %d" % number for number in range(first, 5000, 2)], suffix
    told = (root / "told.jsonl").read_text()
    assert told.count("\n") == 5
    assert "***" in told
    leaks = [
        f"{file.relative_to(root)}: …{data[max(0, at - 80) : at + 20]!r}…"
        for file, data in written.items()
        for secret in leaky.WANTED
        if (at := data.find(secret)) >= 0
    ]
    assert leaks == []


def _written(root: Path) -> Iterator[tuple[Path, bytes]]:
    for file in root.rglob("*"):
        if file.is_file():
            yield file, file.read_bytes()
