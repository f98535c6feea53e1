"""The second jail holds alone: hostile SQL straight on the session's connection, past the compiler."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from odibi_dagster.engines.pandas import jail
from odibi_dagster.engines.pandas.engine import PandasEngine
from odibi_dagster_tests.engines.pandas.lake import Lake

READS = [
    "SELECT * FROM read_text('{secret}')",
    "SELECT * FROM read_blob('{secret}')",
    "SELECT * FROM read_csv('{secret}')",
    "SELECT * FROM read_csv_auto('{secret}', header = false)",
    "SELECT * FROM '{secret}'",
    'FROM "{secret}"',
    "SELECT * FROM read_text('{home}/*')",
    "SELECT * FROM read_text(['{secret}'])",
    "SELECT * FROM read_text('file://{secret}')",
    "SELECT * FROM read_text('{home}/orders/../secret.csv')",
    "SELECT * FROM read_text('{home}/./secret.csv')",
    "SELECT * FROM read_text('{home}//secret.csv')",
    "SELECT * FROM read_text('{link}')",
    "SELECT * FROM read_text('/proc/self/root{secret}')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_text('/dev/stdin')",
    "SELECT * FROM read_text(/* ' */ '{secret}' --\n)",
    "SELECT * FROM read_text('{home}/se' || 'cret.csv')",
    "SELECT * FROM READ_TEXT(U&'\\002F' || substr('{secret}', 2))",
    "SELECT * FROM read_parquet('{other}')",
    "SELECT * FROM parquet_metadata('{other}')",
    "SELECT * FROM parquet_schema('{other}')",
    "SELECT * FROM parquet_file_metadata('{other}')",
    "SELECT * FROM read_parquet('{home}/**/*.parquet')",
    "SELECT * FROM read_json('{secret}')",
    "SELECT * FROM read_json_objects('{secret}', format = 'unstructured')",
    "SELECT * FROM read_ndjson('{secret}')",
    "SELECT * FROM sniff_csv('{secret}')",
    "SELECT * FROM glob('{home}/*')",
    "SELECT * FROM query('SELECT * FROM read_text(''{secret}'')')",
    "SELECT * FROM query_table('{secret}')",
    "SELECT 1; SELECT * FROM read_text('{secret}')",
    "PREPARE p AS SELECT * FROM read_text('{secret}'); EXECUTE p",
    "CREATE VIEW v AS SELECT * FROM read_text('{secret}'); FROM v",
    "CREATE MACRO m() AS TABLE SELECT * FROM read_text('{secret}'); FROM m()",
    "CREATE TABLE c (line VARCHAR); COPY c FROM '{secret}'; FROM c",
    "IMPORT DATABASE '{home}'",
    "SELECT * FROM 'http://127.0.0.1:9/x.parquet'",
    "SELECT * FROM read_csv('https://127.0.0.1:9/x.csv')",
    "SELECT * FROM read_text('s3://bucket/x')",
]
WRITES = [
    "COPY (SELECT 1) TO '{made}'",
    "COPY (SELECT 1) TO '{made}' (FORMAT parquet)",
    "COPY (SELECT 1) TO '{made}' (FORMAT json)",
    "COPY (SELECT 1 a, 2 b) TO '{home}/made' (FORMAT parquet, PARTITION_BY (a))",
    "COPY (SELECT 1) TO '{staged}/../made.csv'",
    "COPY (SELECT 1) TO '{staged}made.csv'",
    "COPY (SELECT 1) TO '/dev/stdout'",
    "COPY (SELECT 1) TO '{other}'",
    "EXPORT DATABASE '{home}/made'",
    "ATTACH '{home}/made.db' AS made",
    "ATTACH '{home}/made.db' AS made (TYPE sqlite)",
    "CREATE PERSISTENT SECRET made (TYPE http)",
    "PRAGMA enable_profiling; PRAGMA profiling_output = '{made}'; SELECT 1",
    "SET log_query_path = '{made}'; SELECT 1",
    "CALL enable_logging(storage = 'file', storage_config = {{'path': '{home}/made'}})",
    "CHECKPOINT; COPY (SELECT 1) TO '{home}/orders/made.csv'",
]
SETTINGS = [
    "SET enable_external_access = true",
    "SET GLOBAL enable_external_access = true",
    "PRAGMA enable_external_access = true",
    "RESET enable_external_access",
    "SET allowed_paths = ['{secret}']",
    "SET allowed_directories = ['/']",
    "RESET lock_configuration",
    "SET lock_configuration = false",
    "SET allowed_configs = ['allowed_directories']",
    "SET memory_limit = '1TB'",
    "SET threads = 64",
    "SET temp_directory = '{home}/made'",
    "SET max_temp_directory_size = '1TB'",
    "SET file_search_path = '{home}'",
    "SET home_directory = '{home}'",
    "SET extension_directory = '{home}/made'",
    "SET secret_directory = '{home}/made'",
    "SET autoinstall_known_extensions = true",
    "SET python_enable_replacements = true",
    "SET allow_unsigned_extensions = true",
    "INSTALL httpfs",
    "FORCE INSTALL httpfs FROM 'http://127.0.0.1:9'",
    "LOAD httpfs",
    "LOAD '{home}/x.duckdb_extension'",
    "UPDATE EXTENSIONS",
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return Lake(tmp_path_factory.mktemp("jail"), PandasEngine(threads=1))


@pytest.fixture(scope="module")
def places(lake: Lake) -> dict[str, str]:
    home = lake.root / "silver"
    staged = lake.stage("SELECT 1 AS id", table="silver.orders")
    other = lake.stage("SELECT 'other tables secret' AS id", table="silver.other")
    secret = home / "secret.csv"
    secret.write_text("top secret\n")
    link = home / "link.csv"
    link.symlink_to(secret)
    return {
        "home": str(home),
        "secret": str(secret),
        "link": str(link),
        "made": str(home / "made"),
        "orders": f"{staged.table_url}/{staged.files[0].path}",
        "other": f"{other.table_url}/{other.files[0].path}",
    }


def jailed(lake: Lake, places: dict[str, str], statement: str) -> str:
    """What a connection in the jail answers; the refusal as text."""
    before = tree(lake.root)
    connection = duckdb.connect(":memory:")
    staged = f"{places['home']}/out/staged-1"
    jail.close(connection, files=[places["orders"]], folder=staged)
    try:
        text = statement.format(**places, staged=staged)
        return str(connection.execute(text).fetchall())
    except duckdb.Error as error:
        return f"refused: {error}"
    finally:
        connection.close()
        assert tree(lake.root) == before, f"a file was made by: {statement}"


def tree(root: Path) -> set[str]:
    return {str(path) for path in root.rglob("*")}


@pytest.mark.parametrize("statement", READS)
def test_no_file_is_read(lake: Lake, places: dict[str, str], statement: str) -> None:
    answer = jailed(lake, places, statement)
    assert answer.startswith("refused: ") or answer == "[]", answer
    assert "top secret" not in answer and "other tables secret" not in answer


@pytest.mark.parametrize("statement", WRITES)
def test_no_file_is_made(lake: Lake, places: dict[str, str], statement: str) -> None:
    assert jailed(lake, places, statement).startswith("refused: ")


@pytest.mark.parametrize("statement", SETTINGS)
def test_no_setting_moves(lake: Lake, places: dict[str, str], statement: str) -> None:
    assert jailed(lake, places, statement).startswith("refused: ")


def test_without_the_jail_the_secret_is_read(places: dict[str, str]) -> None:
    # The control: the statements above are refused by the jail, not because they are wrong.
    connection = duckdb.connect(":memory:")
    readable = 0
    for statement in READS:
        try:
            text = str(connection.execute(statement.format(**places, staged="")).fetchall())
        except (duckdb.Error, RuntimeError):
            continue
        readable += "secret" in text
    assert readable >= 15


def test_inputs_and_links_to_them_are_read(lake: Lake, places: dict[str, str]) -> None:
    link = Path(places["home"]) / "input.parquet"
    link.symlink_to(places["orders"])
    assert jailed(lake, places, "SELECT * FROM read_parquet('{orders}')") == "[(1,)]"
    assert jailed(lake, places, "SELECT * FROM read_parquet('{home}/input.parquet')") == "[(1,)]"
    link.unlink()


def test_python_variables_are_not_tables(lake: Lake) -> None:
    hidden = duckdb.sql("SELECT 1")  # noqa: F841
    with lake.session() as session, pytest.raises(duckdb.CatalogException):
        session.connection.execute("SELECT * FROM hidden")


def test_a_session_is_jailed(lake: Lake, places: dict[str, str]) -> None:
    with lake.session() as session, pytest.raises(duckdb.PermissionException):
        session.connection.execute(f"SELECT * FROM read_text('{places['secret']}')")
