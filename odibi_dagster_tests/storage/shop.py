"""A project of one table on a store, whose key can be changed and whose rows can be counted."""

from __future__ import annotations

import json
from pathlib import Path

from odibi_dagster_tests.services.place import Place, Server


class Shop:
    """One table that takes orders from a store; its environment's key is in mounted files.

    Args:
        folder: for the project.
        place: where landing files and tables are.
    """

    def __init__(self, folder: Path, place: Place) -> None:
        self.place, self.tables, self.environment = place, folder / "tables", folder / "prod.yaml"
        self._folder, self._landed = folder, 0
        bronze = self.tables / "bronze"
        bronze.mkdir(parents=True)
        (bronze / "orders.yaml").write_text("from: landing\npath: orders/*.csv\nformat: csv\nkind: append\n")
        names = ("landing", "bronze", "silver", "gold", "checkpoints")
        layers = {name: f"{place.url}/{name}" for name in names}
        secrets = {name: f"${{file:{folder / name}}}" for name in _secrets(place.server)}
        settings = {
            "layers": layers,
            "stores": [place.server.store_section() | secrets],
            "network": {"attempts": 2},
            "cache": {"folder": str(folder / "cache")},
            "retry": {"max_retries": 0},
            "settle": "0s",
            "sensors": {"interval": "2s"},
        }
        self.environment.write_text(json.dumps(settings))

    def tell(self, server: Server) -> None:
        """The files hold the key that this view of the store has."""
        for name, value in _secrets(server).items():
            (self._folder / name).write_text(value)

    def land(self, server: Server, rows: int) -> None:
        """A file more, by somebody who has the right key."""
        self._landed += 1
        lines = "".join(f"{self._landed},{number}\n" for number in range(rows))
        Place(server, self.place.url).write(f"landing/orders/{self._landed}.csv", f"file,number\n{lines}")

    def count(self, server: Server) -> int:
        """The rows of the table, read without the platform; 0 while there is no table."""
        from deltalake.exceptions import TableNotFoundError

        try:
            table = Place(server, f"{self.place.url}/bronze/orders").delta()
        except TableNotFoundError:
            return 0
        return sum(table.get_add_actions(flatten=True)["num_records"].to_pylist())


def _secrets(server: Server) -> dict[str, str]:
    names = ("account_key",) if server.provider == "azure" else ("access_key_id", "secret_access_key")
    return {name: server.store_section()[name] for name in names}
