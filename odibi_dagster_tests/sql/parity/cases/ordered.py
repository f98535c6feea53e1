"""Aggregates that sort, and arrays of a group where their order does not matter."""

from __future__ import annotations


def _over(listed: str) -> tuple[str, ...]:
    return (
        f"SELECT {listed} FROM silver.v",
        f"SELECT {listed} FROM silver.e",
        f"SELECT {listed} FROM silver.v WHERE id = 4",
        f"SELECT g, {listed} FROM silver.v GROUP BY g",
    )


def _within(function: str) -> tuple[str, ...]:
    return (
        *_over(
            ", ".join(
                f"{function}({p}) WITHIN GROUP (ORDER BY {key})"
                for p in ("0.5", "0", "1", "0.3")
                for key in ("i", "bi DESC", "a", "w DESC", "x", "h")
            )
        ),
        f"SELECT {function}(0.1) WITHIN GROUP (ORDER BY q), {function}(0.7) WITHIN GROUP (ORDER BY q) FROM silver.o",
        f"SELECT {function}(0.35) WITHIN GROUP (ORDER BY amt) FILTER (WHERE q > 5) FROM silver.o",
        f"SELECT {function}(0.25) WITHIN GROUP (ORDER BY f) FROM silver.v WHERE id > 1",
        f"SELECT id, {function}(0.5) WITHIN GROUP (ORDER BY i) OVER (PARTITION BY g) FROM silver.v",
        f"SELECT {function}(1.5) WITHIN GROUP (ORDER BY i) FROM silver.v",
        f"SELECT {function}(0.5) WITHIN GROUP (ORDER BY dt) FROM silver.v",
        f"SELECT {function}(0.5) FROM silver.v",
    )


def _beside(function: str) -> tuple[str, ...]:
    return (
        *_over(
            ", ".join(f"{function}({x}, id)" for x in ("i", "s", "x", "a", "ts", "ai", "st", "bo", "bin"))
        ),
        *_over(
            ", ".join(f"{function}(id, {y})" for y in ("i", "bi", "a", "x", "s", "dt", "xt", "struct(d, id)"))
        ),
        f"SELECT {function}(id, g) FROM silver.v WHERE id IN (1, 3)",
        f"SELECT {function}(g, g) FROM silver.v",
        f"SELECT {function}(s, i) FILTER (WHERE bo) FROM silver.v",
        f"SELECT id, {function}(s, id) OVER (PARTITION BY g ORDER BY id) FROM silver.v",
        f"SELECT g, {function}(struct(i, s), id).s FROM silver.v GROUP BY g",
        f"SELECT {function}(id, m) FROM silver.v",
    )


