"""Arithmetic."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "+": (
        "ti + 1",
        "a + b",
        "a + 1",
        "a + i",
        "d + a",
        "dt + 1",
    ),
    "-": (
        "bi - 1",
        "a - w",
        "dt - 1",
    ),
    "*": (
        "b * a",
        "a * i",
        "a * 3",
        "a * 1.5",
        "h * 2",
        "d * 2",
        "d * b",
    ),
    "/": (
        "a / 3",
        "a / j",
        "a / b",
        "a / w",
        "a / 7.0",
        "a / 64",
        "a / 1024",
        "i / 2",
        "i / j",
        "bi / 3",
        "d / 3",
        "d / j",
    ),
    "%": (
        "i % 3",
        "i % j",
        "a % 3",
        "a % j",
        "d % 2",
        "bi % 10",
    ),
    "DIV": (
        "i div 2",
        "i div j",
        "bi div j",
        "i div 3",
    ),
    "- (sign)": (
        "-a",
        "-j",
        "-d",
        "- 5",
        "-1.5",
        "- 9223372036854775808",
        "-2147483648",
    ),
}
