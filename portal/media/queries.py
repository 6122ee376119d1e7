"""What the newsroom knows: for everyone by the clock, for its own people by state.

Every public answer passes `portal.media.rules.visibility.visible_to`; the SQL before it only
narrows what is looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import orm

from portal.domain.errors import NotFound
from portal.domain.months import Month
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.media.models import Correction, Item, LogEntry, Revision
from portal.media.rules.fingerprint import Words, fingerprint
from portal.media.rules.visibility import (
    PUBLIC,
    RevisionFacts,
    Sight,
    Status,
    has_come,
    status_of,
    visible_to,
)
from portal.media.rules.workflow import Reason, Standing, State

ONCE_APPROVED = (State.APPROVED, State.WITHDRAWN)
PAGE_SIZE = 20
SECONDS_AN_HOUR = 3600
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)  # the day the feeds were named; part of their ids for ever


class Tab(StrEnum):
    """The lists of the newsroom."""

    DRAFTS = "drafts"
    SUBMITTED = "submitted"
    SCHEDULED = "scheduled"
    PUBLIC = "public"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Corrected:
    """One line of the ledger as everyone reads it."""

    item_id: int
    slug: str
    title: str
    wrong: str
    right: str
    noticed_by: str
    published: datetime
    stood: timedelta
    replaced: int  # the number of the text that was wrong


@dataclass(frozen=True, slots=True)
class PublicItem:
    """What everyone reads of an item; a tombstone has no words, only a day and a reason."""

    item_id: int
    slug: str
    kind: str
    language: str
    sight: Sight
    published: datetime
    updated: datetime
    title: str = ""
    summary: str = ""
    html: str = ""
    place: str = ""
    withdrawn_for: Reason | None = None
    corrections: tuple[Corrected, ...] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` on, and before ``until``; aware, None is open."""

    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything the newsroom has on one item; revisions and log newest first."""

    item: Item
    revisions: tuple[Revision, ...]
    log: tuple[LogEntry, ...]
    live: Revision | None

    @property
    def head(self) -> Revision:
        """The newest revision."""
        return self.revisions[0]

    def numbered(self, number: int) -> Revision:
        """Return one revision.

        :raise NotFound: if the item has none of that number.
        """
        for revision in self.revisions:
            if revision.number == number:
                return revision
        raise NotFound


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a list; ``when`` it is public, or was written."""

    item_id: int
    title: str
    author: str
    when: datetime
    status: Status


@dataclass(frozen=True, slots=True)
class Counts:
    """A month of the newsroom; ``hours`` is the median from first draft to public, or None."""

    published: int
    corrections: int
    withdrawn: int
    hours: float | None


# --- What everyone may read -----------------------------------------------------------------------


def release(facility_id: int, slug: str, now: datetime) -> PublicItem | None:
    """Return what everyone sees at an address, or None: then there is nothing at it."""
    wanted = _live(facility_id, now).where(Item.slug == slug)
    return next(iter(_as_public(wanted, now)), None)


def replaced_text(facility_id: int, slug: str, number: int, now: datetime) -> PublicItem | None:
    """Return a text that a correction has replaced, while the item itself can be read."""
    today = release(facility_id, slug, now)
    if today is None or number not in {line.replaced for line in today.corrections}:
        return None
    old = db.session.execute(
        sa.select(Revision, _first(now))
        .join(Revision.item)
        .where(Item.id == today.item_id, Revision.number == number, _come(Revision, now))
        .options(orm.contains_eager(Revision.item), orm.joinedload(Revision.correction))
    ).one_or_none()
    return _public(old[0], today.published, today.corrections, now) if old else None


def releases(
    facility_id: int,
    now: datetime,
    *,
    words: str = "",
    span: Span = Span(),
    limit: int = PAGE_SIZE,
    offset: int = 0,
) -> tuple[PublicItem, ...]:
    """Return the public texts that hold every word and were first published in the span."""
    found = _readable(facility_id, now, words, span)
    newest_first = found.order_by(_first(now).desc(), Item.id.desc())
    return _as_public(newest_first.limit(limit).offset(offset), now)


