"""The offices whose names stand above a report."""

import tomllib
from datetime import date
from pathlib import Path

TABLE = Path(__file__).with_name("letterhead.toml")


def letterhead(day: date, region: str = "") -> tuple[str, ...]:
    """Return the lines in force on ``day``, highest office first; none before the first row."""
    with TABLE.open("rb") as file:
        rows = tomllib.load(file)["row"]
    begun = [row for row in rows if row["since"] <= day]
    if not begun:
        return ()
    lines = max(begun, key=lambda row: row["since"])["lines"]
    return (*lines, region) if region else tuple(lines)
