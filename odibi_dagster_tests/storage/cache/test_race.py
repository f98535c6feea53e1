"""Several processes in one small cache: what a session holds is there and whole, whoever needs room."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CHILD = """
import os, random, sys
from odibi_dagster.storage.cache import Cache, RemoteFile
folder, remote, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
pick, held_back = random.Random(seed), 0
files = [RemoteFile(remote, f"{n}.parquet", 1000 + n) for n in range(12)]
for _ in range(60):
    with Cache(folder, size=8000, age=pick.choice([3600, 0.01])).session() as held:
        mine = []
        for _ in range(pick.choice([1, 2, 3])):
            wanted = pick.sample(files, pick.choice([1, 2]))
            if held.fetch(wanted, "x"):
                mine += wanted
            else:
                held_back += 1
            for file in mine:
                with open(held.path(file), "rb") as copy:
                    data = copy.read()
                assert data == bytes([int(file.path.split(".")[0])]) * file.size, file
print(held_back)
"""


def test_processes_share_a_cache_that_is_too_small_for_them(tmp_path: Path) -> None:
    (tmp_path / "remote").mkdir()
    for number in range(12):
        (tmp_path / "remote" / f"{number}.parquet").write_bytes(bytes([number]) * (1000 + number))
    command = [sys.executable, "-c", CHILD, str(tmp_path / "cache"), str(tmp_path / "remote")]
    children = [
        subprocess.Popen([*command, str(seed)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for seed in range(4)
    ]
    ended = [(child.communicate(timeout=120), child.returncode) for child in children]
    assert [code for _, code in ended] == [0] * 4, "\n".join(error for (_, error), _ in ended)
    assert sum(int(out) for (out, _), _ in ended) > 0  # there was not room for all at times
    copies = [path for path in (tmp_path / "cache" / "files").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in copies) <= 8000
    left = [path for name in ("leases", "parts") for path in (tmp_path / "cache" / name).iterdir()]
    assert left == []
