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

import pandas as pd

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


def countries() -> pd.DataFrame:
    return pd.DataFrame(COUNTRIES, columns=["country_code", "country_name", "region"])
