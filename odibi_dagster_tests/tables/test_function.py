import pickle
import sys

import pytest

from odibi_dagster.errors import ConfigError
from odibi_dagster.tables.function import load_function


def test_it_returns_the_function(folder):
    specs = folder.load({"gold/x.py": "def x(): return 1", "silver/x.py": "def x(): return 2"})
    assert [load_function(specs[key])() for key in ("gold.x", "silver.x", "gold.x")] == [1, 2, 1]


def test_its_values_can_be_pickled(folder):
    text = "from dataclasses import dataclass\n@dataclass\nclass A:\n    b: int\ndef x(): return A(3)"
    value = load_function(folder.load({"gold/x.py": text})["gold.x"])()
    assert pickle.loads(pickle.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "line", "why", "remedy"),
    [
        ("\nimport no_such_module\ndef x(): ...", 2, "ModuleNotFoundError", "`no_such_module`"),
        ("def f():\n    return 1 / 0\n\nf()\ndef x(): ...", 2, "ZeroDivisionError", "Mend the file"),
    ],
)
def test_an_import_that_fails_names_file_and_line(folder, text, line, why, remedy):
    spec = folder.load({"gold/x.py": text})["gold.x"]
    with pytest.raises(ConfigError) as caught:
        load_function(spec)
    assert (caught.value.where.file, caught.value.where.line) == (str(spec.file), line)
    assert caught.value.where.table == "gold.x"
    assert why in caught.value.why and remedy in caught.value.remedy
    assert "odibi_table_gold_x" not in sys.modules


def test_a_function_that_is_gone_is_told(folder):
    spec = folder.load({"gold/x.py": "def x(): ...\nx = 1"})["gold.x"]
    with pytest.raises(ConfigError, match="no function `x`"):
        load_function(spec)


def test_a_file_broken_after_load_is_told(folder):
    spec = folder.load({"gold/x.py": "def x(): ..."})["gold.x"]
    folder.write({"gold/x.py": "\ndef x(:"})
    with pytest.raises(ConfigError) as caught:
        load_function(spec)
    assert caught.value.where.line == 2 and "SyntaxError" in caught.value.why


def test_other_tables_have_no_function(folder):
    with pytest.raises(TypeError, match=r"bronze\.orders"):
        load_function(folder.load({})["bronze.orders"])
