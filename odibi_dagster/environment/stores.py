"""The sections `stores:` and `network:` of an environment file, and the stores they mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from odibi_dagster.storage.credentials.aws import OPTIONS, AwsCredential
from odibi_dagster.storage.credentials.azure import AzureCredential
from odibi_dagster.storage.network import Network
from odibi_dagster.storage.secrets import Secret
from odibi_dagster.storage.stores import Entry, Stores
from odibi_dagster.tables.nearest import did_you_mean
from odibi_dagster.tables.section import Seconds, Section, choice, problem


def _web(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.username:
        raise problem(
            f"`{text.partition('?')[0]}` is no address.", "Write it like https://host or https://host:443."
        )
    return text.rstrip("/")


def _options(options: Mapping[str, str]) -> Mapping[str, str]:
    for name in options:
        if name not in OPTIONS:
            raise problem(f"`{name}` is no option of the client.", did_you_mean(name, OPTIONS))
    return options


def _text(value: object) -> object:
    """YAML's true and numbers, as the client writes them."""
    return str(value).lower() if isinstance(value, bool | int) else value


Web = Annotated[str, AfterValidator(_web)]
Account = Annotated[str, Field(pattern=r"^[a-z0-9]{3,24}$")]

_AZURE = [
    "account",
    "account_key",
    "sas_token",
    "connection_string",
    "tenant_id",
    "client_id",
    "client_secret",
    "use_managed_identity",
    "federated_token_file",
    "endpoint",
    "authority_host",
    "msi_endpoint",
]
_S3 = [
    "bucket",
    "access_key_id",
    "secret_access_key",
    "session_token",
    "profile",
    "role_arn",
    "external_id",
    "session_name",
    "web_identity_token_file",
    "sts_endpoint",
    "region",
    "endpoint",
    "path_style",
    "options",
]
_WAYS = {
    "azure": (
        ("account_key",),
        ("sas_token",),
        ("connection_string",),
        ("client_secret",),
        ("federated_token_file",),
        ("use_managed_identity",),
    ),
    "s3": (
        ("access_key_id", "secret_access_key", "session_token"),
        ("profile",),
        ("web_identity_token_file",),
    ),
}
#: What a key cannot be without.
_NEEDS = {
    "account_key": ("account",),
    "sas_token": ("account",),
    "client_secret": ("tenant_id", "client_id"),
    "federated_token_file": ("tenant_id", "client_id"),
    "access_key_id": ("secret_access_key",),
    "secret_access_key": ("access_key_id",),
    "session_token": ("access_key_id",),
    "external_id": ("role_arn",),
    "session_name": ("role_arn",),
    "web_identity_token_file": ("role_arn",),
}


class StoreSection(Section):
    """One entry of `stores:`: an Azure account or an S3 bucket, who asks, and where."""

    provider: Annotated[Literal["azure", "s3"], choice(("azure", "s3"))]
    account: Account | None = None
    account_key: Secret | None = None
    sas_token: Secret | None = None
    connection_string: Secret | None = None
    tenant_id: Secret | None = None
    client_id: Secret | None = None
    client_secret: Secret | None = None
    use_managed_identity: bool = False
    federated_token_file: str | None = None
    authority_host: Web | None = None
    msi_endpoint: Web | None = None
    bucket: str | None = None
    access_key_id: Secret | None = None
    secret_access_key: Secret | None = None
    session_token: Secret | None = None
    profile: str | None = None
    role_arn: str | None = None
    external_id: Secret | None = None
    session_name: str | None = None
    web_identity_token_file: str | None = None
    sts_endpoint: Web | None = None
    region: str | None = None
    path_style: bool | None = None
    options: Annotated[dict[str, Annotated[str, BeforeValidator(_text)]], AfterValidator(_options)] = Field(
        default_factory=dict
    )
    endpoint: Web | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = {name for name in type(self).model_fields if getattr(self, name) not in (None, False, {})}
        own = _AZURE if self.provider == "azure" else _S3
        if foreign := sorted(given - set(own) - {"provider"}):
            raise problem(
                f"`{foreign[0]}` is no key of `provider: {self.provider}`.", did_you_mean(foreign[0], own)
            )
        for name in sorted(given):
            if missing := [each for each in _NEEDS.get(name, ()) if each not in given]:
                raise problem(
                    f"`{name}` needs {' and '.join(f'`{each}`' for each in missing)}.",
                    f"Add `{missing[0]}:`.",
                )
        ways = [way for way in _WAYS[self.provider] if given & set(way)]
        if len(ways) > 1:
            both = " and ".join(f"`{next(each for each in way if each in given)}`" for way in ways)
            raise problem(f"{both} are different credentials.", "Keep one of them.")
        identity = given & {"tenant_id", "client_id"}
        if identity and not given & {"client_secret", "federated_token_file", "use_managed_identity"}:
            raise problem(
                f"`{min(identity)}` alone is no credential.",
                "Add `client_secret:`, `federated_token_file:`, or `use_managed_identity: true`.",
            )
        return self

    def credential(self, network: Network, variables: Mapping[str, str]) -> AzureCredential | AwsCredential:
        """Who asks; nothing is resolved or contacted."""
        names = _AZURE if self.provider == "azure" else _S3
        given = {name: value for name in names if (value := getattr(self, name)) is not None}
        if self.provider == "azure":
            return AzureCredential(**given, network=network, variables=variables)
        options = tuple(sorted(given.pop("options", {}).items()))
        return AwsCredential(**given, options=options, network=network, variables=variables)


class NetworkSection(Section):
    """How the wire is used, by every client."""

    proxy: Secret | None = None
    no_proxy: str | None = None
    ca_file: str | None = None
    connect_timeout: Annotated[Seconds, Field(gt=0)] = 5.0
    timeout: Annotated[Seconds, Field(gt=0)] = 60.0
    attempts: Annotated[int, Field(ge=1, le=20)] = 5

    def network(self) -> Network:
        """What the clients are told."""
        return Network(**{name: getattr(self, name) for name in type(self).model_fields})


def distinct_stores(stores: tuple[StoreSection, ...]) -> tuple[StoreSection, ...]:
    """A validator: no account, bucket or default is there twice."""
    named = Counter((each.provider, each.account or each.bucket) for each in stores)
    for (provider, name), count in named.items():
        if count > 1:
            what = f"{provider} {name}" if name else f"`provider: {provider}` without an account or bucket"
            raise problem(f"{what} is there twice.", "Keep one of them.")
    return stores


def build_stores(sections: Sequence[StoreSection], network: Network, variables: Mapping[str, str]) -> Stores:
    """The stores of an environment; a provider without an entry for all has its default chain.

    The first Azure account is also that of URLs that name none.
    """
    entries = [
        Entry(each.provider, each.account or each.bucket, each.credential(network, variables))
        for each in sections
    ]
    every = {entry.provider for entry in entries if entry.name is None}
    if "azure" not in every:
        entries.append(Entry("azure", None, AzureCredential(network=network, variables=variables)))
    if "s3" not in every:
        entries.append(Entry("s3", None, AwsCredential(network=network, variables=variables)))
    return Stores(entries, network)
