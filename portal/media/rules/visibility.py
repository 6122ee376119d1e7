"""The one function before every door: what a viewer sees of an item at an instant."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from portal.media.rules.workflow import State


class Sight(StrEnum):
    """What is to be shown: nothing (404, as if it never was), the text, or its tombstone."""

    NOTHING = "nothing"
    TEXT = "text"
    TOMBSTONE = "tombstone"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who looks. ``newsroom`` holds the facilities whose drafts he may read."""

    newsroom: frozenset[int] = frozenset()


PUBLIC: Final = Viewer()


@dataclass(frozen=True, slots=True)
class RevisionFacts:
    """What decides about one revision.

    ``sealed`` says that its words still carry the fingerprint that was approved.
    """

    number: int
    state: State
    visible_at: datetime | None
    sealed: bool


@dataclass(frozen=True, slots=True)
class View:
    """The answer: what is shown, and of which revision."""

    sight: Sight
    number: int | None = None


UNSEEN: Final = View(Sight.NOTHING)
_ONCE_APPROVED: Final = frozenset({State.APPROVED, State.WITHDRAWN})


def visible_to(
    facility_id: int, revisions: Iterable[RevisionFacts], viewer: Viewer, now: datetime
) -> View:
    """Return what ``viewer`` sees of an item.

    The newest approved revision whose time has come is what everyone gets, never an older one in
    its place: a withdrawn text leaves its tombstone, a broken seal leaves nothing. Who works in
    the newsroom of the facility reads the newest revision in any state.
    """
    known = sorted(revisions, key=lambda revision: revision.number, reverse=True)
    if facility_id in viewer.newsroom:
        return View(Sight.TEXT, known[0].number) if known else UNSEEN
    for revision in known:
        if has_come(revision.state, revision.visible_at, now):
            return _shown(revision)
    return UNSEEN


def has_come(state: State, visible_at: datetime | None, now: datetime) -> bool:
    """Tell whether a revision was approved and its time has come; at the very second it has."""
    return state in _ONCE_APPROVED and visible_at is not None and visible_at <= now


def _shown(revision: RevisionFacts) -> View:
    if revision.state is State.WITHDRAWN:
        return View(Sight.TOMBSTONE, revision.number)
    return View(Sight.TEXT, revision.number) if revision.sealed else UNSEEN


def cache_life(now: datetime, next_change: datetime | None, longest: timedelta) -> int:
    """Return for how many whole seconds a page may be kept: no longer than to the next change."""
    if next_change is None:
        return int(longest.total_seconds())
    return max(0, int(min(longest, next_change - now).total_seconds()))


class Status(StrEnum):
    """How people call where a revision stands: its state, seen at an instant."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    SCHEDULED = "scheduled"
    PUBLIC = "public"
    WITHDRAWN = "withdrawn"
    DISCARDED = "discarded"


def status_of(state: State, visible_at: datetime | None, now: datetime) -> Status:
    """Return the status: approved is scheduled until its hour, and public from then on."""
    if state is State.APPROVED:
        return Status.PUBLIC if has_come(state, visible_at, now) else Status.SCHEDULED
    return Status(state.value)
