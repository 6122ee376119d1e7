"""The states of a case and of a tour, and the moves between them, as data.

Source: domain handbook on complaints, section 4; the states are the portal's own (proposal), built
on CPT/Inf(2018)4 par. 68-79: closing is not answering, so no move leads from an answer to
``closed`` without ``delivered`` between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from portal.domain.errors import DomainError
from portal.domain.text import message


class CaseState(StrEnum):
    """How far a case has come; ``captured`` lives on the officer's phone alone."""

    CAPTURED = "captured"
    RECEIVED = "received"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    AWAITING_INFO = "awaiting_info"
    REFERRED_OUT = "referred_out"
    REFUSAL_PROPOSED = "refusal_proposed"
    ANSWER_DRAFTED = "answer_drafted"
    DECIDED = "decided"
    DELIVERED = "delivered"
    REOPENED = "reopened"
    HANDED_OVER = "handed_over"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"
    CLOSED_UNDELIVERED = "closed_undelivered"


class Hand(StrEnum):
    """Whose hand may make a move; permissions say which role holds it."""

    RECORDER = "recorder"
    DESK = "desk"
    HANDLER = "handler"
    SECOND_READER = "second_reader"
    DECIDER = "decider"
    DELIVERER = "deliverer"
    HEAD = "head"
    OUTSIDE = "outside"
    PERSON = "person"
    CLOCK = "clock"


class Step(StrEnum):
    """What is done to a case; the values are the last word of the action's name."""

    RECEIVE = "receive"
    TRIAGE = "triage"
    START = "start"
    ASK = "ask"
    RESUME = "resume"
    REFER = "refer"
    DRAFT = "draft"
    PROPOSE_REFUSAL = "propose_refusal"
    AGREE = "agree"
    DISAGREE = "disagree"
    DECIDE = "decide"
    RETURN = "return"
    DELIVER = "deliver"
    HAND_OVER = "hand_over"
    GIVE_UP = "give_up"
    CLOSE = "close"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Move:
    """One allowed move, and whose hands may make it."""

    old: CaseState
    step: Step
    new: CaseState
    hands: frozenset[Hand]


def _move(old: CaseState, step: Step, new: CaseState, *hands: Hand) -> Move:
    return Move(old, step, new, frozenset(hands))


_S = CaseState
FROM_THE_CELL: tuple[Move, ...] = (
    _move(_S.CAPTURED, Step.RECEIVE, _S.RECEIVED, Hand.RECORDER),
    _move(_S.RECEIVED, Step.TRIAGE, _S.TRIAGED, Hand.DESK, Hand.HEAD, Hand.OUTSIDE),
)
HANDLING: tuple[Move, ...] = (
    _move(_S.TRIAGED, Step.START, _S.IN_PROGRESS, Hand.HANDLER),
    _move(_S.TRIAGED, Step.REFER, _S.REFERRED_OUT, Hand.HEAD, Hand.OUTSIDE),
    _move(_S.TRIAGED, Step.PROPOSE_REFUSAL, _S.REFUSAL_PROPOSED, Hand.DESK),
    _move(_S.IN_PROGRESS, Step.ASK, _S.AWAITING_INFO, Hand.HANDLER),
    _move(_S.IN_PROGRESS, Step.REFER, _S.REFERRED_OUT, Hand.HEAD, Hand.OUTSIDE),
    _move(_S.IN_PROGRESS, Step.DRAFT, _S.ANSWER_DRAFTED, Hand.HANDLER),
    _move(_S.AWAITING_INFO, Step.RESUME, _S.IN_PROGRESS, Hand.HANDLER),
    _move(_S.REFERRED_OUT, Step.RESUME, _S.IN_PROGRESS, Hand.HEAD, Hand.OUTSIDE),
    _move(_S.REFERRED_OUT, Step.DRAFT, _S.ANSWER_DRAFTED, Hand.HEAD, Hand.OUTSIDE),
)
DECIDING: tuple[Move, ...] = (
    _move(_S.REFUSAL_PROPOSED, Step.AGREE, _S.DECIDED, Hand.SECOND_READER),
    _move(_S.REFUSAL_PROPOSED, Step.DISAGREE, _S.TRIAGED, Hand.SECOND_READER),
    _move(_S.ANSWER_DRAFTED, Step.DECIDE, _S.DECIDED, Hand.DECIDER),
    _move(_S.ANSWER_DRAFTED, Step.RETURN, _S.IN_PROGRESS, Hand.DECIDER),
)
BRINGING_BACK: tuple[Move, ...] = (
    _move(_S.DECIDED, Step.DELIVER, _S.DELIVERED, Hand.DELIVERER),
    _move(_S.DECIDED, Step.HAND_OVER, _S.HANDED_OVER, Hand.HEAD),
    _move(_S.DECIDED, Step.GIVE_UP, _S.CLOSED_UNDELIVERED, Hand.HEAD),
    _move(_S.HANDED_OVER, Step.DELIVER, _S.DELIVERED, Hand.OUTSIDE),
    _move(_S.HANDED_OVER, Step.DECIDE, _S.DECIDED, Hand.OUTSIDE),
    _move(_S.DELIVERED, Step.CLOSE, _S.CLOSED, Hand.PERSON, Hand.CLOCK),
)
AGAIN: tuple[Move, ...] = (
    _move(_S.DELIVERED, Step.REOPEN, _S.REOPENED, Hand.PERSON),
    _move(_S.CLOSED, Step.REOPEN, _S.REOPENED, Hand.PERSON),
    _move(_S.WITHDRAWN, Step.REOPEN, _S.REOPENED, Hand.PERSON),
    _move(_S.CLOSED_UNDELIVERED, Step.DECIDE, _S.DECIDED, Hand.HEAD),
    _move(_S.REOPENED, Step.START, _S.IN_PROGRESS, Hand.HANDLER),
)
OPEN: frozenset[CaseState] = frozenset(CaseState) - {
    CaseState.CAPTURED,
    CaseState.DELIVERED,
    CaseState.WITHDRAWN,
    CaseState.CLOSED,
    CaseState.CLOSED_UNDELIVERED,
}
"""States in which somebody still owes the person something."""

