"""dagster-aws' resources whose clients are made from one of the environment's credentials."""

from __future__ import annotations

from typing import Any

from dagster_aws.s3 import S3Resource
from dagster_aws.secretsmanager import SecretsManagerResource
from pydantic import PrivateAttr

from odibi_dagster.storage.credentials import AwsCredential


class _S3(S3Resource):
    """S3Resource that also knows roles, tokens that refresh, and networks; secrets are none of its fields."""

    _of: AwsCredential = PrivateAttr()

    def get_client(self) -> Any:
        """boto3's S3 client."""
        return self._of.boto_client("s3")


class _SecretsManager(SecretsManagerResource):
    """SecretsManagerResource as the environment's identity; secrets are none of its fields."""

    _of: AwsCredential = PrivateAttr()

    def get_client(self) -> Any:
        """boto3's Secrets Manager client, at the endpoint that boto3 finds for the region."""
        return self._of.boto_client("secretsmanager")


def s3(credential: AwsCredential) -> S3Resource:
    """Dagster's S3Resource as this identity."""
    made = _S3(region_name=credential.region_name, endpoint_url=credential.service_endpoint)
    made._of = credential
    return made


def secretsmanager(credential: AwsCredential) -> SecretsManagerResource:
    """Dagster's SecretsManagerResource as this identity."""
    made = _SecretsManager(region_name=credential.region_name)
    made._of = credential
    return made
