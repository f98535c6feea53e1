"""A person opens the lineage, finds the layers, and materializes one with clicks."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from odibi_dagster_tests.services.webserver import WebServer
from odibi_dagster_tests.ui.browser import insist
from odibi_dagster_tests.ui.shop import ORDERS, materializations, run_status

BRONZE = ("bronze.countries", "bronze.customers", "bronze.orders", "bronze.products")


def test_a_group_is_materialized_with_clicks(shop: WebServer, page: Page) -> None:
    def clicks() -> str:
        for layer in ("bronze", "silver", "gold"):
            expect(page.get_by_role("button", name=layer).first).to_be_visible()
        page.get_by_role("button", name="bronze").first.click(button="right")
        page.get_by_text("Materialize assets (4)").click()
        page.get_by_role("link", name="View", exact=True).click()
        page.wait_for_url("**/runs/*")
        return page.url.rpartition("/")[2].partition("?")[0]

    run = insist(page, f"{shop.url}/asset-groups", clicks)

    shop.wait("the run ends", lambda: run_status(shop, run) in ("SUCCESS", "FAILURE", "CANCELED"))
    assert run_status(shop, run) == "SUCCESS", shop.log.read_text()[-4000:]
    expect(page.get_by_text("Success", exact=True).first).to_be_visible()
    for key in BRONZE:
        assert run in [event["run"] for event in materializations(shop, key)], key
        assert shop.lake.rows(key)
    assert len(shop.lake.rows("bronze.orders")) >= ORDERS
