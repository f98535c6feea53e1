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
from contextlib import AbstractContextManager, nullcontext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from odibi_dagster_tests.guarantees.lake import COLUMNS, Lake
from odibi_dagster_tests.guarantees.points import LANDING_POINTS, Point, points
from odibi_dagster_tests.guarantees.processes import finish, said, start_run
from odibi_dagster_tests.services.azurite import azurite
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.seaweedfs import seaweedfs

POINTS = [*LANDING_POINTS, *(point for table in COLUMNS for point in points(table))]
#: How many runs a round may need until all that has landed is in.
RUNS = 4


class Torture:
    """One lake under attack.

    Args:
        root: an empty folder.
        seed: what all dice are thrown from; the moments at which processes meet are the machine's.
        server: where the layers are; None means the local disk.
    """

    def __init__(self, root: Path, seed: int, server: Server | None = None) -> None:
        self.dice = random.Random(seed)
        self.lake = Lake.create(root, server)
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
        table = self.dice.choice(sorted(COLUMNS))
        if self.lake.table(table).paths("_delta_log"):
            self.lake.table(table).delta().optimize.compact()
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
    parser.add_argument("--store", choices=["local", "azurite", "seaweedfs"], default="local")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    root = Path(tempfile.mkdtemp(prefix="odibi-torture-"))
    print(f"{options.rounds} rounds on {root}, {options.store}, seed {seed}", flush=True)
    with _server(options.store, root / "server") as server:
        right = _rounds(Torture(root / "lake", seed, server), options.rounds)
    if not right:
        again = f"{options.rounds} --seed {seed} --store {options.store}"
        kept = "The lake" if options.store == "local" else "Dagster's home"
        print(f"{kept} is left in {root}.\nAgain: python -m odibi_dagster_tests.torture {again}")
        return 1
    shutil.rmtree(root)
    return 0


def _server(name: str, folder: Path) -> AbstractContextManager[Server | None]:
    if name == "local":
        return nullcontext()
    return azurite(folder) if name == "azurite" else seaweedfs(folder)


def _rounds(torture: Torture, rounds: int) -> bool:
    """Whether every row was right in the end of each."""
    began = time.monotonic()
    for number in range(1, rounds + 1):
        try:
            print(f"{number:4}: {torture.round()}", flush=True)
        except AssertionError as error:
            print(f"{number:4}: WRONG: {error}", flush=True)
            return False
    rows = len(torture.lake.rows("bronze.orders"))
    counts = ", ".join(f"{count} {what}" for what, count in sorted(torture.count.items()))
    print(f"{rounds} rounds, {counts}, {torture.landed} files, {rows} rows,", end=" ")
    print(f"{time.monotonic() - began:.0f} s: nothing lost, nothing doubled.")
    return True


if __name__ == "__main__":
    sys.exit(main())
