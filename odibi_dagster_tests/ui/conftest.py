"""One web interface and one browser for all tests of the UI."""

# The scope is the package: a browser that is left open keeps an event loop, which breaks tests elsewhere.

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page

from odibi_dagster_tests.services.webserver import WebServer, webserver
from odibi_dagster_tests.ui.browser import browser
from odibi_dagster_tests.ui.shop import make_shop


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """The web interface and daemon over a shop; sensors are off."""
    with webserver(make_shop(tmp_path_factory.mktemp("shop"))) as server:
        yield server


@pytest.fixture(scope="package")
def full_shop(shop: WebServer) -> WebServer:
    """The shop with every shipped table materialized."""
    shop.lake.materialize("* and not key:gold/cheap_orders")
    return shop


@pytest.fixture(scope="package")
def chrome() -> Iterator[Page]:
    with browser() as page:
        yield page


@pytest.fixture
def page(chrome: Page) -> Iterator[Page]:
    """A page at no address yet."""
    yield chrome
    chrome.goto("about:blank")
