"""The shop of these tests: the shipped tables, a small landing folder, and one table that breaks its rule."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import odibi_dagster
from odibi_dagster.demo import generate
from odibi_dagster_tests.lakes import Lake
from odibi_dagster_tests.services.webserver import WebServer

CUSTOMERS, ORDERS, PRODUCTS = 300, 3_000, 60

LOCATION = "odibi_dagster.definitions"

#: Like the shipped environment, but nothing moves by itself at first, and sensors look often.
_ENVIRONMENT = """
layers:
  landing: ${ODIBI_LAKE}/landing
  bronze: ${ODIBI_LAKE}/bronze
  silver: ${ODIBI_LAKE}/silver
  gold: ${ODIBI_LAKE}/gold
  checkpoints: ${ODIBI_LAKE}/checkpoints
sensors: {enabled: false, interval: 2s}
settle: 0s
"""

#: Demo orders cost up to some hundreds: the first rule holds for all of them, the second for most.
_BROKEN = """
/*
description: Orders that somebody believes to be cheap.
kind: full
automation: manual
expect:
  order_id_is_known: {not_null: [order_id], on_fail: fail}
  amount_is_small: {sql: amount < 200, on_fail: fail}
*/
SELECT order_id, amount FROM silver.orders
"""
BROKEN, LIMIT = "gold.cheap_orders", 200


def make_shop(root: Path) -> Lake:
    """A lake with landing files and tables, in which nothing was ever materialized."""
    tables = root / "tables"
    shutil.copytree(
        Path(odibi_dagster.__file__).parent / "defs", tables, ignore=shutil.ignore_patterns("__pycache__")
    )
    (tables / "gold" / "cheap_orders.sql").write_text(_BROKEN.lstrip())
    environment = root / "quick.yaml"
    environment.write_text(_ENVIRONMENT)
    lake = Lake(root, tables, {"ODIBI_ENV": str(environment)})
    generate(lake.landing, customers=CUSTOMERS, orders=ORDERS, products=PRODUCTS, files=2)
    return lake


def materializations(server: WebServer, key: str) -> Sequence[dict[str, Any]]:
    """The newest materializations of a table in the event log: their run, and their numbers by label."""
    data = server.ask(
        """query($path: [String!]!) { assetOrError(assetKey: {path: $path}) { ... on Asset {
             assetMaterializations(limit: 5) { runId timestamp metadataEntries {
               label ... on IntMetadataEntry { intValue } } } } } }""",
        path=key.split("."),
    )
    return [
        {
            "run": event["runId"],
            **{
                entry["label"]: entry["intValue"] for entry in event["metadataEntries"] if "intValue" in entry
            },
        }
        for event in data["assetOrError"].get("assetMaterializations", [])
    ]


def run_status(server: WebServer, run: str) -> str:
    """The status of a run: SUCCESS, FAILURE, STARTED, …"""
    data = server.ask("query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run)
    return str(data["runOrError"]["status"])


def sensor(server: WebServer, name: str) -> dict[str, Any]:
    """A sensor's status and newest tick."""
    data = server.ask(
        """query($sensor: SensorSelector!) { sensorOrError(sensorSelector: $sensor) { ... on Sensor {
             sensorState { status ticks(limit: 1) { status } } } } }""",
        sensor={"repositoryName": "__repository__", "repositoryLocationName": LOCATION, "sensorName": name},
    )
    return dict(data["sensorOrError"]["sensorState"])
