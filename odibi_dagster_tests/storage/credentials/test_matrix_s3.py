"""Each AWS credential, right and wrong, against a store that checks it."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from odibi_dagster.errors import AuthenticationError, PermissionDenied
from odibi_dagster.storage.credentials import AwsCredential
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.secrets import mask, redaction
from odibi_dagster.storage.stores import Entry, Stores, using
from odibi_dagster_tests.services.http_server import Answer, Request, http_server
from odibi_dagster_tests.services.seaweedfs import BUCKET, REGION, SeaweedFS
from odibi_dagster_tests.storage.credentials.reach import BOTH, QUICK, create, read, write

both = pytest.mark.parametrize("client", BOTH)
ROOT = f"s3://{BUCKET}"


def aws(store: SeaweedFS, **settings: object) -> AwsCredential:
    return AwsCredential(endpoint=store.endpoint, region=REGION, network=QUICK, variables={}, **settings)  # type: ignore[arg-type]


def owner(store: SeaweedFS, **settings: object) -> AwsCredential:
    keys = {"access_key_id": store.access_key_id, "secret_access_key": store.secret_access_key}
    return aws(store, **{**keys, **settings})


def made(store: SeaweedFS) -> str:
    """A place with an object `x` and a table."""
    url = store.url("matrix")
    with using(Stores([Entry("s3", None, owner(store))], QUICK)):
        open_objects(url).put("x", b"bytes")
        create(url)
    return url


@both
def test_access_keys(seaweedfs: SeaweedFS, client: str) -> None:
    write(client, ROOT, owner(seaweedfs))
    for wrong in ({"secret_access_key": "wrong"}, {"access_key_id": "nobody"}, {"session_token": "wrong"}):
        with pytest.raises(AuthenticationError):
            write(client, ROOT, owner(seaweedfs, **wrong))


@both
def test_an_identity_that_may_only_read(seaweedfs: SeaweedFS, client: str) -> None:
    reader = owner(
        seaweedfs,
        access_key_id=seaweedfs.reader_access_key_id,
        secret_access_key=seaweedfs.reader_secret_access_key,
    )
    read(client, made(seaweedfs), "x", reader)
    with pytest.raises(PermissionDenied, match="s3:PutObject"):
        write(client, ROOT, reader)


@both
def test_a_profile(
    seaweedfs: SeaweedFS, client: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "credentials"
    file.write_text(
        f"[lake]\naws_access_key_id = {seaweedfs.access_key_id}\n"
        f"aws_secret_access_key = {seaweedfs.secret_access_key}\n"
    )
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    write(client, ROOT, aws(seaweedfs, profile="lake"))
    with pytest.raises(AuthenticationError, match="nobody"):
        write(client, ROOT, aws(seaweedfs, profile="nobody"))


@both
def test_a_role(seaweedfs: SeaweedFS, client: str) -> None:
    roles = {"sts_endpoint": seaweedfs.endpoint, "external_id": "lake"}
    write(client, ROOT, owner(seaweedfs, role_arn=seaweedfs.role_arn, **roles))
    reader = owner(seaweedfs, role_arn=seaweedfs.reader_role_arn, **roles)
    read(client, made(seaweedfs), "x", reader)
    with pytest.raises(PermissionDenied):
        write(client, ROOT, reader)
    nobody = owner(seaweedfs, role_arn=seaweedfs.role_arn, **roles, secret_access_key="wrong")
    with pytest.raises(AuthenticationError, match="trust policy"):
        write(client, ROOT, nobody)


@both
def test_a_bucket_policy_that_denies(seaweedfs: SeaweedFS, client: str) -> None:
    """To one who may write everywhere else in the bucket, so that nothing but the Deny decides."""
    root = seaweedfs.bucket("denied")
    bucket = root.removeprefix("s3://")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/closed/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    seaweedfs.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    write(client, f"{root}/open", owner(seaweedfs))
    with pytest.raises(PermissionDenied, match="s3:PutObject"):
        write(client, f"{root}/closed", owner(seaweedfs))


def test_a_role_that_demands_an_external_id(seaweedfs: SeaweedFS) -> None:
    """The token service is of the tests: SeaweedFS 4.48 refuses everybody where a trust policy has a
    condition on `sts:ExternalId`, and moto looks at none.
    """
    asked: list[dict[str, str]] = []

    def answer(request: Request) -> Answer:
        asked.append(request.form)
        if request.form.get("ExternalId") != "shop-4711":
            return Answer(403, REFUSED.encode())
        return Answer(200, ASSUMED.encode())

    with http_server(answer) as url:
        role = {"role_arn": seaweedfs.role_arn, "sts_endpoint": url}
        keys = owner(seaweedfs, **role, external_id="shop-4711").delta_options()
        assert keys["session_token"] == "temporary-token"
        assert mask("temporary-secret, temporary-token") == "***, ***"
        assert (asked[0]["Action"], asked[0]["RoleArn"]) == ("AssumeRole", seaweedfs.role_arn)
        for external_id in ("another", None):
            with pytest.raises(AuthenticationError, match="external id"):
                owner(seaweedfs, **role, external_id=external_id).delta_options()


REFUSED = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>AccessDenied</Code><Message>is not authorized to perform: sts:AssumeRole</Message></Error>
</ErrorResponse>"""
ASSUMED = """<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult>
<Credentials><AccessKeyId>temporary-key</AccessKeyId><SecretAccessKey>temporary-secret</SecretAccessKey>
<SessionToken>temporary-token</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration>
</Credentials></AssumeRoleResult></AssumeRoleResponse>"""


