"""What tablets send is stored, each sheet once and for itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from portal.domain.actor import Actor
from portal.domain.errors import DomainError, NotAllowed
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.work import one_call
from portal.survey.models import DeliveryStatus
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
    found = [_read(item, desk) for item in items]
    sheets = [item for item in found if isinstance(item, Sheet)]
    said = iter(_stored(actor, tablet, sheets, len(items) - len(sheets), desk.now))
    return tuple(item if isinstance(item, Ack) else _answer(item, next(said)) for item in found)


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


def _stored(
    actor: Actor, tablet: Tablet, sheets: Sequence[Sheet], refused: int, now: datetime
) -> Sequence[str]:
    """Store what is new, set aside what contradicts, leave the note; return each sheet's status.

    Of the sheets with one uuid only the first can be new.

    :raise NotAllowed: if the tablet is revoked: the database looks, whatever was remembered.
    """
    firsts: dict[UUID, Sheet] = {}
    for sheet in sheets:
        firsts.setdefault(sheet.uuid, sheet)
    own = [sheet.seq for sheet in sheets if sheet.device == tablet.id]
    said = one_call(
        actor,
        "survey.answers.store",
        "survey_store",
        {
            "device": tablet.id,
            "facility": tablet.facility_id,
            "place": tablet.place,
            "seq": max(own, default=0),
            "counts": {"invalid": refused} if refused else {},
            "sheets": [_row(sheet, now, first=firsts[sheet.uuid] is sheet) for sheet in sheets],
        },
    )
    if not isinstance(said, list):
        raise NotAllowed
    return said


def _row(sheet: Sheet, now: datetime, *, first: bool) -> dict[str, object]:
    late = Month.of(sheet.day) < Month.of(now.date())
    return {
        "uuid": str(sheet.uuid),
        "hash": sheet.hash,
        "device_id": sheet.device,
        "seq": sheet.seq,
        "status": (DeliveryStatus.LATE if late else DeliveryStatus.STORED).value,
        "first": first,
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


_CODES = {"stored": 201, "duplicate": 200, "conflict": 409}


def _answer(sheet: Sheet, status: str) -> Ack:
    reason = "conflict" if status == "conflict" else None
    return Ack(str(sheet.uuid), sheet.hash, status, _CODES[status], reason)
