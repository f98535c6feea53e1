"""Who asks a store, in words for people; never a secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.value import text_of

#: What a SAS says of itself: https://learn.microsoft.com/rest/api/storageservices/create-service-sas
_SAS = {"sp": "permissions", "se": "until", "spr": "over", "sip": "from"}


def azure_identity(credential: AzureCredential) -> str:
    """The key's account, what a SAS says of itself, the identity that was named, or whom a token is for.

    Raises:
        AuthenticationError: the default chain finds nobody.
        TransientError: the token service cannot be reached.
    """
    from odibi_dagster.storage.credentials.azure_identity import token

    found = credential.settled()
    if found.kind == "account_key":
        return f"the owner of the account {found.account}, by its key"
    if found.kind == "sas_token":
        said = parse_qs(text_of(found.sas_token).removeprefix("?"))
        parts = ", ".join(f"{word} {said[name][0]}" for name, word in _SAS.items() if name in said)
        return f"a shared access signature ({parts})" if parts else "a shared access signature"
    client = text_of(found.client_id)
    if found.kind == "managed_identity":
        return f"the managed identity {client}" if client else "this machine's managed identity"
    if found.kind != "default":
        word = "service principal" if found.kind == "service_principal" else "workload identity"
        return f"the {word} {client} of the tenant {text_of(found.tenant_id)}"
    claims = _claims(token(found).value)
    name = next((str(claims[each]) for each in ("upn", "unique_name", "appid") if each in claims), "")
    who = f"{name or 'nobody with a name'}, whom the default chain found"
    return f"{who}, object {claims['oid']}" if "oid" in claims else who


def aws_identity(credential: AwsCredential) -> str:
    """The ARN, from the token service; at an endpoint of one's own, which has none, the access key's id.

    Raises:
        AuthenticationError: nobody is found.
        TransientError: the token service cannot be reached.
    """
    from odibi_dagster.storage.credentials.aws_session import keys

    if dict(credential.options).get("skip_signature") == "true":
        return "nobody in particular: requests are not signed"
    found = keys(credential)
    amazon = credential.service_endpoint.partition("://")[2].split("/")[0]
    if not amazon.endswith((".amazonaws.com", ".amazonaws.com.cn")):  # the keys are not Amazon's to see
        return f"the access key {found.access_key_id}"
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(credential.boto_client("sts").get_caller_identity()["Arn"])
    except (BotoCoreError, ClientError):
        return f"the access key {found.access_key_id}"  # the bucket decides; it is asked next


def _claims(token: str) -> Mapping[str, Any]:
    """What a token says, unchecked: it is shown and nothing is decided by it."""
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}
