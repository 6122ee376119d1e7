"""Dates and numbers as Indonesians write them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.errors import Conflict
from portal.kernel.forms import tidy
from portal.kernel.text import LANGUAGE_COOKIE, day, instant, number, percent, said

MORNING = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_a_day_is_written_out() -> None:
    assert day(date(2026, 11, 23)) == "23 November 2026"
    assert day(date(2026, 8, 17), weekday=True) == "Senin, 17 Agustus 2026"
    assert day(None) == ""


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("Asia/Jakarta", "23 November 2026 pukul 08.00 WIB"),
        ("Asia/Makassar", "23 November 2026 pukul 09.00 WITA"),
        ("Asia/Jayapura", "23 November 2026 pukul 10.00 WIT"),
    ],
)
def test_an_instant_is_told_in_its_facilitys_zone(zone: str, expected: str) -> None:
    assert instant(MORNING, zone) == expected


def test_numbers_have_a_decimal_comma() -> None:
    assert number(1234.5) == "1.234,5"
    assert number(Decimal("87.3"), 2) == "87,30"
    assert number(None) == "–"
    assert percent(0.235) == "24%"
    assert percent(2.49) == "249%"


def test_the_reader_chooses_the_language(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": f"{LANGUAGE_COOKIE}=en"}):
        assert instant(MORNING) == "23 November 2026, 08:00 WIB"
        assert said(Conflict()) == Conflict.text
    with app.test_request_context(headers={"Cookie": f"{LANGUAGE_COOKIE}=xx"}):
        assert said(Conflict()) == "Data ini sudah dikirim dengan isi lain."


@given(st.text())
def test_tidy_text_is_tidy_already(text: str) -> None:
    once = tidy(text)

    assert tidy(once) == once
    assert "\x00" not in once
    once.encode("utf-8")
