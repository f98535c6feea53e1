"""Each AWS credential, right and wrong, against a store that checks it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from odibi_dagster.errors import AuthenticationError, OdibiError, PermissionDenied
from odibi_dagster.storage.credentials import AwsCredential
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import Entry, Stores, using
from odibi_dagster_tests.services.moto import Moto
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
    root = seaweedfs.bucket("denied")
    bucket = root.removeprefix("s3://")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:PutObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    seaweedfs.client().put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    person = owner(
        seaweedfs,
        access_key_id=seaweedfs.reader_access_key_id,
        secret_access_key=seaweedfs.reader_secret_access_key,
    )
    with pytest.raises(PermissionDenied):
        write(client, root, person)


@both
def test_the_default_chain(seaweedfs: SeaweedFS, client: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", seaweedfs.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", seaweedfs.secret_access_key)
    write(client, ROOT, aws(seaweedfs, session_name=f"default-{client}"))


def test_web_identity(moto: Moto, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("a token of the cluster")
    named = AwsCredential(
        endpoint=moto.endpoint,
        sts_endpoint=moto.endpoint,
        region=moto.region,
        role_arn="arn:aws:iam::123456789012:role/lake",
        web_identity_token_file=str(token),
        network=QUICK,
        variables={},
    )
    bucket = "web-identity"
    moto.client("s3").create_bucket(Bucket=bucket)
    write("obstore", f"s3://{bucket}", named)
    options = named.delta_options()
    assert options["session_token"]
    provider = named.credential_provider()
    assert provider is not None
    assert provider()["expires_at"] > datetime.now(UTC)
    token.unlink()
    with pytest.raises(OdibiError):
        AwsCredential(**{**vars(named), "session_name": "another"}).delta_options()
