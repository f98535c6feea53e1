"""moto: SQS, Secrets Manager, STS and S3 with events, without the limits that the real ones have."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.program import is_listening, program

REGION = "us-east-1"


@dataclass(frozen=True)
class Moto:
    """A running moto; it takes every key and checks no signature.

    Args:
        endpoint: all services, `http://127.0.0.1:PORT`.
    """

    endpoint: str
    access_key_id: str = "tests"
    secret_access_key: str = "tests"
    region: str = REGION

    def client(self, service: str) -> Any:
        """AWS' own client of "sqs", "secretsmanager", "sts" or "s3"."""
        import boto3

        return boto3.client(
            service,  # type: ignore[call-overload]
            endpoint_url=self.endpoint,
            aws_access_key_id=self.access_key_id,
            aws_secret_access_key=self.secret_access_key,
            region_name=self.region,
        )


@contextmanager
def moto(folder: Path) -> Iterator[Moto]:
    """A new, empty moto until the block ends.

    Args:
        folder: for its log.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [str(Path(sys.executable).parent / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
    with program(command, folder / "moto.log", lambda: is_listening(port)):
        yield Moto(f"http://127.0.0.1:{port}")
