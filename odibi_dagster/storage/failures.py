"""The one classification of what goes wrong with a store, from what stores and clients really say."""

from __future__ import annotations

import errno
import random
import re
from collections.abc import Callable
from dataclasses import dataclass

from odibi_dagster.errors import (
    AuthenticationError,
    ClockError,
    ContainerNotFound,
    NameResolutionError,
    ObjectChanged,
    ObjectNotFound,
    PermissionDenied,
    QuotaError,
    SpaceError,
    StorageError,
    Throttled,
    TimedOut,
    TlsError,
    TransientError,
    Unreachable,
    Where,
)
from odibi_dagster.storage import remedies
from odibi_dagster.storage.refusal import told
from odibi_dagster.storage.response import Response, response_of

Failure = type[StorageError] | type[TransientError]


@dataclass(frozen=True)
class _Kind:
    """One class of failure: how it is told and what is recognized as it."""

    error: Failure
    what: str
    remedy: Callable[[Response, str], str]
    codes: frozenset[str] = frozenset()
    text: re.Pattern[str] | None = None
    statuses: frozenset[int] = frozenset()

    def fits(self, answer: Response) -> bool:
        return answer.code in self.codes or bool(self.text and self.text.search(answer.text))


def _kind(
    error: Failure,
    what: str,
    remedy: Callable[[Response, str], str],
    codes: str = "",
    text: str = "",
    statuses: tuple[int, ...] = (),
) -> _Kind:
    pattern = re.compile(text) if text else None
    return _Kind(error, what, remedy, frozenset(codes.split()), pattern, frozenset(statuses))


# In this order: what is more particular stands first. The service's own word and the text decide; the status
# does only if neither is known, as for the answer to HEAD, which has no body.
# Codes: https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes,
# .../blob-service-error-codes, https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_KINDS = (
    _kind(
        ClockError,
        "This machine's clock is too far from the store's.",
        remedies.clock,
        "RequestTimeTooSkewed",
        r"(?i)request date header too old|date header in the request is incorrect",
    ),
    _kind(
        TlsError,
        "There is no trusted connection to the store.",
        remedies.tls,
        text=r"InvalidCertificate|invalid peer certificate|CERTIFICATE_VERIFY_FAILED|InvalidContentType"
        r"|WRONG_VERSION_NUMBER|SSL validation failed|HandshakeFailure|AlertReceived|UnknownIssuer",
    ),
    _kind(
        Unreachable,
        "The name server did not answer.",
        remedies.unreachable,
        text=r"Temporary failure in name resolution",
    ),
    _kind(
        NameResolutionError,
        "The store's host has no address.",
        remedies.name,
        text=r"dns error|failed to lookup address|Name or service not known|nodename nor servname"
        r"|NameResolutionError|getaddrinfo failed|No address associated with hostname",
    ),
    _kind(
        AuthenticationError,
        "The store does not accept the credentials.",
        remedies.authentication,
        "AuthenticationFailed InvalidAuthenticationInfo NoAuthenticationInformation SignatureDoesNotMatch "
        "InvalidAccessKeyId ExpiredToken InvalidToken TokenRefreshRequired InvalidSecurity "
        "AuthorizationHeaderMalformed InvalidClientTokenId ExpiredTokenException UnrecognizedClientException "
        "AuthorizationQueryParametersError MissingSecurityHeader InvalidAudience",
        r"(?i)failed to authenticate the request|unable to locate credentials|missing secretaccesskey"
        r"|missing accesskeyid|credential ?provider|token request|AADSTS\d+|invalid_client|invalid_grant"
        r"|CredentialUnavailable|DefaultAzureCredential|169\.254\.169\.254|169\.254\.170\.2"
        r"|instance credentials|assume ?role ?with",
        (401,),
    ),
    _kind(
        ContainerNotFound,
        "The container or bucket is not there.",
        remedies.container,
        "NoSuchBucket ContainerNotFound FilesystemNotFound PermanentRedirect ContainerDisabled "
        "AccountNotFound InvalidBucketName",
        r"(?i)the specified (container|bucket|filesystem) does not exist|redirect without LOCATION",
        (301,),
    ),
    _kind(
        QuotaError,
        "A quota is reached.",
        remedies.quota,
        "QuotaExceeded AccountLimitExceeded XMinioAdminBucketQuotaExceeded ServiceQuotaExceeded",
    ),
    _kind(
        SpaceError,
        "There is no space left.",
        remedies.space,
        "InsufficientStorage XMinioStorageFull InsufficientAccountStorage",
        statuses=(507,),
    ),
    _kind(
        PermissionDenied,
        "The store does not allow it.",
        remedies.permission,
        "AccessDenied AuthorizationPermissionMismatch AuthorizationFailure InsufficientAccountPermissions "
        "AuthorizationProtocolMismatch AuthorizationSourceIPMismatch AuthorizationServiceMismatch "
        "AuthorizationResourceTypeMismatch AccountIsDisabled AllAccessDisabled PublicAccessNotPermitted "
        "KeyBasedAuthenticationNotPermitted AccessDeniedException KMS.DisabledException "
        "KMS.NotFoundException KMS.KMSInvalidStateException UnauthorizedBlobOverwrite LeaseIdMissing "
        "LeaseIdMismatchWithBlobOperation BlobImmutableDueToPolicy",
        r"(?i)there is currently a lease on the blob|immutable due to (a )?policy",
        statuses=(403,),
    ),
    _kind(
        Throttled,
        "The store is asked too much.",
        remedies.throttled,
        "SlowDown ServerBusy Throttling ThrottlingException TooManyRequests TooManyRequestsException "
        "RequestLimitExceeded RequestThrottled BandwidthLimitExceeded ServiceUnavailable",
        statuses=(429, 503),
    ),
    _kind(
        TimedOut,
        "The store did not answer in time.",
        remedies.timeout,
        "RequestTimeout OperationTimedOut",
        r"(?i)operation timed out|kind: Timeout\b|\bTimedOut\b|read timed out|read timeout|connect timeout"
        r"|deadline has elapsed|timed out\.",
        (408, 504),
    ),
    _kind(
        Unreachable,
        "The connection to the store failed.",
        remedies.unreachable,
        text=r"(?i)connection refused|connection reset|connection closed|kind: Connect\b|tcp connect error"
        r"|could not connect to the endpoint|failed to establish a new connection|incomplete ?message"
        r"|broken pipe|network is unreachable|no route to host|remote end closed|connection broken"
        r"|error decoding response body|error sending request",
    ),
    _kind(
        ObjectChanged,
        "The object is not the one any more that was asked for.",
        remedies.changed,
        "ConditionNotMet PreconditionFailed",
        r"Request precondition failure",
        statuses=(412,),
    ),
    _kind(
        ObjectNotFound,
        "The object is not there.",
        remedies.missing,
        "NoSuchKey BlobNotFound PathNotFound ResourceNotFound",
        statuses=(404,),
    ),
)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def explain(where: Where, error: BaseException) -> StorageError | TransientError:
    """What a store's, a client's or the operating system's error means, and what to do about it.

    A StorageError ends the run at once: the same would happen again until somebody acts. A TransientError may
    pass: the clients have already tried it several times, and Dagster's retry policy tries the step again.

    Args:
        where: the table and the URL that was at work.
        error: what obstore, delta-rs, boto3, the Azure SDK or Python raised.

    Returns:
        The error to raise `from` it; its text holds no signature, key or token.
    """
    refused = told(error)
    if isinstance(refused, StorageError | TransientError):
        return refused
    if local := _local(where, error):
        return local
    answer = response_of(error)
    provider = remedies.provider_of(where.url or answer.text)
    if kind := _recognized(answer):
        found = kind.error(kind.what, where=where, why=answer.why, remedy=kind.remedy(answer, provider))
        if isinstance(found, Throttled):
            found.after = answer.after
        return found
    if "invalid path" in answer.text:
        remedy = "Rename the file: its name holds a control character, an empty step or is not UTF-8."
        return StorageError("A file's name cannot be read.", where=where, why=answer.why, remedy=remedy)
    if answer.status is not None and 400 <= answer.status < 500:
        return StorageError("The store refused.", where=where, why=answer.why)
    if answer.status is None and ("os error" in answer.text or getattr(error, "errno", None) is not None):
        return StorageError("The store refused.", where=where, why=answer.why)
    return TransientError("The store did not answer as it should.", where=where, why=answer.why)


