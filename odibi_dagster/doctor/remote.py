"""One account's container, or one bucket: from its name to its bytes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import parse_qs

from odibi_dagster.doctor.check import Check, Said, Subject, failure
from odibi_dagster.doctor.contents import contents
from odibi_dagster.doctor.endpoint import Endpoint, endpoint_of
from odibi_dagster.doctor.places import Place, Places, names
from odibi_dagster.doctor.wire import Wire
from odibi_dagster.doctor.write import write_checks
from odibi_dagster.errors import (
    AuthenticationError,
    ContainerNotFound,
    OdibiError,
    PermissionDenied,
    StorageError,
    Where,
)
from odibi_dagster.storage.credentials.azure import AzureCredential
from odibi_dagster.storage.failures import explain
from odibi_dagster.storage.secrets import Secret
from odibi_dagster.storage.store import Store
from odibi_dagster.storage.stores import location_of
from odibi_dagster.storage.value import text_of

_KINDS = {
    "account_key": "the account's key",
    "sas_token": "a shared access signature",
    "connection_string": "a connection string",
    "service_principal": "a service principal",
    "workload_identity": "a workload identity",
    "managed_identity": "a managed identity",
    "access_key": "an access key",
    "profile": "a profile",
    "role": "a role",
    "web_identity": "a web identity",
    "default": "the default chain",
}
#: Objects of one listing; bytes of a read that tells the throughput; reads that tell the latency.
_LISTED, _MOST, _TIMES = 100, 4 * 2**20, 5
_SLOW_LATENCY, _SLOW_RATE, _ENOUGH = 0.5, 1e6, 256 * 1024


def remote_store(store: Store, places: Places, *, write: bool) -> Subject:
    """The checks of one remote store.

    Args:
        store: how it is reached.
        places: what is there.
        write: whether to write, too.
    """
    return Subject(places.root, tuple(_Remote(store, places).checks(write)))


@dataclass
class _Remote:
    store: Store
    places: Places

    @cached_property
    def endpoint(self) -> Endpoint:
        return endpoint_of(self.store)

    @cached_property
    def wire(self) -> Wire:
        connect = getattr(self.store.network, "connect_timeout", 5.0)
        return Wire(self.endpoint, connect, getattr(self.store.network, "timeout", 8.0))

    @property
    def noun(self) -> str:
        return "container" if self.store.location.store == "azure" else "bucket"

    def checks(self, write: bool) -> Iterator[Check]:
        yield Check("secrets", self.secrets, timeout=15)
        yield Check("name", lambda: self.wire.name(), ("secrets",), 5)
        yield Check("connection", lambda: self.wire.connection(), ("name",), 8)
        yield Check("proxy", self.proxy, ("connection",))
        yield Check("tls", lambda: self.wire.tls(), ("connection", "proxy"))
        yield Check("answer", lambda: self.wire.answer(), ("connection", "proxy", "tls"))
        yield Check("clock", lambda: self.wire.clock(), ("answer",))
        yield Check("credentials", self.credentials, ("secrets", "answer", "clock"), 15)
        yield Check(self.noun, self.container, ("credentials",))
        there = ("credentials", self.noun)
        yield Check("list", self.lists, there, 20)
        yield Check("read", self.reads, (*there, "list"), 20)
        yield Check("speed", self.speed, (*there, "list", "read"), 20)
        yield from contents(self.places, (*there, "list"))
        yield from write_checks(self.places, there, write=write)

    def secrets(self) -> Said:
        """Each secret that the store's entry names has a value."""
        parts = (self.store.credential, self.store.network)
        values = [getattr(part, name) for part in parts for name in getattr(part, "__dataclass_fields__", ())]
        asked = [value for value in values if isinstance(value, Secret)]
        for secret in asked:
            if not secret.reveal():
                raise StorageError(
                    f"{', '.join(map(str, secret.references)) or 'A secret'} is empty.",
                    remedy="Set it where the environment file says it comes from.",
                )
        told = sorted({str(reference) for secret in asked for reference in secret.references})
        return Said("ok", ", ".join(told) if told else "none is named in `stores:`")

    def proxy(self) -> Said:
        return self.wire.proxy() if self.endpoint.proxy else Said("ok", "none")

    @cached_property
    def listing(self) -> list[dict[str, Any]] | OdibiError:
        """The first objects of the first place, or the error: it tells of key, container and rights."""
        try:
            return self._first(self.places.folders[0].url)
        except OdibiError as error:
            return error

    def credentials(self) -> Said:
        found, who = self.listing, self._who()
        if isinstance(found, (ContainerNotFound, PermissionDenied)):
            return Said("ok", f"{who}: known to the store")
        if isinstance(found, AuthenticationError):
            said = failure(found)
            return Said("failed", f"{who}: {said.text}", said.remedy)
        if isinstance(found, OdibiError):
            return failure(found)
        return self._expiry(who) or Said("ok", f"{who}: accepted")

    def container(self) -> Said:
        found = self.listing
        if isinstance(found, ContainerNotFound):
            return failure(found)
        if isinstance(found, PermissionDenied):
            return Said("skipped", "it may not be listed: nothing tells whether it is there")
        return Said("ok", f"{self.store.location.container} is there")

    def lists(self) -> Iterator[Said]:
        good = []
        for place in self.places.folders:
            try:
                self._first(place.url)
                good.append(place)
            except OdibiError as error:
                yield _of(place, failure(error))
        if good:
            yield Said("ok", names(good))

    def reads(self) -> Iterator[Said]:
        read, empty = [], []
        for place in self.places.folders:
            objects = [each for each in self._first(place.url) if each["size"]]
            if not objects:
                empty.append(place)
                continue
            try:
                with _explained(f"{self.store.root}/{objects[0]['path']}"):
                    self._bytes(objects[0]["path"], 1)
                read.append(place)
            except FileNotFoundError:
                empty.append(place)  # it went between the listing and now
            except OdibiError as error:
                yield _of(place, failure(error))
        if read:
            yield Said("ok", names(read) + (f"; nothing is in {names(empty)}" if empty else ""))
        elif empty:
            yield Said("skipped", f"nothing is in {names(empty)}")

    def speed(self) -> Said:
        objects = [each for place in self.places.folders for each in self._first(place.url) if each["size"]]
        if not objects:
            return Said("skipped", "there is nothing to read")
        largest = max(objects, key=lambda each: int(each["size"]))
        with _explained(f"{self.store.root}/{largest['path']}"):
            times = [self._timed(largest["path"], 1) for _ in range(_TIMES)]
            latency, size = statistics.median(times), min(int(largest["size"]), _MOST)
            text = f"{latency * 1000:.0f} ms to the first byte"
            slow = latency > _SLOW_LATENCY
            if size >= _ENOUGH:
                rate = size / self._timed(largest["path"], size)
                text += f", {rate / 1e6:.0f} MB/s" if rate >= 1e6 else f", {rate / 1e6:.2f} MB/s"
                slow = slow or rate < _SLOW_RATE
        remedy = "Run in the store's region, or look at the network and the proxy."
        return Said("warning", text, remedy) if slow else Said("ok", text)

    def _who(self) -> str:
        credential = self.store.credential
        settled = credential.settled() if isinstance(credential, AzureCredential) else credential
        kind, found = str(getattr(credential, "kind", "")), str(getattr(settled, "kind", ""))
        chain = "of the process's variables" if kind == "default" and found != "default" else ""
        return " ".join(part for part in (_KINDS.get(found, "the credential"), chain) if part)

    def _expiry(self, who: str) -> Said | None:
        """A warning, where a signature ends soon."""
        credential = self.store.credential
        sas = text_of(credential.settled().sas_token) if isinstance(credential, AzureCredential) else ""
        if not sas:
            return None
        try:
            end = datetime.fromisoformat(parse_qs(sas.removeprefix("?"))["se"][0])
        except (KeyError, ValueError):
            return None
        left = (end if end.tzinfo else end.replace(tzinfo=UTC)) - datetime.now(UTC)
        if left.days >= 7:
            return None
        hours = f"{left.total_seconds() / 3600:.0f} hours"
        return Said("warning", f"{who}: accepted, and it ends in {hours}", "Replace it before.")

    def _first(self, url: str) -> list[dict[str, Any]]:
        """The first objects below a URL: one request."""
        import obstore

        with _explained(url):
            listed = obstore.list(
                self.store.obstore(), prefix=location_of(url).path or None, chunk_size=_LISTED
            )
            return [dict(each) for each in next(iter(listed), [])]

    def _bytes(self, key: str, size: int) -> None:
        import obstore

        obstore.get_range(self.store.obstore(), key, start=0, length=size)

    def _timed(self, key: str, size: int) -> float:
        begun = time.monotonic()
        self._bytes(key, size)
        return time.monotonic() - begun


def _of(place: Place, said: Said) -> Said:
    return Said(said.result, f"{place.name}: {said.text}", said.remedy)


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """What obstore raises, as the errors for people; a missing object stays FileNotFoundError."""
    from obstore.exceptions import BaseError

    try:
        yield
    except OdibiError:
        raise
    except (BaseError, OSError) as error:
        found = explain(Where(url=url), error)
        if isinstance(error, FileNotFoundError) and not isinstance(found, ContainerNotFound):
            raise
        raise found from error
