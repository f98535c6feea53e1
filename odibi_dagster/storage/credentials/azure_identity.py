"""An Azure credential in the words of the Azure SDK, imported when asked for; the SDK keeps the tokens."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import AuthenticationError, StorageError, TransientError, Where
from odibi_dagster.storage.credentials.machine import MachineCredential
from odibi_dagster.storage.credentials.remembering import Remembering
from odibi_dagster.storage.value import text_of

if TYPE_CHECKING:
    from odibi_dagster.storage.credentials.azure_settings import AzureSettings

STORAGE = "https://storage.azure.com/.default"
#: obstore asks again when less than five minutes are left (measured with 0.12.1).
_FRESH = timedelta(minutes=10)
_made: dict[tuple[object, ...], Any] = {}
_lock = threading.Lock()


@dataclass(frozen=True, repr=False)
class Token:
    """A bearer token, and until when it is good."""

    value: str
    until: datetime


def soon() -> datetime:
    """When a key or signature is to be resolved again: five minutes from now, as obstore counts."""
    return datetime.now(UTC) + _FRESH


def token(credential: AzureSettings, scope: str = STORAGE) -> Token:
    """A token for the storage service: the SDK's own while it is good, else a new one.

    Raises:
        AuthenticationError: nobody could be found, or the token service refuses.
        TransientError: the token service cannot be reached.
    """
    from azure.core.exceptions import AzureError, ClientAuthenticationError

    try:
        access = sdk_credential(credential).get_token(scope)
    except ClientAuthenticationError as error:
        raise _refused(credential, error) from error
    except AzureError as error:
        raise TransientError(
            "The service that gives out Azure's tokens cannot be reached.",
            where=Where(url=credential.blob_endpoint),
            why=str(error).partition("\n")[0],
            remedy="Look at the network and at `network: proxy` in the environment file.",
        ) from error
    return Token(access.token, datetime.fromtimestamp(access.expires_on, UTC))


def _refused(credential: AzureSettings, error: Exception) -> StorageError:
    from odibi_dagster.storage.scrub import scrub

    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return AuthenticationError(
        "Nobody is logged in to Azure here."
        if credential.kind == "default"
        else "Azure does not give this identity a token.",
        where=Where(url=credential.blob_endpoint),
        why=scrub("; ".join(lines[:12])[:1500]),
        remedy="Name a credential in the environment's `stores:` (account_key, sas_token, tenant_id with "
        "client_id and client_secret, use_managed_identity), or run `az login`.",
    )


def sdk_credential(credential: AzureSettings) -> Any:
    """The SDK's credential; the same object while the secrets are the same, because it keeps the tokens."""
    if credential.kind == "account_key":
        from azure.core.credentials import AzureNamedKeyCredential

        return AzureNamedKeyCredential(credential.account, text_of(credential.account_key))
    if credential.kind == "sas_token":
        from azure.core.credentials import AzureSasCredential

        return AzureSasCredential(text_of(credential.sas_token).removeprefix("?"))
    parts = tuple(
        text_of(each) for each in (credential.tenant_id, credential.client_id, credential.client_secret)
    )
    places = (credential.federated_token_file, credential.authority, credential.msi_endpoint)
    key = (credential.kind, *parts, *places, credential.network)
    with _lock:
        if key not in _made:
            _made[key] = Remembering(_identity(credential, *parts))
        return _made[key]


def _identity(credential: AzureSettings, tenant: str, client: str, secret: str) -> Any:
    from azure import identity

    host = credential.authority
    options: dict[str, Any] = credential.network.azure_options(host) if credential.network else {}
    options["authority"] = host
    if credential.authority_host:  # one of the customer's own, which the public list of clouds does not know
        options["disable_instance_discovery"] = True
    match credential.kind:
        case "service_principal":
            return identity.ClientSecretCredential(tenant, client, secret, **options)
        case "workload_identity":
            return identity.WorkloadIdentityCredential(
                tenant_id=tenant, client_id=client, token_file_path=credential.federated_token_file, **options
            )
        case "managed_identity":
            options = {
                key: options[key] for key in options if key not in ("authority", "disable_instance_discovery")
            }
            if credential.msi_endpoint:
                header = credential.variables.get("IDENTITY_HEADER", "")
                return MachineCredential(credential.msi_endpoint, client, header, options)
            return identity.ManagedIdentityCredential(client_id=client or None, **options)
        case _:
            if client:
                options["managed_identity_client_id"] = client
            return identity.DefaultAzureCredential(**options)