def count_releases(
    facility_id: int,
    now: datetime,
    *,
    words: str = "",
    span: Span = Span(),
) -> int:
    """Count what `releases` would return without a limit."""
    found = _readable(facility_id, now, words, span).with_only_columns(sa.func.count())
    return db.session.scalar(found) or 0


def months(facility_id: int, now: datetime, zone: str) -> tuple[tuple[Month, int], ...]:
    """Return each month that saw a release, newest first, with how many."""
    local = sa.func.to_char(sa.func.timezone(zone, _first(now)), "YYYY-MM").label("month")
    days = _readable(facility_id, now, "", Span()).with_only_columns(local).subquery()
    rows = db.session.execute(
        sa.select(days.c.month, sa.func.count())
        .group_by(days.c.month)
        .order_by(days.c.month.desc())
    )
    return tuple((Month.parse(month), count) for month, count in rows)


def corrections(facility_id: int, now: datetime) -> tuple[Corrected, ...]:
    """Return the public ledger of corrections, newest first."""
    readable = _readable(facility_id, now, "", Span()).with_only_columns(Item.id)
    return tuple(_ledger(Correction.facility_id == facility_id, Item.id.in_(readable), now=now))


def next_change(facility_id: int, now: datetime) -> datetime | None:
    """Return when the next approved text becomes public, or None."""
    waiting = sa.select(sa.func.min(Revision.visible_at)).where(
        Revision.facility_id == facility_id,
        Revision.state == State.APPROVED,
        Revision.visible_at > now,
    )
    return db.session.scalar(waiting)


def last_change(facility_id: int, now: datetime) -> datetime | None:
    """Return when what everyone reads changed last, withdrawals included."""
    came, went = db.session.execute(
        sa.select(sa.func.max(Revision.visible_at), sa.func.max(Revision.withdrawn_at)).where(
            Revision.facility_id == facility_id, _come(Revision, now)
        )
    ).one()
    return max((at for at in (came, went) if at is not None), default=None)


def public_facilities() -> tuple[Facility, ...]:
    """Return the facilities that have a public page, by name."""
    return tuple(
        db.session.scalars(sa.select(Facility).where(Facility.public).order_by(Facility.name))
    )


# --- What the newsroom reads ----------------------------------------------------------------------


def dossier(item_id: int, now: datetime) -> Dossier:
    """Return everything on one item.

    :raise NotFound: if there is none in the scope.
    """
    item = db.session.scalar(sa.select(Item).where(Item.id == item_id))
    if item is None:
        raise NotFound
    revisions = tuple(
        db.session.scalars(
            sa.select(Revision)
            .where(Revision.item_id == item_id)
            .order_by(Revision.number.desc())
            .options(orm.joinedload(Revision.item), orm.joinedload(Revision.correction))
            .execution_options(populate_existing=True)  # after waiting for a lock, what is true now
        )
    )
    log = db.session.scalars(
        sa.select(LogEntry).where(LogEntry.item_id == item_id).order_by(LogEntry.id.desc())
    )
    come = (each for each in revisions if has_come(each.state, each.visible_at, now))
    return Dossier(item, revisions, tuple(log), next(come, None))


