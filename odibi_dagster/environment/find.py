"""The file of an environment: a shipped one by its name, or any by its path."""

from __future__ import annotations

from pathlib import Path

from odibi_dagster.errors import ConfigError
from odibi_dagster.tables.nearest import did_you_mean

_SHIPPED = Path(__file__).resolve().parents[1] / "environments"


def find(wanted: str, beside: Path | None = None) -> Path:
    """The file of a shipped name, or at a path; a relative one is sought `beside` a folder."""
    if wanted.endswith((".yaml", ".yml")) or "/" in wanted:
        path = (beside or Path()) / Path(wanted).expanduser()
        if path.is_file():
            return path.resolve()
        raise ConfigError(
            f"There is no environment file {wanted}.",
            remedy="Correct ODIBI_ENV or --env; it is a path or a name.",
        )
    shipped = sorted(file.stem for file in _SHIPPED.glob("*.yaml"))
    if wanted not in shipped:
        raise ConfigError(
            f"There is no environment {wanted!r}.",
            why=f"shipped are {', '.join(shipped)}",
            remedy=did_you_mean(wanted, shipped) or "Set ODIBI_ENV to one of them, or to the path of a file.",
        )
    return _SHIPPED / f"{wanted}.yaml"
