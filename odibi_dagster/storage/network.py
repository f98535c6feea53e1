"""How the wire is used: proxy, certificate authority, time-outs, attempts; for every client that is used."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from odibi_dagster.storage.trust import authority, bundle, trust
from odibi_dagster.storage.value import Value, text_of


@dataclass(frozen=True)
class Network:
    """One environment's `network:`; what is None is each client's own default (proxies: the usual variables).

    Args:
        proxy: URL of the HTTP proxy; it may hold a password.
        no_proxy: hosts, domains, addresses and CIDR blocks that are reached without it, comma-separated.
        ca_file: PEM file of a certificate authority that is trusted beside the machine's own.
        connect_timeout: seconds for a connection to be made.
        timeout: seconds for one request, its body included; for the SDKs, between two bytes.
        attempts: how often a request is tried in all.
    """

    proxy: Value = field(default=None, repr=False)
    no_proxy: str | None = None
    ca_file: str | None = None
    connect_timeout: float = 5.0
    timeout: float = 60.0
    attempts: int = 5

    def obstore_options(self) -> dict[str, Any]:
        """obstore's `client_options`.

        Raises:
            StorageError: the certificate authority's file cannot be read.
        """
        options: dict[str, Any] = {
            "connect_timeout": timedelta(seconds=self.connect_timeout),
            "timeout": timedelta(seconds=self.timeout),
        }
        if self.proxy:
            options["proxy_url"] = text_of(self.proxy)
            if self.no_proxy:
                options["proxy_excludes"] = self.no_proxy
        if self.ca_file:
            options["root_certificate"] = authority(self.ca_file)
        return options

    def obstore_retry(self) -> dict[str, Any]:
        """obstore's `retry_config`."""
        return {
            "max_retries": self.attempts - 1,
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=15),
                "base": 2,
            },
            "retry_timeout": timedelta(seconds=180),
        }

    def delta_options(self) -> dict[str, str]:
        """delta-rs' `storage_options` for the same.

        A certificate authority cannot be among them: delta-rs trusts what the process' SSL_CERT_FILE names,
        so that is made to name the machine's authorities and this one.

        Raises:
            StorageError: the certificate authority's file cannot be read.
        """
        options = {
            "connect_timeout": f"{round(self.connect_timeout * 1000)}ms",
            "timeout": f"{round(self.timeout * 1000)}ms",
            "max_retries": str(self.attempts - 1),
            "retry_timeout": "180s",
        }
        if self.proxy:
            options["proxy_url"] = text_of(self.proxy)
            if self.no_proxy:
                options["proxy_excludes"] = self.no_proxy
        if self.ca_file:
            trust(self.ca_file)
        return options

    def azure_options(self, url: str) -> dict[str, Any]:
        """Keyword arguments of the Azure SDK's clients and credentials that talk to `url`."""
        options: dict[str, Any] = {
            "connection_timeout": self.connect_timeout,
            "read_timeout": self.timeout,
            "retry_total": self.attempts - 1,
        }
        if self.proxy:
            proxy = None if self.bypassed(url) else text_of(self.proxy)
            options["proxies"] = {"http": proxy, "https": proxy} if proxy else {}
            options["use_env_settings"] = False
        if self.ca_file:
            options["connection_verify"] = bundle(self.ca_file)
        return options

    def boto_options(self, url: str) -> dict[str, Any]:
        """Keyword arguments of botocore's `Config` for a client that talks to `url`."""
        options: dict[str, Any] = {
            "connect_timeout": self.connect_timeout,
            "read_timeout": self.timeout,
            "retries": {"total_max_attempts": self.attempts, "mode": "standard"},
        }
        if self.proxy:
            proxy = None if self.bypassed(url) else text_of(self.proxy)
            options["proxies"] = {"http": proxy, "https": proxy} if proxy else {}
        return options

    def boto_verify(self) -> str | None:
        """The `verify` of a boto3 client."""
        return bundle(self.ca_file) if self.ca_file else None

    def bypassed(self, url: str) -> bool:
        """Whether `no_proxy` names the host; the SDKs read it from the process only."""
        if not self.no_proxy:
            return False
        from requests.utils import should_bypass_proxies

        return bool(should_bypass_proxies(url if urlsplit(url).scheme else f"https://{url}", self.no_proxy))
