"""What every client makes of a credential: obstore and delta-rs write, and errors are the platform's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from odibi_dagster.errors import OdibiError, Where
from odibi_dagster.storage.failures import explain
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.objects import open_objects
from odibi_dagster.storage.stores import Entry, Stores, store_of, using

QUICK = Network(connect_timeout=2, timeout=20, attempts=2)
BOTH = ("obstore", "delta-rs")


def write(client: str, root: str, credential: Any, network: Network = QUICK) -> None:
    """Write something new below `root` and read it back; a failure is told as the platform tells it."""
    provider = "azure" if root.startswith("abfss:") else "s3"
    url = f"{root}/reach-{uuid.uuid4().hex[:8]}"
    with using(Stores([Entry(provider, None, credential)], network)):
        if client == "obstore":
            objects = open_objects(url)
            objects.put("x", b"bytes")
            assert objects.get("x") == b"bytes"
            assert sum(batch.num_rows for batch in objects.list()) == 1
        else:
            explained(url, lambda: create(url))


def read(client: str, url: str, path: str, credential: Any, network: Network = QUICK) -> None:
    """Read an object, or open a table, that is there."""
    provider = "azure" if url.startswith("abfss:") else "s3"
    with using(Stores([Entry(provider, None, credential)], network)):
        if client == "obstore":
            assert open_objects(url).get(path)
        else:
            explained(url, lambda: version(url))


def create(url: str) -> None:
    from deltalake import DeltaTable
    from deltalake.schema import Field, PrimitiveType, Schema

    schema = Schema([Field("a", PrimitiveType("long"))])
    DeltaTable.create(url, schema, storage_options=store_of(url).delta_options())
    assert version(url) == 0


def version(url: str) -> int:
    from deltalake import DeltaTable

    return DeltaTable(url, storage_options=store_of(url).delta_options()).version()


def explained(url: str, call: Callable[[], object]) -> None:
    try:
        call()
    except OdibiError:
        raise
    except Exception as error:
        raise explain(Where(url=url), error) from error
