"""Who asks S3, in the options of every client."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from odibi_dagster.storage.credentials import aws_session
from odibi_dagster.storage.credentials.aws_settings import AwsSettings
from odibi_dagster.storage.credentials.process import hide
from odibi_dagster.storage.refusal import carried
from odibi_dagster.storage.value import forget

if TYPE_CHECKING:
    from odibi_dagster.storage.location import Location

#: obstore's names of what `options:` may say. Not among them: what decides who asks and where, and
#: `conditional_put`, without which commits of two writers would be lost.
OPTIONS = (
    "checksum_algorithm",
    "copy_if_not_exists",
    "disable_bulk_delete",
    "disable_tagging",
    "request_payer",
    "s3_express",
    "server_side_encryption",
    "skip_signature",
    "sse_bucket_key_enabled",
    "sse_customer_key_base64",
    "sse_kms_key_id",
    "unsigned_payload",
)


@dataclass(frozen=True)
class AwsCredential(AwsSettings):
    """One identity for S3, in the options of every client. Arguments: see `AwsSettings`.

    Access keys go straight to the clients; everything else botocore resolves and refreshes, and the clients
    get what it has. What is named wins over the process environment, in obstore and in delta-rs.
    """

    def at(self, location: Location) -> AwsCredential:
        """This credential, for the bucket of a location."""
        return replace(self, bucket=location.container or self.bucket)

    @property
    def region_name(self) -> str:
        """The region that requests are signed for."""
        return aws_session.region(self)

    @property
    def service_endpoint(self) -> str:
        """The URL of the S3 service, without the bucket."""
        return aws_session.s3_endpoint(self)

    def forget(self) -> None:
        """Ask for its secrets again when they are used next: a store has refused them."""
        for each in fields(self):
            forget(getattr(self, each.name))

    def obstore_options(self) -> dict[str, Any]:
        """obstore's S3Store configuration; who asks comes from `credential_provider`."""
        return dict(self._where())

    def credential_provider(self) -> Callable[[], dict[str, Any]] | None:
        """What obstore asks for keys, and again before they expire; None for unsigned requests."""
        return None if self._unsigned else carried(self._asked)

    @property
    def _unsigned(self) -> bool:
        return str(dict(self.options).get("skip_signature", "false")).lower() == "true"

    def _asked(self) -> dict[str, Any]:
        keys = aws_session.keys(self)
        return {
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
            "token": keys.session_token or None,
            "expires_at": keys.until,
        }

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options`, for one call: keys are resolved, and a role is assumed, now.

        Raises:
            AuthenticationError: the profile, role or chain gives no keys.
        """
        hide(("AWS_IAM_ROLE_ARN", "AWS_S3_ASSUME_ROLE_ARN"))
        if self._unsigned:
            return self._where()
        keys = aws_session.keys(self)
        if not keys.session_token:
            hide(("AWS_SESSION_TOKEN", "AWS_TOKEN"))
        return {
            **self._where(),
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
            **({"session_token": keys.session_token} if keys.session_token else {}),
        }

    def _where(self) -> dict[str, str]:
        endpoint, virtual = self.service_endpoint, self.path_style is False
        if virtual:
            scheme, _, host = endpoint.partition("://")
            endpoint = f"{scheme}://{self.bucket}.{host}"
        return {
            "region": self.region_name,
            "endpoint": endpoint,
            "aws_endpoint_url_s3": endpoint,  # or a variable of that name wins
            "virtual_hosted_style_request": str(virtual).lower(),
            "skip_signature": "false",
            "s3_express": "false",
            **dict(self.options),
            "conditional_put": "etag",
        }

    def boto_client(self, service: str = "s3", **keywords: Any) -> Any:
        """boto3's client of a service, as this identity, refreshed by botocore."""
        return aws_session.client(self, service, **keywords)
