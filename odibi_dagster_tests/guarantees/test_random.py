"""A few random rounds; `make torture N=200` does many."""

from __future__ import annotations

import random
from pathlib import Path

from odibi_dagster_tests.torture import Torture


def test_random_kills_and_races(tmp_path: Path) -> None:
    seed = random.SystemRandom().randrange(10**6)
    print(f"seed {seed}")
    torture = Torture(tmp_path / "lake", seed)
    for _ in range(3):
        print(torture.round())