def test_the_keys_of_a_role_are_masked_when_boto3_gets_them(seaweedfs: SeaweedFS) -> None:
    role = {"role_arn": seaweedfs.role_arn, "sts_endpoint": seaweedfs.endpoint, "session_name": "masked"}
    client = owner(seaweedfs, **role).boto_client("s3")
    client.list_objects_v2(Bucket=BUCKET, MaxKeys=1)
    frozen = client._request_signer._credentials.get_frozen_credentials()
    assert frozen.token
    assert mask(f"{frozen.secret_key} {frozen.token}") == "*** ***"
    assert redaction._forms[frozen.token][0] == pytest.approx(time.time() + 3600, abs=60)


@pytest.mark.parametrize("region", [None, REGION])
def test_a_missing_profile_is_told_by_every_client(
    seaweedfs: SeaweedFS, region: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    nobody = AwsCredential(
        profile="nobody", endpoint=seaweedfs.endpoint, region=region, network=QUICK, variables={}
    )
    for client in BOTH:
        with pytest.raises(AuthenticationError, match=r"Correct the profile nobody in ~/\.aws/config"):
            write(client, ROOT, nobody)
    with pytest.raises(AuthenticationError, match="Correct the profile nobody"):
        nobody.boto_client("s3")
    role = replace(nobody, role_arn=seaweedfs.role_arn)
    with pytest.raises(AuthenticationError, match="Correct the profile nobody"):
        role.delta_options()
    monkeypatch.setenv("AWS_PROFILE", "elsewhere")
    with pytest.raises(AuthenticationError, match="elsewhere"):
        replace(nobody, profile=None).boto_client("s3")


@both
def test_the_default_chain(seaweedfs: SeaweedFS, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", seaweedfs.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", seaweedfs.secret_access_key)
    write(client, ROOT, aws(seaweedfs, session_name=f"default-{client}"))


def cluster(store: SeaweedFS, token: Path, **settings: object) -> AwsCredential:
    """As a pod of a cluster whose tokens the store's own token service checks."""
    role = {"role_arn": store.role_arn, "sts_endpoint": store.endpoint, **settings}
    return aws(store, **role, web_identity_token_file=str(token), session_name=f"pod-{token.parent.name}")


@both
def test_web_identity(seaweedfs: SeaweedFS, client: str, tmp_path: Path) -> None:
    token, issuer = tmp_path / "token", seaweedfs.issuer
    assert issuer
    token.write_text(issuer.token())
    write(client, ROOT, cluster(seaweedfs, token))
    reader = cluster(seaweedfs, token, role_arn=seaweedfs.reader_role_arn)
    read(client, made(seaweedfs), "x", reader)
    with pytest.raises(PermissionDenied):
        write(client, ROOT, reader)


@both
@pytest.mark.parametrize("wrong", ["audience", "expired", "signature", "issuer", "role", "missing"])
def test_a_wrong_web_identity(seaweedfs: SeaweedFS, client: str, wrong: str, tmp_path: Path) -> None:
    """Refused, told, and not remembered: the cluster writes a new token, and the same process goes on."""
    token, issuer = tmp_path / "token", seaweedfs.issuer
    assert issuer
    refused = {
        "audience": issuer.token(aud="vault.tests"),
        "expired": issuer.token(exp=int(time.time()) - 60),
        "signature": issuer.forged(),
        "issuer": issuer.token(iss="https://elsewhere.tests"),
        "role": issuer.token(),
    }
    if wrong in refused:
        token.write_text(refused[wrong])
    role = {"role_arn": seaweedfs.role_arn.replace("Lake", "Nobody")} if wrong == "role" else {}
    named = cluster(seaweedfs, token, **role)
    with pytest.raises(AuthenticationError, match="role's trust policy") as caught:
        write(client, ROOT, named)
    assert refused.get(wrong, "no token") not in str(caught.value)
    if wrong != "role":
        token.write_text(issuer.token())
        write(client, ROOT, named)


def test_the_keys_of_a_web_identity_are_kept_until_they_expire(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    token = tmp_path / "token"
    assert seaweedfs.issuer
    token.write_text(seaweedfs.issuer.token())
    named = cluster(seaweedfs, token)
    first, provider = named.delta_options(), named.credential_provider()
    token.unlink()
    assert named.delta_options() == first
    assert provider is not None
    assert provider()["expires_at"] > datetime.now(UTC) + timedelta(minutes=10)
    assert mask(f"{first['secret_access_key']} {first['session_token']}") == "*** ***"
