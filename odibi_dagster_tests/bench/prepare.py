"""Makes what a benchmark needs and does not measure: landing files, the plain script, a Dagster home."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from odibi_dagster.demo import generate, more_orders
from odibi_dagster.home import ensure_home
from odibi_dagster_tests.bench.script import script


def main() -> None:
    """Called in a process of its own, so that the one that measures stays small."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, required=True)
    parser.add_argument("--landing", type=Path, required=True)
    parser.add_argument("--script", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--more", type=Path, required=True)
    asked = parser.parse_args()
    # Proportions of a shop: ten orders a customer, files of at most 1.25 million rows.
    customers, products = max(10, asked.orders // 10), max(10, min(asked.orders // 100, 10_000))
    generate(
        asked.landing,
        customers=customers,
        products=products,
        orders=asked.orders,
        files=max(4, asked.orders // 1_250_000),
    )
    more_orders(asked.more, max(1, asked.orders // 100), 1, customers=customers, products=products)
    asked.script.write_text(json.dumps(script(asked.landing), indent=1))
    ensure_home(asked.home)


if __name__ == "__main__":
    main()
