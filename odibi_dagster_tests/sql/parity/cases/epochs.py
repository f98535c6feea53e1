"""Epochs and time zones."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "unix_seconds": ("unix_seconds(ts)",),
    "unix_millis": ("unix_millis(ts)",),
    "unix_micros": ("unix_micros(ts)",),
    "timestamp_seconds": (
        "timestamp_seconds(i)",
        "timestamp_seconds(a)",
        "timestamp_seconds(1.5e0)",
    ),
    "timestamp_millis": ("timestamp_millis(i)",),
    "timestamp_micros": ("timestamp_micros(i)",),
    "from_utc_timestamp": (
        "from_utc_timestamp(ts,'Europe/Berlin')",
        "from_utc_timestamp(ts,'America/New_York')",
        "from_utc_timestamp(xt,'Australia/Lord_Howe')",
        "from_utc_timestamp(ts,'+05:30')",
        "from_utc_timestamp(dt,'Asia/Tokyo')",
    ),
    "to_utc_timestamp": (
        "to_utc_timestamp(ts,'Europe/Berlin')",
        "to_utc_timestamp(xt,'Europe/Berlin')",
        "to_utc_timestamp(ts,'America/New_York')",
        "to_utc_timestamp(ts,'-03:00')",
        "to_utc_timestamp(timestamp'2024-10-27 02:30:00','Europe/Berlin')",
        "to_utc_timestamp(timestamp'2024-03-31 02:30:00','Europe/Berlin')",
        "to_utc_timestamp(timestamp'2024-04-07 01:45:00','Australia/Lord_Howe')",
    ),
    "convert_timezone": (
        "convert_timezone('Europe/Berlin',tn)",
        "convert_timezone('Europe/Berlin','America/New_York',tn)",
        "convert_timezone('UTC','Asia/Kolkata',ts)",
    ),
    "current_timezone": ("current_timezone()",),
}
