import pytest

SELECT = "SELECT order_id FROM bronze.orders"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/data/a", "/data/a/"),
        ("/data/a", "file:///data/a"),
        ("/data/a", "/data/x/../a"),
        ("/data/a", "/data/a/b"),
    ],
)
def test_two_tables_cannot_share_a_place(folder, first, second):
    files = {f"silver/{n}.sql": f"/* location: {at} */ {SELECT}" for n, at in (("a", first), ("b", second))}
    (error,) = folder.errors(files)
    assert error.where.table == "silver.b" and "taken by silver.a" in error.what
    assert first in error.why and "folder of its own" in error.remedy


def test_neighbours_are_no_conflict(folder):
    folder.load(
        {f"silver/{n}.sql": f"/* location: /data/{at} */ {SELECT}" for n, at in (("a", "a"), ("b", "ab"))}
    )
