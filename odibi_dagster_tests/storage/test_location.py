"""One spelling of a place, whatever was written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.azure_url import SUFFIXES
from odibi_dagster.storage.location import Location

STEP = st.text(st.characters(exclude_characters="/", exclude_categories=("Cc", "Cs")), min_size=1).filter(
    lambda step: step.strip() and step not in (".", "..")
)
KEY = st.lists(STEP, max_size=4).map("/".join)
CONTAINER = st.from_regex(r"[a-z0-9]{2,20}(-[a-z0-9]{1,20}){0,2}[a-z0-9]", fullmatch=True)
ACCOUNT = st.from_regex(r"[a-z0-9]{3,24}", fullmatch=True)
LOCATION = st.one_of(
    st.builds(lambda key: Location("local", "/" + key), KEY.filter(lambda key: "://" not in key)),
    st.builds(lambda key: Location("memory", key), KEY),
    st.builds(lambda key, bucket: Location("s3", key, bucket), KEY, CONTAINER),
    st.builds(
        lambda *of: Location("azure", *of),
        KEY.filter(lambda key: "sig=" not in key.lower()),
        CONTAINER,
        ACCOUNT,
        st.sampled_from(SUFFIXES),
    ),
)


@given(LOCATION)
def test_parse_and_print_are_inverse(location: Location) -> None:
    assert Location.parse(str(location)) == location
    assert Location.parse(location.for_spark()) == location


@given(LOCATION, STEP, STEP)
def test_what_is_joined_lies_below_and_parses_back(location: Location, first: str, second: str) -> None:
    below = location.join(first, second)
    assert below == location.join(f"{first}/{second}") == Location.parse(str(below))
    assert below.root == location.root and below.path.endswith(f"{first}/{second}")


AZURE = Location("azure", "a/b c.txt", "lake", "acct1", "core.windows.net")


@pytest.mark.parametrize(
    "text",
    [
        "abfss://lake@acct1.dfs.core.windows.net/a/b c.txt",
        "abfs://lake@acct1.dfs.core.windows.net//a/./b c.txt/",
        "ABFSS://lake@ACCT1.DFS.core.windows.net/a/b c.txt",
        "wasbs://lake@acct1.blob.core.windows.net/a/b c.txt",
        "wasb://lake@acct1.blob.core.windows.net/a/b c.txt",
        "https://acct1.blob.core.windows.net/lake/a/b%20c.txt",
        "https://acct1.dfs.core.windows.net:443/lake/a/b%20c.txt",
        "az://lake/a/b c.txt",
        "abfs://lake/a/b c.txt",
        "az://lake@acct1.blob.core.windows.net/a/b c.txt",
    ],
)
def test_every_spelling_of_azure_is_one_place(text: str) -> None:
    assert Location.parse(text, account="acct1") == AZURE
    assert str(AZURE) == "abfss://lake@acct1.dfs.core.windows.net/a/b c.txt" == AZURE.for_spark()


@pytest.mark.parametrize("text", ["s3://b/k/x", "s3a://b/k//x/", "S3N://b/k/x"])
def test_every_spelling_of_s3_is_one_place(text: str) -> None:
    assert str(Location.parse(text)) == "s3://b/k/x"
    assert Location.parse(text).for_spark() == "s3a://b/k/x"


def test_other_clouds_keep_their_domain() -> None:
    text = "https://acct1.blob.core.chinacloudapi.cn/lake/x"
    assert str(Location.parse(text)) == "abfss://lake@acct1.dfs.core.chinacloudapi.cn/x"


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("abfss://acct1@my-lake.dfs.core.windows.net/x", None),
        ("abfss://acct1@lake.dfs.core.windows.net/x", "acct1"),
    ],
)
def test_swapped_account_and_container_are_told(text: str, account: str | None) -> None:
    with pytest.raises(ConfigError, match=r"swapped: write abfss://(my-)?lake@acct1\.dfs\.core\.windows"):
        Location.parse(text, account)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "empty"),
        ("file://host/x", "no host"),
        ("gs://bucket/x", "no store that is known"),
        ("s3:///x", "no bucket"),
        ("s3://bucket/a/../x", "step"),
        ("az://lake/x", "no storage account"),
        ("abfss://lake@acct1/x", "no host of Azure"),
        ("abfss://acct1.dfs.core.windows.net/x", "container@"),
        ("abfss://La_ke@acct1.dfs.core.windows.net/x", "cannot be a container"),
        ("https://127.0.0.1:10000/acct1/lake", "endpoint"),
        ("https://acct1.blob.core.windows.net", "cannot be a container"),
    ],
)
def test_what_is_no_place_is_refused_with_a_remedy(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=f"(?s){why}.*to do|to do.*{why}|{why}"):
        Location.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://acct1.blob.core.windows.net/lake/x?sv=2024&sig=hush%3D",
        "abfss://lake@acct1.dfs.core.windows.net/x?sig=hush",
        "s3://AKIA:hush@bucket/x",
        "https://somebody:hush@host/x",
    ],
)
def test_a_secret_in_a_url_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Location.parse(text)
    assert "hush" not in str(caught.value) and "stores" in str(caught.value)


def test_spellings_of_one_folder_are_equal(tmp_path: Path) -> None:
    plain = Location.parse(str(tmp_path))
    assert Location.parse(f"file://{tmp_path}/") == plain == Location.parse(os.path.relpath(tmp_path))
    assert Location.parse("file:///a%20b") == Location.parse("/a b")


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc"])
@pytest.mark.parametrize("at", ["/lake", "s3://bucket/lake", "memory:///"])
def test_a_name_below_cannot_climb_out(at: str, name: str) -> None:
    with pytest.raises(ConfigError):
        Location.parse(at).join(name)
