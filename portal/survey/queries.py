"""What can be read of the survey: devices, and the figures of a month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import orm

from portal.domain.months import Month
from portal.kernel.db import db
from portal.kernel.facility import Facility, everywhere
from portal.survey.models import Delivery, Device, Enrolment, Response, Review, Visits
from portal.survey.rules.intake import Flag, HalfDay, Lane
from portal.survey.rules.questionnaire import BANDS, EDITIONS, Grade, Questionnaire, asked_by
from portal.survey.rules.sampling import LEAST_SHEETS, Interval, interval, sample_target
from portal.survey.rules.scoring import Index, from_element_sums, grade, grade_of

REST_OF_A_YEAR = -11  # months before this one


@dataclass(frozen=True, slots=True)
class Tablet:
    """A tablet in use, with what is needed to read its sheets.

    ``siblings`` are all tablets the facility ever had, itself included: one that was enrolled anew
    brings sheets of its earlier self. ``since`` is the first enrolment among them.
    """

    id: int
    name: str
    place: str
    facility_id: int
    zone: str
    since: datetime
    siblings: frozenset[int]


@dataclass(frozen=True, slots=True)
class DeviceRow:
    """One line of the list of tablets; ``missing`` counts the sheets that did not arrive."""

    id: int
    name: str
    place: str
    enrolled_at: datetime
    revoked_at: datetime | None
    last_seen_at: datetime | None
    last_seq: int
    missing: int


@dataclass(frozen=True, slots=True)
class ElementRow:
    """One element in list order, with its number in the rule and its mean."""

    code: str
    number: str
    name: str
    nrr: str


@dataclass(frozen=True, slots=True)
class MonthResult:
    """The figures of one facility and month, from the sheets of the lane ``skm``.

    ``served`` is the number of visitors entered for the month, None if none was; ``target`` is the
    sample that the visitors of the twelve months up to this one ask for. ``index`` is None without
    a complete sheet. ``signs`` counts sheets with a sign; none of them is left out.
    """

    month: Month
    index: Index | None
    grade: Grade | None
    complete: int
    incomplete: int
    served: int | None
    target: int | None
    interval: Interval | None
    half_days: Mapping[str, int]
    signs: Mapping[str, int]
    all_best: int

    @property
    def enough(self) -> bool:
        """Whether the figure may be published."""
        return self.complete >= LEAST_SHEETS

    @property
    def unresolved(self) -> bool:
        """Whether the interval crosses a limit of the grades, however far the point lies."""
        if self.index is None or self.interval is None:
            return False
        bands = BANDS[self.index.questionnaire.bands]
        return grade(self.interval.low, bands) != grade(self.interval.high, bands)

    @property
    def elements(self) -> tuple[ElementRow, ...]:
        """The elements in list order, each with its mean as it is printed."""
        if self.index is None:
            return ()
        asked, means = self.index.questionnaire, self.index.nrr_shown()
        return tuple(
            ElementRow(code, asked.number(code), asked.elements[code].name, str(means[code]))
            for code in asked.list_order
        )


def tablet(*, token_hash: bytes | None = None, device_id: int | None = None) -> Tablet | None:
    """Return a tablet by its token or number, wherever it stands; None if unknown or revoked."""
    other = orm.aliased(Device)
    of_facility = other.facility_id == Device.facility_id
    wanted = (
        sa.select(
            Device.id, Device.name, Device.place, Device.facility_id, Facility.time_zone,
            sa.select(sa.func.min(other.enrolled_at)).where(of_facility).scalar_subquery(),
            sa.func.array(sa.select(other.id).where(of_facility).scalar_subquery()),
        )
        .join_from(Device, Facility, Facility.id == Device.facility_id)
        .where(
            Device.revoked_at.is_(None),
            Device.token_hash == token_hash if token_hash else Device.id == device_id,
        )
    )  # fmt: skip
    with everywhere():
        row = db.session.execute(wanted).one_or_none()
    if row is None:
        return None
    number, name, place, facility_id, zone, since, siblings = row
    return Tablet(number, name, place, facility_id, zone, since, frozenset(siblings))


def devices() -> tuple[DeviceRow, ...]:
    """Return the tablets of the facilities in view: those in use first, then by name."""
    arrived = (
        sa.select(Delivery.device_id, sa.func.count(sa.distinct(Delivery.seq)).label("number"))
        .group_by(Delivery.device_id)
        .subquery()
    )
    missing = sa.func.greatest(Device.last_seq - sa.func.coalesce(arrived.c.number, 0), 0)
    rows = db.session.execute(
        sa.select(
            Device.id, Device.name, Device.place, Device.enrolled_at, Device.revoked_at,
            Device.last_seen_at, Device.last_seq, missing,
        )
        .outerjoin(arrived, arrived.c.device_id == Device.id)
        .order_by(Device.revoked_at.is_not(None), Device.name, Device.id)
    )  # fmt: skip
    return tuple(DeviceRow(*row) for row in rows)


def missing_numbers(device_id: int, most: int = 100) -> tuple[int, ...]:
    """Return the first sequence numbers of a tablet that never arrived, up to the last reported."""
    last = sa.select(Device.last_seq).where(Device.id == device_id).scalar_subquery()
    number = sa.func.generate_series(1, last).column_valued("number")
    arrived = sa.exists().where(Delivery.device_id == device_id, Delivery.seq == number)
    wanted = sa.select(number).where(~arrived).order_by(number).limit(most)
    return tuple(db.session.scalars(wanted))


def open_codes(now: datetime) -> int:
    """Count the enrolment codes that still work."""
    wanted = sa.select(sa.func.count()).select_from(Enrolment)
    return (
        db.session.scalar(wanted.where(Enrolment.used_at.is_(None), Enrolment.expires_at > now))
        or 0
    )


def code_works(code_hash: bytes, now: datetime) -> bool:
    """Tell whether the facilities in view have this enrolment code, unused and not too old."""
    wanted = Enrolment.used_at.is_(None), Enrolment.expires_at > now
    exists = sa.exists().where(Enrolment.code_hash == code_hash, *wanted)
    return bool(db.session.scalar(sa.select(exists)))


def first_month(facility_id: int) -> Month | None:
    """Return the month of the first sheet or enrolment; None if there was none yet."""
    firsts = (
        sa.select(sa.func.min(column)).where(table.facility_id == facility_id).scalar_subquery()
        for table, column in (
            (Response, Response.day),
            (Device, sa.cast(Device.enrolled_at, sa.Date)),
        )
    )
    day = db.session.scalar(sa.select(sa.func.least(*firsts)))
    return Month.of(day) if day else None


def open_reviews() -> int:
    """Count the sheets whose uuid came twice with different content."""
    wanted = sa.select(sa.func.count()).select_from(Review).where(Review.settled_at.is_(None))
    return db.session.scalar(wanted) or 0


def visits_of(facility_id: int, month: Month) -> dict[date, dict[str, int]]:
    """Return the visitors of each service on each day that was entered, newest day first."""
    wanted = sa.select(Visits.day, Visits.service, Visits.visitors).where(
        Visits.facility_id == facility_id, Visits.day.between(month.first, month.last)
    )
    found: dict[date, dict[str, int]] = {}
    for day, service, visitors in db.session.execute(wanted.order_by(Visits.day.desc())):
        found.setdefault(day, {})[service] = visitors
    return found


def served(facility_id: int, first: Month, last: Month) -> int | None:
    """Return how many visitors were served from one month through another; None if unknown."""
    wanted = sa.select(sa.func.sum(Visits.visitors)).where(
        Visits.facility_id == facility_id, Visits.day.between(first.first, last.last)
    )
    return db.session.scalar(wanted)


def month_result(facility_id: int, month: Month) -> MonthResult:
    """Compute a month from its sheets; nothing is left out but incomplete sheets."""
    asked = asked_by()
    scores = [getattr(Response, code) for code in asked.list_order]
    total = sum(scores[1:], scores[0])  # NULL as soon as one is missing
    of_month = (
        Response.facility_id == facility_id,
        Response.lane == Lane.SKM,
        Response.day.between(month.first, month.last),
        Response.form_version.in_(_editions_of(asked)),
    )
    full = total.is_not(None)
    counted = db.session.execute(
        sa.select(
            sa.func.count(total),
            sa.func.count() - sa.func.count(total),
            *(sa.func.coalesce(sa.func.sum(score).filter(full), 0) for score in scores),
            *(
                sa.func.count().filter(full, sa.literal(flag.value) == sa.any_(Response.flags))
                for flag in (Flag.FAST, Flag.STRAIGHT, Flag.CLOCK)
            ),
        ).where(*of_month)
    ).one()
    complete, incomplete, *rest = (int(value) for value in counted)
    sums = dict(zip(asked.list_order, rest, strict=False))
    sheet_sums: dict[int, int] = dict(
        db.session.execute(
            sa.select(total, sa.func.count()).where(*of_month, full).group_by(total)
        ).all()
    )
    halves: dict[HalfDay, int] = dict(
        db.session.execute(
            sa.select(Response.half_day, sa.func.count())
            .where(*of_month, full)
            .group_by(Response.half_day)
        ).all()
    )
    index = from_element_sums(asked, complete, sums)
    visitors = served(facility_id, month, month)
    of_year = served(facility_id, month + REST_OF_A_YEAR, month)
    return MonthResult(
        month=month,
        index=index,
        grade=grade_of(index) if index else None,
        complete=complete,
        incomplete=incomplete,
        served=visitors,
        target=None if of_year is None else sample_target(of_year),
        interval=interval(sheet_sums, asked.size, visitors),
        half_days={half.value: halves.get(half, 0) for half in HalfDay},
        signs=dict(zip((Flag.FAST, Flag.STRAIGHT, Flag.CLOCK), rest[asked.size :], strict=True)),
        all_best=sheet_sums.get(asked.size * asked.highest, 0),
    )


def _editions_of(asked: Questionnaire) -> list[int]:
    return [e.number for e in EDITIONS.values() if e.questionnaire == asked.id]
