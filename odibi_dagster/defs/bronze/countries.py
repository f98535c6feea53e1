"""
description: The countries the shop delivers to, with the sales region each belongs to.
kind: full
owners: ["team:sales"]
tags: {domain: reference}
automation: eager
columns:
  country_code: {type: string, nullable: false, description: ISO 3166-1 alpha-2 code.}
  country_name: {type: string, nullable: false, description: Short name in English.}
  region: {type: string, nullable: false, description: Sales region.}
expect:
  country_code_is_unique: {unique: [country_code], on_fail: fail}
"""

from arro3.core import Array, DataType, Table

COUNTRIES = [
    ("AU", "Australia", "Asia Pacific"),
    ("BR", "Brazil", "Americas"),
    ("CA", "Canada", "Americas"),
    ("DE", "Germany", "Europe"),
    ("DK", "Denmark", "Europe"),
    ("ES", "Spain", "Europe"),
    ("FR", "France", "Europe"),
    ("GB", "United Kingdom", "Europe"),
    ("IE", "Ireland", "Europe"),
    ("IT", "Italy", "Europe"),
    ("JP", "Japan", "Asia Pacific"),
    ("NL", "Netherlands", "Europe"),
    ("PL", "Poland", "Europe"),
    ("PT", "Portugal", "Europe"),
    ("SE", "Sweden", "Europe"),
    ("US", "United States", "Americas"),
]


def countries() -> Table:
    names = ("country_code", "country_name", "region")
    columns = zip(*COUNTRIES, strict=True)
    return Table.from_pydict(
        {name: Array(column, DataType.string()) for name, column in zip(names, columns, strict=True)}
    )
