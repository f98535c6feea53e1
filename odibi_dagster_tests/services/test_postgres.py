from __future__ import annotations

import pytest

from odibi_dagster_tests.services import postgres as service
from odibi_dagster_tests.services.installed import NotInstalled
from odibi_dagster_tests.services.program import is_listening


def test_a_server_of_our_own_until_the_block_ends() -> None:
    with service.postgres() as server:
        assert is_listening(server.port)
        assert server.password not in repr(server)
    assert not is_listening(server.port)


def test_without_a_server_the_message_says_how_to_get_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotInstalled, match="apt-get install postgresql"):
        service.find(places=())