def refusal(where: Where, error: BaseException) -> StorageError | TransientError | None:
    """What a store itself refused, for readers of a log: None if the error may be about what the log holds.

    A missing object is such an error, and so is whatever nobody recognizes. Arguments as in `explain`.
    """
    found = explain(where, error)
    return None if type(found) in (StorageError, TransientError, ObjectNotFound) else found


def pause(error: TransientError, attempt: int, cap: float = 60.0) -> float:
    """For how many seconds to wait before the same call again.

    What the store asked for (Retry-After) counts in full, up to the cap; otherwise the time doubles from half
    a second. A random part keeps many callers from coming back together.

    Args:
        error: what the last call failed with.
        attempt: how many have failed, from 1.
        cap: seconds; never longer.
    """
    grown = min(cap, 0.5 * 2 ** min(attempt - 1, 16))
    if error.after is not None:
        return min(cap, error.after + random.uniform(0, min(1.0, grown)))
    return random.uniform(grown / 2, grown)


def _recognized(answer: Response) -> _Kind | None:
    if kind := next((kind for kind in _KINDS if kind.fits(answer)), None):
        return kind
    return next((kind for kind in _KINDS if answer.status in kind.statuses), None)


def _local(where: Where, error: BaseException) -> StorageError | None:
    """What only the operating system says."""
    said, number = response_of(error).why, getattr(error, "errno", None)
    if number in _FULL or any(f"(os error {code})" in said for code in _FULL):
        return out_of_space(where, error)
    if isinstance(error, PermissionError) or "os error 13" in said or "os error 30" in said:
        return denied(where, error)
    return None


def denied(where: Where, error: BaseException) -> StorageError:
    """Nobody may read or write there."""
    return PermissionDenied(
        "The place may not be read or written.",
        where=where,
        why=response_of(error).why,
        remedy="Give the user who runs Dagster read and write permission on this folder.",
    )


def out_of_space(where: Where, error: BaseException) -> StorageError:
    """The disk is full; nothing was published."""
    return SpaceError(
        "There is no space left.",
        where=where,
        why=response_of(error).why,
        remedy="Free space or move the layer, then run again: what was published before is intact.",
    )
