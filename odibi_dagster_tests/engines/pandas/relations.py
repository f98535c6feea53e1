"""Random DuckDB queries as a Python function's relation makes them: subqueries, renames, joins, sets."""

from __future__ import annotations

import random

from odibi_dagster_tests.engines.pandas.test_prune import VALUES

#: Constants of other types than the column's: DuckDB casts one side or the other.
STRANGE = ["5", "'5'", "0.5", "'2024-01-01'", "DATE '2024-01-01'", "TIMESTAMP '2024-02-29 00:00:00'", "'10'"]
COMPARE = ["=", "<", "<=", ">", ">=", "<>", "IS DISTINCT FROM", "IS NOT DISTINCT FROM"]
JOINS = ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN", "CROSS JOIN"]
SETS = ["UNION ALL", "UNION", "INTERSECT", "EXCEPT"]

Query = tuple[str, list[str]]
"""Its text and the names of its columns."""


class Relations:
    """Makes queries over tables that all have the columns of `VALUES`.

    Args:
        pick: makes the choices.
        tables: the inputs' names.
    """

    def __init__(self, pick: random.Random, tables: list[str]) -> None:
        self.pick, self.tables = pick, tables

    def often(self, share: float) -> bool:
        return self.pick.random() < share

    def value(self, name: str) -> str:
        if self.often(0.15):
            return self.pick.choice(STRANGE)
        return self.pick.choice([v for v in VALUES.get(name, VALUES["i"]) if v != "NULL"])

    def condition(self, prefix: str, names: list[str], depth: int = 0) -> str:
        if depth < 3 and self.often(0.4):
            sides = (self.condition(prefix, names, depth + 1) for _ in range(2))
            return "(" + f" {self.pick.choice(['AND', 'OR'])} ".join(sides) + ")"
        name = self.pick.choice(names)
        column, value = prefix + name, self.value(name)
        compare = f"{column} {self.pick.choice(COMPARE)} {value}"
        return self.pick.choice(
            [
                *[compare] * 6,
                f"NOT ({compare})",
                f"{value} {self.pick.choice(COMPARE)} {column}",
                f"{column} IS {self.pick.choice(['NULL', 'NOT NULL'])}",
                f"{column} IN ({value}, {self.value(name)})",
                f"{column} BETWEEN {value} AND {self.value(name)}",
            ]
        )

    def where(self, share: float, prefix: str, names: list[str]) -> str:
        return f" WHERE {self.condition(prefix, names)}" if self.often(share) else ""

    def columns(self, names: list[str]) -> Query:
        """Some of them, some under the names of others, some as the results of functions."""
        items: dict[str, str] = {}
        for _ in range(self.pick.randint(1, 4)):
            source = self.pick.choice(names)
            alias = self.pick.choice(names) if self.often(0.5) else source
            items.setdefault(alias, source if self.often(0.8) else f"coalesce({source}, {source})")
        return ", ".join(f"{item} AS {alias}" for alias, item in items.items()), list(items)

    def query(self, depth: int = 0) -> Query:
        kinds = [self.plain, self.plain, self.grouped, self.windowed, self.exists]
        return self.pick.choice([*kinds, *([self.joined, self.set, self.cte] if depth < 2 else [])])(depth)

    def source(self, depth: int) -> Query:
        if depth < 2 and self.often(0.35):
            text, names = self.query(depth + 1)
            return f"({text}) AS q{self.pick.randint(1, 2)}", names
        return f'"{self.pick.choice(self.tables)}"' + self.pick.choice(["", " AS t"]), list(VALUES)

    def plain(self, depth: int) -> Query:
        source, names = self.source(depth)
        items, named = self.columns(names) if self.often(0.7) else ("*", names)
        distinct, tail = self.pick.choice(["", "DISTINCT "]), self.pick.choice(["", " ORDER BY ALL LIMIT 3"])
        return f"SELECT {distinct}{items} FROM {source}{self.where(0.7, '', names)}{tail}", named

    def grouped(self, depth: int) -> Query:
        source, names = self.source(depth)
        key, value, alias = (self.pick.choice(names) for _ in range(3))
        alias = "n" if alias == key else alias
        having = f" HAVING {self.condition('', [self.pick.choice([key, alias])])}" if self.often(0.5) else ""
        by = self.pick.choice([key, "ALL", "1"])
        where = self.where(0.5, "", names)
        return f"SELECT {key}, max({value}) AS {alias} FROM {source}{where} GROUP BY {by}{having}", [
            key,
            alias,
        ]

    def windowed(self, depth: int) -> Query:
        source, names = self.source(depth)
        by, value = (self.pick.choice(names) for _ in range(2))
        over = f"OVER (PARTITION BY {by})"
        where = self.where(0.5, "", names)
        return f"SELECT {by}, count(*) {over} AS n FROM {source}{where} QUALIFY count({value}) {over} > 1", [
            by,
            "n",
        ]

    def exists(self, depth: int) -> Query:
        source, names = self.source(depth)
        inner = (
            f'SELECT 1 FROM "{self.pick.choice(self.tables)}" AS e WHERE {self.condition("e.", list(VALUES))}'
        )
        return (
            f"SELECT {names[0]} FROM {source} WHERE {self.condition('', names)} AND EXISTS ({inner})",
            names[:1],
        )

    def joined(self, depth: int) -> Query:
        (left, mine), (right, others) = (self.query(depth + 1) for _ in range(2))
        kind = self.pick.choice(JOINS)
        equal = f"l.{self.pick.choice(mine)} IS NOT DISTINCT FROM r.{self.pick.choice(others)}"
        side, names = self.pick.choice([("l.", mine), ("r.", others)])
        on = "" if kind == "CROSS JOIN" else f" ON {equal} AND {self.condition(side, names)}"
        half = kind.startswith(("SEMI", "ANTI"))
        side, names = ("l.", mine) if half else self.pick.choice([("l.", mine), ("r.", others)])
        items = [f"l.{n} AS {n}" for n in mine] + [f"r.{n} AS r_{n}" for n in others if not half]
        text = f"SELECT {', '.join(items)} FROM ({left}) AS l {kind} ({right}) AS r{on}"
        return text + self.where(0.5, side, names), [item.split(" AS ")[-1] for item in items]

    def set(self, depth: int) -> Query:
        sides = [self.query(depth + 1) for _ in range(2)]
        count = min(len(names) for _, names in sides)
        texts = [
            f"SELECT {', '.join(f'CAST({n} AS VARCHAR) AS {n}' for n in names[:count])} FROM ({text})"
            for text, names in sides
        ]
        return f" {self.pick.choice(SETS)} ".join(texts), sides[0][1][:count]

    def cte(self, depth: int) -> Query:
        text, names = self.query(depth + 1)
        return f"WITH c AS ({text}) SELECT * FROM c WHERE {self.condition('', names)}", names
