"""Credentials as Hadoop's settings, for the abfs and s3a file systems that Spark uses.

Names: https://hadoop.apache.org/docs/r3.5.0/hadoop-azure/abfs.html and
https://hadoop.apache.org/docs/r3.5.0/hadoop-aws/tools/hadoop-aws/index.html
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlsplit

from odibi_dagster.storage.credentials import aws_session
from odibi_dagster.storage.credentials.aws import AwsCredential
from odibi_dagster.storage.credentials.azure import AzureCredential
from odibi_dagster.storage.value import text_of

_OAUTH = "org.apache.hadoop.fs.azurebfs.oauth2."
_S3A = "org.apache.hadoop.fs.s3a."
_SDK = "software.amazon.awssdk.auth.credentials."


def azure_options(credential: AzureCredential) -> dict[str, str]:
    """The `fs.azure.*` settings, for the credential's account alone if it has one.

    Hadoop has no chain of its own: the default chain is a service principal's or a workload identity's
    variables, where they are set, else the machine's identity. The Azure CLI's login is none of them.

    Raises:
        ConfigError: a setting cannot be meant.
    """
    found = _chosen(credential.settled())
    dfs = f".{found.account}.dfs.{found.suffix}" if found.account else ""
    options = _azure_endpoint(found)
    match found.kind:
        case "account_key":
            hosts = {dfs, dfs.replace(".dfs.", ".blob.", 1)}
            who = {f"fs.azure.account.key{host}": text_of(found.account_key) for host in sorted(hosts)}
            return {**options, f"fs.azure.account.auth.type{dfs}": "SharedKey", **who}
        case "sas_token":
            return {
                **options,
                f"fs.azure.account.auth.type{dfs}": "SAS",
                f"fs.azure.sas.fixed.token{dfs}": text_of(found.sas_token).removeprefix("?"),
            }
        case _:
            oauth = {"auth.type": "OAuth", **_oauth(found)}
            return {**options, **{f"fs.azure.account.{name}{dfs}": value for name, value in oauth.items()}}


def _chosen(found: AzureCredential) -> AzureCredential:
    """The default chain, decided by the process variables that azure-identity reads too."""
    if found.kind != "default":
        return found
    variables = found.variables
    tenant, client = variables.get("AZURE_TENANT_ID"), variables.get("AZURE_CLIENT_ID")
    authority = found.authority_host or variables.get("AZURE_AUTHORITY_HOST")
    found = replace(found, client_id=client or None, authority_host=authority)
    if tenant and client and (secret := variables.get("AZURE_CLIENT_SECRET")):
        return replace(found, tenant_id=tenant, client_secret=secret)
    if tenant and client and (file := variables.get("AZURE_FEDERATED_TOKEN_FILE")):
        return replace(found, tenant_id=tenant, federated_token_file=file)
    return replace(found, use_managed_identity=True)


def _oauth(found: AzureCredential) -> dict[str, str]:
    tenant, client = text_of(found.tenant_id), text_of(found.client_id)
    match found.kind:
        case "service_principal":
            return {
                "oauth.provider.type": _OAUTH + "ClientCredsTokenProvider",
                "oauth2.client.id": client,
                "oauth2.client.secret": text_of(found.client_secret),
                "oauth2.client.endpoint": f"{found.authority}/{tenant}/oauth2/v2.0/token",
            }
        case "workload_identity":
            return {
                "oauth.provider.type": _OAUTH + "WorkloadIdentityTokenProvider",
                "oauth2.client.id": client,
                "oauth2.msi.tenant": tenant,
                "oauth2.token.file": str(found.federated_token_file),
                "oauth2.msi.authority": f"{found.authority}/",
            }
        case _:
            endpoint = found.msi_endpoint or found.variables.get("IDENTITY_ENDPOINT")
            return {
                "oauth.provider.type": _OAUTH + "MsiTokenProvider",
                **({"oauth2.client.id": client} if client else {}),
                **({"oauth2.msi.endpoint": endpoint} if endpoint else {}),
            }


def _azure_endpoint(credential: AzureCredential) -> dict[str, str]:
    """An emulator's settings: the account in the path, no hierarchical namespace; one emulator a session."""
    parts = urlsplit(credential.endpoint or "")
    if parts.path.strip("/") != credential.account or not credential.account:
        return {}
    options = {
        "fs.azure.abfs.endpoint": parts.netloc,
        "fs.azure.account.hns.enabled": "false",
        "fs.azure.fns.account.service.type": "BLOB",
        "fs.azure.networking.library": "JDK_HTTP_URL_CONNECTION",
    }
    if parts.scheme == "http":
        options["fs.azure.always.use.https"] = "false"
        # The class of abfss:// insists on TLS, and hangs.
        options["fs.abfss.impl"] = "org.apache.hadoop.fs.azurebfs.AzureBlobFileSystem"
    return options


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
        provider = _SDK + "DefaultCredentialsProvider"
    if credential.kind == "web_identity":
        return {"aws.credentials.provider": _SDK + "WebIdentityTokenFileCredentialsProvider"}
    if credential.kind != "role":
        return {**keys, "aws.credentials.provider": provider}
    sts = urlsplit(credential.sts_endpoint or "")
    if sts.scheme == "http" or sts.port:
        return _assumed(credential)
    role = {
        "aws.credentials.provider": _S3A + "auth.AssumedRoleCredentialProvider",
        "assumed.role.arn": str(credential.role_arn),
        "assumed.role.session.name": credential.session_name or "odibi-dagster",
        "assumed.role.credentials.provider": provider,
        "assumed.role.external.id": text_of(credential.external_id),
        "assumed.role.sts.endpoint": sts.hostname or "",
        "assumed.role.sts.endpoint.region": credential.region_name if credential.sts_endpoint else "",
    }
    return {**keys, **{name: value for name, value in role.items() if value}}


def _assumed(credential: AwsCredential) -> dict[str, str]:
    """The role's keys, asked for now: Hadoop asks a token service by its name alone, over TLS (3.5.0)."""
    keys = aws_session.keys(credential)
    return {
        "access.key": keys.access_key_id,
        "secret.key": keys.secret_access_key,
        "session.token": keys.session_token or "",
        "aws.credentials.provider": _S3A + "TemporaryAWSCredentialsProvider",
    }


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
