"""Dagster's UI over the shipped tables, in a real browser."""
