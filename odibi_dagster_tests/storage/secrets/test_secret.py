from __future__ import annotations

import copy
import pickle

import pytest
from pydantic import ValidationError

from odibi_dagster.storage.secrets import Secret, Sources, mask
from odibi_dagster.tables.section import Section

SOURCES = Sources({"KEY": "k3y-of-the-account"})


class Credential(Section):
    key: Secret | None = None
    account: str = ""


def test_it_is_masked_wherever_it_is_shown() -> None:
    secret = SOURCES.secret("AccountKey=${env:KEY};literal-part")
    assert str(secret) == f"{secret}" == "***"
    assert repr(secret) == "Secret(${env:KEY})"
    assert repr(Secret.literal("literal-secret")) == "Secret(***)"
    assert secret.reveal() == "AccountKey=k3y-of-the-account;literal-part"


def test_what_is_revealed_is_masked_from_then_on() -> None:
    secret = SOURCES.secret("${env:KEY}")
    assert mask("k3y-of-the-account") == "k3y-of-the-account"
    secret.reveal()
    assert mask("it is k3y-of-the-account.") == "it is ***."


def test_it_is_not_written_anywhere() -> None:
    secret = SOURCES.secret("${env:KEY}")
    with pytest.raises(TypeError, match="not written"):
        pickle.dumps(secret)
    assert copy.deepcopy({"a": secret})["a"] is secret


def test_equal_ones_are_written_alike_and_asked_of_one_source() -> None:
    assert SOURCES.secret("${env:KEY}") == SOURCES.secret("${env:KEY}")
    assert hash(SOURCES.secret("${env:KEY}")) == hash(SOURCES.secret("${env:KEY}"))
    assert SOURCES.secret("${env:KEY}") != Sources({"KEY": "other"}).secret("${env:KEY}")
    assert Secret.literal("a") == Secret.literal("a") != Secret.literal("b")


def test_in_a_section_references_stay_references_where_a_secret_is_wanted() -> None:
    section = Credential(key=SOURCES.text("${env:KEY}"), account=SOURCES.text("a${env:KEY}"))  # type: ignore[arg-type]
    assert isinstance(section.key, Secret)
    assert section.account == "ak3y-of-the-account"
    assert "k3y" not in repr(section.key)
    assert mask("k3y-of-the-account") == "***"  # a library may read the variable itself


def test_in_a_section_literals_are_secrets_too() -> None:
    section = Credential.model_validate({"key": "literal-secret"})
    assert section.key is not None
    assert section.key.reveal() == "literal-secret"
    assert "literal" not in repr(section)
    assert Credential.model_validate({"key": 123456789}).key == Secret.literal("123456789")
    with pytest.raises(ValidationError, match="no text"):
        Credential.model_validate({"key": [1]})
