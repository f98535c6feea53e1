"""What a proxy may do to a request instead of passing it on and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Seen:
    """One request that came through.

    Args:
        method: GET, PUT, …
        target: path and query, as sent.
        headers: in lower case.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def is_commit(self) -> bool:
        """Whether it puts an entry of a Delta log."""
        return self.method == "PUT" and "/_delta_log/" in self.path and self.path.endswith(".json")


@dataclass(frozen=True)
class Refuse:
    """The server is not asked; this is the answer.

    Args:
        status: 429, 500, 503, …
        retry_after: seconds, for the header of that name.
    """

    status: int
    retry_after: int | None = None


@dataclass(frozen=True)
class CutUpload:
    """The connection breaks after so many bytes of the request's body; the server never sees it whole."""

    after: int = 0


@dataclass(frozen=True)
class CutAnswer:
    """The server does it; the connection breaks after so many bytes of the answer's body."""

    after: int = 0


@dataclass(frozen=True)
class LoseAnswer:
    """The server does it; the connection breaks before the client hears a word of it.

    Args:
        status: what the client hears instead, from a gateway between: 500, 503, 504.
    """

    status: int | None = None


@dataclass(frozen=True)
class Hang:
    """The server is not asked, and the client waits: for so many seconds, then the connection breaks."""

    seconds: float = 3600.0


Fault = Refuse | CutUpload | CutAnswer | LoseAnswer | Hang


@dataclass
class Rule:
    """A fault for the requests that match.

    Args:
        fault: what happens.
        match: which requests.
        times: how many of them; None means all.
        hits: how many it has been so far.
    """

    fault: Fault
    match: Callable[[Seen], bool]
    times: int | None = 1
    hits: int = 0
