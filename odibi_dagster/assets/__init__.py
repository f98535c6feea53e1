"""A table becomes a Dagster asset, and one run of it: read, compute, stage, check, hand over."""
