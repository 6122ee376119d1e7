"""What staff may state about their facility, and on which days a statement can stand."""

from __future__ import annotations

import re
from datetime import date, timedelta

from portal.domain.text import message

# Before the first day no record is kept here; holidays are known some years ahead, not more.
FIRST_DAY = date(1945, 8, 17)
AHEAD = timedelta(days=5 * 366)
LEAST_DIGITS = 6


def fact_problem(key: str, value: str, as_of: date, today: date) -> tuple[str, str] | None:
    """Return the field and the sentence (a message id) that says what is wrong, or None."""
    if key == "capacity" and not re.fullmatch(r"[1-9][0-9]{0,5}", value):
        return "value", message("Fill in a whole number, such as 486.")
    if key == "contact.press" and sum(sign.isdigit() for sign in value) < LEAST_DIGITS:
        return "value", message("Write the telephone number too: journalists call it.")
    if not FIRST_DAY <= as_of <= today:
        return "as_of", message("Fill in a day that is not in the future.")
    return None


def holiday_problem(day: date, today: date) -> str | None:
    """Return the sentence (a message id) that says why a day cannot be a holiday here, or None."""
    if FIRST_DAY <= day <= today + AHEAD:
        return None
    return message("Fill in a day of these years.")
