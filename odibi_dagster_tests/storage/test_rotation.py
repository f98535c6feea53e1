"""A key that is rotated while the process lives: the next call, and the next run, use the new one."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import dagster as dg
import pytest

from odibi_dagster.build import build_defs
from odibi_dagster.environment import load_environment
from odibi_dagster.errors import AuthenticationError, StorageError, Where
from odibi_dagster.project import load_project
from odibi_dagster.reliability.retry import guard
from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.storage.stores import Entry, Stores, store_of, using
from odibi_dagster_tests.lake.table import Table
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.place import Place
from odibi_dagster_tests.services.rotation import Rotation, SeaweedFSRotation, azurite_rotation
from odibi_dagster_tests.services.seaweedfs import REGION, SeaweedFS
from odibi_dagster_tests.services.webserver import WebServer, webserver
from odibi_dagster_tests.storage.shop import Shop
from odibi_dagster_tests.ui.shop import LOCATION

LAYERS = "layers: {landing: /l, bronze: /b, silver: /s, gold: /g, checkpoints: /c}\n"
WRONG = base64.b64encode(b"rotated away" * 4).decode()


@pytest.fixture(params=["azurite", "seaweedfs"])
def rotation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rotation]:
    """Each store in turn, with a key that it will refuse when it is told to."""
    if request.param == "seaweedfs":
        yield SeaweedFSRotation(request.getfixturevalue("seaweedfs").user())
        return
    with azurite_rotation(tmp_path / "azurite") as found:
        yield found


def test_runs_of_one_process_while_the_store_revokes_the_key(rotation: Rotation, tmp_path: Path) -> None:
    """The definitions are loaded once, as by a code server; its sensor and its runs meet the revocation."""
    shop = Shop(tmp_path / "shop", Place(rotation.server, rotation.server.url("rotation")))
    with using(Stores()), dg.instance_for_test() as instance:
        shop.tell(rotation.server)
        defs = build_defs(load_project(str(shop.environment), shop.tables))
        job, landing = defs.resolve_implicit_global_asset_job_def(), defs.resolve_sensor_def("landing")

        def run() -> dg.ExecuteInProcessResult:
            return job.execute_in_process(instance=instance, raise_on_error=False)

        def asked() -> list[str | None]:
            found = landing.evaluate_tick(dg.build_sensor_context(instance, definitions=defs))
            return [request.run_key for request in found.run_requests or []]

        shop.land(rotation.server, 10)
        assert asked() == ["bronze.orders:1:1"]
        assert run().success
        assert shop.count(rotation.server) == 10

        former = rotation.server
        rotation.rotate()
        with pytest.raises(Exception, match=r"(?i)authenticat|access key"):
            Place(former, shop.place.url).paths()
        shop.land(rotation.server, 5)
        with pytest.raises(StorageError, match="does not accept the credentials"):
            asked()
        refused = run()
        assert not refused.success
        told = [event.step_failure_data.error.to_string() for event in refused.get_step_failure_events()]
        assert len(told) == 1
        assert "AuthenticationError" in told[0] and "Check this" in told[0]
        assert shop.count(rotation.server) == 10

        shop.tell(rotation.server)
        assert run().success
        assert shop.count(rotation.server) == 15
        assert asked() == []


def test_a_daemon_goes_on_with_the_new_key(seaweedfs: SeaweedFS, tmp_path: Path) -> None:
    """`odibi-dagster ui` runs all the time: files land, and the key is revoked between two of them."""
    rotation = SeaweedFSRotation(seaweedfs.user())
    shop = Shop(tmp_path / "shop", Place(rotation.server, rotation.server.url("daemon")))
    shop.tell(rotation.server)
    lake = Lake(tmp_path / "shop", shop.tables, {"ODIBI_ENV": str(shop.environment)})
    with webserver(lake) as ui:
        shop.land(rotation.server, 10)
        ui.wait("the first file is taken", lambda: shop.count(rotation.server) == 10)
        rotation.rotate()
        shop.land(rotation.server, 5)
        ui.wait("the sensor says why", lambda: "does not accept the credentials" in _told(ui))
        assert shop.count(rotation.server) == 10
        shop.tell(rotation.server)
        ui.wait("the second file is taken", lambda: shop.count(rotation.server) == 15)


def _told(ui: WebServer) -> str:
    """What the landing sensor's newest tick failed with."""
    data = ui.ask(
        """query($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) { ... on Sensor {
             sensorState { ticks(limit: 1) { error { causes { message } } } } } } }""",
        sensor={
            "repositoryName": "__repository__",
            "repositoryLocationName": LOCATION,
            "sensorName": "landing",
        },
    )
    (tick,) = data["sensorOrError"]["sensorState"]["ticks"]
    return " ".join(cause["message"] for cause in (tick["error"] or {}).get("causes", ()))


