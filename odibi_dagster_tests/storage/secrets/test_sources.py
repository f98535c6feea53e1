from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from odibi_dagster.errors import ConfigError, ConfigErrors, StorageError
from odibi_dagster.storage.secrets import Secret, Secrets, Sources, Text
from odibi_dagster.storage.secrets.reference import Reference


def reveal(sources: Sources, text: str) -> str:
    return sources.secret(text).reveal()


def test_variables_and_files(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("from-a-file\n")
    assert reveal(Sources({"A": "a-value"}), f"${{env:A}}+${{file:{file}}}") == "a-value+from-a-file"


def test_only_one_newline_at_a_files_end_is_left_out(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    for text, value in (("x\n\n", "x\n"), ("x\r\n", "x"), (" x ", " x "), ("", "")):
        file.write_bytes(text.encode())
        assert reveal(Sources({}), f"${{file:{file}}}") == value


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("plain", "plain"),
        ("plain", "PLAIN"),
        ("azure_account_name", "AZURE_STORAGE_ACCOUNT_NAME"),
        ("azure_storage_account", "AZURE_STORAGE_ACCOUNT"),
        ("azure_account_key", "AZURE_STORAGE_KEY"),
        ("azure_storage_key", "AZURE_STORAGE_ACCOUNT_KEY"),
        ("azure_client_secret", "AZURE_CLIENT_SECRET"),
        ("aws_secret_access_key", "AWS_SECRET_ACCESS_KEY"),
        ("aws_region", "AWS_DEFAULT_REGION"),
    ],
)
def test_plain_names_are_found_in_the_usual_variables(name: str, variable: str) -> None:
    assert reveal(Sources({variable: "found"}), f"${{{name}}}") == "found"


@pytest.mark.parametrize("named", [{"name": "from secrets"}, {"name": "from secrets"}.__getitem__])
def test_the_environments_own_secrets_come_first(named: object) -> None:
    sources = Sources({"name": "a variable", "other": "a variable"}, named)  # type: ignore[arg-type]
    assert reveal(sources, "${name}") == "from secrets"
    assert reveal(sources, "${other}") == "a variable"
    assert reveal(sources, "${env:name}") == "a variable"


def test_unknown_names_say_what_was_perhaps_meant() -> None:
    sources = Sources({"DB_PASSWORD": "x", "AZURE_STORAGE_KEY": "y"}, {"smtp_password": "z"})
    for text, said in (
        ("${env:DB_PASSWROD}", "Did you mean `DB_PASSWORD`?"),
        ("${smtp_pasword}", "Did you mean `smtp_password`?"),
        ("${azure_acount_key}", "Did you mean `azure_account_key`?"),
        ("${env:QQQ}", "Set the variable QQQ."),
        ("${file:/nowhere/secret}", "Mount the secret"),
    ):
        with pytest.raises(ConfigErrors) as caught:
            sources.text(text)
        assert said in str(caught.value)
    with pytest.raises(ConfigErrors) as caught:
        sources.text("${one} ${two}")
    assert len(caught.value.errors) == 2


def test_while_definitions_load_neither_vaults_nor_functions_are_asked() -> None:
    def never(*_: object) -> str:
        raise AssertionError("it was asked")

    sources = Sources({"lake": "/data"}, never, remote={"keyvault": never})
    assert isinstance(sources.text("${lake}/x"), Text)
    for text in ("${password}", "${keyvault:vault/name}", "a ${databricks:scope/key}"):
        assert isinstance(sources.text(text), Secret)


def test_answers_are_kept_for_minutes_and_then_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now, asked = [1000.0], []
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def ask(reference: Reference) -> str:
        asked.append(reference)
        return f"value-{len(asked)}"

    secret = Sources({}, remote={"keyvault": ask}).secret("${keyvault:vault/name}")
    assert secret.reveal() == secret.reveal() == "value-1"
    now[0] += 299
    assert secret.reveal() == "value-1"
    now[0] += 2
    assert secret.reveal() == "value-2"


def test_a_rotated_variable_and_file_are_seen(tmp_path: Path) -> None:
    file, variables = tmp_path / "secret", {"A": "old-value"}
    file.write_text("old-file")
    sources = Sources(variables)
    assert reveal(sources, f"${{env:A}} ${{file:{file}}}") == "old-value old-file"
    variables["A"] = "new-value"
    file.write_text("new-file")
    assert reveal(sources, f"${{env:A}} ${{file:{file}}}") == "new-value new-file"


def test_a_vaults_answer_that_was_refused_is_asked_for_at_once() -> None:
    answers = iter(["old-value", "new-value"])
    secret = Sources({}, remote={"keyvault": lambda _: next(answers)}).secret("${keyvault:vault/name}")
    assert secret.reveal() == secret.reveal() == "old-value"
    secret.forget()
    assert secret.reveal() == "new-value"


def test_many_threads_ask_once() -> None:
    asked = []

    def ask(reference: Reference) -> str:
        asked.append(reference)
        time.sleep(0.05)
        return "value"

    secret = Sources({}, remote={"keyvault": ask}).secret("${keyvault:vault/name}")
    threads = [threading.Thread(target=secret.reveal) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(asked) == 1


def test_a_vault_whose_credential_is_in_itself_is_told_and_does_not_hang() -> None:
    sources = Sources({}, remote={"keyvault": lambda reference: reveal(sources, str(reference))})
    with pytest.raises(ConfigError, match="needed to ask for"):
        reveal(sources, "${keyvault:vault/client-secret}")


def test_a_failing_function_is_a_failure_and_not_an_unknown_name() -> None:
    def broken(name: str) -> str:
        raise RuntimeError("the vault is sealed")

    with pytest.raises(StorageError, match="the vault is sealed"):
        reveal(Sources({"name": "a variable"}, broken), "${name}")
    with pytest.raises(ConfigError, match="no text"):
        reveal(Sources({}, {"name": 7}), "${name}")  # type: ignore[dict-item]


@pytest.mark.parametrize("name", ["db_password", "env:DB_PASSWORD", "${db_password}", "file:"])
def test_secrets_by_name(name: str, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("v4lue")
    secrets = Secrets(Sources({"DB_PASSWORD": "v4lue"}))
    name = f"file:{file}" if name == "file:" else name
    assert secrets[name] == secrets.get(name) == "v4lue"
    assert "v4lue" not in repr(secrets)


def test_a_name_that_nothing_has() -> None:
    secrets = Secrets(Sources({"DB_PASSWORD": "v4lue"}))
    assert secrets.get("dd_password") is None
    assert secrets.get("dd_password", "otherwise") == "otherwise"
    with pytest.raises(ConfigError, match="Did you mean"):
        secrets["dd_password"]
    with pytest.raises(ConfigError, match="one secret"):
        secrets["${a}${b}"]
