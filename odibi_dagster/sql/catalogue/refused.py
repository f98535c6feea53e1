"""What Spark has and the catalogue has not, and why: for the error's text and the page in the docs.

A function that is in neither has nothing to do with Spark. `SQL on the Spark engine` runs all of these but
those that call into the JVM.
"""

from __future__ import annotations

_REASONS: dict[str, str] = {
    "a table's rows come from its inputs, not from a table function": "range",
    "its answer is another one on each run or each task, so a retry would write other rows": """
        input_file_block_length input_file_block_start input_file_name monotonically_increasing_id rand randn
        random randstr shuffle spark_partition_id uniform uuid python_worker_logs""",
    "it names the session, the user or the server and not data": """
        collation collations current_catalog current_database current_path current_schema current_user
        session_user sql_keywords user version""",
    "it calls into the JVM": "java_method reflect try_reflect",
    "sketches are an approximation whose bytes only Spark's library can read": """
        approx_top_k approx_top_k_accumulate approx_top_k_combine approx_top_k_estimate count_min_sketch
        hll_sketch_agg hll_sketch_estimate hll_union hll_union_agg kll_merge_agg_bigint kll_merge_agg_double
        kll_merge_agg_float kll_sketch_agg_bigint kll_sketch_agg_double kll_sketch_agg_float
        kll_sketch_get_n_bigint kll_sketch_get_n_double kll_sketch_get_n_float
        kll_sketch_get_quantile_bigint kll_sketch_get_quantile_double kll_sketch_get_quantile_float
        kll_sketch_get_rank_bigint kll_sketch_get_rank_double kll_sketch_get_rank_float
        kll_sketch_merge_bigint kll_sketch_merge_double kll_sketch_merge_float
        kll_sketch_to_string_bigint kll_sketch_to_string_double kll_sketch_to_string_float
        theta_difference theta_intersection theta_intersection_agg theta_sketch_agg theta_sketch_estimate
        theta_union theta_union_agg tuple_difference_double tuple_difference_integer
        tuple_difference_theta_double tuple_difference_theta_integer tuple_intersection_agg_double
        tuple_intersection_agg_integer tuple_intersection_double tuple_intersection_integer
        tuple_intersection_theta_double tuple_intersection_theta_integer tuple_sketch_agg_double
        tuple_sketch_agg_integer tuple_sketch_estimate_double tuple_sketch_estimate_integer
        tuple_sketch_summary_double tuple_sketch_summary_integer tuple_sketch_theta_double
        tuple_sketch_theta_integer tuple_union_agg_double tuple_union_agg_integer tuple_union_double
        tuple_union_integer tuple_union_theta_double tuple_union_theta_integer""",
    "its answer is approximate, and DuckDB approximates otherwise": """
        approx_count_distinct approx_percentile histogram_numeric percentile_approx""",
    "a Delta table of this project holds no VARIANT": """
        is_variant_null parse_json schema_of_variant schema_of_variant_agg to_variant_object try_parse_json
        try_variant_get variant_explode variant_explode_outer variant_get is_valid_variant""",
    "a Delta table holds no TIME": """
        current_time make_time time time_bucket time_diff time_from_micros time_from_millis time_from_seconds
        time_to_micros time_to_millis time_to_seconds time_trunc to_time try_to_time""",
    "a Delta table of this project holds no geometry":
        "st_asbinary st_geogfromwkb st_geomfromwkb st_setsrid st_srid",
    "a Delta table of this project holds no intervals": """
        make_dt_interval make_interval make_ym_interval try_make_interval""",
    "DuckDB reads and writes no such format": """
        from_avro to_avro schema_of_avro from_protobuf to_protobuf from_xml to_xml schema_of_xml from_csv
        to_csv schema_of_csv xpath xpath_boolean xpath_double xpath_float xpath_int xpath_long xpath_number
        xpath_short xpath_string""",
    "DuckDB has no encryption in SQL": "aes_decrypt aes_encrypt try_aes_decrypt",
    "DuckDB has no bitmaps of Spark's form": """
        bitmap_and_agg bitmap_bit_position bitmap_bucket_number bitmap_construct_agg bitmap_count
        bitmap_or_agg""",
    "vectors are not a type of a table here": """
        vector_avg vector_cosine_similarity vector_inner_product vector_l2_distance vector_norm
        vector_normalize vector_sum""",
    "windows over time in a stream have no batch of DuckDB's":
        "session_window window window_time",
    "measures exist in Spark's metric views only": "measure",
    "collations are not proven": "collate",
    "a schema is no text: it is from_json that reads JSON": "schema_of_json",
    "how it writes doubles depends on the Java version: put the text together with concat":
        "to_json",
    "DuckDB knows no words of a language": "sentences",
    "DuckDB has no such checksum: take md5 or sha2": "crc32 hash xxhash64",
    "it stops a write from inside of a query: write an expectation": "assert_true raise_error",
    "FLOAT arithmetic differs between the engines: write CAST(x AS DOUBLE)": "float",
    "its patterns are not proven: use CAST, format_number or date_format": """
        to_binary to_char to_number to_varchar try_to_binary try_to_number""",
    "CHAR is a type here: write chr(n)": "char",
    "DuckDB has no conversion between bases of 64 bits that wrap around: use hex, unhex or bin": "conv",
    "DuckDB takes a URL apart otherwise: use regexp_extract": "parse_url try_parse_url",
    "it is not proven: use regexp_replace or replace": "mask quote",
    "DuckDB has no Soundex: use levenshtein": "soundex",
    "it is another time on each run: use current_timestamp()": "localtimestamp",
    "text with a zone is not proven for it: use to_timestamp": "to_timestamp_ntz",
}  # fmt: skip

#: The reason for each function that is refused, by its name in lower case.
REFUSED: dict[str, str] = {name: reason for reason, names in _REASONS.items() for name in names.split()}
