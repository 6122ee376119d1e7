"""What the tablet shows, as data: services, questions and words in each language."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.survey.rules.intake import AgeBand, Sex
from portal.survey.rules.questionnaire import NEWEST, asked_by

with (Path(__file__).parent / "kiosk.toml").open("rb") as _file:
    _TABLE = tomllib.load(_file)
_SHOWN: tuple[Mapping[str, Any], ...] = tuple(  # Any: rows of our own file
    language for language in _TABLE["language"] if language["reviewed"]
)
LANGUAGES = frozenset(language["code"] for language in _SHOWN)
SERVICES: tuple[str, ...] = tuple(_TABLE["services"])


def service_name(code: str, language: str = "id") -> str:
    """Return what the tablet calls a service; the code itself if it has no word for it."""
    names = next(one["services"] for one in _SHOWN if one["code"] == language)
    return str(names.get(code, code))


def script() -> dict[str, object]:
    """Return everything the app on the tablet shows and times, as plain values.

    Each question comes with its short wording and answers in every language, lowest score first,
    and with the official wording, in the order of the printed form.
    """
    asked = asked_by(NEWEST)
    return {
        "form_version": NEWEST,
        "idle_warn_seconds": _TABLE["idle_warn_seconds"],
        "idle_countdown_seconds": _TABLE["idle_countdown_seconds"],
        "thanks_seconds": _TABLE["thanks_seconds"],
        "services": list(SERVICES),
        "ages": [band.value for band in AgeBand],
        "sexes": [sex.value for sex in Sex],
        "elements": [
            {"code": code, "official": asked.elements[code].question} for code in asked.form_order
        ],
        "languages": [
            {key: language[key] for key in ("code", "name", *_PARTS)} for language in _SHOWN
        ],
    }


_PARTS = ("services", "questions", "ages", "sexes", "words")
