"""The Azure SDK's credential whose tokens are masked wherever this process writes."""

from __future__ import annotations

from typing import Any

from odibi_dagster.storage.secrets.redaction import remember


class Remembering:
    """An SDK's `TokenCredential`; each token it gives out, to us or to a client of the SDK, is masked.

    Args:
        credential: any of the SDK's; everything but the tokens is its own.
    """

    def __init__(self, credential: Any) -> None:
        self._credential = credential

    def get_token(self, *scopes: str, **options: Any) -> Any:
        """As the credential's own."""
        found = self._credential.get_token(*scopes, **options)
        remember(found.token, found.expires_on)
        return found

    def get_token_info(self, *scopes: str, **options: Any) -> Any:
        """As the credential's own."""
        found = self._credential.get_token_info(*scopes, **options)
        remember(found.token, found.expires_on)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._credential, name)
