"""Things are broken one by one: the right line turns red, and what hangs on it is skipped."""

from __future__ import annotations

import base64
import dataclasses
import secrets
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from odibi_dagster_tests.doctor.conftest import Admit
from odibi_dagster_tests.doctor.patient import Patient, after
from odibi_dagster_tests.services.certificates import certificate
from odibi_dagster_tests.services.fault import Hang
from odibi_dagster_tests.services.http_server import Answer, http_server
from odibi_dagster_tests.services.juicefs import JuiceFS
from odibi_dagster_tests.services.place import Place
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.proxy import proxy
from odibi_dagster_tests.services.seaweedfs import SeaweedFS
from odibi_dagster_tests.services.tunnel import tunnel
from odibi_dagster_tests.storage.credentials.test_matrix_azure import sas

#: Without --write these are one line that says so.
WRITES = {"delete", "put-if-absent"}


def test_a_good_deployment_has_nothing_red(patient: Patient) -> None:
    patient.publish("silver.orders")
    before = patient.lake.paths()
    found = patient.examine(write=True)
    assert found.named("failed") == set(), found.all
    assert found.named("warning") <= {"disk", "memory"}
    assert {"credentials", "bucket", "list", "read", "speed", "put-if-absent"} <= found.named("ok")
    assert "landing, silver; nothing is in bronze, gold, checkpoints" in found.text("read", "ok")
    assert "MB/s" in found.text("speed", "ok")
    assert "bronze.orders (1)" in found.text("sources", "ok")
    assert "1 opened, 2 not published yet" in found.text("table logs", "ok")
    assert patient.lake.paths() == before, "what it wrote is gone"


def test_without_write_nothing_is_written(patient: Patient) -> None:
    with proxy(patient.server) as between:
        patient.store["endpoint"] = between.before(patient.server).endpoint  # type: ignore[attr-defined]
        found = patient.examine()
        assert found.named("failed") == set(), found.all
        assert "--write" in found.text("write", "skipped")
        assert {seen.method for seen in between.seen} <= {"GET", "HEAD"}


def test_a_wrong_key(patient: Patient) -> None:
    wrong = base64.b64encode(secrets.token_bytes(64)).decode()
    key = "account_key" if patient.server.provider == "azure" else "secret_access_key"
    patient.store[key] = wrong
    found = patient.examine(write=True)
    assert found.named("failed") == {"credentials"}
    assert found.named("skipped") == after("credentials")
    assert found.seconds < 10
    assert "stores:" in found.text("credentials")


def test_what_is_no_key(on_azure: Patient) -> None:
    on_azure.store["account_key"] = "this is no base64!"
    found = on_azure.examine()
    assert found.named("failed") == {"credentials"}
    assert "is no account key" in found.text("credentials")


def test_an_expired_signature(on_azure: Patient) -> None:
    on_azure.store = on_azure.server.store_section(account_key=None, sas_token=sas(on_azure.server, hours=-1))  # type: ignore[call-arg, arg-type]
    found = on_azure.examine()
    assert found.named("failed") == {"credentials"}
    assert found.named("skipped") == after("credentials") - WRITES
    assert "a shared access signature" in found.text("credentials")


def test_a_signature_that_ends_soon_is_told(on_azure: Patient) -> None:
    on_azure.store = on_azure.server.store_section(account_key=None, sas_token=sas(on_azure.server, hours=30))  # type: ignore[call-arg, arg-type]
    found = on_azure.examine()
    assert found.named("failed") == set()
    assert "ends in 30 hours" in found.text("credentials", "warning")


def test_a_missing_container(patient: Patient) -> None:
    head, _, tail = patient.lake.url.partition("://tests")
    patient.lake = dataclasses.replace(patient.lake, url=f"{head}://nowhere{tail}")
    found = patient.examine(write=True)
    assert found.named("failed") == {"bucket"}
    assert found.named("skipped") == after("bucket")
    assert "Create the" in found.text("container" if patient.server.provider == "azure" else "bucket")


def test_a_dead_port(patient: Patient) -> None:
    patient.store["endpoint"] = f"http://127.0.0.1:{free_port()}"
    found = patient.examine()
    assert found.named("failed") == {"connection"}
    assert found.named("skipped") == after("connection") - WRITES
    assert found.seconds < 20


