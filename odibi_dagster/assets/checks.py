"""Runs a table's expectations over staged or published rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from odibi_dagster.assets.rules import RowRule, key_columns, null_counts, row_rule, shown
from odibi_dagster.errors import DataError, Where
from odibi_dagster.lake.schema import refuse_names
from odibi_dagster.tables.spec import (
    Expectation,
    FreshRule,
    NotNullRule,
    ReferencesRule,
    RowsRule,
    TableSpec,
    UniqueRule,
)

if TYPE_CHECKING:
    from odibi_dagster.engines.protocol import Relation, Session, Staged

#: How many failing keys a check shows.
SHOWN = 5


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation.

    Args:
        name: the expectation's name.
        on_fail: fail, drop or warn.
        violations: how many rows broke it (rows: 1 if the count is outside; fresh: 1 if too old).
        dropped: how many rows were left out because of it.
        text: the rule as a person reads it.
        keys: a few failing keys.
        note: what else there is to say.
    """

    name: str
    on_fail: str
    violations: int
    text: str
    dropped: int = 0
    keys: Sequence[Mapping[str, Any]] = ()
    note: str = ""

    @property
    def passed(self) -> bool:
        """Whether nothing broke the rule."""
        return self.violations == 0

    @property
    def stops(self) -> bool:
        """Whether nothing may be published."""
        return not self.passed and self.on_fail == "fail"


