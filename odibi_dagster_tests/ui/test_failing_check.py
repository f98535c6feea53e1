"""A broken rule is shown on the table that broke it, with counts, and nothing is published."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from odibi_dagster_tests.services.webserver import WebServer
from odibi_dagster_tests.ui.browser import insist, row
from odibi_dagster_tests.ui.shop import BROKEN, LIMIT, run_status


def test_a_failing_check_is_shown_on_its_table(full_shop: WebServer, page: Page) -> None:
    table = f"{full_shop.url}/assets/{BROKEN.replace('.', '/')}"

    def materialize() -> str:
        page.get_by_role("button", name=re.compile(r"\bMaterialize$")).first.click()
        page.get_by_role("link", name="View", exact=True).click()
        page.wait_for_url("**/runs/*")
        return page.url.rpartition("/")[2].partition("?")[0]

    run = insist(page, table, materialize)
    full_shop.wait("the run ends", lambda: run_status(full_shop, run) in ("SUCCESS", "FAILURE", "CANCELED"))
    assert run_status(full_shop, run) == "FAILURE"

    dear = sum(order["amount"] >= LIMIT for order in full_shop.lake.rows("silver.orders"))
    assert dear > 0

    def look() -> None:
        page.get_by_role("link", name="Checks", exact=True).or_(
            page.get_by_role("tab", name="Checks", exact=True)
        ).first.click()
        expect(page.get_by_text("Checks (2)")).to_be_visible()
        page.get_by_text("amount_is_small", exact=True).first.click()
        expect(page.get_by_text("A violation stops the publish")).to_be_visible()
        expect(page.get_by_text(f"{dear} violations", exact=True)).to_be_visible()
        expect(page.get_by_text("Failed", exact=True).first).to_be_visible()
        expect(row(page, "rule", "amount < 200")).to_be_visible()
        expect(row(page, "violations", str(dear))).to_be_visible()
        page.get_by_text("order_id_is_known", exact=True).first.click()
        expect(page.get_by_text("holds", exact=True)).to_be_visible()
        expect(page.get_by_text("Succeeded", exact=True).first).to_be_visible()

    insist(page, table, look)
    assert not full_shop.lake.path.joinpath(*BROKEN.split("."), "_delta_log").exists()