@pytest.mark.parametrize("server", ["azurite", "seaweedfs"])
def test_one_process_publishes_with_the_old_key_and_then_with_the_new(
    server: str, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is in a variable, which the store does not take for a while."""
    store: Azurite | SeaweedFS = request.getfixturevalue(server)
    right = store.key if isinstance(store, Azurite) else store.secret_access_key
    name = "account_key" if isinstance(store, Azurite) else "secret_access_key"
    section = store.store_section(**{name: "${env:LAKE_KEY}"})
    (tmp_path / "mine.yaml").write_text(f"{LAYERS}stores:\n- {json.dumps(section)}\n")
    monkeypatch.setenv("LAKE_KEY", right)
    table = Table(Place(store, store.url("rotation")))
    with using(load_environment(str(tmp_path / "mine.yaml")).stores):
        assert table.publish("SELECT 1 AS a").log.handle.version() == 0
        monkeypatch.setenv("LAKE_KEY", WRONG)
        with pytest.raises(AuthenticationError):
            table.publish("SELECT 2 AS a")
        monkeypatch.setenv("LAKE_KEY", right)
        table.publish("SELECT 3 AS a")
    assert table.rows() == [(3,)]


def of_a_vault(store: Azurite | SeaweedFS, ask: Callable[[], str]) -> Stores:
    """The store, whose key is in a vault."""
    sources = Sources({}, remote={"keyvault": lambda _: ask()})
    key = sources.secret("${keyvault:vault/key}")
    if isinstance(store, Azurite):
        azure = AzureCredential(store.account, account_key=key, endpoint=store.endpoint, variables={})
        return Stores([Entry("azure", None, azure)], Network(attempts=2))
    aws = AwsCredential(
        access_key_id=store.access_key_id,
        secret_access_key=key,
        endpoint=store.endpoint,
        region=REGION,
        variables={},
    )
    return Stores([Entry("s3", None, aws)], Network(attempts=2))


@pytest.mark.parametrize("server", ["azurite", "seaweedfs"])
@pytest.mark.parametrize("call", ["put", "put_if_absent", "list"])
def test_a_call_that_is_refused_is_made_again_with_the_vaults_new_key(
    server: str, call: str, request: pytest.FixtureRequest
) -> None:
    """The client and the vault's answer are younger than five minutes; the store's key is another."""
    store: Azurite | SeaweedFS = request.getfixturevalue(server)
    right = store.key if isinstance(store, Azurite) else store.secret_access_key
    asked: list[str] = []

    def ask() -> str:
        asked.append("wrong" if not asked else "right")
        return WRONG if len(asked) == 1 else right

    url = store.url("refused")
    with using(of_a_vault(store, ask)):
        store_of(url).delta_options()
        assert asked == ["wrong"]
        objects = open_objects(url)
        if call == "list":
            assert sum(batch.num_rows for batch in objects.list()) == 0
        else:
            getattr(objects, call)("x", b"bytes")
        assert asked == ["wrong", "right"]


def test_the_run_after_a_refused_commit_asks_the_vault(seaweedfs: SeaweedFS) -> None:
    """delta-rs' own refusals pass by the guard of a step."""
    answers, url = [WRONG, "new-value"], seaweedfs.url()
    with using(of_a_vault(seaweedfs, lambda: answers.pop(0))):
        assert store_of(url).delta_options()["secret_access_key"] == WRONG
        with pytest.raises(dg.Failure), guard("silver.t"):
            raise AuthenticationError("The store does not accept the credentials.", where=Where(url=url))
        assert store_of(url).delta_options()["secret_access_key"] == "new-value"
