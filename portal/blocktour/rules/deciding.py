"""Rulings, refusals, and what an answer needs before it may be given.

A refusal comes from a closed list of three and has a second reader; "unclear" is never a reason
(handbook, section 7; proposal, HMPPS applications refuse for three reasons too). Serious cases and
cases about staff cannot be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.blocktour.rules.categories import ClockClass
from portal.domain.text import message


class Ruling(StrEnum):
    """What was decided."""

    GRANTED = "granted"
    PARTLY = "partly"
    NOT_POSSIBLE = "not_possible"
    NOT_OURS = "not_ours"
    REFUSED = "refused"


class RefusalReason(StrEnum):
    """Why a case is not processed; there are no other reasons."""

    WRONG_DOOR = "wrong_door"
    ALREADY_OPEN = "already_open"
    ABUSIVE = "abusive"


class Need(StrEnum):
    """A part of an answer."""

    SENTENCE = "sentence"
    ARTICLE = "article"
    WOULD_CHANGE = "would_change"
    NEXT_DOOR = "next_door"
    REASON = "reason"


NEEDS: Mapping[Ruling, tuple[Need, ...]] = MappingProxyType(
    {
        Ruling.GRANTED: (Need.SENTENCE,),
        Ruling.PARTLY: (Need.SENTENCE, Need.ARTICLE, Need.WOULD_CHANGE, Need.NEXT_DOOR),
        Ruling.NOT_POSSIBLE: (Need.SENTENCE, Need.ARTICLE, Need.WOULD_CHANGE, Need.NEXT_DOOR),
        Ruling.NOT_OURS: (Need.SENTENCE, Need.NEXT_DOOR),
        Ruling.REFUSED: (Need.SENTENCE, Need.REASON, Need.NEXT_DOOR),
    }
)
"""What each ruling needs: whoever is not given what was asked hears why, and where to go next."""

NOT_REFUSABLE: frozenset[ClockClass] = frozenset({ClockClass.SERIOUS, ClockClass.STAFF})

RULING_NAMES: Mapping[Ruling, str] = MappingProxyType(
    {
        Ruling.GRANTED: message("Granted"),
        Ruling.PARTLY: message("Granted in part"),
        Ruling.NOT_POSSIBLE: message("Cannot be granted yet"),
        Ruling.NOT_OURS: message("Not in our power"),
        Ruling.REFUSED: message("Not processed"),
    }
)
REFUSAL_NAMES: Mapping[RefusalReason, str] = MappingProxyType(
    {
        RefusalReason.WRONG_DOOR: message("Another office handles this"),
        RefusalReason.ALREADY_OPEN: message("Already noted and still open"),
        RefusalReason.ABUSIVE: message("Insult without any matter in it"),
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it was written, before anybody decides."""

    ruling: Ruling
    sentence: str
    article: str = ""
    would_change: str = ""
    next_door: str = ""
    reason: RefusalReason | None = None


def missing(draft: Draft) -> tuple[Need, ...]:
    """Return the parts that the ruling needs and the draft lacks, in the order of the form."""
    return tuple(
        need for need in NEEDS[draft.ruling] if not str(getattr(draft, need) or "").strip()
    )


def may_refuse(clock_class: ClockClass) -> bool:
    """Tell whether a case of the class may be left unprocessed at all."""
    return clock_class not in NOT_REFUSABLE


def may_decide(decider: int | None, writer: int | None) -> bool:
    """Tell whether somebody may decide, or read a refusal second: a person, and not its writer.

    Whoever a case is about does not come this far: recusal hides it (`rules/recusal.py`).
    """
    return decider is not None and decider != writer
