"""An AWS credential in the clients' words; nothing is contacted."""

from __future__ import annotations

from odibi_dagster.storage.credentials import AwsCredential
from odibi_dagster.storage.location import Location


def at(**settings: object) -> AwsCredential:
    keys = {"access_key_id": "key", "secret_access_key": "secret", "variables": {}}
    return AwsCredential(**{**keys, **settings}).at(Location.parse("s3://bucket/path"))  # type: ignore[arg-type]


def test_what_the_process_could_change_is_said() -> None:
    assert at().delta_options() == {
        "access_key_id": "key",
        "secret_access_key": "secret",
        "region": "us-east-1",
        "endpoint": "https://s3.us-east-1.amazonaws.com",
        "aws_endpoint_url_s3": "https://s3.us-east-1.amazonaws.com",
        "virtual_hosted_style_request": "false",
        "skip_signature": "false",
        "s3_express": "false",
        "conditional_put": "etag",
    }


def test_the_bucket_stands_in_the_hosts_name_where_that_is_wanted() -> None:
    options = at(path_style=False, region="cn-north-1").obstore_options()
    assert options["endpoint"] == "https://bucket.s3.cn-north-1.amazonaws.com.cn"
    assert options["virtual_hosted_style_request"] == "true"
    own = at(path_style=False, endpoint="http://127.0.0.1:9000").obstore_options()
    assert own["endpoint"] == "http://bucket.127.0.0.1:9000"


def test_client_options_are_passed_on_and_commits_stay_safe() -> None:
    more = (("conditional_put", "disabled"), ("request_payer", "true"), ("sse_kms_key_id", "key-1"))
    options = at(options=more).delta_options()
    assert options["request_payer"] == "true"
    assert options["sse_kms_key_id"] == "key-1"
    assert options["conditional_put"] == "etag"


def test_a_public_bucket_is_asked_without_a_signature() -> None:
    public = at(options=(("skip_signature", "true"),), access_key_id=None, secret_access_key=None)
    assert public.credential_provider() is None
    assert public.delta_options()["skip_signature"] == "true"
    assert "access_key_id" not in public.delta_options()


def test_the_region_is_the_files_or_the_process() -> None:
    variables = {"AWS_REGION": "eu-west-1"}
    assert at(variables=variables).region_name == "eu-west-1"
    assert at(variables=variables, region="eu-north-1").region_name == "eu-north-1"


def test_secrets_are_not_printed() -> None:
    assert "hidden" not in repr(at(secret_access_key="hidden", session_token="hidden"))
