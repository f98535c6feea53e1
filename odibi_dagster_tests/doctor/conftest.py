from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from odibi_dagster.home import ensure_home
from odibi_dagster_tests.clouds import OTHERS
from odibi_dagster_tests.doctor.patient import Patient
from odibi_dagster_tests.services.azurite import Azurite
from odibi_dagster_tests.services.place import Place, Server
from odibi_dagster_tests.services.seaweedfs import SeaweedFS

Admit = Callable[[Server], Patient]


@pytest.fixture(scope="session")
def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return ensure_home(tmp_path_factory.mktemp("doctor") / "home")


@pytest.fixture
def admit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, _home: Path) -> Admit:
    """Makes a deployment on a server; nothing has landed yet."""
    import os

    for name in list(os.environ):
        if name.startswith(OTHERS):
            monkeypatch.delenv(name)
    monkeypatch.setenv("DAGSTER_HOME", str(_home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))

    def made(server: Server) -> Patient:
        return Patient(
            tmp_path, server, monkeypatch, Place(server, server.url("doctor")), server.store_section()
        )

    return made


@pytest.fixture
def on_s3(admit: Admit, seaweedfs: SeaweedFS) -> Patient:
    patient = admit(seaweedfs)
    patient.land()
    return patient


@pytest.fixture
def on_azure(admit: Admit, azurite: Azurite) -> Patient:
    patient = admit(azurite)
    patient.land()
    return patient


@pytest.fixture(params=["azurite", "seaweedfs"])
def patient(request: pytest.FixtureRequest, admit: Admit) -> Patient:
    """The same deployment on each cloud's store."""
    made = admit(request.getfixturevalue(request.param))
    made.land()
    return made
