"""Random kills and races on one lake, round after round: `python -m odibi_dagster_tests.torture 50`.

Each round lands files, starts runs of everything, kills some of them at a random moment or place, lets a
foreign writer compact a table, runs once more to the end, and compares every table with the landed files.
It ends with exit code 1 at the first wrong row, and says how to repeat it.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from odibi_dagster_tests.guarantees.lake import COLUMNS, Lake
from odibi_dagster_tests.guarantees.points import LANDING_POINTS, Point, points
from odibi_dagster_tests.guarantees.processes import finish, said, start_run

POINTS = [*LANDING_POINTS, *(point for table in COLUMNS for point in points(table))]
#: How many runs a round may need until all that has landed is in.
RUNS = 4


class Torture:
    """One lake under attack.

    Args:
        root: an empty folder.
        seed: what all dice are thrown from; the moments at which processes meet are the machine's.
    """

    def __init__(self, root: Path, seed: int) -> None:
        self.dice = random.Random(seed)
        self.lake = Lake.create(root)
        self.landed = 0
        self.count: Counter[str] = Counter()

    def round(self) -> str:
        """One round; what was done, in words.

        Raises:
            AssertionError: a row is wrong, a run failed or hung.
        """
        done = [f"{self._land(self.dice.randint(1, 3))} files"]
        attack = self.dice.choice(
            [self._kill_somewhere, self._kill_somewhere, self._kill_sometime, self._race]
        )
        done.append(attack())
        if self.dice.random() < 0.3:
            done.append(self._compact())
        done.append(self._settle())
        return ", ".join(done)

    def _land(self, files: int) -> int:
        for _ in range(files):
            self.landed += 1
            if self.dice.random() < 0.1:
                self.lake.put(f"orders/bad-{self.landed:04}.csv", 'order_id,customer_id\n"')
            else:
                self.lake.land(self.landed, orders=self.dice.randint(1, 40))
        return files

    def _kill_somewhere(self) -> str:
        point = self.dice.choice(POINTS)
        code = finish(start_run(self.lake, point=point))
        return self._killed(code, str(point))

    def _kill_sometime(self) -> str:
        seconds = self.dice.uniform(0.1, 4)
        code = finish(start_run(self.lake, after=seconds))
        return self._killed(code, f"after {seconds:.2f} s")

    def _killed(self, code: int, where: str) -> str:
        self.count["kills"] += code < 0
        assert code <= 0, f"the run failed: {said(self.lake)}"
        return f"{'killed' if code else 'not reached:'} {where}"

    def _race(self) -> str:
        self.count["races"] += 1
        number = self.dice.randint(2, 3)
        children: list[BaseProcess] = []
        for _ in range(number):
            values: dict[str, Any] = {}
            match self.dice.randrange(4):
                case 0:
                    values["point"] = self._anywhere()
                case 1:
                    values["after"] = self.dice.uniform(0.1, 5)
            children.append(start_run(self.lake, **values))
            time.sleep(self.dice.uniform(0, 0.5))
            self._land(self.dice.randint(0, 1))
        codes = [finish(child) for child in children]
        killed = sum(code < 0 for code in codes)
        self.count["kills"] += killed
        assert all(code <= 0 for code in codes), f"a racing run failed: {said(self.lake)}"
        return f"race of {number}, {killed} killed"

    def _anywhere(self) -> Point:
        return self.dice.choice(POINTS)

    def _compact(self) -> str:
        from deltalake import DeltaTable

        table = self.dice.choice(sorted(COLUMNS))
        if DeltaTable.is_deltatable(self.lake.url(table)):
            DeltaTable(self.lake.url(table)).optimize.compact()
            self.count["compactions"] += 1
        return f"{table} compacted"

    def _settle(self) -> str:
        """Runs until everything that has landed is in; then every table must be right."""
        runs = 0
        while runs < RUNS:
            runs += 1
            code = finish(start_run(self.lake))
            assert code == 0, f"the run afterwards failed: {said(self.lake)}"
            if self._is_all_in():
                break
        wrong = self.lake.wrong()
        assert not wrong, "; ".join(wrong)
        statuses = set(self.lake.results()[-1]["runs"].values())
        # A run that was killed before it began is found ten minutes later.
        assert statuses <= {"SUCCESS", "FAILURE", "NOT_STARTED"}, f"runs are left over: {statuses}"
        shutil.rmtree(self.lake.root / "results")
        return f"{runs} run{'s' if runs > 1 else ''} later all is right"

    def _is_all_in(self) -> bool:
        have = {str(id) for (id,) in self.lake.rows("bronze.orders", "order_id")}
        return set(self.lake.landed()) <= have


def main() -> int:
    """The command line; the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rounds", type=int, nargs="?", default=50)
    parser.add_argument("--seed", type=int, default=None, help="repeat the dice of an earlier torture")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    root = Path(tempfile.mkdtemp(prefix="odibi-torture-"))
    print(f"{options.rounds} rounds on {root}, seed {seed}", flush=True)
    began, torture = time.monotonic(), Torture(root / "lake", seed)
    for number in range(1, options.rounds + 1):
        try:
            print(f"{number:4}: {torture.round()}", flush=True)
        except AssertionError as error:
            print(f"{number:4}: WRONG: {error}", flush=True)
            print(f"The lake is left in {root}.")
            print(f"Again: python -m odibi_dagster_tests.torture {number} --seed {seed}")
            return 1
    rows = len(torture.lake.rows("bronze.orders"))
    counts = ", ".join(f"{count} {what}" for what, count in sorted(torture.count.items()))
    print(f"{options.rounds} rounds, {counts}, {torture.landed} files, {rows} rows,", end=" ")
    print(f"{time.monotonic() - began:.0f} s: nothing lost, nothing doubled.")
    shutil.rmtree(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