def test_a_server_that_hangs(patient: Patient) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=16) as silent:
        patient.store["endpoint"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        found = patient.examine()
    assert found.named("failed") == {"answer"}
    assert found.named("skipped") == after("answer") - WRITES
    assert found.seconds < 20


def test_a_server_that_answers_at_first_and_then_hangs(on_azure: Patient) -> None:
    """The unsigned question is answered, whatever is signed is not."""
    with proxy(on_azure.server) as between:
        on_azure.store["endpoint"] = between.before(on_azure.server).endpoint  # type: ignore[attr-defined]
        between.on(lambda seen: "authorization" in seen.headers, Hang(), times=None)
        found = on_azure.examine()
    assert found.named("failed") == {"credentials"}
    assert found.named("skipped") == after("credentials") - WRITES
    assert found.seconds < 20


def test_an_unknown_host(patient: Patient) -> None:
    patient.store["endpoint"] = "https://storage.invalid"
    found = patient.examine()
    assert found.named("failed") == {"name"}
    assert found.named("skipped") == after("name") - WRITES


def test_a_certificate_that_nobody_knows(on_s3: Patient, tmp_path: Path) -> None:
    made = certificate(tmp_path / "certificates")
    with http_server(lambda request: Answer(403, b""), made) as url:
        on_s3.store["endpoint"] = url
        found = on_s3.examine()
        assert found.named("failed") == {"tls"}
        assert found.named("skipped") == after("tls") - WRITES
        assert "ca_file" in found.text("tls")
        on_s3.network = {"ca_file": str(made.authority)}
        found = on_s3.examine()
    assert "tls" not in found.named("failed")
    assert "valid for" in found.text("tls", "warning"), "it ends in two days"


def test_a_clock_that_is_off(patient: Patient) -> None:
    class Old(BaseHTTPRequestHandler):
        def date_time_string(self, timestamp: float | None = None) -> str:
            return "Mon, 01 Jan 2024 00:00:00 GMT"

        def do_GET(self) -> None:
            self.send_response(403)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Old) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        patient.store["endpoint"] = f"http://127.0.0.1:{server.server_address[1]}"
        found = patient.examine()
        server.shutdown()
    assert found.named("failed") == {"clock"}
    assert found.named("skipped") == after("clock") - WRITES
    assert "ahead of the store's" in found.text("clock")


def test_a_key_that_may_only_read(on_s3: Patient, seaweedfs: SeaweedFS) -> None:
    on_s3.store["access_key_id"] = seaweedfs.reader_access_key_id
    on_s3.store["secret_access_key"] = seaweedfs.reader_secret_access_key
    assert on_s3.examine().named("failed") == set()
    found = on_s3.examine(write=True)
    assert found.named("failed") == {"write"}
    assert found.named("skipped") == WRITES
    assert "s3:PutObject" in found.text("write")
    assert {"list", "read", "table logs"} <= found.named("ok")


def test_a_damaged_log_is_named_and_the_others_are_judged(patient: Patient) -> None:
    patient.publish("silver.orders")
    patient.publish("silver.others")
    (patient.lake / "silver/orders").write("_delta_log/00000000000000000000.json", "{damaged")
    found = patient.examine()
    assert found.named("failed") == {"table logs"}
    assert found.named("skipped") == {"write"}
    assert "silver.orders" in found.text("table logs")
    assert "1 opened, 1 not published yet" in found.text("table logs", "ok")


def test_a_table_that_asks_for_more_than_is_honoured(on_s3: Patient) -> None:
    on_s3.publish("silver.orders", delta_enableChangeDataFeed="true")
    found = on_s3.examine()
    assert found.named("failed") == {"table logs"}
    assert "Drop the features" in found.text("table logs")


def test_a_gateway_without_put_if_absent(admit: Admit, juicefs: JuiceFS) -> None:
    patient = admit(juicefs)
    patient.land()
    found = patient.examine(write=True)
    # The doctor's other find at this gateway: it answers no deletion of many objects as S3 does.
    assert found.named("failed") == {"delete", "put-if-absent"}
    assert "disable_bulk_delete" in found.text("delete")
    patient.store["options"] = {"disable_bulk_delete": True}
    found = patient.examine(write=True)
    assert found.named("failed") == {"put-if-absent"}
    assert found.named("skipped") == set()


def test_nothing_has_landed(admit: Admit, seaweedfs: SeaweedFS) -> None:
    found = admit(seaweedfs).examine()
    assert found.named("failed") == set()
    assert "no file matches raw/*.csv" in found.text("sources", "warning")
    assert found.named("skipped") == {"read", "speed", "write"}


