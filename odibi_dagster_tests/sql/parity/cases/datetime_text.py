"""Dates and times as text."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "to_date": (
        "to_date(dt)",
        "to_date(ts)",
        "to_date('2024-01-31')",
        "to_date('2024-1')",
        "to_date('20240131', 'yyyyMMdd')",
        "to_date('2024-02-29','yyyy-MM-dd')",
        "to_date('20240229','yyyyMMdd')",
        "to_date('29/02/2024','dd/MM/yyyy')",
        "to_date('5.1.2024','d.M.yyyy')",
        "to_date('05 January 2024','dd MMMM yyyy')",
        "to_date('05-jAn-2024','dd-MMM-yyyy')",
        "to_date('2024-02','yyyy-MM')",
        "to_date('2024-02-30','yyyy-MM-dd')",
        "to_date(' 2024-02-03','yyyy-MM-dd')",
    ),
    "try_to_date": (
        "try_to_date(s)",
        "try_to_date(n,'yyyy')",
        "try_to_date(s,'yyyy-MM-dd')",
        "try_to_date('2024-02-30','yyyy-MM-dd')",
    ),
    "to_timestamp": (
        "to_timestamp(dt)",
        "to_timestamp(tn)",
        "to_timestamp('2024-01-01 00:00:00.1','yyyy-MM-dd HH:mm:ss.SSS')",
        "to_timestamp('2024-01-01 00:00:00.1234','yyyy-MM-dd HH:mm:ss.SSS')",
        "to_timestamp('2024-01-01T10:11:12Z','yyyy-MM-dd''T''HH:mm:ss''Z''')",
        "to_timestamp('01/02/2024 3:04 pm','MM/dd/yyyy h:mm a')",
        "to_timestamp('01/02/2024 12:04 AM','MM/dd/yyyy hh:mm a')",
        "to_timestamp('2024-01-01 24:00:00','yyyy-MM-dd HH:mm:ss')",
        "to_timestamp('20240101101112','yyyyMMddHHmmss')",
    ),
    "to_timestamp_ltz": ("to_timestamp_ltz('2024-01-01 00:00:00')",),
    "try_to_timestamp": (
        "try_to_timestamp(s)",
        "try_to_timestamp('2024-13-01','yyyy-MM-dd')",
        "try_to_timestamp(s,'yyyy-MM-dd HH:mm')",
    ),
    "unix_timestamp": (
        "unix_timestamp(ts)",
        "unix_timestamp(dt)",
        "unix_timestamp(tn)",
        "unix_timestamp('2024-01-01','yyyy-MM-dd')",
        "unix_timestamp('2024-01-01 00:00:01')",
    ),
    "to_unix_timestamp": ("to_unix_timestamp(ts)",),
    "date_format": (
        "date_format(ts,'yyyy-MM-dd HH:mm:ss')",
        "date_format(ts,'y yy M MM MMM MMMM d dd H HH h hh m mm s ss S SS SSS SSSSSS a E EE EEE EEEE D DDD Q QQ QQQ')",
        "date_format(dt,'dd.MM.yyyy')",
        "date_format(tn,'yyyy-MM-dd''T''HH:mm:ss.SSSXXX')",
        "date_format(ts,'yyyyMMddHHmmss')",
        "date_format(ts,'h:mm a z Z L LL')",
        "date_format(ts,'')",
        "date_format(dt,'''w''yyyy''%''')",
    ),
    "from_unixtime": (
        "from_unixtime(i)",
        "from_unixtime(j,'yyyy')",
        "from_unixtime(si)",
    ),
}
