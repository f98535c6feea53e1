"""The sensors are turned on in the UI; a file lands; everything downstream follows without a click."""

from __future__ import annotations

from collections.abc import Sequence

from playwright.sync_api import Page, expect

from odibi_dagster.demo import more_orders
from odibi_dagster_tests.services.webserver import WebServer
from odibi_dagster_tests.ui.browser import insist
from odibi_dagster_tests.ui.shop import CUSTOMERS, PRODUCTS, materializations, sensor

NEW = 120
FOLLOWERS = (
    "silver.orders",
    "silver.customer_orders",
    "gold.customer_metrics",
    "gold.customer_summary",
    "gold.product_metrics",
)


def test_a_landed_file_is_taken_once_and_everything_follows(full_shop: WebServer, page: Page) -> None:
    shop = full_shop
    _turn_on(shop, page, "landing")
    _turn_on(shop, page, "automation")

    before = {key: _runs(shop, key) for key in ("bronze.orders", *FOLLOWERS)}
    had = shop.lake.rows("bronze.orders")
    dropped = more_orders(shop.lake.landing, NEW, seed=1, customers=CUSTOMERS, products=PRODUCTS)

    shop.wait(
        "bronze takes the file", lambda: set(_runs(shop, "bronze.orders")) - set(before["bronze.orders"])
    )
    taken = materializations(shop, "bronze.orders")[0]
    assert taken["rows_added"] == NEW
    now = shop.lake.rows("bronze.orders")
    assert len(now) == len(had) + NEW
    assert [row["_file"].endswith(dropped.name) for row in now].count(True) == NEW

    def look() -> None:
        expect(page.get_by_text(f"{len(now):,}", exact=True).first).to_be_visible()

    insist(page, f"{shop.url}/assets/bronze/orders", look)
    # The new orders are counted at the end of the chain.
    assert sum(row["total_orders"] for row in shop.lake.rows("gold.customer_metrics")) == len(
        [row for row in shop.lake.rows("silver.orders") if row["customer_id"] in _customers(shop)]
    )


def _turn_on(shop: WebServer, page: Page, name: str) -> None:
    """Clicks until the sensor is on, and waits for its first look: it compares with what it saw then."""

    def clicks() -> None:
        page.locator(f"a[href$='/sensors/{name}']").click()
        switch = page.get_by_role("checkbox")
        expect(switch).to_have_count(1)
        if not switch.is_checked():
            page.locator("label").filter(has=switch).click()
        expect(switch).to_be_checked()

    insist(page, f"{shop.url}/automation", clicks)
    shop.wait(f"{name} is on", lambda: sensor(shop, name)["status"] == "RUNNING")
    shop.wait(
        f"the first tick of {name}",
        lambda: any(tick["status"] in ("SKIPPED", "SUCCESS") for tick in sensor(shop, name)["ticks"]),
    )


def _runs(shop: WebServer, key: str) -> Sequence[str]:
    return [event["run"] for event in materializations(shop, key)]


def _customers(shop: WebServer) -> set[int]:
    return {row["customer_id"] for row in shop.lake.rows("silver.customers")}
