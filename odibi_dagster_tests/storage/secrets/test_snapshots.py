"""What Dagster's services are told of the definitions has no secret in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from dagster._core.remote_representation.external_data import RepositorySnap
from dagster._serdes import serialize_value

from odibi_dagster.build import build_defs
from odibi_dagster.environment import Environment, load_environment
from odibi_dagster.project import Project
from odibi_dagster.storage.secrets import redaction

SECRETS = {"KEY": "c2VjcmV0LWtleS1vZi1henVyZQ==", "ID": "AKIAEXAMPLEKEYID"}
FILE = """extends: local
stores:
  - provider: azure
    account: account1
    account_key: ${env:KEY}
  - provider: s3
    access_key_id: ${env:ID}
    secret_access_key: lit3ral-secret-of-s3
network: {proxy: "http://user:pr0xy-password@127.0.0.1:9"}
"""


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    (tmp_path / "mine.yaml").write_text(FILE)
    return load_environment(str(tmp_path / "mine.yaml"), SECRETS)


def test_no_snapshot_holds_a_secret(environment: Environment) -> None:
    repository = build_defs(Project(environment, {})).get_repository_def()
    texts = [serialize_value(RepositorySnap.from_def(repository))]
    texts += [serialize_value(job.get_job_snapshot()) for job in repository.get_all_jobs()]
    text = "".join(texts)
    assert '"secrets"' in text and '"s3"' in text
    for value in (*SECRETS.values(), "lit3ral", "pr0xy"):
        assert value not in text
        assert value not in repr(environment)


def test_what_needs_no_network_is_masked_from_the_load_on(environment: Environment) -> None:
    for value in (*SECRETS.values(), "lit3ral-secret-of-s3", "pr0xy-password"):
        assert redaction.mask(f"it is {value}") == "it is ***"
