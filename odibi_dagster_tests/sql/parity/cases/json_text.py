"""JSON in columns of text; `silver.j` holds what is well-formed, forgiven and broken."""

from __future__ import annotations

_PATHS = (
    "$", "$.a", "$['a']", "$.a.b", "$['a'].b.c", "$.b[0]", "$.b[2].c", "$[0]", "$[*]", "$.a[*]", "$.a[*].b",
    "$[*].a", "$.a[0][*]", "$.a[*][*]", "$[*][*]", "$[*][0]", "$.a[*].b[*]", "$.a b", "$['a.b']", "$.é",
    "$.zz",
)  # fmt: skip
_SCHEMAS = (
    "a INT, b STRING", "a STRING", "a BIGINT, b ARRAY<INT>", "a STRUCT<a INT, b: STRING>, b ARRAY<STRUCT<c: BOOLEAN>>",
    "a MAP<STRING,STRING>", "a DECIMAL(5,2), b DOUBLE, d DECIMAL(20,3)", "ARRAY<INT>", "ARRAY<STRUCT<a INT, b STRING>>",
    "MAP<STRING,STRING>", "STRUCT<a: ARRAY<ARRAY<STRING>>, b: SMALLINT>", "`a b` INT, `a.b` DOUBLE", "a BOOLEAN, A1 INT",
)  # fmt: skip
_WHOLE = "get_json_object(s, '$') IS NOT NULL"
_VALUES = {
    "DATE": (
        '{"v":"2024-01-02"}', '{"v":"2024-2"}', '{"v":"2024"}', '{"v":"2024-02-30"}', '{"v":" 2024-01-02T99"}',
        '{"v":"02/03/2024"}', '{"v":"x"}', '{"v":""}', '{"v":19000}',
    ),
    "TIMESTAMP": (
        '{"v":"2024-01-02"}', '{"v":"2024-01-02T3:4:5.1234567Z"}', '{"v":"2024-01-02 03:04"}',
        '{"v":"2024-01-02T03:04:05.5+02:30"}', '{"v":"2024-01-02 24:00:00"}', '{"v":1704164645}', '{"v":-1}',
        '{"v":1.5}', '{"v":"1704164645"}', '{"v":"x"}',
    ),
    "DECIMAL(5,2)": (
        '{"v":1.005}', '{"v":"1.005"}', '{"v":999.995}', '{"v":-2.345}', '{"v":"1,0.5"}', '{"v":"1e2"}', '{"v":" 1"}',
        '{"v":true}', '{"v":NaN}', '{"v":1e400}', '{"v":-0.0}',
    ),
    "DOUBLE": (
        '{"v":NaN}', '{"v":"NaN"}', '{"v":-Infinity}', '{"v":"-INF"}', '{"v":"INF"}', '{"v":1e400}', '{"v":1e-400}',
        '{"v":-0.0}', '{"v":"1.5"}', '{"v":12345678901234567890123}',
    ),
    "BIGINT": ('{"v":9223372036854775807}', '{"v":9223372036854775808}', '{"v":1.0}', '{"v":"1"}', '{"v":true}'),
}  # fmt: skip

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
    "from_json": (
        *(f"from_json(js, '{schema}')" for schema in _SCHEMAS if schema != "MAP<STRING,STRING>"),
        "from_json(js, 'a INT').a",
        "from_json(js, 'b ARRAY<INT>').b[0] + 1",
        "from_json(s, 'a INT')",
        "from_json(NULL, 'a INT')",
        "from_json(' ', 'a INT')",
        "from_json(js, 'a FLOAT')",
        "from_json(js, 'a INT NOT NULL')",
        "from_json(js, 'a INT, A INT')",
        "from_json(js, 'a INT', map('mode', 'FAILFAST'))",
        "from_json(js, 'nonsense')",
        *(f"from_json('{text}', 'v {type}')" for type, texts in _VALUES.items() for text in texts),
        # A map with a name twice is not read.
        *(
            "SELECT id, "
            + ", ".join(f"from_json(s, '{one}') AS c{at}" for at, one in enumerate(_SCHEMAS) if ("MAP" in one) is maps)
            + f" FROM silver.j WHERE {_WHOLE}{' AND id < 13' if maps else ''}"
            for maps in (False, True)
        ),
        f"SELECT id, v.a, v.b FROM (SELECT id, from_json(s, 'a STRING, b STRING') AS v FROM silver.j WHERE {_WHOLE})",
        "SELECT v.id, e.c FROM silver.v LATERAL VIEW explode(from_json(js, 'b ARRAY<STRUCT<c: STRING>>').b) t AS e",
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
