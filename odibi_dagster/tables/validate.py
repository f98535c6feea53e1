"""A document becomes a header: pydantic decides, and its errors become sentences with a line and a remedy."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from odibi_dagster.storage.secrets import Secret, Text
from odibi_dagster.tables.document import Document, Path, Unknown
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.section import Section

S = TypeVar("S", bound=Section)

_LATER = {"key": "It belongs to kinds that come later; available: full, append, partition."}
_EAGER = (
    "Use what needs no network: a variable, a file, or a name that a mapping of `secrets:` answers; "
    "vaults and functions are asked for credentials."
)
_WANTED = {
    "string": "a text: quote it if it looks like a number or a day",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "tuple": "a list, like [a, b]",
    "list": "a list, like [a, b]",
    "dict": "a mapping, like {key: value}",
    "model": "a mapping, like {key: value}",
}


def validate(
    model: type[S], document: Document, problems: Problems, context: Mapping[str, Any] | None = None
) -> S | None:
    """The section that a document means, or None; all that is wrong with it is in `problems` then.

    Args:
        model: the section.
        document: what was read.
        problems: where problems are noted.
        context: what validators may ask for.
    """
    try:
        return model.model_validate(document.data, context=context)
    except ValidationError as errors:
        for error in errors.errors(include_url=False):
            path = _path(error["loc"])
            if isinstance(_at(document.data, path), Unknown):
                continue  # the reference in it was told
            what, remedy = _sentence(model, dict(error))
            if isinstance(given := error["input"], Text) and len(given):
                what = what.replace(str.__str__(given), given.written)  # a variable's value may be a secret
            problems.add(what, line=document.line(path), file=document.file(path), remedy=remedy)
        return None


def _at(data: object, path: Path) -> object:
    """The value at a path; None where a path leads nowhere, as to a key that is missing."""
    for part in path:
        if isinstance(data, dict):
            data = data.get(part)
        elif isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            return None
    return data


def _path(loc: Path) -> Path:
    return tuple(part for part in loc if part != "[key]")


def _sentence(model: type[Section], error: dict[str, Any]) -> tuple[str, str]:
    path, kind, context = _path(error["loc"]), str(error["type"]), error.get("ctx", {})
    name = ".".join(str(part) for part in path)
    if isinstance(error["input"], Secret):
        return f"`{name}` cannot be {_asked(error['input'])}", _EAGER
    if kind == "odibi":
        return (f"{name}: {context['what']}" if path else context["what"]), context["remedy"]
    if kind == "extra_forbidden":
        key, section = str(path[-1]), _section(model, path[:-1])
        inside = f" of `{'.'.join(map(str, path[:-1]))}`" if path[:-1] else ""
        if not path[:-1] and key in _LATER:
            return f"The key `{key}` is not available yet.", _LATER[key]
        if error["input"] is None and not key.isidentifier():  # `{sql: a IN (1, 2)}` has the key `2)`
            return f"`{key}` is not a key{inside}.", "Between braces, quote a text that holds a comma."
        known = [field.alias or each for each, field in section.model_fields.items()]
        return f"`{key}` is not a key{inside}.", did_you_mean(key, known)
    if kind == "missing":
        return f"`{name}` is missing.", f"Add `{path[-1]}:`."
    what = f"`{name}` cannot be {textwrap.shorten(repr(error['input']), 80, placeholder=' …')}."
    for prefix, wanted in _WANTED.items():
        if kind.startswith(prefix):
            return what, f"Write {wanted}."
    return what, f"{error['msg']}."


def _asked(secret: Secret) -> str:
    asked = " and ".join(f"`{each}`" for each in secret.references)
    return f"{asked}: it is needed while definitions load, and that is answered at use only."


def _section(model: type[Section], path: Path) -> type[Section]:
    """The section in which a key at `path` stands."""
    for part in path:
        field = next((f for n, f in model.model_fields.items() if part in (n, f.alias)), None)
        if field is not None and (inner := _inner(field.annotation)):
            model = inner
    return model


def _inner(annotation: Any) -> type[Section] | None:
    """The section inside of an annotation like `dict[str, Section] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for each in get_args(annotation) if (found := _inner(each))), None)
