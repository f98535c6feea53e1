"""What is masked: in texts, in everything that is printed, in everything that is logged."""

from __future__ import annotations

import base64
import io
import json
import logging
import math
import sys
import time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odibi_dagster.storage.secrets import MASK, Sources, logs, mask, mask_all, redaction, remember, show
from odibi_dagster.storage.secrets.forms import SHORTEST, forms
from odibi_dagster.storage.secrets.logs import guard_logs
from odibi_dagster.storage.secrets.streams import Masked, guard_streams

SECRET = "s3cr3t päss'wörd/&+\"<x>"


@given(value=st.text(min_size=8, max_size=40), before=st.binary(max_size=5), after=st.binary(max_size=5))
def test_every_spelling_of_a_value_is_among_its_forms(value: str, before: bytes, after: bytes) -> None:
    made = forms(value)
    for spelling in (
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        repr(value)[1:-1],
        value.replace("'", "''"),
    ):
        assert spelling in made
    try:
        encoded = base64.b64encode(before + value.encode() + after).decode()
    except UnicodeEncodeError:
        return
    assert any(form in encoded for form in made)
    assert any(form in encoded.translate(str.maketrans("+/", "-_")) for form in made)


def test_what_gives_access_inside_of_a_value_is_masked_alone() -> None:
    for value, part in (
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Zm9vYmFy/YmF6==;X=y", "Zm9vYmFy/YmF6=="),
        ("postgresql://user:pa55word@host/db", "pa55word"),
        ("?sv=2024&sig=abc%2Bdef%3D&se=1", "abc+def="),
        ("-----BEGIN KEY-----\nMIIEvQIBADANBg\nkqhkiG9w0BAQEF\n-----END KEY-----\n", "kqhkiG9w0BAQEF"),
        ("padded-value \n", "padded-value"),
    ):
        assert part in forms(value), value
    assert "AccountName=a" not in forms("AccountName=a;AccountKey=abcdef")


def test_short_values_are_left_alone_they_stand_in_ordinary_words() -> None:
    remember("x" * (SHORTEST - 1))
    remember("")
    assert mask("x" * (SHORTEST - 1)) == "x" * (SHORTEST - 1)


def test_longer_values_go_first_so_that_nothing_is_left_of_them() -> None:
    remember("password")
    remember("password-and-more")
    assert mask("password-and-more, password") == "***, ***"


def test_expired_tokens_are_forgotten_and_secrets_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process of four weeks that is given a token every hour holds those of the last few hours."""
    now, held = time.time(), list[int]()
    remember("a-password-of-the-lake")
    for hour in range(24 * 28):
        monkeypatch.setattr(time, "time", lambda hour=hour: now + hour * 3600)
        remember(f"token-number-{hour}-{'x' * 20}", time.time() + 3600)
        held.append(len(redaction._forms))
    assert max(held) == max(held[:4])
    for hour, shown in ((671, MASK), (669, MASK), (667, f"token-number-667-{'x' * 20}")):
        assert mask(f"token-number-{hour}-{'x' * 20}") == shown
    assert mask("a-password-of-the-lake") == MASK


def test_a_token_that_is_a_secret_too_stays_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    for first, second in ((math.inf, time.time()), (time.time(), math.inf)):
        monkeypatch.setattr(redaction, "_forms", {})
        remember("token-or-password", first)
        remember("token-or-password", second)
        later = time.time() + 1e6
        with monkeypatch.context() as patch:
            patch.setattr(time, "time", lambda later=later: later)
            remember("something-else")
            assert mask("token-or-password") == MASK


def test_what_was_rotated_away_is_forgotten_after_a_day_and_what_is_in_use_never(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A vault rotates a password each hour for four weeks; another reference goes on saying the first one."""
    hour, now, held = [0], time.time(), list[int]()
    monkeypatch.setattr(redaction, "_forms", {})
    monkeypatch.setattr(time, "time", lambda: now + hour[0] * 3600)
    sources = Sources({}, lambda name: f"rotated-{hour[0] if name == 'rotating' else 0:03}", fresh=0)
    rotating, lasting = sources.secret("Password=${rotating};Server=x"), sources.secret("${lasting}")
    for hour[0] in range(24 * 28):
        assert rotating.reveal() == f"Password=rotated-{hour[0]:03};Server=x"
        assert lasting.reveal() == "rotated-000"
        held.append(len(redaction._forms))
    assert max(held) == max(held[:30]) < 70
    for at, shown in ((0, MASK), (671, MASK), (650, MASK), (640, "rotated-640")):
        assert mask(f"rotated-{at:03}") == shown


def test_what_the_project_shows_stays() -> None:
    show(["silver.orders", "abfss://lake@account1.dfs.core.windows.net/silver"])
    remember("account1")
    remember("orders")
    assert mask("account1 orders") == "account1 orders"


def test_nested_values_are_masked_with_their_keys() -> None:
    remember(SECRET)
    value = {"a": [SECRET, 1, (SECRET,)], f"key {SECRET}": None}
    assert mask_all(value) == {"a": ["***", 1, ("***",)], "key ***": None}


def test_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="utf-8", newline=""))
    guard_streams()
    guarded = sys.stdout
    guard_streams()
    assert sys.stdout is guarded
    assert isinstance(guarded, Masked)
    assert sys.stdout.write("nothing is revealed: " + SECRET + "\n") == 21 + len(SECRET) + 1
    remember(SECRET)
    print(SECRET, "and", SECRET)
    sys.stdout.writelines(["a", SECRET])
    sys.stdout.flush()
    assert sys.stdout.buffer.write(f"\xff{SECRET}".encode("latin-1")) == 1 + len(SECRET)
    sys.stdout.buffer.write(f"bytes {SECRET}".encode())
    sys.stdout.flush()
    text = raw.getvalue().decode("utf-8", "replace")
    assert text.startswith(f"nothing is revealed: {SECRET}\n*** and ***\na***")
    assert text.endswith("bytes ***")
    assert (sys.stdout.encoding, sys.stdout.closed, sys.stdout.newlines) == ("utf-8", False, None)


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    former = logging.getLogRecordFactory()
    logging.setLogRecordFactory(logging.LogRecord)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("odibi.test_redaction")
    logger.addHandler(handler)
    logger.propagate = False
    guard_logs()
    guard_logs()
    yield stream  # type: ignore[misc]
    logger.removeHandler(handler)
    logging.setLogRecordFactory(former)


def test_logging(logged: io.StringIO) -> None:
    log = logging.getLogger("odibi.test_redaction")
    remember(SECRET)
    log.warning(f"said {SECRET}")
    log.warning("said %s and %d", SECRET, 7)
    log.warning("said %(a)s", {"a": SECRET})
    log.warning({"password": SECRET})
    log.warning("harmless %s", "words")
    try:
        raise ValueError(SECRET)
    except ValueError:
        log.exception("failed", stack_info=True)
    text = logged.getvalue()
    assert SECRET not in text and repr(SECRET)[1:-1] not in text
    for line in (
        "said ***\n",
        "said *** and 7\n",
        "{'password': '***'}\n",
        "harmless words\n",
        "ValueError: ***",
    ):
        assert line in text
    assert isinstance(logging.getLogRecordFactory()._make, type), "guarded once"  # type: ignore[attr-defined]


def test_a_record_whose_arguments_do_not_fit_is_masked_too() -> None:
    remember(SECRET)
    record = logging.LogRecord("n", 30, "f", 1, f"%d {SECRET}", (SECRET,), None)
    logs._mask(record)
    assert SECRET not in f"{record.msg} {record.args}"
