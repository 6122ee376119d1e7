"""What can be done in the survey: enrol tablets, store what they send, enter visits."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, insert

from portal.domain.actor import PORTAL, Actor
from portal.domain.errors import DomainError, NotAllowed
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import Facility, everywhere
from portal.kernel.receipts import receipt, remember
from portal.kernel.work import Work, unit_of_work
from portal.survey.models import (
    SCORES,
    Delivery,
    DeliveryStatus,
    Device,
    Enrolment,
    Response,
    Review,
    Visits,
)
from portal.survey.rules import casefile
from portal.survey.rules.intake import Desk, Refused, Sheet, named, read
from portal.survey.rules.kiosk import LANGUAGES, SERVICES
from portal.survey.rules.scoring import Unfit

__all__ = ["Unfit", "index"]  # what the command reads and catches

CODE_SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that looks like another
CODE_LENGTH = 8
CODE_VALID = timedelta(hours=1)
TOKEN_BYTES = 32
LARGEST_BATCH = 100
WIDEST_CLOCK_MS = 2**53


class CodeUnknown(DomainError):
    """The code was never made, was used, or is too old; the three are not told apart."""

    text = message("This code does not work. Ask for a new one.")


class BatchUnfit(DomainError):
    """What the tablet sent is no batch at all."""

    status = 400
    text = message("The request could not be read. Go back and try again.")


class CodeShownBefore(DomainError):
    """A code is shown once; the form that made it came again."""

    status = 409
    text = message("This code was shown once already. Make a new one.")


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


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What a tablet learns once, when it is enrolled; the token is kept nowhere else."""

    token: str
    device: int
    name: str
    place: str
    facility: str


def index(text: str) -> casefile.Answer | list[casefile.Answer]:
    """Compute the index that a file of plain facts asks for.

    :raise Unfit: naming the path of everything that does not fit.
    """
    return casefile.answer(text)


# --- Tablets --------------------------------------------------------------------------------------


def hashed(text: str) -> bytes:
    """Return what is kept of a token or a code: both are long and random, so a plain hash will do."""
    return hashlib.sha256(text.encode()).digest()


def plain_code(text: str) -> str:
    """Return a code without the dashes, spaces and small letters of whoever typed it."""
    return "".join(sign for sign in text.upper() if sign.isalnum())


def make_code(actor: Actor, facility_id: int, *, place: str, key: str) -> str:
    """Make a code that enrols one tablet within the hour, and return it: it is shown this once.

    :raise CodeShownBefore: if the same form came before.
    """
    code = "".join(secrets.choice(CODE_SIGNS) for _ in range(CODE_LENGTH))
    with unit_of_work(actor, "survey.device.enrol") as work:
        if receipt(work, key, f"{facility_id}:{place}"):
            raise CodeShownBefore
        row = work.add(_code_row(facility_id, place, code))
        remember(work, key, str(row.id))
        work.note(row, step="code")
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def _code_row(facility_id: int, place: str, code: str) -> Enrolment:
    now = clock.now()
    return Enrolment(
        facility_id=facility_id,
        place=place,
        code_hash=hashed(plain_code(code)),
        made_at=now,
        expires_at=now + CODE_VALID,
    )


def enrol_device(code: str, *, name: str) -> Enrolled:
    """Turn whoever shows a good code into a tablet of its facility; the code works once.

    :raise CodeUnknown: if no open code is like this.
    """
    with everywhere():
        with unit_of_work(PORTAL, "survey.device.enrol") as work:
            now = clock.now()
            enrolment = work.session.scalar(
                sa.select(Enrolment)
                .where(
                    Enrolment.code_hash == hashed(plain_code(code)),
                    Enrolment.used_at.is_(None),
                    Enrolment.expires_at > now,
                )
                .with_for_update()
            )
            if enrolment is None:
                raise CodeUnknown
            enrolment.used_at = now
            token = secrets.token_urlsafe(TOKEN_BYTES)
            device = Device(
                facility_id=enrolment.facility_id,
                name=name,
                place=enrolment.place,
                token_hash=hashed(token),
                enrolled_at=now,
            )
            work.add(device)
            work.note(device, step="device")
            facility = work.session.get_one(Facility, device.facility_id)
            made = Enrolled(token, device.id, device.name, device.place, facility.short_name)
    return made


def revoke_device(actor: Actor, device_id: int) -> None:
    """Take a tablet's right away at once; what it delivered stays.

    :raise NotFound: if the actor's facilities have no such tablet.
    """
    with unit_of_work(actor, "survey.device.revoke") as work:
        device = work.load(Device, device_id)
        device.revoked_at = device.revoked_at or clock.now()
        work.note(device)


# --- Visits ---------------------------------------------------------------------------------------


def enter_visits(actor: Actor, facility_id: int, *, day: date, service: str, visitors: int) -> None:
    """Write down how many visitors a service received on a day; a later entry replaces it."""
    with unit_of_work(actor, "survey.visits.enter") as work:
        work.session.execute(
            insert(Visits)
            .values(facility_id=facility_id, day=day, service=service, visitors=visitors)
            .on_conflict_do_update(
                index_elements=["facility_id", "day", "service"], set_={"visitors": visitors}
            )
        )
        work.note("survey_visits", facility_id=facility_id, day=str(day), visitors=visitors)


