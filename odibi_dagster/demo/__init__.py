"""Landing files to try the platform with: customers, orders and products, with the dirt real files have."""

from odibi_dagster.demo.generate import generate, more_orders

__all__ = ["generate", "more_orders"]
