import pytest

HEADER = """kind: partition
partition_by: [d]
partitions: {static: [a], column: d}
columns: {d: string}
expect:
  a: {sql: order_id > 0, on_fail: drop}
  b: {sql: order_id < 9, on_fail: fail}
  c: {unique: [order_id], on_fail: drop}
dedupe_by: [order_id]
order_by: [d desc]"""
SAME = [
    ("columns: {d: string}", "columns: {d: {type: string, description: A day., unit: x, pii: true}}"),
    ("order_id < 9", "order_id < 8"),
    ("on_fail: fail", "on_fail: warn"),
    ("  a: {sql", "  z: {sql"),
    (
        "dedupe_by",
        "description: x\nowners: ['team:a']\ntags: {a: b}\nretry: {delay: 3}\nautomation: manual\ndedupe_by",
    ),
]
OTHER = [
    ("kind: partition", "kind: append"),
    ("partition_by: [d]", "partition_by: [d, e]"),
    ("static: [a]", "static: [a, b]"),
    ("{d: string}", "{d: date}"),
    ("order_id > 0", "order_id > 1"),
    ("order_id < 9, on_fail: fail", "order_id < 9, on_fail: drop"),
    ("d desc", "d"),
]


@pytest.mark.parametrize(("old", "new"), SAME)
def test_what_does_not_change_rows_does_not_change_it(folder, old, new):
    assert old in HEADER
    assert folder.spec(HEADER).fingerprint == folder.spec(HEADER.replace(old, new)).fingerprint


@pytest.mark.parametrize(("old", "new"), OTHER)
def test_what_changes_rows_changes_it(folder, old, new):
    assert old in HEADER
    assert folder.spec(HEADER).fingerprint != folder.spec(HEADER.replace(old, new)).fingerprint


def of(folder, name, text):
    return folder.load({name: text})[name.rpartition(".")[0].replace("/", ".")].fingerprint


def test_comments_and_layout_of_sql(folder):
    before = of(folder, "silver/a.sql", "SELECT order_id FROM bronze.orders")
    assert before == of(folder, "silver/a.sql", "-- note\nSELECT\n  order_id -- key\nFROM bronze.orders\n")
    assert before != of(folder, "silver/a.sql", "SELECT order_id + 1 AS order_id FROM bronze.orders")


def test_comments_and_layout_of_python(folder):
    before = of(folder, "silver/a.py", '"""Prose."""\ndef a(bronze_orders):\n    return bronze_orders')
    assert before == of(
        folder, "silver/a.py", '"""Other."""\n# note\ndef a( bronze_orders ):\n  return bronze_orders # x'
    )
    assert before == of(folder, "silver/a.py", "def a(bronze_orders):\n    return bronze_orders")
    assert before != of(folder, "silver/a.py", "LIMIT = 5\ndef a(bronze_orders):\n    return bronze_orders")


def test_sources(folder):
    text = "from: landing\npath: a/*.csv\nformat: csv\nschema: {a: int, b: int}\noptions: {header: true}\n"
    before = of(folder, "bronze/a.yaml", text)
    for old, new in [("from", "# note\nfrom"), ("path", "settle: 5\nmax_files: 7\npath")]:
        assert before == of(folder, "bronze/a.yaml", text.replace(old, new, 1))
    for old, new in [("a/*.csv", "b/*.csv"), ("a: int", "a: bigint"), ("a: int, b: int", "b: int, a: int"),
                     ("true", "false")]:  # fmt: skip
        assert before != of(folder, "bronze/a.yaml", text.replace(old, new, 1))
