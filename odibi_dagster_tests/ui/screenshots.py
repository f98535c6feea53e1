"""The pictures of the docs, taken from the demo: `python -m odibi_dagster_tests.ui.screenshots`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, expect

from odibi_dagster.demo import generate
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.services.webserver import webserver
from odibi_dagster_tests.ui.browser import browser, insist

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
LARGEST = 150_000

#: Milliseconds in which a graph comes to rest after it was unfolded.
_REST = 3_000


def take(folder: Path = IMAGES) -> None:
    """Materializes the demo in a lake of its own and writes lineage.png and checks.png."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        lake = Lake(Path(scratch))
        generate(lake.landing)
        lake.materialize("*")
        with webserver(lake) as server, browser() as page:
            shots: tuple[tuple[str, int, str, Callable[[Page], None]], ...] = (
                ("lineage.png", 1000, "asset-groups~" + quote('not group:"landing"'), _unfold),
                ("checks.png", 760, "assets/silver/orders?view=checks", _select_check),
            )
            page.goto(server.url)
            page.get_by_text("Hide navigation").click()
            for name, height, path, prepare in shots:
                page.set_viewport_size({"width": 1280, "height": height})
                insist(page, f"{server.url}/{path}", lambda prepare=prepare: prepare(page))
                page.add_style_tag(content="* { background-image: none !important }")  # dots cost 40 kB
                page.wait_for_timeout(_REST)
                page.screenshot(path=folder / name)


def _unfold(page: Page) -> None:
    sidebar = page.locator("button:has([aria-label=panel_show_right])").first
    sidebar.click()
    page.wait_for_timeout(_REST)
    if page.locator("[class*=collapsedGroupNodeBox]").count():
        page.keyboard.press("Alt+e")  # unfolds all groups
        page.wait_for_timeout(_REST)
    for _ in range(3):  # the graph is as wide as the page, but higher
        page.locator("button:has([aria-label=zoom_out])").click()
        page.wait_for_timeout(500)
    page.mouse.move(640, 20)
    expect(page.get_by_text("customer_metrics", exact=True).first).to_be_visible()


def _select_check(page: Page) -> None:
    page.get_by_text("amount_is_positive", exact=True).first.click()
    expect(page.get_by_text("violations", exact=True).first).to_be_visible()


if __name__ == "__main__":
    take()
    large = [image for image in sorted(IMAGES.glob("*.png")) if image.stat().st_size > LARGEST]
    for image in sorted(IMAGES.glob("*.png")):
        print(f"{image.name}: {image.stat().st_size // 1000} kB")
    sys.exit(1 if large else 0)
