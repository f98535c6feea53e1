"""`python -m odibi_dagster_tests.sql.parity record|check|again [FAMILY…]`.

`record` asks real Spark (it starts one) and keeps its answers: those to new cases, with `--all` to every one.
`check` compares DuckDB with the kept answers and reports each difference and how many entries are proven.
`again` asks real Spark and compares its answers with the kept ones, and with DuckDB's to expressions made up.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter

from odibi_dagster.sql.catalogue import FUNCTIONS
from odibi_dagster.sql.catalogue import entries as entries_of_the_catalogue
from odibi_dagster.sql.catalogue.refused import REFUSED as REFUSED_FUNCTIONS

from .answer import load, save, save_functions
from .case import cases_of, families
from .composed import some
from .duck import REFUSED, duck
from .spark import spark
from .verdict import DIFFERENT, PROVEN, judge, same


def record(names: tuple[str, ...], everything: bool) -> int:
    todo = {}
    for name in names:
        cases, known = cases_of(name), {} if everything else load(name)
        todo[name] = (cases, known, [case for case in cases if case.text not in known])
    if not any(new for _, _, new in todo.values()):
        print("nothing new to ask")
    with spark() as asker:
        save_functions(asker.functions())
        for name, (cases, known, new) in todo.items():
            answers = known | asker.ask(new, load(name))
            save(name, asker.version, {case.text: answers[case.text] for case in cases})
            errors = sum(bool(answers[case.text].error) for case in new)
            print(f"{name}: {len(new)} asked, {errors} of them errors")
    return 0


def again(names: tuple[str, ...], compositions: int) -> int:
    wrong = 0
    with spark(quick=True) as asker:
        for name in names:
            known = load(name)
            cases = [case for case in cases_of(name) if case.text in known]
            for case, answer in zip(cases, asker.ask(cases, known).values(), strict=True):
                if why := same(case, answer, known[case.text]):
                    wrong += 1
                    print(f"{name} {case.entry}: {case.text}\n    {why}")
        with duck() as asked:
            # What is refused need not be asked; a name is put together from names, so values and types count.
            made = [case for case in some(compositions) if asked.ask(case.sql)[0].error != REFUSED]
            for case, answer in zip(made, asker.ask(made).values(), strict=True):
                verdict = judge(case, answer, asked, names=False)
                if verdict.outcome == DIFFERENT:
                    wrong += 1
                    print(f"composed: {case.text}\n    {verdict.why}")
        print(json.dumps({"functions": asker.functions(), "composed": len(made)}))
    return 1 if wrong else 0


def check(names: tuple[str, ...], quiet: bool) -> int:
    entries: dict[str, Counter[str]] = {}
    outcomes: Counter[str] = Counter()
    with duck() as asked:
        for name in names:
            known = load(name)
            for case in cases_of(name):
                if case.text not in known:
                    print(f"{name}: {case.text}: not recorded yet")
                    outcomes[DIFFERENT] += 1
                    continue
                verdict = judge(case, known[case.text], asked)
                outcomes[verdict.outcome] += 1
                entries.setdefault(f"{name}:{case.entry}", Counter())[verdict.outcome] += 1
                if verdict.outcome == DIFFERENT or (verdict.outcome == REFUSED and not quiet):
                    print(f"{verdict.outcome} {name} {case.entry}: {case.text}\n    {verdict.why}")
    counted = Counter(_state(counts) for key, counts in entries.items() if key.partition(":")[2] in _NAMES)
    print(
        f"{sum(outcomes.values())} cases: {outcomes[PROVEN]} proven, {outcomes[REFUSED]} refused, "
        f"{outcomes[DIFFERENT]} different; {sum(counted.values())} entries of the catalogue: "
        f"{counted[PROVEN]} proven, {counted['limited']} limited, {counted[REFUSED]} refused in every case; "
        f"{len(FUNCTIONS)} functions by name, {len(REFUSED_FUNCTIONS)} refused for a reason"
    )
    return 1 if outcomes[DIFFERENT] else 0


_NAMES = {entry.name for entry in entries_of_the_catalogue()}


def _state(counts: Counter[str]) -> str:
    """`proven`, `limited` where some cases are refused, `REFUSED` where all are."""
    if not counts[PROVEN]:
        return REFUSED
    return "limited" if counts[REFUSED] else PROVEN


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m odibi_dagster_tests.sql.parity", description=__doc__)
    parser.add_argument("what", choices=("record", "check", "again"))
    parser.add_argument("family", nargs="*")
    parser.add_argument("--all", action="store_true", help="record: ask again what is recorded")
    parser.add_argument("--quiet", action="store_true", help="check: do not list refusals")
    parser.add_argument("--compositions", type=int, default=80, help="again: how many expressions to make up")
    options = parser.parse_args()
    names = tuple(options.family) or families()
    if unknown := set(names) - set(families()):
        parser.error(f"no such family: {', '.join(sorted(unknown))}; there are {', '.join(families())}")
    if options.what == "record":
        return record(names, options.all)
    return again(names, options.compositions) if options.what == "again" else check(names, options.quiet)


if __name__ == "__main__":
    sys.exit(main())
