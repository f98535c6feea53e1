"""`options:` of an S3 entry, as they arrive at the store: encryption with one's own key, requester pays."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from odibi_dagster.environment import load_environment
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import using
from odibi_dagster_tests.services.moto import Moto
from odibi_dagster_tests.services.proxy import proxy
from odibi_dagster_tests.storage.credentials.reach import BOTH

LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"
OPTIONS = {
    "server_side_encryption": "aws:kms",
    "sse_kms_key_id": "alias/shop",
    "sse_bucket_key_enabled": True,
    "request_payer": True,
}
# delta-rs holds Python's lock while it waits, so the proxy is in another process than it.
CHILD = """
import sys
from odibi_dagster.environment import load_environment
from odibi_dagster.storage.stores import use
from odibi_dagster_tests.storage.credentials.reach import create
use(load_environment(sys.argv[1]).stores)
create(sys.argv[2])
"""


@pytest.mark.parametrize("client", BOTH)
def test_they_reach_the_store(moto: Moto, client: str, tmp_path: Path) -> None:
    bucket, file = f"options-{client}", tmp_path / "mine.yaml"
    moto.client("s3").create_bucket(Bucket=bucket)
    with proxy(moto) as running:  # moto takes every header, and needs no service of keys
        section = {
            "provider": "s3",
            "access_key_id": moto.access_key_id,
            "secret_access_key": moto.secret_access_key,
            "region": moto.region,
            "endpoint": running.before(moto).endpoint,
            "options": OPTIONS,
        }
        file.write_text(f"{LAYERS}stores:\n- {json.dumps(section)}\n")
        if client == "obstore":
            with using(load_environment(str(file)).stores):
                objects = open_objects(f"s3://{bucket}/path")
                objects.put("x", b"bytes")
                assert objects.get("x") == b"bytes"
        else:
            command = [sys.executable, "-c", CHILD, str(file), f"s3://{bucket}/table"]
            done = subprocess.run(command, capture_output=True, text=True, timeout=60)
            assert done.returncode == 0, done.stderr[-2000:]
        written = [seen for seen in running.seen if seen.method == "PUT"]
        read = [seen for seen in running.seen if seen.method == "GET"]
    assert written and read
    for seen in written:
        assert seen.headers["x-amz-server-side-encryption"] == "aws:kms"
        assert seen.headers["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/shop"
        assert seen.headers["x-amz-server-side-encryption-bucket-key-enabled"] == "true"
    for seen in written + read:
        assert seen.headers["x-amz-request-payer"] == "requester"
    assert all("x-amz-server-side-encryption" not in seen.headers for seen in read)
