"""A credential that is nothing but the options of the clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Options:
    """It says what it is told to, to obstore and to delta-rs."""

    given: dict[str, Any]

    def obstore_options(self) -> dict[str, Any]:
        return dict(self.given)

    def delta_options(self) -> dict[str, str]:
        return dict(self.given)
