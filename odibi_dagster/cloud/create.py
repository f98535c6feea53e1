"""What `CloudAdapter.create` is told becomes a target; nothing is contacted."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn, TypeVar

from odibi_dagster.cloud.target import Target
from odibi_dagster.environment.stores import NetworkSection, StoreSection
from odibi_dagster.errors import ConfigError, ConfigErrors
from odibi_dagster.storage.azure_url import SUFFIXES
from odibi_dagster.storage.credentials import AzureCredential
from odibi_dagster.storage.location import Location
from odibi_dagster.storage.secrets import Sources
from odibi_dagster.storage.secrets.sources import Fetch
from odibi_dagster.storage.secrets.usual import variables_of
from odibi_dagster.storage.secrets.vaults import vaults
from odibi_dagster.storage.stores import Entry, Stores
from odibi_dagster.tables.document import Document
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.problems import Problems
from odibi_dagster.tables.section import Section
from odibi_dagster.tables.validate import validate

S = TypeVar("S", bound=Section)

PROVIDERS = ("azure", "s3", "local")
_OTHER_NAMES = {
    **dict.fromkeys(("adls", "adls2", "abfss", "abfs", "blob", "wasbs", "microsoft"), "azure"),
    **dict.fromkeys(("aws", "s3a", "amazon", "minio"), "s3"),
    **dict.fromkeys(("file", "disk", "filesystem"), "local"),
}
_KEY = re.compile(r"`(\w+):(?: true| …)?`")
_AZURE_WAYS = (
    "account_name= with account_key=, sas_token=, tenant_id= with client_id= and client_secret=, "
    "use_managed_identity=True or nothing (who is logged in), or connection_string="
)
_EMULATORS = {
    "azure": "start Azurite: endpoint='http://127.0.0.1:10000/devstoreaccount1', account_name=, account_key=",
    "s3": "start SeaweedFS or MinIO: endpoint='http://127.0.0.1:8333', access_key_id=, secret_access_key=",
    "local": "nothing more is needed: it works on a folder of this machine",
}


def create_target(
    provider: str, container: str | None, network: Mapping[str, Any] | None, given: Mapping[str, Any]
) -> Target:
    """The target that the arguments of `CloudAdapter.create` mean.

    Args:
        provider: azure, s3 or local.
        container: the container, bucket or folder.
        network: the keys of an environment file's `network:`.
        given: the other keywords.

    Raises:
        ConfigError: a keyword is unknown or missing, or several do not go together.
    """
    if provider not in PROVIDERS:
        meant = _OTHER_NAMES.get(str(provider).lower())
        raise ConfigError(
            f"CloudAdapter.create: there is no provider {provider!r}.",
            remedy=f"Did you mean `{meant}`?" if meant else did_you_mean(str(provider), PROVIDERS),
        )
    if "simulate" in given:
        raise ConfigError(
            "CloudAdapter.create: there is no `simulate`.",
            why="nothing is simulated: what is read was really there, and what is written is really kept",
            remedy=f"Leave it out. To try without an account, {_EMULATORS[provider]}.",
        )
    remote: dict[str, Fetch] = {}
    sources = Sources(os.environ, remote=remote)
    wire = _section(NetworkSection, network or {}, provider, sources).network()
    if provider == "local":
        return _local(container, given, sources)
    stated = dict(given)
    if provider == "azure":
        stated = _account(stated)
    elif container is not None:
        stated["bucket"] = container
    section = _section(StoreSection, {"provider": provider, **stated}, provider, sources)
    credential = section.credential(wire, os.environ)
    if isinstance(credential, AzureCredential):
        credential, suffix = _settled(credential)
        url = f"abfss://{container}@{credential.account}.dfs.{suffix}"
    else:
        url = f"s3://{container}"
    root = _root(provider, container, url)
    stores = Stores([Entry(provider, getattr(credential, "account", None), credential)], wire)
    remote.update(vaults(lambda: stores, os.environ))
    return Target(provider, stores, credential.at(root) if root else credential, sources, root)


def _local(container: str | None, given: Mapping[str, Any], sources: Sources) -> Target:
    if given:
        raise ConfigError(
            f"CloudAdapter.create('local'): `{min(given)}` is no keyword.",
            why="a folder of this machine needs no credentials",
            remedy='Write CloudAdapter.create("local", container="/data").',
        )
    if not container:
        raise ConfigError(
            "CloudAdapter.create('local'): `container` is missing.",
            remedy='Name a folder: CloudAdapter.create("local", container="/data").',
        )
    return Target("local", Stores(), None, sources, Location.parse(container))


def _account(stated: dict[str, Any]) -> dict[str, Any]:
    """The keywords with the account under the environment file's name for it, or from the usual variables."""
    if "account_name" in stated:
        name = stated.pop("account_name")
        if stated.setdefault("account", name) != name:
            raise ConfigError(
                "CloudAdapter.create('azure'): `account_name` and `account` are two accounts.",
                remedy="Keep one of them.",
            )
    if "account" not in stated and "connection_string" not in stated:
        found = next(
            (os.environ[name] for name in variables_of("azure_account_name") if name in os.environ), ""
        )
        if found:
            stated["account"] = found
        elif "AZURE_STORAGE_CONNECTION_STRING" not in os.environ:
            raise ConfigError(
                "CloudAdapter.create('azure'): `account_name` is missing.",
                why="neither AZURE_STORAGE_ACCOUNT_NAME nor AZURE_STORAGE_ACCOUNT is set",
                remedy=f"Give {_AZURE_WAYS}.",
            )
    return stated


