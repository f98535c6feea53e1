"""A secret: a text that is looked up when it is used, and is never shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

from odibi_dagster.storage.secrets.redaction import MASK, remember, supersede
from odibi_dagster.storage.secrets.reference import Reference

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema


class Secret:
    """A text of plain pieces and references, whose value only `reveal` gives.

    Printed, formatted or logged it is masked; it cannot be pickled. Two secrets are equal when they are
    written alike and asked of the same source.

    Args:
        parts: as `parse` returns them; a literal secret is one plain piece.
        ask: returns a reference's value; not called before `reveal`. Literals need none.
        forget: lets the next `ask` for a reference go to its source, however fresh the last answer is.
        deferred: whether asking may need a network.
    """

    __slots__ = ("_ask", "_forget", "_former", "_parts", "deferred")

    def __init__(
        self,
        parts: tuple[str | Reference, ...],
        ask: Callable[[Reference], str] | None = None,
        forget: Callable[[Reference], None] = lambda reference: None,
        deferred: bool = False,
    ) -> None:
        if ask is None and any(isinstance(part, Reference) for part in parts):
            raise TypeError("a secret with references needs somebody to ask")
        self._parts, self._ask, self._forget, self.deferred = parts, ask, forget, deferred
        self._former = ""

    @classmethod
    def literal(cls, text: str) -> Secret:
        """A secret that is written out."""
        return cls((text,) if text else ())

    @property
    def references(self) -> tuple[Reference, ...]:
        """What is asked for when it is revealed."""
        return tuple(part for part in self._parts if isinstance(part, Reference))

    def reveal(self) -> str:
        """The value, as of now: a source is asked again when its answer is some minutes old.

        What is revealed is masked from then on wherever the process writes (see `redaction`).

        Raises:
            ConfigError: a source does not know it.
            StorageError: a source refuses.
            TransientError: a source cannot be reached.
        """
        value = "".join(part if isinstance(part, str) else self._asked(part) for part in self._parts)
        if self._former not in ("", value):
            supersede(self._former)
        self._former = value
        remember(value)
        return value

    def forget(self) -> None:
        """The next `reveal` asks the sources again: what they said was refused."""
        for reference in self.references:
            self._forget(reference)

    def _asked(self, reference: Reference) -> str:
        assert self._ask is not None
        return self._ask(reference)

    def __str__(self) -> str:
        return MASK

    def __repr__(self) -> str:
        # The plain pieces of a connection string may be secret too: only the references are shown.
        return f"Secret({', '.join(map(str, self.references)) or MASK})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self._parts, self._ask) == (other._parts, other._ask)

    def __hash__(self) -> int:
        return hash(self._parts)

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A secret is not written anywhere: each process asks for it itself.")

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(_validated)


def _validated(value: object) -> Secret:
    """Sections declare fields of this type: `account_key: Secret | None = None`."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        # What is known already is masked before anybody asks for it: a library may read the variable itself.
        remember(str(value))
        return value.secret if isinstance(value, Text) else Secret.literal(str(value))
    from pydantic_core import PydanticCustomError

    raise PydanticCustomError(
        "odibi", "{what}", {"what": "This is no text.", "remedy": "Write ${env:NAME}, or quote the value."}
    )


class Text(str):
    """A text whose references could be resolved without a network: its value, and the secret it would be.

    Where a section wants a text it is one; where it wants a `Secret`, the references stay references.
    `repr` shows what was written, not the value.
    """

    secret: Secret
    written: str

    def __new__(cls, value: str, secret: Secret, written: str) -> Text:
        made = super().__new__(cls, value)
        made.secret, made.written = secret, written
        return made

    def __repr__(self) -> str:
        return repr(self.written)

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        return str, (str.__str__(self),)
