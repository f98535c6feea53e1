"""What an engine is: it computes relations and writes immutable data files. It never touches a table's log.

Every word here is shared by all engines. The lake hands in pinned inputs (`TableFiles`, `Landed`), gets back
`Staged` files, and commits them itself; nothing in this package imports an engine's library.
"""

from odibi_dagster.engines.protocol.engine import Engine, LocalEngine
from odibi_dagster.engines.protocol.files import PATH_COLUMN, ROW_COLUMN, DataFile, Staged, TableFiles
from odibi_dagster.engines.protocol.landed import LANDED_COLUMNS, Landed, LandedFile
from odibi_dagster.engines.protocol.relation import Lineage, Relation, Wanted
from odibi_dagster.engines.protocol.session import Session

__all__ = [
    "LANDED_COLUMNS",
    "PATH_COLUMN",
    "ROW_COLUMN",
    "DataFile",
    "Engine",
    "Landed",
    "LandedFile",
    "Lineage",
    "LocalEngine",
    "Relation",
    "Session",
    "Staged",
    "TableFiles",
    "Wanted",
]
