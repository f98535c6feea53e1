"""An environment's stores in Hadoop's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from odibi_dagster.storage.credentials import AwsCredential, AzureCredential
from odibi_dagster.storage.credentials.hadoop import azure_options, s3_options
from odibi_dagster.storage.stores import Stores


@dataclass(frozen=True)
class HadoopStores:
    """Who asks each account and bucket, when it is called.

    Args:
        stores: the environment's.
        urls: where its layers are; they may be in accounts that no entry names.
    """

    stores: Stores
    urls: tuple[str, ...] = ()

    def __call__(self, ours: bool = True) -> Mapping[str, str]:
        """Hadoop's settings, without `spark.hadoop.`; secrets are resolved now.

        Args:
            ours: whether the JVM is one of ours. One that is not has an identity of its own, which is what
                the default chain means there: nothing is said for it.

        Raises:
            ConfigError, StorageError, TransientError: a secret's source does not know it, refuses, or is
                away.
        """
        entries = sorted(self.stores.entries, key=lambda entry: bool(entry.name))
        layers = (self.stores.store_of(url) for url in self.urls)
        settings: dict[str, str] = {}
        for credential in (*(entry.credential for entry in entries), *(each.credential for each in layers)):
            if ours or not _default(credential):
                settings |= hadoop_options(credential)
        return settings


def hadoop_options(credential: Any) -> Mapping[str, str]:
    """One credential in Hadoop's words; {} where it has none."""
    if isinstance(credential, AzureCredential):
        return azure_options(credential)
    if isinstance(credential, AwsCredential):
        return s3_options(credential)
    own = getattr(credential, "hadoop_options", None)
    return dict(own()) if own else {}


def _default(credential: Any) -> bool:
    if isinstance(credential, AzureCredential):
        return credential.settled().kind == "default"
    return isinstance(credential, AwsCredential) and credential.kind == "default"


def layer_urls(urls: Iterable[str]) -> tuple[str, ...]:
    """The URLs whose stores need settings, once each."""
    return tuple(dict.fromkeys(url for url in urls if "://" in url))
