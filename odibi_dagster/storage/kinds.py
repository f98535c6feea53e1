"""The classes of failure of a store, and the words of services and clients that each is recognized by."""

from __future__ import annotations

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
)
from odibi_dagster.storage import remedies
from odibi_dagster.storage.response import Response

Failure = type[StorageError] | type[TransientError]


@dataclass(frozen=True)
class Kind:
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
) -> Kind:
    pattern = re.compile(text) if text else None
    return Kind(error, what, remedy, frozenset(codes.split()), pattern, frozenset(statuses))


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


def kind_of(answer: Response) -> Kind | None:
    """The class of an answer, or of the lack of one; None if nobody knows it."""
    if kind := next((kind for kind in _KINDS if kind.fits(answer)), None):
        return kind
    return next((kind for kind in _KINDS if answer.status in kind.statuses), None)
