"""Secrets: references in files, resolved when they are used; and what hides their values in all output."""

from odibi_dagster.storage.secrets.lookup import Secrets
from odibi_dagster.storage.secrets.redaction import MASK, mask, mask_all, remember, show
from odibi_dagster.storage.secrets.reference import Reference, parse
from odibi_dagster.storage.secrets.secret import Secret, Text
from odibi_dagster.storage.secrets.sources import Sources

__all__ = [
    "MASK",
    "Reference",
    "Secret",
    "Secrets",
    "Sources",
    "Text",
    "mask",
    "mask_all",
    "parse",
    "remember",
    "show",
]
