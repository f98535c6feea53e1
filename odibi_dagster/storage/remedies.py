"""What to do about each class of failure of a store: the role, the action, the setting."""

from __future__ import annotations

import re

from odibi_dagster.storage.response import Response

_ACTIONS = {
    "list": "s3:ListBucket on the bucket",
    "read": "s3:GetObject on its objects (and s3:ListBucket: without it, what is missing is denied)",
    "write": "s3:PutObject on its objects",
    "delete": "s3:DeleteObject on its objects",
    "": "s3:ListBucket on the bucket and s3:GetObject, s3:PutObject and s3:DeleteObject on its objects",
}


def provider_of(text: str) -> str:
    """ "azure", "aws" or "", from a URL or the text of an error."""
    if "abfss://" in text or "MicrosoftAzure" in text:
        return "azure"
    return "aws" if "s3://" in text or "S3" in text else ""


def permission(answer: Response, provider: str) -> str:
    if re.search(r"\blease\b|Lease|mmutable", f"{answer.code} {answer.text}"):
        return "Somebody holds a lease on the object, or a policy keeps it as it is: end that first."
    if provider == "azure":
        if answer.code == "KeyBasedAuthenticationNotPermitted":
            return "The account does not take keys: use a service principal or a managed identity."
        if answer.code in ("AuthorizationFailure", "AuthorizationSourceIPMismatch"):
            return "Let this network through the account's firewall, or use its private endpoint."
        role = "Reader" if answer.doing in ("list", "read") else "Contributor"
        letters = {"list": "l", "read": "r", "write": "c and w", "delete": "d"}.get(answer.doing, "rwdlc")
        unknown = "" if answer.code else " Without a body the answer does not say whether the key is wrong."
        return (
            f"Give the identity the role Storage Blob Data {role} on the container, "
            f"or make a SAS with the permission {letters}.{unknown}"
        )
    if provider == "aws":
        if answer.code.startswith("KMS."):
            return "Allow the identity kms:Decrypt and kms:GenerateDataKey on the key, and enable the key."
        return f"Allow the identity {_ACTIONS[answer.doing]}; look for a bucket policy that denies it."
    return "Give the identity the right to read, write, list and delete there."


def authentication(answer: Response, provider: str) -> str:
    if answer.code == "AuthorizationHeaderMalformed":
        return "Set `region:` of this store to the bucket's region."
    if provider == "azure":
        return (
            "Check this account's entry in the environment's `stores:`: the key or the SAS (has it expired, "
            "was it rotated?), or the service principal's tenant, id and secret."
        )
    if provider == "aws":
        return (
            "Check this bucket's entry in the environment's `stores:`: access_key_id and secret_access_key, "
            "or the session token, profile or role; a temporary token may have expired."
        )
    return "Check this store's entry in the environment's `stores:`."


def container(answer: Response, provider: str) -> str:
    if answer.code == "PermanentRedirect" or "redirect" in answer.text:
        return "The bucket is in another region: set `region:` of this store."
    noun = {"azure": "container", "aws": "bucket"}.get(provider, "container or bucket")
    return f"Create the {noun}, or correct its name; containers and buckets are never created by a run."


def clock(answer: Response, provider: str) -> str:
    return "Set this machine's clock by NTP; requests are signed with the time, and 15 minutes are too much."


def tls(answer: Response, provider: str) -> str:
    if "InvalidContentType" in answer.text or "WRONG_VERSION_NUMBER" in answer.text:
        return "The endpoint does not speak TLS: write http:// for an emulator, or correct the port."
    return (
        "Put your certificate authority's PEM file into `network: {ca_file: …}`; "
        "behind a proxy that opens connections it is the proxy's."
    )


def name(answer: Response, provider: str) -> str:
    return "Correct the account's name or the `endpoint:`; a private endpoint needs its DNS zone here."


def quota(answer: Response, provider: str) -> str:
    return "Raise the quota of the account or bucket, or delete what is not needed."


def space(answer: Response, provider: str) -> str:
    return "Free space in the store, then run again: what was published before is intact."


def throttled(answer: Response, provider: str) -> str:
    return "It is tried again by itself. If it lasts, run fewer tables at once."


def timeout(answer: Response, provider: str) -> str:
    return "It is tried again by itself. If it lasts, raise `network: {timeout: …}` or look at the proxy."


def unreachable(answer: Response, provider: str) -> str:
    return "It is tried again by itself. If it lasts, look at the `endpoint:`, the proxy and the firewall."


def changed(answer: Response, provider: str) -> str:
    return "Run again: what is there now is listed anew."


def missing(answer: Response, provider: str) -> str:
    return "Somebody deleted or moved it: restore it, or run again so that what is there is listed anew."
