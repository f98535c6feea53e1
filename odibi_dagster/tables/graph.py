"""The graph of the tables: every input exists, nothing goes in a circle, and the order that follows."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from odibi_dagster.errors import ConfigError, Where
from odibi_dagster.sql.nearest import nearest
from odibi_dagster.tables.spec import FunctionBody, TableSpec


def check_graph(
    specs: Iterable[TableSpec], *, tables: Collection[str], resources: Collection[str]
) -> list[ConfigError]:
    """Everything that is wrong between the tables: unknown inputs and resources, and cycles.

    Args:
        specs: the tables that were read.
        tables: the keys of all table files, also of those that could not be read: they exist all the same.
        resources: the resource keys that a function's parameter may name.
    """
    specs = list(specs)
    errors = []
    for spec in specs:
        for key in spec.reads:
            if key not in tables:
                close = nearest(key, tables)
                remedy = (
                    f"Did you mean `{close}`?"
                    if close
                    else f"Add defs/{key.replace('.', '/')}.sql, .py or .yaml."
                )
                errors.append(_error(spec, key, f"There is no table `{key}`.", remedy))
        for parameter in spec.body.parameters if isinstance(spec.body, FunctionBody) else ():
            if parameter.resource is not None and parameter.resource not in resources:
                known = sorted(resources)
                close = nearest(parameter.resource, known)
                remedy = f"Did you mean `{close}`?" if close else f"Resources: {', '.join(known) or 'none'}."
                remedy += " A parameter that names a table is written <layer>_<table>, like silver_orders."
                what = f"The parameter `{parameter.name}` names no table and no resource."
                errors.append(_error(spec, parameter.name, what, remedy))
    return errors + _cycles(specs)


@dataclass(frozen=True)
class Graph:
    """Who reads whom.

    Args:
        parents: for each table, inputs before the tables that read them, what it reads (references included).
    """

    parents: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, specs: Iterable[TableSpec]) -> Graph:
        """The graph of tables that `check_graph` found right; equal tables give equal orders.

        Raises:
            graphlib.CycleError: the tables read each other in a circle.
        """
        by_key = {spec.key: spec for spec in specs}
        sorter = TopologicalSorter({key: _known(spec, by_key) for key, spec in by_key.items()})
        sorter.prepare()
        parents: dict[str, tuple[str, ...]] = {}
        while sorter.is_active():
            ready = sorted(sorter.get_ready())
            parents.update({key: by_key[key].reads for key in ready})
            sorter.done(*ready)
        return cls(parents)

    def ancestors(self, key: str) -> frozenset[str]:
        """All tables that the table depends on, directly or through others.

        Raises:
            KeyError: there is no such table.
        """
        return _reach(self.parents, key)

    def descendants(self, key: str) -> frozenset[str]:
        """All tables that depend on the table, directly or through others.

        Raises:
            KeyError: there is no such table.
        """
        return _reach(self._children, key)

    @cached_property
    def _children(self) -> Mapping[str, list[str]]:
        children: dict[str, list[str]] = {key: [] for key in self.parents}
        for key, parents in self.parents.items():
            for parent in parents:
                children[parent].append(key)
        return children


def _reach(edges: Mapping[str, Sequence[str]], key: str) -> frozenset[str]:
    found: set[str] = set()
    todo = list(edges[key])
    while todo:
        each = todo.pop()
        if each not in found:
            found.add(each)
            todo += edges[each]
    return frozenset(found)


def _known(spec: TableSpec, tables: Collection[str]) -> set[str]:
    return {key for key in spec.reads if key in tables}


def _cycles(specs: Iterable[TableSpec]) -> list[ConfigError]:
    by_key = {spec.key: spec for spec in specs}
    edges = {key: _known(spec, by_key) for key, spec in by_key.items()}
    errors: list[ConfigError] = []
    while True:
        try:
            TopologicalSorter(edges).prepare()
            return errors
        except CycleError as error:
            cycle: list[str] = error.args[1]  # each is read by the next; the first is the last
            edges[cycle[1]].discard(cycle[0])  # one error a cycle: cut it, and look for the next
            spec, path = by_key[cycle[1]], " -> ".join(cycle)
            what = f"The tables read each other in a circle: {path}."
            errors.append(_error(spec, cycle[0], what, "Take one of these inputs away, or split a table."))


def _error(spec: TableSpec, mentioned: str, what: str, remedy: str) -> ConfigError:
    where = Where(spec.key, str(spec.file), _line(spec, mentioned))
    return ConfigError(what, where=where, remedy=remedy)


def _line(spec: TableSpec, mentioned: str) -> int | None:
    """The first line of the file that mentions a table (layer.name, in Python layer_name) or a parameter."""
    parts = [re.escape(part) for part in re.split(r"[._]", mentioned, maxsplit=1)]
    pattern = re.compile(r"(?<!\w)[`\"]?" + r"[`\"]?\s*[._]\s*[`\"]?".join(parts) + r"(?!\w)", re.IGNORECASE)
    try:
        text = spec.file.read_text(encoding="utf-8-sig")
    except OSError:
        return None
    found = pattern.search(text)
    return 1 + text.count("\n", 0, found.start()) if found else None
