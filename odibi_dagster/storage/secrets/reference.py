"""`${scheme:address}` and `${name}` in a text: what they are, before anything is asked for them."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass

from odibi_dagster.errors import ConfigError

#: The schemes, and how an address of each is written.
SCHEMES = {
    "env": "${env:NAME}",
    "file": "${file:/mounted/secret}",
    "keyvault": "${keyvault:vault/name} or ${keyvault:vault/name@version}",
    "secretsmanager": "${secretsmanager:id} or ${secretsmanager:id#field}",
    "databricks": "${databricks:scope/key}",
}
#: The schemes whose sources are reached over a network.
REMOTE = frozenset({"keyvault", "secretsmanager", "databricks"})

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_ADDRESS = {
    "env": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "file": re.compile(r"[/~].*"),
    # Key Vault, "Objects, identifiers, and versioning": names are of letters, digits and dashes.
    "keyvault": re.compile(r"(https://)?[A-Za-z0-9.:-]+/[A-Za-z0-9-]{1,127}(@[A-Za-z0-9]+)?"),
    "secretsmanager": re.compile(r"[^#\s]+(#[^#]+)?"),
    "databricks": re.compile(r"[^/\s]+/[^/\s]+"),
}


@dataclass(frozen=True)
class Reference:
    """One `${…}`.

    Args:
        scheme: one of SCHEMES, or "" for a plain name, which `secrets:` or a variable answers.
        address: what stands behind the colon; the name itself without a scheme.
    """

    scheme: str
    address: str

    @property
    def remote(self) -> bool:
        """Whether its source is reached over a network."""
        return self.scheme in REMOTE

    def __str__(self) -> str:
        return f"${{{self.scheme}:{self.address}}}" if self.scheme else f"${{{self.address}}}"


def parse(text: str) -> tuple[str | Reference, ...]:
    """The plain pieces and the references of a text, in order: `"key=${env:K};"` has three.

    Nothing is resolved.

    Raises:
        ConfigError: a scheme is unknown, or an address is not one of its scheme.
    """
    parts: list[str | Reference] = []
    at = 0
    for match in _REFERENCE.finditer(text):
        if match.start() > at:
            parts.append(text[at : match.start()])
        parts.append(_reference(match[1].strip()))
        at = match.end()
    if at < len(text):
        parts.append(text[at:])
    return tuple(parts)


def _reference(inside: str) -> Reference:
    scheme, colon, address = (part.strip() for part in inside.partition(":"))
    if not colon:
        return Reference("", inside)
    if scheme not in SCHEMES:
        close = difflib.get_close_matches(scheme.lower(), SCHEMES, n=1, cutoff=0.6)
        raise ConfigError(
            f"`${{{inside}}}`: there is no source `{scheme}`.",
            remedy=f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(SCHEMES)}.",
        )
    if not _ADDRESS[scheme].fullmatch(address):
        raise ConfigError(
            f"`${{{inside}}}` is not an address of {scheme}.", remedy=f"Write {SCHEMES[scheme]}."
        )
    return Reference(scheme, address)
