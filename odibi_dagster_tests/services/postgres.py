"""PostgreSQL: the system's own programs, with a database of the tests' own."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from odibi_dagster_tests.services.installed import NotInstalled, call, once
from odibi_dagster_tests.services.ports import free_port
from odibi_dagster_tests.services.program import program

HOW_TO = """The tests of Dagster's storage in PostgreSQL need its server, and there is none.
  Debian, Ubuntu:  sudo apt-get install postgresql
  macOS:           brew install postgresql
As root, where apt-get is, the tests install Debian's package by themselves."""
PLACES = ("/usr/lib/postgresql/*/bin", "/opt/homebrew/opt/postgresql*/bin", "/usr/local/opt/postgresql*/bin")
#: Debian's package would start a server of its own, for everybody, on the usual port.
NO_CLUSTER = Path("/etc/postgresql-common/createcluster.conf")


@dataclass(frozen=True)
class Postgres:
    """A running server with one database, that only its owner may enter."""

    port: int
    password: str = field(repr=False)
    host: str = "127.0.0.1"
    user: str = "tests"
    database: str = "postgres"

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"


def find(places: Sequence[str] = PLACES) -> Path:
    """The folder with `initdb` and `postgres`, of the newest version.

    Raises:
        NotInstalled: there is none; the message says how to get it.
    """
    found = [path.parent for place in places for path in Path("/").glob(f"{place.lstrip('/')}/initdb")]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).parent)
    if not found:
        raise NotInstalled(HOW_TO)
    return max(found, key=lambda folder: [int(part) for part in folder.parts if part.isdigit()])


def install() -> Path:
    """As `find`; Debian's package is installed first where it is missing and we may."""
    with once("postgresql"):
        try:
            return find()
        except NotInstalled:
            if os.geteuid() != 0 or not shutil.which("apt-get"):
                raise
        if not NO_CLUSTER.exists():
            NO_CLUSTER.parent.mkdir(parents=True, exist_ok=True)
            NO_CLUSTER.write_text("create_main_cluster = false\n")
        call(["apt-get", "-qq", "update"], HOW_TO)
        call(["apt-get", "-qq", "install", "--yes", "--no-install-recommends", "postgresql"], HOW_TO)
        return find()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A new server until the block ends, and nothing of it afterwards."""
    programs = install()
    # The server refuses to be root, and another user cannot enter the folders of root's tests.
    folder = Path(tempfile.mkdtemp(prefix="odibi-postgres-"))
    user = _user(folder)
    try:
        server = Postgres(free_port(), secrets.token_hex(12))
        (folder / "password").write_text(server.password)
        data = str(folder / "data")
        initdb = [str(programs / "initdb"), "-D", data, "-U", server.user, "--pwfile", f"{folder}/password"]
        initdb += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync"]
        call([*user, *initdb], "")
        command = [str(programs / "postgres"), "-D", data, "-h", "127.0.0.1", "-p", str(server.port)]
        # No socket in a folder that everybody shares; nobody needs these data after a power cut.
        command += ["-k", "", "-c", "fsync=off", "-c", "max_connections=200"]
        ready = [str(programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(server.port)]
        with program(
            [*user, *command], folder / "postgres.log", lambda: subprocess.run(ready).returncode == 0
        ):
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _user(folder: Path) -> list[str]:
    """How to be somebody else, who then owns the folder; nothing unless we are root."""
    if os.geteuid() != 0:
        return []
    shutil.chown(folder, "postgres", "postgres")
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
