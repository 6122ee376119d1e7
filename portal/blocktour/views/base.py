"""The blueprint, and the words that every page of the room needs."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from portal.blocktour.rules import categories
from portal.blocktour.rules.categories import ClockClass
from portal.blocktour.rules.closing import ATTEMPT_NAMES, FACE_NAMES, MARK_NAMES, UNDERSTOOD_NAMES
from portal.blocktour.rules.deciding import REFUSAL_NAMES, RULING_NAMES
from portal.blocktour.rules.severity import TRIGGER_NAMES, Trigger
from portal.blocktour.rules.states import STATE_NAMES, CaseState
from portal.blocktour.rules.touring import OUTCOME_NAMES, TOUR_STATE_NAMES
from portal.domain.text import message
from portal.kernel.text import current_language, said

bp = Blueprint("blocktour", __name__, url_prefix="/block-tours", template_folder="../templates")

ICONS = {
    "kesehatan": "health",
    "makanan": "food",
    "air_kamar": "water",
    "keamanan": "safety",
    "petugas": "lock",
    "kunjungan": "people",
    "hak_berkas": "file",
    "lainnya": "other",
}
CLASS_NAMES = {
    ClockClass.SERIOUS: message("Serious: help now, decision within 24 hours"),
    ClockClass.BASIC_NEEDS: message("Basic needs: decision within 3 days"),
    ClockClass.INFORMATION: message("Information: decision within 5 working days"),
    ClockClass.SERVICE: message("Service: decision within 14 working days"),
    ClockClass.STAFF: message("About an officer: decision within 14 working days"),
    ClockClass.FIELD_CHECK: message("Needs a field check: decision within 60 days"),
}
STATE_KINDS = {
    CaseState.RECEIVED: "caution",
    CaseState.REOPENED: "caution",
    CaseState.ANSWER_DRAFTED: "caution",
    CaseState.REFUSAL_PROPOSED: "caution",
    CaseState.DECIDED: "info",
    CaseState.DELIVERED: "positive",
    CaseState.CLOSED: "positive",
    CaseState.CLOSED_UNDELIVERED: "negative",
}


def category_words(version: int, code: str, kind: str | None = None) -> str:
    """Name a category, or its second level, in the reader's language."""
    language = current_language()
    first = categories.version(version).category(code)
    second = first.kind(kind)
    return f"{first.names[language]}: {second.names[language]}" if second else first.names[language]


def trigger_words(triggers: str) -> str:
    """Name what makes a case serious, one after another; empty if nothing."""
    return ", ".join(said(TRIGGER_NAMES[Trigger(code)]) for code in triggers.split())


@bp.context_processor
def _words() -> dict[str, Any]:  # Any: words and functions for templates
    return {
        "category_words": category_words,
        "trigger_words": trigger_words,
        "STATE_NAMES": STATE_NAMES,
        "STATE_KINDS": STATE_KINDS,
        "CLASS_NAMES": CLASS_NAMES,
        "RULING_NAMES": RULING_NAMES,
        "REFUSAL_NAMES": REFUSAL_NAMES,
        "ATTEMPT_NAMES": ATTEMPT_NAMES,
        "UNDERSTOOD_NAMES": UNDERSTOOD_NAMES,
        "MARK_NAMES": MARK_NAMES,
        "FACE_NAMES": FACE_NAMES,
        "OUTCOME_NAMES": OUTCOME_NAMES,
        "TOUR_STATE_NAMES": TOUR_STATE_NAMES,
        "TILE_ICONS": ICONS,
    }