def test_sources_on_s3_and_tables_on_azure(on_azure: Patient, seaweedfs: SeaweedFS) -> None:
    """Each store is judged by itself: what is wrong with one leaves the other one green."""
    landing, s3 = Place(seaweedfs, seaweedfs.url("landing")), seaweedfs.store_section()
    landing.write("raw/a.csv", "id\n1\n")
    on_azure.publish("bronze.orders")
    layers = {name: f"{on_azure.lake.url}/{name}" for name in ("bronze", "silver", "gold", "checkpoints")}
    on_azure.more = {"layers": {"landing": landing.url, **layers}, "stores": [on_azure.store, s3]}
    found = on_azure.examine(write=True)
    assert found.named("failed") == set(), found.all
    assert len([each for each in found if each.check == "credentials" and each.result == "ok"]) == 2
    assert "bronze.orders (1)" in found.text("sources", "ok")
    for wrong, red, green in (
        ({"secret_access_key": secrets.token_hex(16)}, "s3://", "abfss://"),
        ({"bucket": "tests", "endpoint": f"http://127.0.0.1:{free_port()}"}, "s3://", "abfss://"),
    ):
        on_azure.more["stores"] = [on_azure.store, {**s3, **wrong}]
        found = on_azure.examine()
        assert {each.subject for each in found if each.result == "failed"} == {
            each.subject for each in found if each.subject.startswith(red)
        }
        assert {"credentials", "list", "read", "table logs"} <= {
            each.check for each in found if each.subject.startswith(green) and each.result == "ok"
        }


def test_a_proxy_that_is_dead_or_wants_a_password(on_s3: Patient) -> None:
    password = secrets.token_hex(12)
    on_s3.secrets.append(password)
    on_s3.network = {"proxy": f"http://me:{password}@127.0.0.1:{free_port()}"}
    found = on_s3.examine()
    assert found.named("failed") == {"connection"}
    assert "Look at the proxy" in found.text("connection")
    with http_server(lambda request: Answer(407, b"")) as url:
        on_s3.network = {"proxy": url}
        found = on_s3.examine()
    assert found.named("failed") == {"answer"}
    assert "the proxy asks who we are" in found.text("answer")


def test_a_proxy_that_opens_tunnels(on_s3: Patient, tmp_path: Path) -> None:
    made = certificate(tmp_path / "certificates", days=90, names=("storage.invalid",))
    user = f"me:{secrets.token_hex(12)}"
    on_s3.secrets.append(user.partition(":")[2])
    on_s3.store["endpoint"] = "https://storage.invalid"  # only the proxy knows its address
    with (
        http_server(lambda request: Answer(403, b""), made) as url,
        tunnel({"storage.invalid": int(url.rpartition(":")[2])}, user) as between,
    ):
        on_s3.network = {"proxy": between.url, "ca_file": str(made.authority)}
        found = on_s3.examine()
        assert {"name", "connection", "proxy", "tls", "answer"} <= found.named("ok")
        assert "valid for 90 days" in found.text("tls", "ok")
        on_s3.network["proxy"] = f"http://127.0.0.1:{between.port}"
        found = on_s3.examine()
    assert found.named("failed") == {"proxy"}
    assert found.named("skipped") == after("proxy") - WRITES
    assert "407" in found.text("proxy") and "password" in found.text("proxy")


def test_a_secret_that_nobody_answers(on_s3: Patient) -> None:
    (on_s3.root / "vault_of_the_tests.py").write_text("def ask(name):\n    return None\n")
    on_s3.monkeypatch.syspath_prepend(on_s3.root)
    on_s3.more = {"secrets": "vault_of_the_tests:ask"}
    on_s3.store["secret_access_key"] = "${shop_secret}"
    found = on_s3.examine()
    assert found.named("failed") == {"secrets"}
    assert found.named("skipped") == after("secrets") - WRITES
    assert "shop_secret" in found.text("secrets")


def test_a_home_that_cannot_be_written(on_s3: Patient) -> None:
    (on_s3.root / "file").write_text("in the way")
    on_s3.monkeypatch.setenv("DAGSTER_HOME", str(on_s3.root / "file" / "home"))
    found = on_s3.examine()
    assert found.named("failed") == {"Dagster home"}
    assert found.named("skipped") == {"instance", "write"}


def test_an_environment_that_does_not_load(on_s3: Patient) -> None:
    on_s3.more = {"engyne": {}, "settle": "soon"}
    found = on_s3.examine()
    assert found.named("failed") == {"environment"}
    assert found.named("skipped") == {"tables"}
    text = found.text("environment")
    assert "Did you mean `engine`" in text and "settle" in text
    assert {"versions", "Dagster home"} <= found.named("ok")


def test_a_table_that_does_not_load_keeps_nobody_from_the_stores(on_s3: Patient) -> None:
    broken = on_s3.root / "tables" / "silver" / "broken.sql"
    broken.parent.mkdir(parents=True)
    broken.write_text("SELECT nothing FROM bronze.nobody")
    found = on_s3.examine()
    assert found.named("failed") == {"tables"}
    assert {"credentials", "list", "read"} <= found.named("ok")
