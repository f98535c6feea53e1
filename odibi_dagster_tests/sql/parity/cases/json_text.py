"""JSON in columns of text; `silver.j` holds what is well-formed, forgiven and broken."""

from __future__ import annotations

_PATHS = (
    "$", "$.a", "$['a']", "$.a.b", "$['a'].b.c", "$.b[0]", "$.b[2].c", "$[0]", "$[*]", "$.a[*]", "$.a[*].b",
    "$[*].a", "$.a[0][*]", "$.a[*][*]", "$[*][*]", "$[*][0]", "$.a[*].b[*]", "$.a b", "$['a.b']", "$.é",
    "$.zz",
)  # fmt: skip
CASES: dict[str, tuple[str, ...]] = {
    "get_json_object": (
        *(f"get_json_object(js, {path!r})" if "'" not in path else f'get_json_object(js, "{path}")' for path in _PATHS),
        "get_json_object(s, '$.a')",
        "get_json_object(NULL, '$.a')",
        "get_json_object('{\"a\":1.50}', '$.a')",
        "get_json_object(js, t)",
        "get_json_object(js, 'a')",
        "get_json_object(js, '$.*')",
        "CAST(get_json_object(js, '$.a') AS STRING)",
        "SELECT id, " + ", ".join(
            f'get_json_object(s, "{path}") AS c{at}' for at, path in enumerate(_PATHS)
        ) + " FROM silver.j",
    ),
    "json_tuple": (
        "SELECT id, json_tuple(js, 'a', 'b') FROM silver.v",
        "SELECT id, json_tuple(js, 'a') FROM silver.v",
        "SELECT id, json_tuple(js, 'a', 'd') AS (a, d) FROM silver.v",
        "SELECT j.id, x, y, z FROM silver.j j LATERAL VIEW json_tuple(s, 'a', 'b', 'a') t AS x, y, z",
        "SELECT j.id, x FROM silver.j j LATERAL VIEW OUTER json_tuple(s, 'a b') t AS x",
        "SELECT x, count(*) AS n FROM silver.j LATERAL VIEW json_tuple(s, 'a') t AS x GROUP BY x",
        "SELECT id, json_tuple(js, s) FROM silver.v",
        "SELECT id, json_tuple(i, 'a') FROM silver.v",
    ),
    "json_array_length": (
        "json_array_length(js)",
        "json_array_length(get_json_object(js, '$.b'))",
        "json_array_length('[1,2,[3]]')",
        "SELECT id, json_array_length(s) AS n FROM silver.j",
    ),
    "json_object_keys": (
        "json_object_keys(js)",
        "json_object_keys('{\"a\":1,\"a\":2}')",
        "SELECT id, json_object_keys(s) AS n FROM silver.j",
    ),
}  # fmt: skip
