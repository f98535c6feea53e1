from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from odibi_dagster.build import build_defs
from odibi_dagster.cli.code import Code
from odibi_dagster.cli.main import main
from odibi_dagster.project import Project, load_project
from odibi_dagster_tests.cli.shop import Shop, new_shop

Here = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop whose tables have all been made by one `run`. Shared: never change it."""
    shop = new_shop(tmp_path_factory.mktemp("made") / "shop")
    shop.cli("run")
    return shop


@pytest.fixture
def shop(made: Shop, tmp_path: Path) -> Shop:
    """A copy of the made shop, to be changed at will."""
    return made.copy(tmp_path / "shop")


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Runs a command that loads no definitions module in this process: exit code, stdout, stderr."""

    def run(of: Shop, *args: str) -> tuple[int, str, str]:
        for key in ("ODIBI_ENV", "ODIBI_LAKE", "ODIBI_TABLES", "DAGSTER_HOME"):
            monkeypatch.delenv(key, raising=False)
        for key, value in of.environment.items():
            if key.startswith(("ODIBI_", "DAGSTER_")):
                monkeypatch.setenv(key, value)
        capsys.readouterr()
        code = main(args)
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


@pytest.fixture
def project(made: Shop, monkeypatch: pytest.MonkeyPatch) -> Project:
    """The made shop's project, loaded in this process."""
    for key, value in made.environment.items():
        if key.startswith(("ODIBI_", "DAGSTER_")):
            monkeypatch.setenv(key, value)
    return load_project(tables=made.tables)


@pytest.fixture
def code(project: Project) -> Code:
    """Its definitions; the origin, by which other processes would load them, is of the shipped ones."""
    from dagster._cli.workspace.cli_target import get_repository_python_origin_from_cli_opts
    from dagster_shared.cli import PythonPointerOpts

    origin = get_repository_python_origin_from_cli_opts(
        PythonPointerOpts(module_name="odibi_dagster.definitions")
    )
    return Code(origin, build_defs(project).get_repository_def())
