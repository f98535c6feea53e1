"""What Spark answered, kept in a file for each family."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "answers"


@dataclass(frozen=True)
class Answer:
    """One answer: columns and rows, or the error's condition (`DIVIDE_BY_ZERO`).

    Args:
        columns: pairs of name and type (`simpleString`).
        rows: as `value.recorded`; None where no value could be fetched, because Python has no such type.
    """

    columns: tuple[tuple[str, str], ...] = ()
    rows: tuple[tuple[Any, ...], ...] | None = None
    error: str = ""

    def as_json(self) -> dict[str, Any]:
        if self.error:
            return {"error": self.error}
        return {"columns": self.columns, "rows": self.rows}


def load(family: str) -> dict[str, Answer]:
    """The recorded answers of a family by the text of the case."""
    file = FOLDER / f"{family}.json"
    if not file.exists():
        return {}
    return {
        text: Answer(
            tuple((name, type) for name, type in one.get("columns", ())),
            None if one.get("rows") is None else tuple(tuple(row) for row in one["rows"]),
            one.get("error", ""),
        )
        for text, one in json.loads(file.read_text(encoding="utf-8"))["answers"].items()
    }


def save(family: str, spark: str, answers: dict[str, Answer]) -> None:
    """Writes a family's answers, one a line, as Spark of that version gave them."""
    lines = ",\n".join(
        f"{json.dumps(text)}: {json.dumps(answer.as_json(), separators=(',', ':'))}"
        for text, answer in answers.items()
    )
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{family}.json").write_text(
        f'{{"spark": {json.dumps(spark)},\n"answers": {{\n{lines}\n}}}}\n', encoding="utf-8"
    )


def functions() -> list[str]:
    """The names of every function and operator of Spark, as recorded."""
    names: list[str] = json.loads((FOLDER / "functions.json").read_text(encoding="utf-8"))
    return names


def save_functions(names: list[str]) -> None:
    """Keeps the names of Spark's functions."""
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "functions.json").write_text(json.dumps(names, indent=0) + "\n", encoding="utf-8")
