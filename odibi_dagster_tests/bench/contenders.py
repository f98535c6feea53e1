"""What is measured side by side: the platform, and four things that do less."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from odibi_dagster_tests.bench.measure import Measured, measure

ROOT = Path(__file__).resolve().parents[2]
PLATFORM, PLAIN, ARROW, PANDAS, EMPTY = "platform", "plain", "arrow", "pandas", "empty"
#: What each is, in the words of the table that is printed.
NAMES = {
    PLATFORM: "platform",
    PLAIN: "a plain DuckDB",
    ARROW: "b Arrow, delta-rs",
    PANDAS: "c pandas",
    EMPTY: "d empty run",
}
_ENVIRONMENT = """# Written by the benchmark.
engine: {{name: pandas{limit}}}
layers:
  landing: {landing}
  bronze: {lake}/bronze
  silver: {lake}/silver
  gold: {lake}/gold
  checkpoints: {lake}/checkpoints
settle: 0s
"""


@dataclass(frozen=True)
class Bench:
    """One size: its landed files, and where results go.

    Args:
        folder: scratch space on the disk to be measured.
        orders: how many orders land.
        memory_limit: what the engine may use, such as "1GB"; None is its own default.
    """

    folder: Path
    orders: int
    memory_limit: str | None = None

    @property
    def landing(self) -> Path:
        """The landed files; they stay for the next benchmark."""
        return self.folder / f"landing-{self.orders}"

    @property
    def script(self) -> Path:
        return self.folder / f"plain-{self.orders}.json"

    @property
    def results(self) -> Path:
        """Where the contender at work writes; emptied before and after."""
        return self.folder / "results"

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def more(self) -> Path:
        """A folder with one more orders file, of a hundredth of the rows, that has not landed yet."""
        return self.folder / "more"

    @property
    def environment(self) -> Path:
        """The environment file of the platform's runs."""
        return self.folder / "environment.yaml"

    @property
    def env(self) -> dict[str, str]:
        ours = {
            "ODIBI_ENV": str(self.environment),
            "DAGSTER_HOME": str(self.home),
            "DAGSTER_DISABLE_TELEMETRY": "1",
            "PYTHONPATH": str(ROOT),
        }
        # An installed package has its bytecode: without it each run would compile the platform anew.
        left_out = ("ODIBI_", "PYTHONDONTWRITEBYTECODE")
        return {**{k: v for k, v in os.environ.items() if not k.startswith(left_out)}, **ours}

    def prepare(self) -> None:
        """Makes the landing files, the script and the Dagster home, in a process of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        limit = f", memory_limit: {self.memory_limit}" if self.memory_limit else ""
        self.environment.write_text(_ENVIRONMENT.format(limit=limit, landing=self.landing, lake=self.results))
        for folder in (self.home, self.more):
            shutil.rmtree(folder, ignore_errors=True)
        self._python(
            *("-m", "odibi_dagster_tests.bench.prepare", "--orders", str(self.orders)),
            *("--landing", str(self.landing), "--script", str(self.script), "--home", str(self.home)),
            *("--more", str(self.more)),
        )

    def run(self, contender: str) -> Measured:
        """Runs one contender from nothing to the last table."""
        shutil.rmtree(self.results, ignore_errors=True)
        if contender == PLATFORM:
            return self.materialize()
        if contender == EMPTY:
            return self._materialize("odibi_dagster_tests.bench.empty")
        writer = {PLAIN: "copy"}.get(contender, contender)
        limit = [self.memory_limit] if self.memory_limit else []
        module = "odibi_dagster_tests.bench.plain"
        return self._python("-m", module, writer, str(self.script), str(self.results), *limit)

    def materialize(self) -> Measured:
        """Runs the platform on whatever is there."""
        return self._materialize("odibi_dagster.definitions")

    def count(self) -> str:
        """What the platform has just published, in the same words as the plain script's own."""
        return self._python("-m", "odibi_dagster_tests.bench.count", str(self.home)).output

    def clean(self) -> None:
        """Removes everything but the landed files."""
        for folder in (self.results, self.home, self.more, self.folder / "log"):
            shutil.rmtree(folder, ignore_errors=True)

    def _materialize(self, module: str) -> Measured:
        dagster = str(Path(sys.executable).parent / "dagster")
        command = [dagster, "asset", "materialize", "-m", module, "--select", "*"]
        return measure(command, env=self.env, cwd=self.folder / "log")

    def _python(self, *arguments: str) -> Measured:
        return measure([sys.executable, *arguments], env=self.env, cwd=self.folder / "log")
