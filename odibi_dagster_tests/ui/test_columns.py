"""A table's page: columns with types, units and descriptions, where each comes from, and plots."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from odibi_dagster_tests.services.webserver import WebServer
from odibi_dagster_tests.ui.browser import insist, row


def test_column_lineage_is_followed_down_to_bronze(full_shop: WebServer, page: Page) -> None:
    def look() -> None:
        expect(row(page, "total_spent", "silver.orders.amount")).to_be_visible()
        page.locator("a[href*='/assets/silver/orders']").first.click()
        page.wait_for_url("**/assets/silver/orders*")
        expect(row(page, "amount", "bronze.orders.amount")).to_be_visible()

    insist(page, f"{full_shop.url}/assets/gold/customer_metrics", look)


def test_columns_have_types_units_and_descriptions(full_shop: WebServer, page: Page) -> None:
    def look() -> None:
        expect(page.get_by_text("What each customer has ordered so far.", exact=False).first).to_be_visible()
        expect(
            row(page, "total_spent", "unit: EUR", "decimal(20,2)", "Sum of the orders' amounts.")
        ).to_be_visible()
        expect(row(page, "email", "pii: true", "string", "The customer's e-mail address.")).to_be_visible()

    insist(page, f"{full_shop.url}/assets/gold/customer_metrics", look)


def test_landed_columns_are_explained(full_shop: WebServer, page: Page) -> None:
    def look() -> None:
        expect(row(page, "_file", "string", "The landed file that the row came from.")).to_be_visible()

    insist(page, f"{full_shop.url}/assets/bronze/orders", look)


def test_rows_and_bytes_are_plotted(full_shop: WebServer, page: Page) -> None:
    def look() -> None:
        page.get_by_role("button", name="Plots").or_(page.get_by_text("Plots", exact=True)).first.click()
        for label in ("dagster/row_count", "bytes", "rows_added"):
            expect(page.get_by_text(label, exact=True).first).to_be_visible()
        expect(page.locator("canvas").first).to_be_visible()
        assert page.locator("canvas").count() >= 3

    insist(page, f"{full_shop.url}/assets/gold/customer_metrics", look)
