"""One finished sheet, as a tablet sends it: read, checked, and stripped of its clock times."""

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.survey.rules.questionnaire import Questionnaire, accepted_editions, asked_by

with (Path(__file__).parent / "intake.toml").open("rb") as _file:
    _TABLE = tomllib.load(_file)
_QUALITY: Mapping[str, Any] = _TABLE["quality"][-1]  # Any: a row of our own file
QUALITY_VERSION: int = _QUALITY["version"]

Kind = TypeVar("Kind", bound=StrEnum)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HASH = re.compile("[0-9a-f]{64}")
SALT = re.compile("[0-9a-f]{16,64}")
DAY = timedelta(days=1)
LONGEST_SECONDS: int = _TABLE["longest_seconds"]
WIDEST_MS = 2**53  # what a JavaScript number holds exactly
WIDEST_SEQ = 2**31 - 1
LONGEST_TICKET = 64
NEEDED = frozenset(
    {
        "uuid", "device", "seq", "lane", "form_version", "lang", "service", "answers", "assisted",
        "started_ms", "finished_ms", "salt", "hash",
    }
)  # fmt: skip
OPTIONAL = frozenset({"demographics", "ticket"})


class Lane(StrEnum):
    """Which questions were asked; only ``skm`` feeds the IKM."""

    SKM = "skm"
    PULSE = "pulse"
    INTEGRITY = "integrity"


class Entry(StrEnum):
    """How the visitor came in: with a one-time ticket, or by touching the tablet."""

    TICKET = "ticket"
    OPEN = "open"


class HalfDay(StrEnum):
    """The finest time that is kept of an answer."""

    PAGI = "pagi"
    SIANG = "siang"


class AgeBand(StrEnum):
    """The bands printed on the poster; the age itself is never asked (band set ``poster-4``)."""

    TO_25 = "to-25"
    TO_40 = "26-40"
    TO_60 = "41-60"
    OVER_60 = "over-60"


class Sex(StrEnum):
    """As the printed form asks it, L or P."""

    MALE = "male"
    FEMALE = "female"


class Flag(StrEnum):
    """A sign about a sheet; it is shown and never removes anything by itself."""

    FAST = "fast"  # nine answers sooner than one can read them
    STRAIGHT = "straight"  # nine times the same answer
    CLOCK = "clock"  # the tablet's time could not be right: the day it arrived stands instead
    TICKET = "ticket-unknown"  # a ticket nobody issued: counted as an open entry


class Reason(StrEnum):
    """Why a sheet was refused; the tablet keeps it apart and shows the code to an officer."""

    SHAPE = "shape"  # no object, a key missing or unknown, a value of the wrong kind
    HASH = "hash"  # the content is not what the sender hashed
    DEVICE = "device"  # another facility's tablet
    EDITION = "edition"  # older or newer than we take
    LANE = "lane"
    LANGUAGE = "language"
    SERVICE = "service"
    ANSWERS = "answers"  # an unknown element, a score off the scale
    DEMOGRAPHICS = "demographics"
    TIME = "time"


class Refused(ValueError):
    """A sheet that cannot be taken; the others of its batch are not touched."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Desk:
    """What the server knows while it reads a batch.

    ``clock_ahead`` is by how much the tablet's clock was ahead of ours when it sent the batch;
    ``since`` is when the first tablet was enrolled. ``zone`` is the facility's own, such as
    Asia/Jakarta.
    """

    devices: frozenset[int]
    languages: frozenset[str]
    services: frozenset[str]
    zone: str
    now: datetime
    since: datetime
    clock_ahead: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet as it may be stored: a day and a half-day, no clock time.

    ``scores`` holds every element of the questionnaire in form order; None was skipped. What names
    the delivery (``uuid``, ``hash``, ``device``, ``seq``) is stored apart from all the rest.
    """

    uuid: UUID
    hash: str
    device: int
    seq: int
    lane: Lane
    entry: Entry
    assisted: bool
    service: str
    form_version: int
    lang: str
    scores: Mapping[str, int | None]
    age_band: AgeBand | None
    sex: Sex | None
    day: date
    half_day: HalfDay
    duration_s: int | None
    flags: tuple[Flag, ...]

    @property
    def complete(self) -> bool:
        """Whether every element was answered, so that the sheet counts for the IKM."""
        return None not in self.scores.values()


