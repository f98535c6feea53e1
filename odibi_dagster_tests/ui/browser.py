"""A headless browser, and patience with a slow page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from playwright.sync_api import Error, Locator, Page, expect, sync_playwright

from odibi_dagster_tests.services import chromium

#: Milliseconds that one look or click may take; two cores are shared with whatever else is running.
PATIENCE = 30_000

T = TypeVar("T")


@contextmanager
def browser(height: int = 1000) -> Iterator[Page]:
    """An empty page, 1280 wide, in the system's own browser."""
    with sync_playwright() as playwright:
        chrome = playwright.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
        try:
            page = chrome.new_page(viewport={"width": 1280, "height": height})
            page.set_default_timeout(PATIENCE)
            expect.set_options(timeout=PATIENCE)
            yield page
        finally:
            chrome.close()


def insist(page: Page, url: str, clicks: Callable[[], T], times: int = 3) -> T:
    """What a sequence of clicks gives, begun again from its page when the page was too slow for it."""
    for left in reversed(range(times)):
        try:
            page.goto(url)
            return clicks()
        except (Error, AssertionError):
            if not left:
                raise
    raise AssertionError("times must be at least 1")


def row(page: Page, *cells: str) -> Locator:
    """The table row that consists of exactly these texts; an icon may stand before each."""
    name = r" (?:\w+ )?".join(re.escape(cell) for cell in cells)
    return page.get_by_role("row", name=re.compile(f"^{name}$"))
