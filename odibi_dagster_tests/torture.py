"""Random kills and races on one lake, round after round: `python -m odibi_dagster_tests.torture 50`.

Each round lands files, starts runs of everything, kills some of them at a random moment or place, lets a
foreign writer compact a table, runs once more to the end, and compares every table with the landed files.
With `--engine both`, each run is on the pandas engine or a client of Spark, as the dice fall; and before the
rounds two drivers of Spark, two pandas processes and a foreign writer append to one table.
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
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from odibi_dagster_tests.guarantees.lake import COLUMNS, Lake
from odibi_dagster_tests.guarantees.points import ADOPTION_POINTS, LANDING_POINTS, Point, points
from odibi_dagster_tests.guarantees.processes import finish, said, start_run
from odibi_dagster_tests.guarantees.race import race_of_engines
from odibi_dagster_tests.services.azurite import azurite
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.services.seaweedfs import seaweedfs
from odibi_dagster_tests.services.spark import connect_server

POINTS = [*LANDING_POINTS, *(point for table in COLUMNS for point in points(table))]
#: How many runs a round may need until all that has landed is in.
RUNS = 4
#: Seconds that one run may take, beside others.
LIMIT = 300.0


class Torture:
    """One lake under attack.

    Args:
        root: an empty folder.
        seed: what all dice are thrown from; the moments at which processes meet are the machine's.
        server: where the layers are; None means the local disk.
        remote: a Spark Connect server, on which some of the runs compute.
    """

    def __init__(
        self, root: Path, seed: int, server: Server | None = None, remote: str | None = None
    ) -> None:
        self.dice = random.Random(seed)
        self.lake = Lake.create(root, server)
        self.engines = [self.lake, *([self.lake.on_spark(remote=remote)] if remote else [])]
        self.points = [*POINTS, *(ADOPTION_POINTS if remote else ())]
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
        point = self._anywhere()
        code = finish(self._start(point=point), LIMIT)
        return self._killed(code, str(point))

    def _kill_sometime(self) -> str:
        seconds = self.dice.uniform(0.1, 4 * len(self.engines))
        code = finish(self._start(after=seconds), LIMIT)
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
            children.append(self._start(**values))
            time.sleep(self.dice.uniform(0, 0.5))
            self._land(self.dice.randint(0, 1))
        codes = [finish(child, LIMIT) for child in children]
        killed = sum(code < 0 for code in codes)
        self.count["kills"] += killed
        assert all(code <= 0 for code in codes), f"a racing run failed: {said(self.lake)}"
        return f"race of {number}, {killed} killed"

    def _anywhere(self) -> Point:
        return self.dice.choice(self.points)

    def _start(self, **values: Any) -> BaseProcess:
        lake = self.dice.choice(self.engines)
        self.count["runs on Spark"] += lake.spark is not None
        return start_run(lake, **values)

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
            code = finish(self._start(), LIMIT)
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
    parser.add_argument("--engine", choices=["pandas", "both"], default="pandas")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if options.seed is None else options.seed
    root = Path(tempfile.mkdtemp(prefix="odibi-torture-"))
    print(f"{options.rounds} rounds on {root}, {options.store}, seed {seed}", flush=True)
    with _server(options.store, root / "server") as server, _spark(options.engine, root / "spark") as remote:
        right = remote is None or race_of_engines(server, root / "race", remote, options.rounds)
        right = right and _rounds(Torture(root / "lake", seed, server, remote), options.rounds)
    if not right:
        again = f"{options.rounds} --seed {seed} --store {options.store} --engine {options.engine}"
        kept = "The lake" if options.store == "local" else "Dagster's home"
        print(f"{kept} is left in {root}.\nAgain: python -m odibi_dagster_tests.torture {again}")
        return 1
    shutil.rmtree(root)
    return 0


def _server(name: str, folder: Path) -> AbstractContextManager[Server | None]:
    if name == "local":
        return nullcontext()
    return azurite(folder) if name == "azurite" else seaweedfs(folder)


@contextmanager
def _spark(engine: str, folder: Path) -> Iterator[str | None]:
    if engine == "pandas":
        yield None
    else:
        with connect_server(folder) as connect:
            yield connect.url


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