CASES: dict[str, tuple[str, ...]] = {
    "median": (
        *_over("median(i), median(bi), median(a), median(w), median(x), median(f), median(h)"),
        "SELECT median(DISTINCT g), median(i) FILTER (WHERE bo), median(DISTINCT a) FROM silver.v",
        "SELECT id, median(i) OVER (PARTITION BY g) FROM silver.v",
        "SELECT cid, median(amt), median(q) FROM silver.o GROUP BY cid",
    ),
    "percentile": (
        *_over(
            "percentile(i, 0.5), percentile(bi, 0), percentile(a, 1), percentile(x, 0.33), percentile(h, 0.9)"
        ),
        "SELECT percentile(DISTINCT g, 0.25), percentile(i, 0.5) FILTER (WHERE bo) FROM silver.v",
        "SELECT percentile(i, array(0.1, 0.5)) FROM silver.v",
        "SELECT percentile(i, 0.5, 2) FROM silver.v",
        "SELECT percentile(i, 1.01) FROM silver.v",
        "SELECT cid, percentile(amt, 0.95), percentile(q, 0.01) FROM silver.o GROUP BY cid",
    ),
    "percentile_cont": _within("percentile_cont"),
    "percentile_disc": _within("percentile_disc"),
    "mode": (
        *_over("mode() WITHIN GROUP (ORDER BY i), mode() WITHIN GROUP (ORDER BY s DESC)"),
        *_over("mode() WITHIN GROUP (ORDER BY a), mode() WITHIN GROUP (ORDER BY dt DESC)"),
        "SELECT mode(g) FILTER (WHERE id < 8), mode(bo) FILTER (WHERE id IN (1, 2, 5)) FROM silver.v",
        "SELECT mode(i) FROM silver.e",
        "SELECT cid, mode() WITHIN GROUP (ORDER BY q), mode() WITHIN GROUP (ORDER BY k) FROM silver.o GROUP BY cid",
        "SELECT id, mode() WITHIN GROUP (ORDER BY i) OVER (PARTITION BY g) FROM silver.v",
        "SELECT mode(x) FROM silver.v",
        "SELECT mode(ai) FROM silver.v",
    ),
    "max_by": _beside("max_by"),
    "min_by": _beside("min_by"),
    "listagg": (
        *_over("listagg(s, ',') WITHIN GROUP (ORDER BY s), string_agg(u) WITHIN GROUP (ORDER BY u DESC)"),
        *_over(
            "listagg(s, ' | ') WITHIN GROUP (ORDER BY g DESC, id), listagg(s, '') WITHIN GROUP (ORDER BY id)"
        ),
        *_over("listagg(i, ',') WITHIN GROUP (ORDER BY i), listagg(dt, ',') WITHIN GROUP (ORDER BY dt DESC)"),
        "SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a), listagg(bi, ';') WITHIN GROUP (ORDER BY id) FROM silver.v",
        "SELECT cid, listagg(DISTINCT k, ',') WITHIN GROUP (ORDER BY k) FROM silver.o GROUP BY cid",
        "SELECT listagg(DISTINCT k, ',') WITHIN GROUP (ORDER BY k DESC NULLS FIRST) FROM silver.o",
        "SELECT listagg(DISTINCT s) WITHIN GROUP (ORDER BY id) FROM silver.v",
        "SELECT listagg(s, ',') WITHIN GROUP (ORDER BY s) FILTER (WHERE bo) FROM silver.v",
        "SELECT id, listagg(s, ',') WITHIN GROUP (ORDER BY s) OVER (PARTITION BY g) FROM silver.v",
        "SELECT listagg(s) FROM silver.v WHERE id = 1",
        "SELECT listagg(x, ',') WITHIN GROUP (ORDER BY x) FROM silver.v",
    ),
    "collect_list": (
        *_over("sort_array(collect_list(i)), sort_array(collect_list(s), false), size(collect_list(x))"),
        *_over("sort_array(array_agg(dt)), sort_array(collect_list(DISTINCT a)), cardinality(array_agg(s))"),
        "SELECT array_size(collect_list(i) FILTER (WHERE bo)), sort_array(collect_list(st)) FROM silver.v",
        "SELECT sort_array(collect_list(ai)), sort_array(collect_list(struct(g, s))) FROM silver.v",
        "SELECT collect_list(i) FROM silver.v",
        "SELECT id, sort_array(collect_list(i) OVER (PARTITION BY g ORDER BY id)) FROM silver.v",
    ),
    "collect_set": (
        *_over(
            "sort_array(collect_set(g)), size(collect_set(x)), size(collect_set(d)), array_max(collect_set(a))"
        ),
        *_over("array_sort(collect_set(s)), array_contains(collect_set(i), 2), array_min(collect_set(dt))"),
        "SELECT cid, sort_array(collect_set(k)), sort_array(collect_set(x)) FROM silver.o GROUP BY cid",
        "SELECT sort_array(collect_set(ai)), sort_array(collect_set(st)) FROM silver.v",
        "SELECT collect_set(i) FROM silver.v",
        "SELECT transform(collect_set(i), y -> y + 1) FROM silver.v",
        "SELECT id, sort_array(collect_set(i) OVER (PARTITION BY g)) FROM silver.v",
        "SELECT sort_array(collect_set(i) FILTER (WHERE bo)) FROM silver.v",
    ),
}
