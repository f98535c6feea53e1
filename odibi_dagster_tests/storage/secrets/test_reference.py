from __future__ import annotations

import pytest

from odibi_dagster.errors import ConfigError
from odibi_dagster.storage.secrets.reference import Reference, parse


def test_a_text_may_mix_plain_pieces_and_references() -> None:
    assert parse("AccountKey=${env:K};x=${ name }") == (
        "AccountKey=",
        Reference("env", "K"),
        ";x=",
        Reference("", "name"),
    )
    assert parse("plain $ {text}") == ("plain $ {text}",)
    assert parse("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "${env:NAME}",
        "${file:/run/secrets/db}",
        "${keyvault:my-vault/db-password}",
        "${keyvault:my-vault.vault.azure.cn/db-password@0f3a}",
        "${keyvault:https://my-vault.vault.azure.net/db-password}",
        "${secretsmanager:prod/db#password}",
        "${secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf#password}",
        "${databricks:scope/key}",
        "${name}",
    ],
)
def test_references_print_as_they_are_written(text: str) -> None:
    (reference,) = parse(text)
    assert str(reference) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("${keyvalt:a/b}", "Did you mean `keyvault`?"),
        ("${vault:a/b}", "keyvault"),
        ("${qqq:a}", "Known: env, file, keyvault, secretsmanager, databricks."),
        ("${env:NOT-A-NAME}", "${env:NAME}"),
        ("${env:}", "${env:NAME}"),
        ("${file:relative}", "${file:/mounted/secret}"),
        ("${keyvault:only-a-name}", "${keyvault:vault/name}"),
        ("${keyvault:vault/under_score}", "${keyvault:vault/name}"),
        ("${databricks:a/b/c}", "${databricks:scope/key}"),
        ("${secretsmanager:id#}", "${secretsmanager:id#field}"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_how_it_is_written(text: str, said: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert said in str(caught.value)