MOVES: tuple[Move, ...] = (
    *FROM_THE_CELL,
    *HANDLING,
    *DECIDING,
    *BRINGING_BACK,
    *AGAIN,
    *(_move(state, Step.WITHDRAW, _S.WITHDRAWN, Hand.PERSON) for state in sorted(OPEN)),
)
_MOVES: Mapping[tuple[CaseState, Step], Move] = MappingProxyType(
    {(move.old, move.step): move for move in MOVES}
)

STATE_NAMES: Mapping[CaseState, str] = MappingProxyType(
    {
        CaseState.CAPTURED: message("Noted on the phone"),
        CaseState.RECEIVED: message("Received"),
        CaseState.TRIAGED: message("Sorted"),
        CaseState.IN_PROGRESS: message("Being handled"),
        CaseState.AWAITING_INFO: message("Waiting for information"),
        CaseState.REFERRED_OUT: message("Passed on"),
        CaseState.REFUSAL_PROPOSED: message("Proposed not to process"),
        CaseState.ANSWER_DRAFTED: message("Answer drafted"),
        CaseState.DECIDED: message("Decided, waiting to be told"),
        CaseState.DELIVERED: message("Delivered to the person"),
        CaseState.REOPENED: message("Opened again"),
        CaseState.HANDED_OVER: message("Handed to another prison"),
        CaseState.WITHDRAWN: message("Taken back"),
        CaseState.CLOSED: message("Finished"),
        CaseState.CLOSED_UNDELIVERED: message("Finished, not told"),
    }
)


class NotPossibleNow(DomainError):
    """The case is in a state from which this step does not lead anywhere."""

    status = 409
    text = message("This step is not possible now. Somebody may have been faster. Look again.")


def possible(state: CaseState, step: Step) -> bool:
    """Tell whether the step leads anywhere from the state."""
    return (state, step) in _MOVES


def after(state: CaseState, step: Step) -> CaseState:
    """Return the state that the step leads to.

    :raise NotPossibleNow: if no move starts there.
    """
    if (move := _MOVES.get((state, step))) is None:
        raise NotPossibleNow
    return move.new


def hands(state: CaseState, step: Step) -> frozenset[Hand]:
    """Return whose hands may make the step; nobody's, if it leads nowhere."""
    move = _MOVES.get((state, step))
    return move.hands if move else frozenset()
