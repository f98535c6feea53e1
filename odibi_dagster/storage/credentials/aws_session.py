"""An AWS credential in the words of botocore, imported when asked for; it keeps and refreshes tokens."""

from __future__ import annotations

import math
import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from odibi_dagster.errors import AuthenticationError, OdibiError, Where
from odibi_dagster.storage.secrets.redaction import remember
from odibi_dagster.storage.value import text_of

if TYPE_CHECKING:
    from odibi_dagster.storage.credentials.aws_settings import AwsSettings

#: obstore asks again when less than five minutes are left (measured with 0.12.1).
_FRESH = timedelta(minutes=10)
_made: dict[tuple[object, ...], Any] = {}
_lock = threading.RLock()


@dataclass(frozen=True, repr=False)
class Keys:
    """Access keys, and until when they are good; for ones that do not expire, when to look again."""

    access_key_id: str
    secret_access_key: str
    session_token: str
    until: datetime


def keys(credential: AwsSettings) -> Keys:
    """The keys to sign with now.

    Raises:
        AuthenticationError: the profile, role or chain gives none.
        TransientError: the token service cannot be reached.
    """
    soon = datetime.now(UTC) + _FRESH
    if credential.kind == "access_key":  # botocore is not needed for these
        key, secret = text_of(credential.access_key_id), text_of(credential.secret_access_key)
        return Keys(key, secret, text_of(credential.session_token), soon)
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = _credentials(credential)
        frozen = found.get_frozen_credentials() if found else None
    except (BotoCoreError, ClientError, OSError) as error:
        raise _refused(credential, error) from error
    if frozen is None or not frozen.access_key:
        raise _nobody(credential, "botocore's chain finds no credentials")
    _hide(found, frozen)
    expiry = _expiry(found)
    until = expiry.astimezone(UTC) if expiry else soon  # obstore takes no other time zone
    return Keys(frozen.access_key, frozen.secret_key, frozen.token or "", until)


def region(credential: AwsSettings) -> str:
    """The region that requests are signed for: the entry's, the profile's or the process', else us-east-1."""
    if credential.region:
        return credential.region
    if credential.profile and (found := session(credential).get_config_variable("region")):
        return str(found)
    variables = credential.variables
    return variables.get("AWS_REGION") or variables.get("AWS_DEFAULT_REGION") or "us-east-1"


def s3_endpoint(credential: AwsSettings) -> str:
    """The URL of the S3 service, without the bucket."""
    if credential.endpoint:
        return credential.endpoint.rstrip("/")
    if credential.kind == "default":
        for name in ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
            if found := credential.variables.get(name):
                return found.rstrip("/")
    name = region(credential)
    return f"https://s3.{name}.amazonaws.com{'.cn' if name.startswith('cn-') else ''}"


def session(credential: AwsSettings) -> Any:
    """botocore's session: of the profile; of nobody, where keys are named; else of the process.

    Raises:
        AuthenticationError: there is no such profile, or the AWS files cannot be read.
    """
    import botocore.session
    from botocore.exceptions import BotoCoreError

    if credential.profile:
        named = botocore.session.Session(profile=credential.profile)
        try:
            named.get_scoped_config()
        except BotoCoreError as error:
            raise _nobody(credential, str(error), _profile(credential)) from error
        return named
    if credential.access_key_id is None and not credential.web_identity_token_file:
        return botocore.session.Session()
    # What the file names must not fail, or be changed, by the process' profile.
    alone = botocore.session.Session(session_vars={"profile": (None, None, None, None)})
    alone.set_config_variable("config_file", os.devnull)
    alone.set_config_variable("credentials_file", os.devnull)
    return alone


def client(credential: AwsSettings, service: str, **keywords: Any) -> Any:
    """boto3's client of a service, as this identity.

    Raises:
        AuthenticationError: the profile, role or chain gives no keys.
    """
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    core = session(credential)
    unsigned = dict(credential.options).get("skip_signature") == "true"
    if not unsigned:
        try:
            core._credentials = _credentials(credential)  # as boto3.Session does with keys it is given
        except BotoCoreError as error:  # the process' profile is missing, say
            raise _refused(credential, error) from error
    url = keywords.get("endpoint_url") or (s3_endpoint(credential) if service == "s3" else "")
    settings: dict[str, Any] = credential.network.boto_options(url) if credential.network else {}
    if service == "s3":
        keywords.setdefault("endpoint_url", s3_endpoint(credential))
        settings["s3"] = {"addressing_style": "virtual" if credential.path_style is False else "path"}
    if unsigned:
        settings["signature_version"] = UNSIGNED
    if credential.network and (verify := credential.network.boto_verify()):
        keywords.setdefault("verify", verify)
    keywords.setdefault("region_name", region(credential))
    made = boto3.Session(botocore_session=core).client(service, config=Config(**settings), **keywords)
    if not unsigned:
        # botocore refreshes by itself, whenever it is about to sign.
        made.meta.events.register("before-sign", lambda **_: _mask_keys(core._credentials))
    return made


