"""What an environment says of an identity for S3."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from odibi_dagster.storage.network import Network
from odibi_dagster.storage.value import Value

Kind = Literal["access_key", "profile", "role", "web_identity", "default"]


@dataclass(frozen=True)
class AwsSettings:
    """One identity for S3, as it is named; with nothing named it is botocore's default chain.

    Args:
        bucket: the bucket, where the credential is for one.
        access_key_id, secret_access_key, session_token: keys; with a session token temporary ones.
        profile: of the AWS configuration files.
        role_arn: a role to assume, as the keys, the profile or the default chain.
        external_id, session_name: for the role.
        web_identity_token_file: with role_arn, web identity.
        sts_endpoint: URL of the token service, if it is not the region's own.
        region: of the bucket; None means the profile's or the process', else us-east-1.
        endpoint: the S3 service's URL, if it is not the region's own.
        path_style: whether the bucket stands in the path and not in the host's name; None means path-style.
        options: obstore's further settings (see `aws.OPTIONS`), such as SSE-KMS and requester pays.
        network: how the SDK asks the token service.
        variables: the process variables.
    """

    bucket: str = ""
    access_key_id: Value = None
    secret_access_key: Value = field(default=None, repr=False)
    session_token: Value = field(default=None, repr=False)
    profile: str | None = None
    role_arn: str | None = None
    external_id: Value = None
    session_name: str | None = None
    web_identity_token_file: str | None = None
    sts_endpoint: str | None = None
    region: str | None = None
    endpoint: str | None = None
    path_style: bool | None = None
    options: tuple[tuple[str, str], ...] = ()
    network: Network | None = None
    variables: Mapping[str, str] = field(default_factory=lambda: os.environ, repr=False, compare=False)

    @property
    def kind(self) -> Kind:
        """Which identity it is."""
        if self.web_identity_token_file:
            return "web_identity"
        if self.role_arn:
            return "role"
        if self.access_key_id is not None:
            return "access_key"
        return "profile" if self.profile else "default"
