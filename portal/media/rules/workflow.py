"""Which state a revision may move to, and who may move it.

Scheduled, published and superseded are no states: they follow from ``approved``, the revision's
time and the clock (`portal.media.rules.visibility`), so no task has to flip anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What an item is; templates and feeds sort by it."""

    RELEASE = "release"
    ACTIVITY = "activity"
    INCIDENT = "incident"
    REMISSION = "remission"
    STATEMENT = "statement"
    HOLDING = "holding"


class Language(StrEnum):
    """The language an item is written in."""

    INDONESIAN = "id"
    ENGLISH = "en"


class State(StrEnum):
    """Where one revision stands."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


class Move(StrEnum):
    """What can be done to a revision; each one is a line in the item's history."""

    SAVE = "save"
    SUBMIT = "submit"
    RETURN = "return"
    APPROVE = "approve"
    TAKE_BACK = "take_back"
    WITHDRAW = "withdraw"
    DISCARD = "discard"


class Reason(StrEnum):
    """Why a public text was withdrawn: a closed list.

    Source: Pedoman Pemberitaan Media Siber 2012 names the first five; the rest is the portal's.
    """

    SARA = "sara"
    DECENCY = "decency"
    CHILD_FUTURE = "child_future"
    TRAUMA = "trauma"
    DEWAN_PERS = "dewan_pers"
    PERSONAL_DATA = "personal_data"
    PUBLISHED_IN_ERROR = "published_in_error"
    SOURCE_WITHDREW_NUMBER = "source_withdrew_number"


class NoticedBy(StrEnum):
    """Who noticed that something was wrong."""

    JOURNALIST = "journalist"
    PUBLIC = "public"
    STAFF = "staff"
    GATE = "gate"
    SOURCE = "source"


class Refusal(StrEnum):
    """Why a move is not possible."""

    STATE = "state"
    OWN_TEXT = "own_text"
    ALREADY_PUBLIC = "already_public"
    NOT_PUBLIC_YET = "not_public_yet"


# A new text may follow any state: it is a new revision, and the one before stays as it is, but a
# submitted one is taken back first.
MOVES: Final[Mapping[tuple[State, Move], State]] = {
    (State.DRAFT, Move.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Move.DISCARD): State.DISCARDED,
    (State.RETURNED, Move.DISCARD): State.DISCARDED,
    (State.SUBMITTED, Move.RETURN): State.RETURNED,
    (State.SUBMITTED, Move.APPROVE): State.APPROVED,
    (State.SUBMITTED, Move.TAKE_BACK): State.DRAFT,
    (State.APPROVED, Move.TAKE_BACK): State.DRAFT,
    (State.APPROVED, Move.WITHDRAW): State.WITHDRAWN,
}

# These need a second person: nobody approves or returns what was partly written by him.
FOUR_EYES: Final = frozenset({Move.APPROVE, Move.RETURN})


@dataclass(frozen=True, slots=True)
class Standing:
    """What a move is decided on: the state, whether the time has come, who wrote any part.

    ``authors`` are the ids of all who wrote since the last approved text: that text itself was
    read by a second person before.
    """

    state: State
    public: bool
    authors: frozenset[int]


def refusal(standing: Standing, move: Move, person: int | None) -> Refusal | None:
    """Say why ``person`` cannot make this move, or None; None as person is the portal itself."""
    if (standing.state, move) not in MOVES:
        return Refusal.STATE
    if move in FOUR_EYES and (person is None or person in standing.authors):
        return Refusal.OWN_TEXT
    if move is Move.TAKE_BACK and standing.public:
        return Refusal.ALREADY_PUBLIC
    if move is Move.WITHDRAW and not standing.public:
        return Refusal.NOT_PUBLIC_YET
    return None


def possible(standing: Standing, person: int | None) -> frozenset[Move]:
    """Return the moves that ``person`` could make now, for the buttons of a page."""
    return frozenset(
        move
        for state, move in MOVES
        if state is standing.state
        if refusal(standing, move, person) is None
    )
