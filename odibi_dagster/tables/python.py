"""A Python file: a docstring that is the header or a description, and a function with the file's name."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path
from typing import cast

from odibi_dagster.storage.secrets import Sources
from odibi_dagster.tables.annotation import CONTEXT, FRAMES, WANTED, dotted, imported
from odibi_dagster.tables.comment import read_comment
from odibi_dagster.tables.document import Document
from odibi_dagster.tables.engine import engine_of
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.spec import LAYERS, FunctionBody, Parameter, Wanted

_INPUT = re.compile(rf"({'|'.join(LAYERS)})_([a-z][a-z0-9_]*)")


def read_python(
    text: str, *, file: Path, names: Mapping[str, str] | Sources, problems: Problems, engine: str
) -> tuple[Document | None, FunctionBody | None, str]:
    """The header, the function and the code of a Python file, which is parsed and not run.

    Args:
        text: the whole file.
        file: its path; the stem is the function's name.
        names: what `${name}` in the header stands for.
        problems: where problems are noted.
        engine: the environment's; the header may name another.

    Returns:
        The header and the function (None where `problems` says why), and the code without comments, layout
        and the file's docstring: equal for files that compute the same.
    """
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = error.lineno if isinstance(error, SyntaxError) else None
        reason = error.msg if isinstance(error, SyntaxError) else str(error)
        problems.add("This is not Python.", line=line, why=reason, remedy="Mend the syntax.")
        return None, None, ""
    docstring = ast.get_docstring(module, clean=False) or ""
    first_line = module.body[0].lineno if docstring else 1
    document = read_comment(docstring, first_line=first_line, names=names, problems=problems)
    body = _function(module, file, problems, engine_of(document, engine))
    if docstring:
        del module.body[0]
    return document, body, ast.unparse(module)


def _function(module: ast.Module, file: Path, problems: Problems, engine: str) -> FunctionBody | None:
    defined = {n.name: n for n in module.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    node = defined.get(file.stem)
    if node is None:
        public = [name for name in defined if not name.startswith("_")]
        remedy = did_you_mean(file.stem, public) if public else ""
        problems.add(
            f"The file defines no function `{file.stem}`.",
            line=1,
            remedy=f"{remedy} A table's function has the file's name: def {file.stem}(…).".strip(),
        )
        return None
    names = imported(module)
    before = len(problems.errors)
    if isinstance(node, ast.AsyncFunctionDef):
        problems.add(f"`{node.name}` is async.", line=node.lineno, remedy="Write a plain def.")
    for decorator in node.decorator_list:
        call = decorator.func if isinstance(decorator, ast.Call) else decorator
        if (dotted(call, names) or "").partition(".")[0] == "dagster":
            problems.add(
                f"`{node.name}` is decorated with `@{ast.unparse(call)}`.",
                line=decorator.lineno,
                remedy="Remove the decorator: the file is the asset, and its docstring the settings.",
            )
    parameters = tuple(p for a in _arguments(node, problems) if (p := _parameter(a, names, problems, engine)))
    return FunctionBody(file, node.name, parameters) if len(problems.errors) == before else None


def _arguments(node: ast.FunctionDef | ast.AsyncFunctionDef, problems: Problems) -> list[ast.arg]:
    every = node.args
    for star in filter(None, (every.vararg, every.kwarg)):
        problems.add(
            f"The parameter `*{star.arg}` names no input.",
            line=star.lineno,
            remedy="Write one parameter for each table, like silver_orders.",
        )
    for only in every.posonlyargs:
        problems.add(
            f"The parameter `{only.arg}` cannot be given by its name.",
            line=only.lineno,
            remedy="Remove the `/` from the parameters.",
        )
    arguments = [*every.args, *every.kwonlyargs]
    optional = every.args[len(every.args) - len(every.defaults) :] if every.defaults else []
    optional += [a for a, default in zip(every.kwonlyargs, every.kw_defaults, strict=True) if default]
    for argument in optional:
        problems.add(
            f"The parameter `{argument.arg}` has a default.",
            line=argument.lineno,
            why="A parameter is a table, a resource or the context, and always given.",
            remedy="Make a constant of the module from it.",
        )
    return arguments


def _parameter(
    argument: ast.arg, names: Mapping[str, str], problems: Problems, engine: str
) -> Parameter | None:
    wanted = dotted(argument.annotation, names) if argument.annotation else None
    name = argument.arg
    if wanted == CONTEXT or (name == "context" and argument.annotation is None):
        return Parameter(name, wants="context")
    table = _INPUT.fullmatch(name)
    if table is None:
        if wanted in FRAMES:
            problems.add(
                f"The parameter `{name}` is annotated as data and names no table.",
                line=argument.lineno,
                remedy="Name it <layer>_<table>, like silver_orders.",
            )
            return None
        return Parameter(name, resource=name)
    key = f"{table[1]}.{table[2]}"
    if argument.annotation is None:
        return Parameter(name, input=key, wants="narwhals")
    known = WANTED[engine]
    if wanted in FRAMES and FRAMES[wanted] in {FRAMES[one] for one in known}:
        return Parameter(name, input=key, wants=cast(Wanted, FRAMES[wanted]))
    shown, kinds = ast.unparse(argument.annotation), f"{', '.join(known[:-1])} or {known[-1]}"
    if wanted and wanted.partition(".")[0] in ("pyspark", "duckdb"):
        other = next(name for name in WANTED if name != engine)
        problems.add(
            f"The parameter `{name}` wants `{shown}`, and the engine is {engine}.",
            line=argument.lineno,
            remedy=f"Annotate it as {kinds}: narwhals.LazyFrame runs on every engine. "
            f"Or write `engine: {other}` into the header.",
        )
    else:
        problems.add(
            f"The parameter `{name}` wants `{shown}`, which is not a kind of data.",
            line=argument.lineno,
            remedy=f"Annotate it as {kinds}; without an annotation it is narwhals.LazyFrame.",
        )
    return None