@dataclass
class Checks:
    """The expectations of one table, held against one relation.

    Args:
        session: the engine's session; it can read the relation and the referenced tables.
        spec: the table.
        now: what `fresh` measures from.
        names: the expectations to run; None means all.
    """

    session: Session
    spec: TableSpec
    now: datetime
    names: frozenset[str] | None = None
    total: int = field(default=0, init=False)

    @property
    def wanted(self) -> tuple[Expectation, ...]:
        return tuple(e for e in self.spec.expect if self.names is None or e.name in self.names)

    def published(self, relation: Relation, rows: int) -> list[Outcome]:
        """Runs the expectations over a published version; nothing is dropped."""
        return self._outcomes(relation, rows, {})

    def staged(self, staged: Staged) -> tuple[Staged, list[Outcome]]:
        """Runs the expectations over staged files, and leaves out what `on_fail: drop` says.

        Only files that hold a row to drop are written again. Nothing is dropped if a `fail` rule is broken.

        Returns:
            The files to publish, and what came of each expectation.

        Raises:
            DataError: a column that the contract calls `nullable: false` holds NULL.
        """
        refuse_names(staged.schema, Where(table=self.spec.key, file=str(self.spec.file)))
        relation = self.session.staged(staged)
        counts = null_counts(staged)
        self._refuse_nulls(relation, staged, counts)
        outcomes = self._outcomes(relation, staged.rows, counts)
        if any(outcome.stops for outcome in outcomes):
            return staged, outcomes
        return self._drop(relation, staged, outcomes)

    def _outcomes(self, relation: Relation, rows: int, nulls: Mapping[str, int]) -> list[Outcome]:
        by_row = {rule.expectation.name: rule for rule in self._by_row(self.wanted, relation)}
        counted = partial(self._count, relation, list(by_row.values()), nulls)
        others = [e for e in self.wanted if e.name not in by_row]
        first, *answers = self._answers(
            [counted, *(partial(self._outcome, relation, each, rows) for each in others)]
        )
        violations = cast("dict[str, int]", first)
        by_rows = self._answers(
            [partial(self._row, relation, rule, violations[name]) for name, rule in by_row.items()]
        )
        outcomes = cast("list[Outcome]", [*answers, *by_rows])
        found = {outcome.name: outcome for outcome in outcomes}
        return [found[expectation.name] for expectation in self.wanted]

    def _answers(self, questions: Sequence[Callable[[], object]]) -> list[object]:
        """What each question's answer is, in their order; as many are asked at once as the engine likes."""
        if self.session.at_once == 1 or len(questions) < 2:
            return [ask() for ask in questions]
        with ThreadPoolExecutor(self.session.at_once) as pool:
            return [asked.result() for asked in [pool.submit(ask) for ask in questions]]

    def _outcome(self, relation: Relation, expectation: Expectation, rows: int) -> Outcome:
        """What came of an expectation that is not about single rows."""
        rule = expectation.rule
        if isinstance(rule, UniqueRule):
            return self._unique(relation, expectation, rule)
        if isinstance(rule, ReferencesRule):
            return self._references(relation, expectation, rule)
        if isinstance(rule, RowsRule):
            return self._rows(expectation, rule, rows)
        assert isinstance(rule, FreshRule)
        return self._fresh(relation, expectation, rule)

    def _by_row(self, expectations: Sequence[Expectation], relation: Relation) -> Iterator[RowRule]:
        for each in expectations:
            if rule := row_rule(each, self.spec, relation.schema, self.session.predicate):
                yield rule

    def _count(
        self, relation: Relation, rules: Sequence[RowRule], nulls: Mapping[str, int]
    ) -> dict[str, int]:
        """Violations of all row rules in one pass; none at all where statistics answer."""
        counted: dict[str, int] = {}
        asked: dict[str, str] = {}
        for rule in rules:
            known = rule.expectation.rule
            if isinstance(known, NotNullRule) and len(known.columns) == 1 and known.columns[0] in nulls:
                counted[rule.expectation.name] = nulls[known.columns[0]]
            else:
                asked[rule.expectation.name] = f"count(*) FILTER (WHERE {rule.violated})"
        if asked:
            numbered = {f"c{i}": text for i, text in enumerate(asked.values())}
            row = self.session.aggregate(relation, numbered)[0]
            counted.update({key: _int(row[f"c{i}"]) for i, key in enumerate(asked)})
        return counted

    def _row(self, relation: Relation, rule: RowRule, violations: int) -> Outcome:
        columns = shown(self.spec, (*key_columns(self.spec, relation.schema), *rule.columns))
        keys: list[dict[str, object]] = []
        if violations and columns:
            keys = self.session.query(
                f"SELECT {self._list(columns)} FROM checked WHERE {rule.violated} {self._first(columns)}",
                {"checked": relation},
            )
        return Outcome(rule.expectation.name, rule.expectation.on_fail, violations, rule.text, keys=keys)

    def _unique(self, relation: Relation, expectation: Expectation, rule: UniqueRule) -> Outcome:
        columns = self._list(rule.columns)
        count = "n"
        while count in {column.lower() for column in rule.columns}:
            count += "_"
        groups = f"SELECT {columns}, count(*) AS {count} FROM checked GROUP BY {columns} HAVING count(*) > 1"
        found = self.session.query(
            f"SELECT coalesce(sum({count}), 0) AS total, count(*) AS keys FROM ({groups}) AS g",
            {"checked": relation},
        )[0]
        violations = _int(found["total"])
        keys: list[dict[str, object]] = []
        if violations and len(shown(self.spec, rule.columns)) == len(rule.columns):
            keys = self.session.query(f"{groups} {self._first(rule.columns)}", {"checked": relation})
        note = f"{found['keys']} keys occur more than once" if violations else ""
        text = f"unique: {', '.join(rule.columns)}"
        return Outcome(expectation.name, expectation.on_fail, violations, text, keys=keys, note=note)

    def _references(self, relation: Relation, expectation: Expectation, rule: ReferencesRule) -> Outcome:
        missing = self._missing(rule)
        relations = {
            "checked": relation,
            "other": self.session.matching(rule.table, rule.other_columns, relation, rule.columns),
        }
        columns = self._list(rule.columns)
        groups = f"SELECT {columns}, count(*) AS _rows FROM ({missing}) AS m GROUP BY {columns}"
        # Counted and shown by one query: the join is made once.
        both = f"WITH g AS ({groups}) SELECT {columns}, (SELECT sum(_rows) FROM g) AS _all FROM g"
        found = self.session.query(f"SELECT * FROM ({both}) AS r {self._first(rule.columns)}", relations)
        violations = _int(found[0]["_all"]) if found else 0
        keys: list[dict[str, object]] = []
        if len(shown(self.spec, rule.columns)) == len(rule.columns):
            keys = [dict(zip(rule.columns, row.values(), strict=False)) for row in found]
        text = f"{', '.join(rule.columns)} in {rule.table} ({', '.join(rule.other_columns)})"
        return Outcome(expectation.name, expectation.on_fail, violations, text, keys=keys)

    def _missing(self, rule: ReferencesRule) -> str:
        name = self.session.name
        pairs = zip(rule.columns, rule.other_columns, strict=True)
        same = " AND ".join(f"c.{name(mine)} = o.{name(theirs)}" for mine, theirs in pairs)
        there = " AND ".join(f"c.{name(column)} IS NOT NULL" for column in rule.columns)
        absent = f"NOT EXISTS (SELECT 1 FROM other AS o WHERE {same})"
        return f"SELECT c.* FROM checked AS c WHERE {there} AND {absent}"

    def _rows(self, expectation: Expectation, rule: RowsRule, rows: int) -> Outcome:
        low, high = rule.min or 0, rule.max
        inside = low <= rows and (high is None or rows <= high)
        text = f"at least {low} rows" + ("" if high is None else f", at most {high}")
        return Outcome(expectation.name, expectation.on_fail, int(not inside), text, note=f"{rows} rows")

    def _fresh(self, relation: Relation, expectation: Expectation, rule: FreshRule) -> Outcome:
        asked = {"newest": f"max({self.session.name(rule.column)})"}
        newest = self.session.aggregate(relation, asked)[0]["newest"]
        text = f"newest {rule.column} at most {rule.within} old"
        if newest is None:
            return Outcome(expectation.name, expectation.on_fail, 1, text, note="there is no value")
        old = self.now - _instant(newest)
        late = old > rule.within
        return Outcome(expectation.name, expectation.on_fail, int(late), text, note=f"newest is {newest}")

    def _list(self, columns: Sequence[str]) -> str:
        return ", ".join(self.session.name(column) for column in columns)

    def _first(self, columns: Sequence[str]) -> str:
        """Puts a few rows in an order that is the same on every engine, and ends there."""
        terms = ", ".join(f"{self.session.name(column)} NULLS LAST" for column in columns)
        return f"ORDER BY {terms} LIMIT {SHOWN}"

    def _refuse_nulls(self, relation: Relation, staged: Staged, nulls: Mapping[str, int]) -> None:
        strict = [c for c, spec in self.spec.columns.items() if not spec.nullable]
        asked = [c for c in strict if c not in nulls]
        counts = {c: nulls[c] for c in strict if c in nulls}
        if asked and staged.files:
            name = self.session.name
            numbered = {f"c{i}": f"count(*) FILTER (WHERE {name(c)} IS NULL)" for i, c in enumerate(asked)}
            row = self.session.aggregate(relation, numbered)[0]
            counts.update({c: _int(row[f"c{i}"]) for i, c in enumerate(asked)})
        broken = {c: n for c, n in counts.items() if n}
        if broken:
            raise DataError(
                "The result breaks the contract under `columns:`; nothing was published.",
                where=Where(table=self.spec.key, file=str(self.spec.file)),
                why="; ".join(
                    f"{c} is NULL in {n} rows, declared nullable: false" for c, n in broken.items()
                ),
                remedy="Filter these rows in the SELECT, write a not_null expectation with `on_fail: drop`, "
                "or take `nullable: false` out of the contract.",
            )

    def _drop(
        self, relation: Relation, staged: Staged, outcomes: list[Outcome]
    ) -> tuple[Staged, list[Outcome]]:
        dropping = {o.name for o in outcomes if o.on_fail == "drop" and not o.passed}
        if not dropping:
            return staged, outcomes
        rules = [e for e in self.wanted if e.name in dropping]
        by_row = [rule.violated for rule in self._by_row(rules, relation)]
        uniques = [e.rule for e in rules if isinstance(e.rule, UniqueRule)]
        references = [e.rule for e in rules if isinstance(e.rule, ReferencesRule)]
        kept = staged
        if by_row:
            kept = self.session.drop(kept, " OR ".join(by_row))
        for missing in references:
            kept = self.session.drop_missing(kept, missing.columns, missing.table, missing.other_columns)
        if uniques:
            order = [(term.column, term.descending) for term in self.spec.order_by]
            kept = self.session.drop_duplicates(kept, self.spec.dedupe_by, order)
        lost = staged.rows - kept.rows
        note = f"{lost} rows dropped in all" if len(dropping) > 1 else f"{lost} rows dropped"
        return kept, [
            _dropped(o, note, lost if len(dropping) == 1 else o.violations) if o.name in dropping else o
            for o in outcomes
        ]


def _dropped(outcome: Outcome, note: str, rows: int) -> Outcome:
    return Outcome(outcome.name, outcome.on_fail, outcome.violations, outcome.text, rows, outcome.keys, note)


def _int(value: object) -> int:
    return int(value) if isinstance(value, int) else int(str(value))


def _instant(value: object) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    raise DataError(f"`fresh` needs a date or a timestamp, and got {type(value).__name__}.")
