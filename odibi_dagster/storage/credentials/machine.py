"""The Azure SDK's credential of a machine whose token service is at an address of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from azure.core.credentials import AccessToken, AccessTokenInfo, TokenRequestOptions

#: A token is used until so many seconds before its end, as the SDK's own credentials do.
_EARLY = 300
_VERSION = "2019-08-01"


class MachineCredential:
    """Asks a token service at `msi_endpoint` just as obstore and delta-rs do; the SDK's `TokenCredential`.

    azure-identity looks for the service itself (IMDS's fixed address, App Service's variables) and cannot be
    told of another. A token is kept until five minutes before its end; threads may share the object.

    The request is IMDS's, with App Service's version and header:
    https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token and
    https://learn.microsoft.com/azure/app-service/overview-managed-identity.

    Args:
        endpoint: the token service's whole URL, without a query.
        client_id: of a user-assigned identity; "" means the machine's own.
        header: what IDENTITY_HEADER holds, which App Service demands; "" where there is none.
        options: of the SDK's pipeline, as `Network.azure_options` gives them.
    """

    def __init__(self, endpoint: str, client_id: str, header: str, options: Mapping[str, Any]) -> None:
        from azure.core import PipelineClient

        self._endpoint, self._client_id, self._header = endpoint, client_id, header
        self._client: Any = PipelineClient(endpoint, **options)
        self._tokens: dict[str, AccessTokenInfo] = {}
        self._lock = threading.Lock()

    def get_token(self, *scopes: str, **_: Any) -> AccessToken:
        """A token for one scope, such as `https://storage.azure.com/.default`; other arguments are ignored.

        Raises:
            azure.core.exceptions.ClientAuthenticationError: the service refuses, or answers no token.
            azure.core.exceptions.AzureError: it cannot be reached.
        """
        from azure.core.credentials import AccessToken

        found = self.get_token_info(*scopes)
        return AccessToken(found.token, found.expires_on)

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """As `get_token`, in the SDK's newer form."""
        (scope,) = scopes  # a token is for one resource
        with self._lock:
            known = self._tokens.get(scope)
            if known is None or known.expires_on - time.time() < _EARLY:
                known = self._tokens[scope] = self._asked(scope.removesuffix("/.default"))
            return known

    def close(self) -> None:
        """Closes the connections; the SDK's clients do not, their users may."""
        self._client.close()

    def _asked(self, resource: str) -> AccessTokenInfo:
        from azure.core.credentials import AccessTokenInfo
        from azure.core.exceptions import ClientAuthenticationError, HttpResponseError
        from azure.core.rest import HttpRequest

        query = {"api-version": _VERSION, "resource": resource}
        query |= {"client_id": self._client_id} if self._client_id else {}
        headers = {"Metadata": "true"} | ({"X-IDENTITY-HEADER": self._header} if self._header else {})
        answer = self._client.send_request(HttpRequest("GET", self._endpoint, params=query, headers=headers))
        if answer.status_code >= 500:  # and the pipeline has tried it again
            raise HttpResponseError(response=answer)
        try:
            said = answer.json()
            if answer.status_code == 200:
                return AccessTokenInfo(said["access_token"], _until(said))
            why = said.get("error_description") or said.get("error")
        except (ValueError, KeyError, AttributeError):
            why = "its answer holds no token"
        raise ClientAuthenticationError(f"The machine's token service refuses: {why}.", response=answer)


def _until(said: Mapping[str, Any]) -> int:
    """When the token ends, in seconds since 1970; the services write either, as text or as a number."""
    if "expires_on" in said:
        return int(said["expires_on"])
    return int(time.time()) + int(said["expires_in"])
