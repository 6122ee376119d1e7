"""What tablets send is stored, each sheet once and for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotAllowed
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.db import Base
from portal.kernel.work import Work, unit_of_work
from portal.survey.models import SCORES, Delivery, DeliveryStatus, Review
from portal.survey.queries import Tablet
from portal.survey.rules.intake import Desk, Refused, Sheet, named, read
from portal.survey.rules.kiosk import LANGUAGES, SERVICES
from portal.survey.rules.pace import Pace
from portal.survey.services import devices

LARGEST_BATCH = 100
WIDEST_CLOCK_MS = 2**53
_PACE = Pace(most=6_000, window=timedelta(seconds=30))


class BatchUnfit(DomainError):
    """What the tablet sent is no batch at all."""

    status = 400
    text = message("The request could not be read. Go back and try again.")


class TooOften(DomainError):
    """A tablet sends more than any tablet could have collected."""

    status = 429
    text = message("Too many tries. Wait a moment and try again.")


@dataclass(frozen=True, slots=True)
class Ack:
    """The answer to one item: its own uuid and hash, and what became of it.

    ``code`` is the HTTP status the item would have had alone. ``reason`` says why it was refused.
    """

    ack: str | None
    hash: str | None
    status: str
    code: int
    reason: str | None = None


_ROW = (
    sa.column("uuid", sa.Uuid),
    sa.column("hash", sa.String),
    sa.column("device_id", sa.Integer),
    sa.column("seq", sa.Integer),
    sa.column("status", sa.String),
    sa.column("id", sa.Uuid),
    sa.column("day", sa.Date),
    sa.column("half_day", sa.String),
    sa.column("lane", sa.String),
    sa.column("entry", sa.String),
    sa.column("assisted", sa.Boolean),
    sa.column("service", sa.String),
    sa.column("form_version", sa.Integer),
    sa.column("lang", sa.String),
    *(sa.column(code, sa.SmallInteger) for code in SCORES),
    sa.column("age_band", sa.String),
    sa.column("sex", sa.String),
    sa.column("duration_s", sa.SmallInteger),
    sa.column("flags", sa.ARRAY(sa.String)),
)
_DELIVERED = ("uuid", "hash", "device_id", "seq", "status")


def _store_statement() -> sa.Select[int, UUID | None]:
    """Write the one statement that stores a batch.

    Deliveries first, where a known uuid is passed over; then the answers of those that were new,
    in the order of their own random keys, so that the rows do not lie as they came. A revoked
    tablet stores nothing and gets no row back; another gets its own number with each new uuid, or
    with none. The statement never changes, whatever the size of the batch: it is compiled once.
    """
    sent = sa.func.jsonb_to_recordset(sa.bindparam("p_rows", type_=JSONB))
    rows = sent.table_valued(*_ROW, name="sent").render_derived(with_types=True)
    facility, place = (
        sa.bindparam("p_facility", type_=sa.Integer),
        sa.bindparam("p_place", type_=sa.String),
    )
    delivery, response, device = (
        Base.metadata.tables[name]
        for name in ("survey_delivery", "survey_response", "survey_device")
    )
    seen = (
        sa.update(device)
        .where(device.c.id == sa.bindparam("p_device"), device.c.revoked_at.is_(None))
        .values(
            last_seen_at=sa.bindparam("p_now"),
            last_seq=sa.func.greatest(device.c.last_seq, sa.bindparam("p_seq", type_=sa.Integer)),
        )
        .returning(device.c.id)
        .cte("seen")
    )
    new = (
        insert(delivery)
        .from_select(
            [*_DELIVERED, "facility_id"],
            sa.select(*(rows.c[name] for name in _DELIVERED), facility)
            .where(sa.exists(sa.select(seen.c.id)))
            .order_by(rows.c.uuid),
        )
        .on_conflict_do_nothing(index_elements=["uuid"])
        .returning(delivery.c.uuid)
        .cte("new")
    )
    answered = [column.name for column in _ROW if column.name not in _DELIVERED]
    kept = (
        insert(response)
        .from_select(
            [*answered, "facility_id", "place"],
            sa.select(*(rows.c[name] for name in answered), facility, place)
            .join_from(rows, new, new.c.uuid == rows.c.uuid)
            .order_by(rows.c.id),
        )
        .returning(response.c.id)
        .cte("kept")
    )
    return sa.select(seen.c.id, new.c.uuid).outerjoin_from(seen, new, sa.true()).add_cte(kept)


_STORE = _store_statement()


def store_answers(actor: Actor, batch: object) -> tuple[Ack, ...]:
    """Store a batch of sheets, each once and for itself; return one receipt an item, in order.

    A batch is ``{"sent_ms": the tablet's clock, "items": [envelope, …]}``. Everything that fits is
    stored in one transaction with its delivery; what does not fit is refused alone.

    :raise BatchUnfit: if there are no items to answer one by one.
    :raise NotAllowed: if the tablet was revoked meanwhile.
    :raise TooOften: if the tablet sends without end; counted here, to spare every sheet a question.
    """
    sent_ms, items = _opened(batch)
    tablet = devices.known(actor.device_id or 0)
    if tablet is None:
        raise NotAllowed
    if not _PACE.allows(tablet.id, clock.now()):
        raise TooOften
    desk = _desk(tablet, sent_ms)
    with unit_of_work(actor, "survey.answers.store") as work:
        found = [_read(item, desk) for item in items]
        sheets: dict[UUID, Sheet] = {}
        for sheet in found:
            if isinstance(sheet, Sheet):
                sheets.setdefault(sheet.uuid, sheet)
        stored = _stored(work, tablet, tuple(sheets.values()), desk.now)
        known = _known(work, [uuid for uuid in sheets if uuid not in stored])
        acks = []
        for item in found:
            acks.append(item if isinstance(item, Ack) else _answer(item, sheets, stored, known))
            if acks[-1].status == "conflict" and isinstance(item, Sheet):
                _set_aside(work, tablet.facility_id, item)
        counts = {s: sum(a.status == s for a in acks) for s in sorted({a.status for a in acks})}
        work.note(
            "survey_device",
            facility_id=tablet.facility_id,
            chain=f"device:{tablet.id}",
            device=tablet.id,
            **counts,
        )
    return tuple(acks)


def _opened(batch: object) -> tuple[int, Sequence[object]]:
    if not isinstance(batch, dict) or set(batch) != {"sent_ms", "items"}:
        raise BatchUnfit
    sent_ms, items = batch["sent_ms"], batch["items"]
    if isinstance(sent_ms, bool) or not isinstance(sent_ms, int):
        raise BatchUnfit
    if not isinstance(items, list) or not 0 < len(items) <= LARGEST_BATCH:
        raise BatchUnfit
    return sent_ms if 0 <= sent_ms <= WIDEST_CLOCK_MS else 0, items


def _desk(tablet: Tablet, sent_ms: int) -> Desk:
    now = clock.now()
    return Desk(
        devices=tablet.siblings,
        languages=LANGUAGES,
        services=frozenset(SERVICES),
        zone=tablet.zone,
        now=now,
        since=tablet.since,
        clock_ahead=timedelta(milliseconds=sent_ms - int(now.timestamp() * 1000)),
    )


def _read(item: object, desk: Desk) -> Sheet | Ack:
    try:
        return read(item, desk)
    except Refused as refusal:
        who = named(item)
        uuid, digest = (str(who[0]), who[1]) if who else (None, None)
        return Ack(uuid, digest, "invalid", 422, refusal.reason.value)


def _stored(work: Work, tablet: Tablet, sheets: Sequence[Sheet], now: datetime) -> frozenset[UUID]:
    """Store the sheets that are new, and return their uuids.

    :raise NotAllowed: if the tablet is revoked: the statement looks, whatever was remembered.
    """
    own = [sheet.seq for sheet in sheets if sheet.device == tablet.id]
    found = (
        work.session.connection()
        .execute(
            _STORE,
            {
                "p_rows": [_row(sheet, now) for sheet in sheets],
                "p_facility": tablet.facility_id,
                "p_place": tablet.place,
                "p_device": tablet.id,
                "p_now": now,
                "p_seq": max(own, default=0),
            },
        )
        .all()
    )
    if not found:
        raise NotAllowed
    return frozenset(row[1] for row in found if row[1] is not None)


def _row(sheet: Sheet, now: datetime) -> dict[str, object]:
    late = Month.of(sheet.day) < Month.of(now.date())
    return {
        "uuid": str(sheet.uuid),
        "hash": sheet.hash,
        "device_id": sheet.device,
        "seq": sheet.seq,
        "status": (DeliveryStatus.LATE if late else DeliveryStatus.STORED).value,
        "id": str(uuid4()),
        "day": sheet.day.isoformat(),
        "half_day": sheet.half_day.value,
        "lane": sheet.lane.value,
        "entry": sheet.entry.value,
        "assisted": sheet.assisted,
        "service": sheet.service,
        "form_version": sheet.form_version,
        "lang": sheet.lang,
        **sheet.scores,
        "age_band": sheet.age_band,
        "sex": sheet.sex,
        "duration_s": sheet.duration_s,
        "flags": [flag.value for flag in sheet.flags],
    }


def _known(work: Work, uuids: Sequence[UUID]) -> Mapping[UUID, str]:
    if not uuids:
        return {}
    rows = work.session.connection().execute(
        sa.select(Delivery.uuid, Delivery.hash).where(Delivery.uuid.in_(uuids))
    )
    return dict(rows.all())


def _answer(
    sheet: Sheet,
    firsts: Mapping[UUID, Sheet],
    stored: frozenset[UUID],
    known: Mapping[UUID, str],
) -> Ack:
    uuid, first = str(sheet.uuid), firsts[sheet.uuid]
    if sheet.uuid in stored and sheet is first:
        return Ack(uuid, sheet.hash, "stored", 201)
    before = first.hash if sheet.uuid in stored else known.get(sheet.uuid)
    if before == sheet.hash:
        return Ack(uuid, sheet.hash, "duplicate", 200)
    return Ack(uuid, sheet.hash, "conflict", 409, "conflict")


def _set_aside(work: Work, facility_id: int, sheet: Sheet) -> None:
    work.session.connection().execute(
        insert(Review)
        .values(
            facility_id=facility_id,
            uuid=sheet.uuid,
            hash=sheet.hash,
            device_id=sheet.device,
            seq=sheet.seq,
            day=sheet.day,
            scores=dict(sheet.scores),
        )
        .on_conflict_do_nothing()
    )
