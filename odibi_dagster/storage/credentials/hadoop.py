"""Credentials as Hadoop's settings, for the abfs and s3a file systems that Spark uses.

Names: https://hadoop.apache.org/docs/r3.5.0/hadoop-azure/abfs.html and
https://hadoop.apache.org/docs/r3.5.0/hadoop-aws/tools/hadoop-aws/index.html
"""

from __future__ import annotations

from typing import assert_never
from urllib.parse import urlsplit

from odibi_dagster.storage.credentials.aws import AwsCredential
from odibi_dagster.storage.credentials.azure import AzureCredential
from odibi_dagster.storage.value import text_of

_OAUTH = "org.apache.hadoop.fs.azurebfs.oauth2."
_S3A = "org.apache.hadoop.fs.s3a."
_WEB = "software.amazon.awssdk.auth.credentials.WebIdentityTokenFileCredentialsProvider"


def azure_options(credential: AzureCredential) -> dict[str, str]:
    """The `fs.azure.*` settings for the credential's account; {} for the default chain, which Hadoop has not.

    Raises:
        ConfigError: a setting cannot be meant.
    """
    found = credential.settled()
    host = f"{found.account}.dfs.{found.suffix}"
    account = "fs.azure.account"
    options = _azure_endpoint(found, host)
    match found.kind:
        case "account_key":
            key = text_of(found.account_key)
            both = (host, f"{found.account}.blob.{found.suffix}")
            return {
                **options,
                f"{account}.auth.type.{host}": "SharedKey",
                **{f"{account}.key.{each}": key for each in both},
            }
        case "sas_token":
            token = text_of(found.sas_token).removeprefix("?")
            return {
                **options,
                f"{account}.auth.type.{host}": "SAS",
                f"fs.azure.sas.fixed.token.{host}": token,
            }
        case "service_principal":
            oauth = {
                "oauth.provider.type": _OAUTH + "ClientCredsTokenProvider",
                "oauth2.client.id": text_of(found.client_id),
                "oauth2.client.secret": text_of(found.client_secret),
                "oauth2.client.endpoint": f"{found.authority}/{text_of(found.tenant_id)}/oauth2/token",
            }
        case "workload_identity":
            oauth = {
                "oauth.provider.type": _OAUTH + "WorkloadIdentityTokenProvider",
                "oauth2.client.id": text_of(found.client_id),
                "oauth2.msi.tenant": text_of(found.tenant_id),
                "oauth2.token.file": str(found.federated_token_file),
                "oauth2.msi.authority": f"{found.authority}/",
            }
        case "managed_identity":
            oauth = {
                "oauth.provider.type": _OAUTH + "MsiTokenProvider",
                **({"oauth2.client.id": text_of(found.client_id)} if found.client_id is not None else {}),
                **({"oauth2.msi.endpoint": found.msi_endpoint} if found.msi_endpoint else {}),
            }
        case "default" | "connection_string":
            return options
        case _:
            assert_never(found.kind)
    oauth = {"auth.type": "OAuth", **oauth}
    return {**options, **{f"{account}.{name}.{host}": value for name, value in oauth.items()}}


def _azure_endpoint(credential: AzureCredential, host: str) -> dict[str, str]:
    """An emulator's settings: plain HTTP, the account in the path, no hierarchical namespace."""
    if not credential.endpoint or not credential.endpoint.startswith("http://"):
        return {}
    return {
        "fs.azure.abfs.endpoint": urlsplit(credential.endpoint).netloc,
        "fs.azure.always.use.https": "false",
        "fs.azure.account.hns.enabled": "false",
        "fs.azure.fns.account.service.type": "BLOB",
        "fs.azure.networking.library": "JDK_HTTP_URL_CONNECTION",
        "fs.abfss.impl": "org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem",
    }


def s3_options(credential: AwsCredential) -> dict[str, str]:
    """The `fs.s3a.*` settings, for the credential's bucket alone if it has one."""
    own = f"fs.s3a.bucket.{credential.bucket}." if credential.bucket else "fs.s3a."
    where = {
        "endpoint.region": credential.region_name,
        "path.style.access": str(credential.path_style is not False).lower(),
    }
    if credential.endpoint:
        secure = not credential.endpoint.startswith("http://")
        where |= {"endpoint": credential.endpoint, "connection.ssl.enabled": str(secure).lower()}
    return {
        own + name: value for name, value in {**where, **_s3_who(credential), **_s3_more(credential)}.items()
    }


def _s3_who(credential: AwsCredential) -> dict[str, str]:
    keys: dict[str, str] = {}
    provider = _S3A + "SimpleAWSCredentialsProvider"
    if credential.access_key_id is not None:
        keys = {
            "access.key": text_of(credential.access_key_id),
            "secret.key": text_of(credential.secret_access_key),
        }
        if credential.session_token is not None:
            keys["session.token"] = text_of(credential.session_token)
            provider = _S3A + "TemporaryAWSCredentialsProvider"
    elif credential.profile:
        provider = _S3A + "auth.ProfileAWSCredentialsProvider"
        keys = {"auth.profile.name": credential.profile}
    else:
        provider = ""
    if credential.kind == "web_identity":
        return {"aws.credentials.provider": _WEB}
    if credential.kind != "role":
        return {**keys, **({"aws.credentials.provider": provider} if provider else {})}
    role = {
        "aws.credentials.provider": _S3A + "auth.AssumedRoleCredentialProvider",
        "assumed.role.arn": str(credential.role_arn),
        "assumed.role.session.name": credential.session_name or "odibi-dagster",
        "assumed.role.credentials.provider": provider,
        "assumed.role.external.id": text_of(credential.external_id),
        "assumed.role.sts.endpoint": credential.sts_endpoint or "",
        "assumed.role.sts.endpoint.region": credential.region_name if credential.sts_endpoint else "",
    }
    return {**keys, **{name: value for name, value in role.items() if value}}


def _s3_more(credential: AwsCredential) -> dict[str, str]:
    options = dict(credential.options)
    more = {}
    if str(options.get("request_payer", "")).lower() in ("true", "requester"):
        more["requester.pays.enabled"] = "true"
    kinds = {"AES256": "AES256", "aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS"}
    if kind := kinds.get(options.get("server_side_encryption", "")):
        more["encryption.algorithm"] = kind
    if key := options.get("sse_kms_key_id"):
        more["encryption.key"] = key
    return more
