import pytest

from odibi_dagster.errors import ConfigErrors
from odibi_dagster.tables.load import load_tables


@pytest.mark.parametrize(
    ("name", "what", "remedy"),
    [
        ("silver/orders.SQL", "`.SQL` is not a kind of table file", ".sql, .py or .yaml"),
        ("silver/orders.yml", "`.yml` is not a kind of table file", ".sql, .py or .yaml"),
        ("silver/orders", "`orders` is not a kind of table file", ".sql, .py or .yaml"),
        ("silver/Orders.sql", "`Orders` cannot be a table's name", "lower case"),
        ("silver/big orders.sql", "`big orders` cannot be a table's name", "lower case"),
        ("silver/2024.sql", "`2024` cannot be a table's name", "beginning with a letter"),
        ("silver/more/orders.sql", "A layer's folder has no folders", "Move the table files up"),
        ("slver/orders.sql", "This folder is no layer", "Did you mean `silver`?"),
        ("orders.sql", "belongs into its layer's folder", "Move it below"),
    ],
)
def test_what_is_no_table_is_refused(folder, name, what, remedy):
    (error,) = folder.errors({name: "SELECT order_id FROM bronze.orders"})
    assert what in error.what and remedy in error.remedy
    assert (error.where.file or "").startswith(str(folder.path))


def test_notes_and_hidden_files_are_left_alone(folder):
    files = [
        "silver/README.md",
        "silver/_draft.sql",
        "silver/.x.swp",
        "silver/__init__.py",
        "README.md",
        "__init__.py",
        "silver/__pycache__/a.pyc",
        "_old/a.sql",
    ]
    assert set(folder.load(dict.fromkeys(files, "anything"))) == {"bronze.orders"}


def test_two_files_of_one_table_are_refused(folder):
    (error,) = folder.errors(
        {"bronze/orders.sql": "SELECT order_id FROM bronze.other", "bronze/other.yaml": "from: csv\nurl: /x"}
    )
    assert "two files: orders.sql and orders.yaml" in error.what and error.where.table == "bronze.orders"


@pytest.mark.parametrize(
    ("make", "what"), [(False, "does not exist"), (True, "has none of bronze/, silver/, gold/")]
)
def test_a_folder_without_layers_is_refused(tmp_path, make, what):
    if make:
        (tmp_path / "defs").mkdir()
    with pytest.raises(ConfigErrors) as caught:
        load_tables(tmp_path / "defs", {})
    (error,) = caught.value.errors
    assert what in error.what and "ODIBI_TABLES" in error.remedy


def test_a_file_that_is_not_utf_8_is_refused(folder):
    (folder.path / "silver").mkdir()
    (folder.path / "silver/big.sql").write_bytes(b"SELECT '\xe9'")
    (error,) = folder.errors({})
    assert "cannot be read" in error.what and "UTF-8" in error.remedy
