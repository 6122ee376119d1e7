"""Words for people: catalogues, dates and numbers as Indonesians write them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from flask import Flask, has_request_context, request

from portal.domain.errors import DomainError

LANGUAGES = ("id", "en")
LANGUAGE_COOKIE = "portal-language"
ZONES = {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}

_ = flask_babel.gettext
_l = flask_babel.lazy_gettext
ngettext = flask_babel.ngettext


def current_language() -> str:
    """Return the language of this answer: the reader's choice, else Indonesian."""
    if has_request_context() and (chosen := request.cookies.get(LANGUAGE_COOKIE)) in LANGUAGES:
        return str(chosen)
    return LANGUAGES[0]


def said(what: DomainError | str, **values: object) -> str:
    """Put a refusal or a marked text into words."""
    if isinstance(what, DomainError):
        return said(what.text, **what.values)
    words: str = flask_babel.gettext(what)
    return words % values if values else words


def day(value: date | None, *, weekday: bool = False) -> str:
    """Write a day: ``23 November 2026``, with ``weekday`` ``Senin, 23 November 2026``."""
    if value is None:
        return ""
    pattern = "EEEE, d MMMM y" if weekday else "d MMMM y"
    return format_date(value, pattern, locale=current_language())


def instant(value: datetime | None, zone: str = "Asia/Jakarta") -> str:
    """Write an instant in a facility's zone: ``23 November 2026 pukul 08.00 WIB``."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    name = ZONES.get(zone, zone)
    if current_language() == "en":
        return f"{day(local.date())}, {local:%H:%M} {name}"
    return f"{day(local.date())} pukul {local:%H.%M} {name}"


def number(value: float | Decimal | None, digits: int | None = None) -> str:
    """Write a number: ``1.234,5``; ``digits`` fixes how many stand behind the comma."""
    if value is None:
        return "–"
    pattern = "#,##0.###" if digits is None else "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=current_language()))


def percent(value: float | Decimal | None, digits: int = 0) -> str:
    """Write a share of 1: ``0.235`` is ``24%``."""
    if value is None:
        return "–"
    pattern = "#,##0" + ("." + "0" * digits if digits else "") + "%"
    return str(format_percent(value, format=pattern, locale=current_language()))


def init_app(app: Flask) -> None:
    """Give the templates their words and the catalogues their languages."""
    app.config.setdefault("BABEL_DEFAULT_LOCALE", LANGUAGES[0])
    app.config.setdefault("BABEL_DEFAULT_TIMEZONE", "UTC")
    flask_babel.Babel(app, locale_selector=current_language)
    filters: dict[str, Any] = {  # functions of different shapes
        "day": day,
        "instant": instant,
        "number": number,
        "percent": percent,
        "said": said,
    }
    app.jinja_env.filters.update(filters)
    app.jinja_env.globals.update(current_language=current_language)
