"""What can be done to an item: write, submit, return, approve, take back, withdraw, discard.

Whoever keeps the register of people plugs in through `use_name_finder` (portal/modules.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotAllowed
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.db import locked
from portal.kernel.markdown import render, tidy_source
from portal.kernel.receipts import receipt, remember
from portal.kernel.work import Work, unit_of_work
from portal.media import queries
from portal.media.models import Correction, Item, LogEntry, Revision
from portal.media.rules.addresses import slug_for
from portal.media.rules.checks import Hit, NameFinder, nobody, personal_data
from portal.media.rules.workflow import (
    MOVES,
    Kind,
    Language,
    Move,
    NoticedBy,
    Reason,
    Refusal,
    State,
    refusal,
)


@dataclass(frozen=True, slots=True)
class Text:
    """The words of a new revision; ``visible_from`` aware, None as soon as it is approved."""

    title: str
    summary: str
    body: str
    place: str
    visible_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mending:
    """What was wrong with a public text, what is right, who noticed it and when (aware)."""

    wrong: str
    right: str
    noticed_by: NoticedBy
    noticed_at: datetime


class WrongState(DomainError):
    """The text has moved on since the page was opened."""

    status = 409
    text = message("The text is in another state now. Open it again.")


class OwnText(DomainError):
    """Who wrote a part of it cannot decide about it."""

    status = 403
    text = message("You wrote part of this text. Another person must decide.")


class AlreadyPublic(DomainError):
    """What everyone can read is withdrawn or corrected, not taken back."""

    status = 409
    text = message("This text is public already. Withdraw or correct it.")


class NotPublicYet(DomainError):
    """What nobody could read is taken back, not withdrawn."""

    status = 409
    text = message("This text is not public yet. Take it back instead.")


class OtherText(DomainError):
    """The approval was for other words than those that stand there now."""

    status = 409
    text = message("The text has changed since you read it. Read it again.")


class WrittenMeanwhile(DomainError):
    """Somebody saved another text in the meantime."""

    status = 409
    text = message("%(name)s saved another text meanwhile. Compare before you save.")


class NothingSilently(DomainError):
    """A public text is changed by a correction that everyone can see."""

    text = message("This text is public. Say what was wrong and what is right.")


class PersonalData(DomainError):
    """The gate found personal data; ``hits`` says where."""

    text = message("The text holds personal data. Remove it first.")

    def __init__(self, hits: tuple[Hit, ...]) -> None:
        super().__init__()
        self.hits = hits


REFUSED: Mapping[Refusal, type[DomainError]] = {
    Refusal.STATE: WrongState,
    Refusal.OWN_TEXT: OwnText,
    Refusal.ALREADY_PUBLIC: AlreadyPublic,
    Refusal.NOT_PUBLIC_YET: NotPublicYet,
}

_names: list[NameFinder] = [nobody]


def use_name_finder(finder: NameFinder) -> None:
    """Ask ``finder`` for the places in a text where people of the register are named."""
    _names[0] = finder


def draft(
    actor: Actor, facility_id: int, *, text: Text, kind: Kind, language: Language, key: str
) -> Item:
    """Begin an item with its first text; ``key`` sent twice makes it once.

    :raise Conflict: if the key came before with another text.
    """
    with unit_of_work(actor, "media.item.write") as work:
        if (earlier := receipt(work, key, repr((facility_id, text, kind, language)))) is not None:
            work.note("media_item", facility_id=facility_id, repeated=True)
            return work.load(Item, int(earlier))
        locked(f"media.slug:{facility_id}")
        slug = slug_for(text.title, queries.taken_slugs(facility_id))
        item = work.add(
            Item(
                facility_id=facility_id,
                slug=slug,
                kind=kind,
                language=language,
                created_at=clock.now(),
            )
        )
        _write(work, actor, item, 1, text)
        remember(work, key, str(item.id))
        work.note(item, revision=1)
    return item


def save(actor: Actor, item_id: int, *, text: Text, based_on: int) -> Revision:
    """Write a new revision of what is not public.

    A submitted or scheduled one is taken back by it: its approval was for other words.

    :raise WrittenMeanwhile: if ``based_on`` is no longer the newest revision.
    :raise NothingSilently: if the item was public already.
    :raise WrongState: if the item was discarded.
    """
    with unit_of_work(actor, "media.item.write") as work:
        known = _known(work, item_id, based_on)
        if known.live is not None:
            raise NothingSilently
        if known.head.state is State.DISCARDED:
            raise WrongState
        revision = _follow(work, actor, known, text)
        work.note(known.item, revision=revision.number)
    return revision


def correct(actor: Actor, item_id: int, *, text: Text, mending: Mending, based_on: int) -> Revision:
    """Write the next text of a public item, with its line for the ledger.

    The public text stays until another person approved this one.

    :raise WrittenMeanwhile: if ``based_on`` is no longer the newest revision.
    :raise NotPublicYet: if there is nothing public to correct.
    :raise NothingSilently: if it is not said what was wrong and what is right.
    """
    with unit_of_work(actor, "media.item.write") as work:
        known = _known(work, item_id, based_on)
        if known.live is None:
            raise NotPublicYet
        if not (mending.wrong and mending.right):
            raise NothingSilently
        revision = _follow(work, actor, known, text)
        work.add(
            Correction(
                facility_id=revision.facility_id,
                revision_id=revision.id,
                replaces_id=known.live.id,
                wrong=mending.wrong,
                right=mending.right,
                noticed_by=mending.noticed_by,
                noticed_at=mending.noticed_at,
            )
        )
        work.note(known.item, revision=revision.number, correction=True)
    return revision


def submit(actor: Actor, item_id: int) -> None:
    """Ask for approval of the newest text, after the personal-data gate.

    :raise PersonalData: naming each place, if the gate finds any.
    :raise WrongState: if it is no draft.
    """
    with unit_of_work(actor, "media.item.submit") as work:
        revision = _move(work, actor, item_id, Move.SUBMIT)
        if hits := gate(revision):
            raise PersonalData(hits)
        work.note(revision, fingerprint=queries.mark_of(revision))


def send_back(actor: Actor, item_id: int, *, reason: str) -> None:
    """Return a submitted text to its writer, with the reason.

    :raise OwnText: if the actor wrote a part of it.
    :raise WrongState: if it was not submitted.
    """
    with unit_of_work(actor, "media.item.approve") as work:
        revision = _move(work, actor, item_id, Move.RETURN, reason=reason)
        work.note(revision, returned=True)


def approve(actor: Actor, item_id: int, *, fingerprint: str) -> datetime:
    """Approve exactly the text with this fingerprint; return when it is public (UTC).

    :raise OwnText: if the actor wrote a part of it.
    :raise OtherText: if the submitted text has another fingerprint.
    :raise WrongState: if nothing is submitted.
    """
    with unit_of_work(actor, "media.item.approve") as work:
        known = _all_of(work, item_id)
        revision = known.head
        if revision.state is not State.SUBMITTED:
            raise WrongState
        if queries.mark_of(revision) != fingerprint:
            raise OtherText
        if actor.id is None:
            raise OwnText
        _allow(known, revision, Move.APPROVE, actor)
        now = clock.now()
        visible_at = max(now, revision.visible_from or now)
        revision.seal = fingerprint
        revision.approved_by, revision.approved_at = actor.id, now
        revision.visible_at = visible_at
        _log(work, actor, revision, Move.APPROVE)
        work.note(revision, fingerprint=fingerprint, visible_at=visible_at.isoformat())
    return visible_at


def take_back(actor: Actor, item_id: int) -> None:
    """Make a submitted or scheduled text a draft again; its approval and dates are gone.

    :raise AlreadyPublic: if everyone can read it.
    :raise WrongState: if it was neither submitted nor scheduled.
    """
    with unit_of_work(actor, "media.item.take_back") as work:
        revision = _move(work, actor, item_id, Move.TAKE_BACK)
        _unapprove(revision)
        work.note(revision)


def withdraw(actor: Actor, item_id: int, *, reason: Reason, explanation: str = "") -> None:
    """Take the public text of an item out of every list; its address keeps a tombstone.

    A scheduled newer text becomes a draft again, so that it cannot bring the item back unseen.

    :raise NotPublicYet: if nothing of it is public.
    """
    with unit_of_work(actor, "media.item.withdraw") as work:
        known = _all_of(work, item_id)
        if known.live is None:
            raise NotPublicYet
        _allow(known, known.live, Move.WITHDRAW, actor)
        _stop_waiting(work, actor, known.head, known.live)
        known.live.withdrawn_at, known.live.withdrawn_for = clock.now(), reason
        _log(work, actor, known.live, Move.WITHDRAW, reason=explanation)
        work.note(known.live, reason=reason.value)


def discard(actor: Actor, item_id: int) -> None:
    """Put away a draft that nobody outside has seen.

    :raise WrongState: if the newest text is neither a draft nor returned.
    """
    with unit_of_work(actor, "media.item.discard") as work:
        revision = _move(work, actor, item_id, Move.DISCARD)
        work.note(revision)


def gate(revision: Revision) -> tuple[Hit, ...]:
    """Return the personal data in a revision; its item and correction are loaded."""
    words = queries.words_of(revision)
    fields = {
        "title": words.title,
        "summary": words.summary,
        "body": words.body,
        "place": words.place,
        "wrong": words.wrong,
        "right": words.right,
    }
    return personal_data(revision.facility_id, fields, _names[0])


# --- Pieces ---------------------------------------------------------------------------------------


def _all_of(work: Work, item_id: int) -> queries.Dossier:
    work.load(Item, item_id)  # one mover at a time
    return queries.dossier(item_id, clock.now())


def _known(work: Work, item_id: int, based_on: int) -> queries.Dossier:
    known = _all_of(work, item_id)
    if known.head.number != based_on:
        raise WrittenMeanwhile(name=known.head.author_name)
    return known


def _allow(known: queries.Dossier, revision: Revision, move: Move, actor: Actor) -> None:
    standing = queries.standing_of(known.revisions, revision, clock.now())
    if reason := refusal(standing, move, actor.id):
        raise REFUSED[reason]


def _move(work: Work, actor: Actor, item_id: int, move: Move, *, reason: str = "") -> Revision:
    """Make a move of the newest revision, if the rules allow it."""
    known = _all_of(work, item_id)
    _allow(known, known.head, move, actor)
    _log(work, actor, known.head, move, reason=reason)
    return known.head


def _log(work: Work, actor: Actor, revision: Revision, move: Move, *, reason: str = "") -> None:
    """Set the state the move leads to, and write the line of the log."""
    revision.state = MOVES.get((revision.state, move), revision.state)
    work.add(
        LogEntry(
            facility_id=revision.facility_id,
            item_id=revision.item_id,
            revision_id=revision.id,
            move=move,
            state=revision.state,
            at=clock.now(),
            actor_id=actor.id,
            actor_name=actor.name,
            fingerprint=queries.mark_of(revision),
            reason=reason,
        )
    )


def _unapprove(revision: Revision) -> None:
    revision.seal = revision.approved_by = revision.approved_at = revision.visible_at = None


def _stop_waiting(work: Work, actor: Actor, head: Revision, live: Revision | None) -> None:
    """Take the newest revision back if it waits; only the newest ever does."""
    if head is not live and head.state in {State.SUBMITTED, State.APPROVED}:
        _log(work, actor, head, Move.TAKE_BACK)
        _unapprove(head)


def _follow(work: Work, actor: Actor, known: queries.Dossier, text: Text) -> Revision:
    """Write the revision after the newest; what waited for its time or a reader waits no more."""
    _stop_waiting(work, actor, known.head, known.live)
    return _write(work, actor, known.item, known.head.number + 1, text)


def _write(work: Work, actor: Actor, item: Item, number: int, text: Text) -> Revision:
    if actor.id is None:  # the portal and devices write nothing
        raise NotAllowed
    body = tidy_source(text.body)
    revision = Revision(
        facility_id=item.facility_id,
        item=item,
        number=number,
        title=text.title,
        summary=text.summary,
        body=body,
        body_html=str(render(body)),
        place=text.place,
        visible_from=text.visible_from,
        author_id=actor.id,
        author_name=actor.name,
        created_at=clock.now(),
        state=State.DRAFT,
        correction=None,
    )
    work.add(revision)
    _log(work, actor, revision, Move.SAVE)
    return revision