# --- Answers --------------------------------------------------------------------------------------

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


def _store_statement() -> sa.Select[tuple[UUID]]:
    """Write the one statement that stores a batch.

    Deliveries first, where a known uuid is passed over; then the answers of those that were new,
    in the order of their own random keys, so that the rows do not lie as they came. The statement
    never changes, whatever the size of the batch, so it is compiled once.
    """
    sent = sa.func.jsonb_to_recordset(sa.bindparam("rows", type_=JSONB))
    rows = sent.table_valued(*_ROW, name="sent").render_derived(with_types=True)
    facility, place = sa.bindparam("facility", type_=sa.Integer), sa.bindparam("place")
    delivery, response = sa.inspect(Delivery).local_table, sa.inspect(Response).local_table
    new = (
        insert(delivery)
        .from_select(
            [*_DELIVERED, "facility_id"],
            sa.select(*(rows.c[name] for name in _DELIVERED), facility).order_by(rows.c.uuid),
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
    device = sa.inspect(Device).local_table
    seen = (
        sa.update(device)
        .where(device.c.id == sa.bindparam("device"))
        .values(
            last_seen_at=sa.bindparam("now"),
            last_seq=sa.func.greatest(device.c.last_seq, sa.bindparam("seq", type_=sa.Integer)),
        )
        .returning(device.c.id)
        .cte("seen")
    )
    return sa.select(new.c.uuid).add_cte(kept, seen)


_STORE = _store_statement()


def store_answers(actor: Actor, batch: object) -> tuple[Ack, ...]:
    """Store a batch of sheets, each once and for itself; return one receipt an item, in order.

    A batch is ``{"sent_ms": the tablet's clock, "items": [envelope, …]}``. Everything that fits is
    stored in one transaction with its delivery; what does not fit is refused alone.

    :raise BatchUnfit: if there are no items to answer one by one.
    :raise NotAllowed: if the tablet was revoked meanwhile.
    """
    sent_ms, items = _opened(batch)
    (facility_id,) = actor.where("survey.answers.store")
    with unit_of_work(actor, "survey.answers.store") as work:
        desk, place = _desk(work, actor, facility_id, sent_ms)
        found = [_read(item, desk) for item in items]
        sheets: dict[UUID, Sheet] = {}
        for sheet in found:
            if isinstance(sheet, Sheet):
                sheets.setdefault(sheet.uuid, sheet)
        stored = _stored(work, actor, facility_id, place, tuple(sheets.values()), desk)
        known = _known(work, [uuid for uuid in sheets if uuid not in stored])
        acks = []
        for item in found:
            acks.append(item if isinstance(item, Ack) else _answer(item, sheets, stored, known))
            if acks[-1].status == "conflict" and isinstance(item, Sheet):
                _set_aside(work, facility_id, item)
        counts = {s: sum(a.status == s for a in acks) for s in sorted({a.status for a in acks})}
        work.note(
            "survey_device",
            facility_id=facility_id,
            chain=f"device:{actor.device_id}",
            device=actor.device_id,
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


def _desk(work: Work, actor: Actor, facility_id: int, sent_ms: int) -> tuple[Desk, str]:
    device = work.session.connection().execute(
        sa.select(Device.place, Device.enrolled_at, Facility.time_zone)
        .join_from(Device, Facility, Facility.id == Device.facility_id)
        .where(Device.id == actor.device_id, Device.revoked_at.is_(None))
    ).one_or_none()  # fmt: skip
    if device is None:
        raise NotAllowed
    now = clock.now()
    return Desk(
        devices=_senders(work, actor.device_id, facility_id),
        languages=LANGUAGES,
        services=frozenset(SERVICES),
        zone=device.time_zone,
        now=now,
        since=device.enrolled_at,
        clock_ahead=timedelta(milliseconds=sent_ms - int(now.timestamp() * 1000)),
    ), device.place


def _senders(work: Work, device_id: int | None, facility_id: int) -> frozenset[int]:
    """Return the tablets whose sheets this one may bring: itself as it was enrolled before, too."""
    rows = work.session.connection().execute(
        sa.select(Device.id).where(Device.facility_id == facility_id)
    )
    return frozenset(rows.scalars()) | ({device_id} if device_id else frozenset())


def _read(item: object, desk: Desk) -> Sheet | Ack:
    try:
        return read(item, desk)
    except Refused as refusal:
        who = named(item)
        uuid, digest = (str(who[0]), who[1]) if who else (None, None)
        return Ack(uuid, digest, "invalid", 422, refusal.reason.value)


def _stored(  # noqa: PLR0913  the parts of one statement
    work: Work,
    actor: Actor,
    facility_id: int,
    place: str,
    sheets: Sequence[Sheet],
    desk: Desk,
) -> frozenset[UUID]:
    """Store the sheets that are new, and return their uuids."""
    own = [sheet.seq for sheet in sheets if sheet.device == actor.device_id]
    rows = [_row(sheet, desk.now) for sheet in sheets]
    new = work.session.connection().execute(
        _STORE,
        {
            "rows": rows,
            "facility": facility_id,
            "place": place,
            "device": actor.device_id,
            "now": desk.now,
            "seq": max(own, default=0),
        },
    )
    return frozenset(new.scalars())


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
    return dict(rows.tuples().all())


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
