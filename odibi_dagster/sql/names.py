"""Names in expressions: columns, aliases, fields of structs, lambdas' variables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from . import access
from .catalogue.entry import Lambda
from .env import Env
from .refusal import Refusal
from .typed import Typed

_VARIABLE = "namedlambdavariable()"


class Names(ABC):
    """Compiles names, and lambdas, which make names."""

    @abstractmethod
    def compile(self, node: exp.Expr, env: Env) -> Typed:
        """The compiled expression."""

    def _column(self, node: exp.Expr, env: Env) -> Typed:
        assert isinstance(node, exp.Column)
        name, qualifier = node.name, node.table
        if node.db or (qualifier and env.scope.find(name, qualifier) is None):
            base = self._struct_of(node, env)
            if base is not None:
                return replace(access.field(base, name), column=name)
        if not qualifier and (variable := env.variables.get(name.lower())):
            return variable
        found = None if qualifier else env.aliases.get(name.lower())
        own = env.scope.find(name, qualifier) if not (found and env.aliases_first) else None
        if own is not None and found and (own.outer or (env.aliases_unless_key and own.sql not in env.keys)):
            own = None
        if own is None and found:
            if len(found) > 1:
                raise Refusal(f"The alias {name} is ambiguous.", "Give each column its own name.")
            self._allowed(found[0], env)
            return replace(found[0], name=name, column=name)
        column = own or env.scope.resolve(name, qualifier, list(env.aliases))
        return Typed(
            sql=column.sql,
            type=column.type,
            nullable=column.nullable,
            name=name,
            lineage=column.lineage,
            loose=frozenset() if column.outer else frozenset((name,)),
            column=name,
        )

    def _struct_of(self, node: exp.Column, env: Env) -> Typed | None:
        """What stands in front of the last point, where that is a column or a variable and no table."""
        name, qualifier = node.table, node.db
        if qualifier and env.scope.find(name, qualifier) is None:
            inner = self._struct_of(exp.Column(this=node.args["table"], table=node.args["db"]), env)
            return access.field(inner, name) if inner is not None else None
        low = name.lower()
        known = low in env.variables or low in env.aliases or env.scope.find(name) is not None
        if not qualifier and not known:
            return None
        return self._column(exp.Column(this=node.args["table"], table=node.args.get("db")), env)

    def _variable(self, node: exp.Expr, env: Env) -> Typed:
        variable = env.variables.get(node.name.lower())
        if variable is None:
            raise Refusal(f"{node.name} is not a variable of a lambda here.")
        return variable

    def _field(self, node: exp.Expr, env: Env) -> Typed:
        name = node.expression
        if not isinstance(name, exp.Identifier):
            raise Refusal("Only a field's name stands behind a point.")
        base = self.compile(node.this, env)
        found = access.field(base, name.name)
        return replace(found, column=name.name) if base.column else found

    def _item(self, node: exp.Expr, env: Env) -> Typed:
        if len(node.expressions) != 1:
            raise Refusal("One index stands in [ ].")
        return access.item(self.compile(node.this, env), self.compile(node.expressions[0], env))

    def _lambda(self, node: exp.Expr, env: Env) -> Lambda:
        names = [variable.name for variable in node.expressions]
        first = len(env.variables)

        def compiled(values: Sequence[Typed]) -> Typed:
            if len(names) != len(values) or len({name.lower() for name in names}) != len(names):
                raise Refusal(f"A lambda with the variables {', '.join(names)} does not fit here.")
            variables = {
                name.lower(): replace(value, name=_VARIABLE)
                for name, value in zip(names, values, strict=True)
            }
            # Inner variables hide outer ones of their name, which still count for the next number.
            hidden = {f"\0{first + at}": env.variables[low] for at, low in enumerate(variables)
                      if low in env.variables}  # fmt: skip
            inner = replace(env, variables={**env.variables, **hidden, **variables}, windows=False)
            body = self.compile(node.this, replace(inner, clause=env.clause or "A lambda"))
            shown = f"lambdafunction({', '.join([body.name, *[_VARIABLE] * len(names)])})"
            return replace(body, name=shown)

        return Lambda(len(names), first, compiled)

    def _allowed(self, typed: Typed, env: Env) -> None:
        if env.clause and typed.aggregate:
            raise Refusal(
                f"{env.clause} cannot use the aggregate {typed.name}.", "Use HAVING, or a subquery."
            )
        if typed.window and not env.windows:
            raise Refusal(
                f"{env.clause or 'This clause'} cannot use the window function {typed.name}.",
                "Compute it in a subquery or WITH, or use QUALIFY.",
            )