def lines(facility_id: int, tab: Tab, now: datetime, *, page: int = 1) -> tuple[Line, ...]:
    """Return one page of a list, the latest work first."""
    wanted = (
        _tab(facility_id, tab, now)
        .order_by(Revision.visible_at.desc().nulls_first(), Revision.created_at.desc())
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return tuple(
        Line(
            item_id=row.item_id,
            title=row.title,
            author=row.author_name,
            when=row.visible_at or row.created_at,
            status=status_of(row.state, row.visible_at, now),
        )
        for row in db.session.scalars(wanted)
    )


def tab_counts(facility_id: int, now: datetime) -> dict[Tab, int]:
    """Count every list of the newsroom."""
    return {
        tab: db.session.scalar(
            _tab(facility_id, tab, now).with_only_columns(sa.func.count(Revision.id))
        )
        or 0
        for tab in Tab
    }


def waiting_for(person: int, facilities: Iterable[int]) -> int:
    """Count the submitted texts of other people, for the desk of who may approve."""
    wanted = sa.select(sa.func.count(Revision.id)).where(
        Revision.facility_id.in_(tuple(facilities)),
        Revision.state == State.SUBMITTED,
        Revision.author_id != person,
    )
    return db.session.scalar(wanted) or 0


def counts(facility_id: int, month: Month, zone: str, now: datetime) -> Counts:
    """Count a month by the facility's own days."""
    span = _span(month, zone)
    first = _first(now)
    published = db.session.execute(
        _live(facility_id, now)
        .with_only_columns(Item.created_at, first)
        .where(first >= span.since, first < span.until)
    ).all()
    hours = [(at - begun).total_seconds() / SECONDS_AN_HOUR for begun, at in published if at]
    mended = sum(
        1
        for line in _ledger(Correction.facility_id == facility_id, now=now)
        if span.since and span.until and span.since <= line.published < span.until
    )
    gone = sa.select(sa.func.count(Revision.id)).where(
        Revision.facility_id == facility_id,
        Revision.withdrawn_at >= span.since,
        Revision.withdrawn_at < span.until,
    )
    return Counts(
        published=len(published),
        corrections=mended,
        withdrawn=db.session.scalar(gone) or 0,
        hours=median(hours) if hours else None,
    )


def taken_slugs(facility_id: int) -> frozenset[str]:
    """Return every address of the facility that is in use, for ever."""
    return frozenset(
        db.session.scalars(sa.select(Item.slug).where(Item.facility_id == facility_id))
    )


def month_span(month: Month, zone: str) -> Span:
    """Return a month of the facility's own days as instants."""
    return _span(month, zone)


# --- From rows to what the rules ask --------------------------------------------------------------


def words_of(revision: Revision) -> Words:
    """Return everything the revision says; its item and correction are loaded."""
    mended = revision.correction
    return Words(
        slug=revision.item.slug,
        kind=revision.item.kind,
        language=revision.item.language,
        title=revision.title,
        summary=revision.summary,
        body=revision.body,
        place=revision.place,
        visible_from=revision.visible_from,
        wrong=mended.wrong if mended else "",
        right=mended.right if mended else "",
    )


def mark_of(revision: Revision) -> str:
    """Return the fingerprint of what the revision says now."""
    return fingerprint(words_of(revision))


def facts_of(revision: Revision) -> RevisionFacts:
    """Return what decides about the revision; the seal is tried on the words as they are."""
    sealed = revision.seal is not None and revision.seal == mark_of(revision)
    return RevisionFacts(revision.number, revision.state, revision.visible_at, sealed)


def standing_of(revisions: Sequence[Revision], revision: Revision, now: datetime) -> Standing:
    """Return what moves are decided on: ``revisions`` are all of the item, newest first."""
    authors = {revision.author_id}
    for earlier in revisions:
        if earlier.number >= revision.number:
            continue
        if earlier.state in ONCE_APPROVED:
            break
        authors.add(earlier.author_id)
    public = has_come(revision.state, revision.visible_at, now)
    return Standing(revision.state, public, frozenset(authors))


# --- The pieces of the questions ------------------------------------------------------------------


def _come(revision: type[Revision], now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(revision.state.in_(ONCE_APPROVED), revision.visible_at <= now)


def _newest_come(now: datetime) -> sa.ColumnElement[bool]:
    """Of each item only the newest revision that was approved and whose time has come."""
    newer = orm.aliased(Revision)
    return ~sa.exists().where(
        newer.item_id == Revision.item_id,
        newer.number > Revision.number,
        newer.state.in_(ONCE_APPROVED),
        newer.visible_at <= now,
    )


def _first(now: datetime) -> sa.ScalarSelect[datetime | None]:
    """Ask when an item was first public; that instant never moves."""
    any_of = orm.aliased(Revision)
    return (
        sa.select(sa.func.min(any_of.visible_at))
        .where(
            any_of.item_id == Item.id,
            any_of.state.in_(ONCE_APPROVED),
            any_of.visible_at <= now,
        )
        .correlate(Item)
        .scalar_subquery()
    )


def _live(facility_id: int, now: datetime) -> sa.Select[Revision, datetime | None]:
    return (
        sa.select(Revision, _first(now))
        .join(Revision.item)
        .where(Revision.facility_id == facility_id, _come(Revision, now), _newest_come(now))
        .options(orm.contains_eager(Revision.item), orm.joinedload(Revision.correction))
    )


def _readable(
    facility_id: int, now: datetime, words: str, span: Span
) -> sa.Select[Revision, datetime | None]:
    found = _live(facility_id, now).where(Revision.state == State.APPROVED)
    for word in words.split():
        found = found.where(
            sa.or_(
                Revision.title.icontains(word, autoescape=True),
                Revision.summary.icontains(word, autoescape=True),
                Revision.body.icontains(word, autoescape=True),
            )
        )
    if span.since:
        found = found.where(_first(now) >= span.since)
    if span.until:
        found = found.where(_first(now) < span.until)
    return found


def _as_public(
    wanted: sa.Select[Revision, datetime | None], now: datetime
) -> tuple[PublicItem, ...]:
    rows = db.session.execute(wanted).unique().all()
    ledger: dict[int, list[Corrected]] = {}
    if rows:
        about = Item.id.in_([revision.item_id for revision, _ in rows])
        for line in _ledger(about, now=now):
            ledger.setdefault(line.item_id, []).append(line)
    shown = (
        _public(revision, first, tuple(ledger.get(revision.item_id, ())), now)
        for revision, first in rows
        if first is not None
    )
    return tuple(item for item in shown if item)


def _public(
    revision: Revision, first: datetime, ledger: tuple[Corrected, ...], now: datetime
) -> PublicItem | None:
    view = visible_to(revision.facility_id, [facts_of(revision)], PUBLIC, now)
    if view.sight is Sight.NOTHING or revision.visible_at is None:
        return None
    item = revision.item
    known = (revision.item_id, item.slug, item.kind, item.language, view.sight, first)
    if view.sight is Sight.TOMBSTONE:
        gone = revision.withdrawn_at or revision.visible_at
        return PublicItem(*known, updated=gone, withdrawn_for=revision.withdrawn_for)
    return PublicItem(
        *known,
        updated=revision.visible_at,
        title=revision.title,
        summary=revision.summary,
        html=revision.body_html,
        place=revision.place,
        corrections=ledger,
    )


def _ledger(*about: sa.ColumnElement[bool], now: datetime) -> Iterable[Corrected]:
    mending, mended = orm.aliased(Revision), orm.aliased(Revision)
    rows = db.session.execute(
        sa.select(
            Correction,
            Item.id,
            Item.slug,
            mending.title,
            mending.visible_at,
            mended.visible_at,
            mended.number,
        )
        .join(mending, mending.id == Correction.revision_id)
        .join(mended, mended.id == Correction.replaces_id)
        .join(Item, Item.id == mending.item_id)
        .where(mending.state.in_(ONCE_APPROVED), mending.visible_at <= now, *about)
        .order_by(mending.visible_at.desc(), Correction.id.desc())
    )
    for line, item_id, slug, title, published, stood_from, number in rows:
        if published is None or stood_from is None:  # both were public: the approval set the hour
            continue
        yield Corrected(
            item_id=item_id,
            slug=slug,
            title=title,
            wrong=line.wrong,
            right=line.right,
            noticed_by=line.noticed_by,
            published=published,
            stood=published - stood_from,
            replaced=number,
        )


def _tab(facility_id: int, tab: Tab, now: datetime) -> sa.Select[Revision]:
    newer = orm.aliased(Revision)
    newest = ~sa.exists().where(newer.item_id == Revision.item_id, newer.number > Revision.number)
    live = sa.and_(_come(Revision, now), _newest_come(now))
    conditions: dict[Tab, sa.ColumnElement[bool]] = {
        Tab.DRAFTS: sa.and_(newest, Revision.state.in_((State.DRAFT, State.RETURNED))),
        Tab.SUBMITTED: Revision.state == State.SUBMITTED,
        Tab.SCHEDULED: sa.and_(Revision.state == State.APPROVED, Revision.visible_at > now),
        Tab.PUBLIC: sa.and_(live, Revision.state == State.APPROVED),
        Tab.WITHDRAWN: sa.and_(live, Revision.state == State.WITHDRAWN),
    }
    return sa.select(Revision).where(Revision.facility_id == facility_id, conditions[tab])


def _span(month: Month, zone: str) -> Span:
    at = ZoneInfo(zone)
    begin, end = (datetime(each.year, each.month, 1, tzinfo=at) for each in (month, month.next))
    return Span(begin, end)
