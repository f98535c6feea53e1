"""Which store a URL is in, and who asks there."""

from __future__ import annotations

import threading

import pytest

from odibi_dagster.errors import AuthenticationError, ConfigError
from odibi_dagster.storage import store
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import Entry, Stores, location_of, store_of, using
from odibi_dagster_tests.services.place import Server
from odibi_dagster_tests.storage.options import Options
from odibi_dagster_tests.stores import stores_of

ONE, TWO, ALL = Options({"account_key": "b25l"}), Options({"account_key": "dHdv"}), Options({"token": "all"})
STORES = Stores(
    [
        Entry("azure", "acct1", ONE),
        Entry("azure", "acct1", TWO, container="own"),
        Entry("azure", None, ALL),
        Entry("s3", "bucket", ONE),
    ]
)


@pytest.mark.parametrize(
    ("url", "credential"),
    [
        ("abfss://lake@acct1.dfs.core.windows.net/x", ONE),
        ("abfss://own@acct1.dfs.core.windows.net/x", TWO),
        ("abfss://lake@other.dfs.core.windows.net/x", ALL),
        ("az://lake/x", ONE),
        ("s3a://bucket/x", ONE),
        ("s3://another/x", None),
        ("/data", None),
        ("memory:///x", None),
    ],
)
def test_the_most_particular_entry_is_taken(url: str, credential: Options | None) -> None:
    assert STORES.store_of(url).credential is credential


def test_urls_of_one_container_share_a_store() -> None:
    first = STORES.store_of("az://lake/a/b")
    assert first is STORES.store_of("wasbs://lake@acct1.blob.core.windows.net/c")
    assert first.root == "abfss://lake@acct1.dfs.core.windows.net"


def test_a_process_has_one_set_and_gets_it_back() -> None:
    with pytest.raises(ConfigError, match="no storage account"):
        store_of("az://lake/x")
    with using(STORES):
        assert str(location_of("az://lake/x")) == "abfss://lake@acct1.dfs.core.windows.net/x"
        seen: list[object] = []
        thread = threading.Thread(target=lambda: seen.append(store_of("az://lake/x").credential))
        thread.start()
        thread.join()
        assert seen == [ONE]
    with pytest.raises(ConfigError):
        store_of("az://lake/x")


def test_options_name_the_account_the_cloud_and_plain_http() -> None:
    options = STORES.store_of("abfss://lake@acct1.dfs.core.chinacloudapi.cn/x").delta_options()
    assert options["endpoint"] == "https://acct1.blob.core.chinacloudapi.cn"
    assert options["account_name"] == "acct1" and options["account_key"] == "b25l"
    own = Options({"azure_storage_endpoint": "http://127.0.0.1:1/a", "azure_storage_account_name": "a"})
    options = (
        Stores([Entry("azure", None, own)]).store_of("az://lake@abc.blob.core.windows.net/x").delta_options()
    )
    assert options == {**own.given, "allow_http": "true"}
    assert STORES.store_of("/data").delta_options() == {}


def test_clients_are_kept_for_a_while_and_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    stores = Stores([Entry("azure", "acct1", ONE)])
    found = stores.store_of("az://lake/x")
    first = found.obstore()
    assert found.obstore() is first
    monkeypatch.setattr(store, "LIFETIME", 0.0)
    assert found.obstore() is not first


def test_a_refused_key_is_looked_up_again_at_the_next_call(remote: Server) -> None:
    """What a rotated key needs: nothing is kept of one that the store refused."""
    right = remote.obstore_options()
    name = next(name for name in right if name.endswith(("account_key", "secret_access_key")))
    given = {**right, name: "d3Jvbmc="}
    with using(Stores([Entry(remote.provider, None, Options(given))])):
        objects = open_objects(remote.url("rotated"))
        with pytest.raises(AuthenticationError):
            objects.put("x", b"1")
        given[name] = right[name]
        objects.put("x", b"1")
        assert objects.get("x") == b"1"
    assert stores_of(remote).store_of(objects.url).root