def _settled(credential: AzureCredential) -> tuple[AzureCredential, str]:
    """The credential with its account, and the cloud's domain."""
    found = credential.settled()
    if not found.account:
        raise ConfigError(
            "CloudAdapter.create('azure'): the connection string names no account.",
            remedy="Add account_name=, or copy the whole string from the account's page `Access keys`.",
        )
    host = found.blob_endpoint.partition("://")[2].partition("/")[0].partition(":")[0]
    suffix = next((each for each in SUFFIXES if host.endswith(f".{each}")), SUFFIXES[0])
    return replace(credential, account=found.account, suffix=suffix), suffix


def _root(provider: str, container: str | None, url: str) -> Location | None:
    if container is None:
        return None
    noun = "container" if provider == "azure" else "bucket"
    if not container or set(container) & set("/@:"):
        raise ConfigError(
            f"CloudAdapter.create({provider!r}): {container!r} is not the name of a {noun}.",
            remedy=f"Give the {noun}'s name alone; folders stand in the paths of read, write and list.",
        )
    return Location.parse(url)


def _section(model: type[S], given: Mapping[str, Any], provider: str, sources: Sources) -> S:
    """What the keywords mean, all that is wrong with them told at once."""
    for name, value in given.items():
        if value is None or value == "":
            raise ConfigError(
                f"CloudAdapter.create({provider!r}): `{name}` is empty.",
                why="a variable that is not set would silently be taken for somebody else's credentials",
                remedy="Give it a value, or leave it out.",
            )
    document = Document({name: _resolved(value, sources) for name, value in given.items()})
    problems = Problems("CloudAdapter.create")
    section = validate(model, document, problems)
    if section is None:
        _refuse(provider, problems.errors)
    return section


def _resolved(value: object, sources: Sources) -> object:
    if not isinstance(value, str) or "${" not in value:
        return value
    try:
        return sources.text(value)
    except ConfigErrors as errors:
        raise errors.errors[0] from None


def _refuse(provider: str, errors: list[ConfigError]) -> NoReturn:
    """The problems of a section in the words of keyword arguments."""
    said = [(_words(error.what), _words(error.remedy)) for error in errors]
    raise ConfigError(
        f"CloudAdapter.create({provider!r}): {said[0][0]}",
        why="; ".join(what for what, _ in said[1:]),
        remedy=" ".join(dict.fromkeys(remedy for _, remedy in said if remedy)),
    )


def _words(text: str) -> str:
    text = text.replace("is not a key.", "is no keyword.").replace("is no key of", "is no keyword of")
    return _KEY.sub(lambda found: f"`{found[1]}=`", text)