def canonical(envelope: Mapping[str, object]) -> str:
    """Write an envelope the one way both sides hash it: sorted, without spaces or ``hash``."""
    rest = {key: value for key, value in envelope.items() if key != "hash"}
    return json.dumps(rest, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(envelope: Mapping[str, object]) -> str:
    """Return the SHA-256 of an envelope's canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(envelope).encode("utf-8", "surrogatepass")).hexdigest()


def named(envelope: object) -> tuple[UUID, str] | None:
    """Return the uuid and hash an item claims, or None if it has none to be answered by."""
    if not isinstance(envelope, dict):
        return None
    key, digest = envelope.get("uuid"), envelope.get("hash")
    if not isinstance(key, str) or not isinstance(digest, str) or not HASH.fullmatch(digest):
        return None
    try:
        uuid = UUID(key)
    except ValueError:
        return None
    return (uuid, digest) if str(uuid) == key else None


def read(envelope: object, desk: Desk) -> Sheet:
    """Check one item of a batch and return what may be stored of it.

    :raise Refused: with the first reason found.
    """
    who = named(envelope)
    if who is None or not isinstance(envelope, dict):
        raise Refused(Reason.SHAPE)
    if not NEEDED <= set(envelope) <= NEEDED | OPTIONAL:
        raise Refused(Reason.SHAPE)
    if content_hash(envelope) != who[1]:
        raise Refused(Reason.HASH)
    _check_sender(envelope, desk)
    asked = asked_by(envelope["form_version"])
    scores = _scores(envelope["answers"], asked)
    age, sex = _demographics(envelope.get("demographics"))
    when = _times(envelope, desk)
    return Sheet(
        uuid=who[0],
        hash=who[1],
        device=envelope["device"],
        seq=envelope["seq"],
        lane=Lane(envelope["lane"]),
        entry=Entry.OPEN,
        assisted=envelope["assisted"],
        service=envelope["service"],
        form_version=envelope["form_version"],
        lang=envelope["lang"],
        scores=scores,
        age_band=age,
        sex=sex,
        day=when.day,
        half_day=when.half_day,
        duration_s=when.duration_s,
        flags=_flags(scores, when, ticket="ticket" in envelope),
    )


@dataclass(frozen=True, slots=True)
class _When:
    day: date
    half_day: HalfDay
    duration_s: int | None
    doubtful: bool


# Any, from here on: JSON as it came, checked piece by piece.
def _check_sender(envelope: Mapping[str, Any], desk: Desk) -> None:
    ticket = envelope.get("ticket", "")
    if not (
        _whole(envelope["seq"], 1, WIDEST_SEQ)
        and isinstance(envelope["assisted"], bool)
        and isinstance(ticket, str)
        and len(ticket) <= LONGEST_TICKET
        and isinstance(envelope["salt"], str)
        and SALT.fullmatch(envelope["salt"])
    ):
        raise Refused(Reason.SHAPE)
    for value, known, reason in (
        (envelope["device"], desk.devices, Reason.DEVICE),
        (envelope["lane"], {Lane.SKM.value}, Reason.LANE),
        (envelope["form_version"], accepted_editions(), Reason.EDITION),
        (envelope["lang"], desk.languages, Reason.LANGUAGE),
        (envelope["service"], desk.services, Reason.SERVICE),
    ):
        if isinstance(value, bool) or not isinstance(value, str | int) or value not in known:
            raise Refused(reason)


def _scores(answers: Any, asked: Questionnaire) -> dict[str, int | None]:
    if not isinstance(answers, dict) or set(answers) != set(asked.elements):
        raise Refused(Reason.ANSWERS)
    for score in answers.values():
        if score is not None and not _whole(score, asked.lowest, asked.highest):
            raise Refused(Reason.ANSWERS)
    return {code: answers[code] for code in asked.form_order}


def _demographics(told: Any) -> tuple[AgeBand | None, Sex | None]:
    if told is None:
        return None, None
    if not isinstance(told, dict) or not set(told) <= {"age_band", "sex"}:
        raise Refused(Reason.DEMOGRAPHICS)
    return _one_of(AgeBand, told.get("age_band")), _one_of(Sex, told.get("sex"))


def _one_of(kind: type[Kind], value: Any) -> Kind | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in set(kind):
        raise Refused(Reason.DEMOGRAPHICS)
    return kind(value)


def _times(envelope: Mapping[str, Any], desk: Desk) -> _When:
    started, finished = envelope["started_ms"], envelope["finished_ms"]
    if not (_whole(started, 0, WIDEST_MS) and _whole(finished, 0, WIDEST_MS)):
        raise Refused(Reason.TIME)
    taken = timedelta(milliseconds=finished - started)
    backwards = taken < timedelta()
    duration = None if backwards else min(taken // timedelta(seconds=1), LONGEST_SECONDS)
    ended = _instant(finished, desk.clock_ahead)
    doubtful = backwards or ended is None or not desk.since - DAY <= ended <= desk.now + DAY
    local = (desk.now if ended is None or doubtful else min(ended, desk.now)).astimezone(
        ZoneInfo(desk.zone)
    )
    return _When(local.date(), half_day(local.hour), duration, doubtful)


def half_day(hour: int) -> HalfDay:
    """Return the half-day of a local hour (0-23); the form knows no finer time."""
    rows = _TABLE["half_days"]
    return HalfDay(next(row["name"] for row in rows if hour < row["until_hour"]))


def _instant(milliseconds: int, ahead: timedelta) -> datetime | None:
    try:
        return EPOCH + timedelta(milliseconds=milliseconds) - ahead
    except OverflowError:
        return None


def _flags(scores: Mapping[str, int | None], when: _When, *, ticket: bool) -> tuple[Flag, ...]:
    signs = {
        Flag.FAST: when.duration_s is not None and when.duration_s < _QUALITY["fast_below_seconds"],
        Flag.STRAIGHT: _QUALITY["straight_line"] and len(set(scores.values())) == 1,
        Flag.CLOCK: when.doubtful,
        Flag.TICKET: ticket,
    }
    return tuple(flag for flag, there in signs.items() if there)


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