def _mask_keys(found: Any) -> None:
    if found is not None:
        _hide(found, found.get_frozen_credentials())


def _hide(found: Any, frozen: Any) -> None:
    """From now on what these keys hold is masked."""
    expiry = _expiry(found)
    until = expiry.timestamp() if expiry else math.inf
    remember(frozen.secret_key or "", until)
    remember(frozen.token or "", until)


def _expiry(found: Any) -> datetime | None:
    """When botocore's credentials end; None if they do not."""
    expiry: datetime | None = getattr(found, "_expiry_time", None)  # botocore has no public word for it
    return expiry


def _credentials(credential: AwsSettings) -> Any:
    """botocore's credentials; the same object while the settings are the same: it keeps the tokens."""
    texts = (credential.access_key_id, credential.secret_access_key, credential.session_token)
    fixed = tuple(text_of(text) for text in (*texts, credential.external_id))
    places = (credential.role_arn, credential.session_name, credential.web_identity_token_file)
    key = (credential.kind, *fixed, *places, credential.profile, credential.sts_endpoint, credential.network)
    with _lock:
        if key not in _made:
            _made[key] = _resolved(credential, *fixed)
        return _made[key]


def _resolved(credential: AwsSettings, key: str, secret: str, token: str, external: str) -> Any:
    from botocore.credentials import (
        AssumeRoleCredentialFetcher,
        AssumeRoleWithWebIdentityCredentialFetcher,
        Credentials,
        DeferredRefreshableCredentials,
        FileWebIdentityTokenLoader,
    )

    core = session(credential)
    who = Credentials(key, secret, token or None) if key else None
    if credential.kind == "access_key":
        return who
    if credential.kind in ("profile", "default"):
        return core.get_credentials()

    def asking(service: str, **keywords: Any) -> Any:
        return _token_service(core, credential, **keywords)

    extra = {"RoleSessionName": credential.session_name or "odibi-dagster"}
    fetcher: Any
    if credential.kind == "web_identity":
        loader = FileWebIdentityTokenLoader(credential.web_identity_token_file)
        fetcher = AssumeRoleWithWebIdentityCredentialFetcher(
            asking, loader, credential.role_arn, extra_args=extra
        )
    else:
        extra |= {"ExternalId": external} if external else {}
        source = who or core.get_credentials()
        if source is None:
            raise _nobody(credential, f"nobody is there to assume {credential.role_arn}")
        fetcher = AssumeRoleCredentialFetcher(asking, source, credential.role_arn, extra_args=extra)
    return DeferredRefreshableCredentials(fetcher.fetch_credentials, "assume-role")


def _token_service(core: Any, credential: AwsSettings, **keywords: Any) -> Any:
    from botocore.config import Config

    url = credential.sts_endpoint
    settings: dict[str, Any] = credential.network.boto_options(url or "") if credential.network else {}
    settings["ignore_configured_endpoint_urls"] = credential.access_key_id is not None
    config = Config(**settings)
    if given := keywords.pop("config", None):
        config = config.merge(given)
    if credential.network and (verify := credential.network.boto_verify()):
        keywords["verify"] = verify
    return core.create_client(
        "sts", region_name=region(credential), endpoint_url=url, config=config, **keywords
    )


def _refused(credential: AwsSettings, error: Exception) -> OdibiError:
    from botocore.exceptions import ClientError, HTTPClientError

    from odibi_dagster.storage.failures import explain

    if not isinstance(error, ClientError | HTTPClientError):  # a profile or a file is missing, say
        return _nobody(credential, str(error))
    found = explain(Where(url=f"s3://{credential.bucket}"), error)
    return found if found.retryable else _nobody(credential, found.why)


def _profile(credential: AwsSettings) -> str:
    return f"Correct the profile {credential.profile} in ~/.aws/config, or log in to it."


def _nobody(credential: AwsSettings, why: str, remedy: str = "") -> AuthenticationError:
    remedies = {
        "profile": _profile(credential),
        "role": "Let the role's trust policy name who assumes it, and the external id; allow sts:AssumeRole.",
        "web_identity": "Look at the token file, and at the identity provider in the role's trust policy.",
    }
    return AuthenticationError(
        "AWS gives no credentials.",
        where=Where(url=f"s3://{credential.bucket}"),
        why=why,
        remedy=remedy
        or remedies.get(
            credential.kind,
            "Name a credential in the environment's `stores:` (access_key_id with secret_access_key, "
            "profile, role_arn), or give the machine a role.",
        ),
    )
