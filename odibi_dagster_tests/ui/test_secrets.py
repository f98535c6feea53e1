"""What the web interface answers and shows holds no secret, however careless the tables are."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Error, Page, Response, expect

from odibi_dagster_tests.services.webserver import webserver
from odibi_dagster_tests.storage.secrets import leaky
from odibi_dagster_tests.ui.browser import insist

RUNS = "{ runsOrError { ... on Runs { results { runId status } } } }"


def test_no_page_shows_a_secret(page: Page, tmp_path: Path) -> None:
    answers: list[bytes] = []

    def keep(response: Response) -> None:
        if "/graphql" in response.url or "/logs/" in response.url:
            try:
                answers.append(response.body())
            except Error:  # the page has moved on
                pass

    lake = leaky.make(tmp_path)
    with webserver(lake) as server:
        lake.materialize(check=False)
        (run,) = [run["runId"] for run in server.ask(RUNS)["runsOrError"]["results"]]
        shown = {
            f"runs/{run}": "cannot log in with ***",
            f"runs/{run}?logs=stdout&logType=stdout": "raises",
            "assets/silver/talks": "Password=***",
            "assets/silver/raises": "raises",
            "runs": run[:8],
            "locations": "odibi_dagster",
            "config": "Dagster version:",
        }
        page.on("response", keep)
        try:
            for path, sign in shown.items():

                def look(sign: str = sign) -> None:
                    expect(page.get_by_text(sign).first).to_be_visible()

                insist(page, f"{server.url}/{path}", look)
                answers.append(page.content().encode())
        finally:
            page.remove_listener("response", keep)
        answers.append(server.log.read_bytes())

    everything = b"\n".join(answers)
    assert b"printed ***" in everything or b"cannot log in with ***" in everything
    found = [everything[at - 80 : at + 20] for word in leaky.WANTED if (at := everything.find(word)) >= 0]
    assert found == []
