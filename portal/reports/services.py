"""What can be done to reports: look for missing ones, order, build, give up, take away.

PostgreSQL holds the truth. A builder takes a lease, renews it with every step, and writes nothing
any more once another has taken over; whoever dies leaves the lease to run out. So a report is late
at worst, never double, and a killed worker, a full memory and a broken section go the same way.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from portal.accounts import queries as accounts
from portal.domain.actor import Actor, Role
from portal.domain.errors import DomainError, NotFound
from portal.domain.figures import ReportSection
from portal.domain.months import Month
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import facilities, facility, within
from portal.kernel.mail import post
from portal.kernel.module import Module, modules
from portal.kernel.storage import Missing, storage
from portal.kernel.work import Work, unit_of_work
from portal.reports import queries
from portal.reports.book import make_book
from portal.reports.models import Download, Report
from portal.reports.pdf import make_pdf
from portal.reports.permissions import Permission
from portal.reports.rules.content import (
    Content,
    Section,
    canonical,
    from_json,
    number,
    section,
    to_json,
)
from portal.reports.rules.periods import last_complete, missing
from portal.reports.rules.states import (
    LEASE,
    MOST_ATTEMPTS,
    OPEN,
    Form,
    Kind,
    State,
    failure_code,
    is_given_up,
    wants_asking,
)
from portal.reports.words import failure_letter, in_words

BUILD, GIVE_UP = "reports.report.build", "reports.report.give_up"
PDF_STEP, XLSX_STEP = message("The PDF"), message("The Excel file")
TOLD = (Role.PRISON_HEAD, Role.ADMINISTRATOR)

log = logging.getLogger("portal.reports")


class NotOver(DomainError):
    """The month still runs where the facility is."""

    text = message("This month is not over yet. The report is made after its last day.")


class Damaged(DomainError):
    """The file is gone, or is not the one that was issued."""

    status = 503
    text = message(
        "This file is damaged and is not handed out. Tell the administrator: %(number)s."
    )


@dataclass(frozen=True, slots=True)
class File:
    """A file of a report, under the name it is saved by."""

    name: str
    content: bytes
    kind: Form


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a builder holds: the report, and the attempt that is his."""

    report_id: int
    facility_id: int
    month: Month
    attempt: int


class LeaseLost(RuntimeError):
    """Another builder has taken over; what this one made is thrown away."""


def look(actor: Actor) -> int:
    """Ask for every report that is missing in some facility; return how many are new.

    Asked as often as one likes: a month has one row.
    """
    now, asked = clock.now(), 0
    for facility_id, zone in [(one.id, one.time_zone) for one in facilities() if one.public]:
        for month in missing(now, zone, queries.months(facility_id)):
            with unit_of_work(actor, Permission.ORDER_REPORT) as work:
                asked += _ask(work, facility_id, month) is not None
                work.note("reports_report", facility_id=facility_id, month=str(month))
    return asked


def order(actor: Actor, facility_id: int, month: Month | None = None) -> int:
    """Ask for a month's report, the last complete one by default; return the report's number.

    One that waits, is being made or is done stays as it is; one that failed is tried afresh.

    :raise NotOver: if the month has not ended in the facility's own time zone.
    :raise NotFound: if there is no such facility.
    """
    last = last_complete(clock.now(), facility(facility_id).time_zone)
    month = month or last
    if month > last:
        raise NotOver
    with unit_of_work(actor, Permission.ORDER_REPORT) as work:
        report_id = _ask(work, facility_id, month)
        if report_id is None:
            wanted = sa.select(Report.id).where(
                Report.kind == Kind.MONTHLY,
                Report.facility_id == facility_id,
                Report.period == str(month),
            )
            row = work.load(Report, work.session.scalar(wanted))
            report_id = row.id
            if row.state is State.FAILED:
                row.state, row.attempts, row.failure = State.SCHEDULED, 0, ""
                row.asked_at = row.lease_until = clock.now()
                work.ask("reports.build", report_id=report_id)
        work.note("reports_report", facility_id=facility_id, month=str(month))
    return report_id


def build(actor: Actor, report_id: int) -> bool:
    """Make a report, unless somebody else does, it is done, or it was tried too often.

    Returns whether this call made it. An error of a section goes on to the caller; the row says
    which step it was, and the lease runs out.
    """
    ticket = _take(actor, report_id)
    if ticket is None:
        return False
    with within({ticket.facility_id}):
        content = _gather(ticket)
        words = in_words(content)
        _step(ticket, PDF_STEP)
        pdf = make_pdf(content, words)
        _step(ticket, XLSX_STEP)
        book = make_book(content, words)
        return _finish(actor, ticket, content, (pdf, book))


def resume(actor: Actor) -> int:
    """Ask again for reports whose builder fell silent; give up those tried too often.

    Returns how many were asked for again.
    """
    now, asked = clock.now(), 0
    for one in queries.silent(now):
        if is_given_up(one.state, one.attempts, one.lease_until, now):
            _give_up(actor, one.id, one.facility_id)
        elif wants_asking(one.state, one.asked_at, one.lease_until, now):
            with unit_of_work(actor, Permission.ORDER_REPORT) as work:
                row = work.load(Report, one.id)
                row.asked_at = now
                work.ask("reports.build", report_id=one.id)
                work.note(row, attempts=one.attempts, step=one.step)
            asked += 1
    return asked


def take_away(actor: Actor, report_id: int, form: Form) -> File:
    """Hand out a file of a report as it was issued, and write down that it was.

    :raise NotFound: if there is no such report, or it is not done.
    :raise Damaged: if the file is gone or its bytes are not those that were issued.
    """
    with unit_of_work(actor, Permission.READ_REPORT) as work:
        row = work.session.get(Report, report_id)
        if row is None or row.state is not State.DONE:
            raise NotFound
        key, digest = (
            (row.pdf_key, row.pdf_sha256) if form is Form.PDF else (row.xlsx_key, row.xlsx_sha256)
        )
        try:
            content = storage().read(key)
        except Missing:
            content = b""
        if _sha256(content) != digest:
            log.error("damaged", extra={"report": report_id, "form": form.value})
            raise Damaged(number=row.number)
        work.add(
            Download(
                facility_id=row.facility_id,
                report_id=row.id,
                form=form,
                actor_id=actor.id,
                at=clock.now(),
            )
        )
        work.note(row, form=form.value)
        place = from_json(row.content or {}).place
        name = f"laporan-{row.period}-{place.slug}.{form.value}"
    return File(name, content, form)


def _ask(work: Work, facility_id: int, month: Month) -> int | None:
    """Make the row and have it built; None if the month has its row already."""
    now = clock.now()
    report_id: int | None = work.session.scalar(
        insert(Report)
        .values(
            kind=Kind.MONTHLY,
            facility_id=facility_id,
            period=str(month),
            asked_at=now,
            lease_until=now,
        )
        .on_conflict_do_nothing(index_elements=["kind", "facility_id", "period"])
        .returning(Report.id)
    )
    if report_id is not None:
        work.ask("reports.build", report_id=report_id)
    return report_id


def _take(actor: Actor, report_id: int) -> Ticket | None:
    """Take the lease in one statement: of two builders one gets the row."""
    now = clock.now()
    total = len(_askable()) + len((PDF_STEP, XLSX_STEP))
    taken = db.session.execute(
        sa.update(Report)
        .where(
            Report.id == report_id,
            Report.state.in_(OPEN),
            Report.attempts < MOST_ATTEMPTS,
            Report.lease_until <= now,
        )
        .values(
            state=State.RUNNING,
            attempts=Report.attempts + 1,
            lease_until=now + LEASE,
            step="",
            steps_done=0,
            steps_total=total,
        )
        .returning(Report.facility_id, Report.period, Report.attempts)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if taken is None:
        db.session.rollback()
        return None
    with unit_of_work(actor, BUILD) as work:
        work.note(
            "reports_report",
            facility_id=taken.facility_id,
            report=report_id,
            attempt=taken.attempts,
        )
    return Ticket(report_id, taken.facility_id, Month.parse(taken.period), taken.attempts)


def _step(ticket: Ticket, step: str) -> None:
    """Write down what is done now, and renew the lease.

    :raise LeaseLost: if another builder has taken over.
    """
    held = db.session.scalar(
        _held(ticket)
        .values(
            step=step,
            steps_done=sa.case((Report.step == "", 0), else_=Report.steps_done + 1),
            lease_until=clock.now() + LEASE,
        )
        .returning(Report.id)
    )
    db.session.commit()
    if held is None:
        raise LeaseLost(f"report {ticket.report_id}, attempt {ticket.attempt}")


def _held(ticket: Ticket) -> sa.Update:
    """Change the row if the ticket still counts."""
    return (
        sa.update(Report)
        .where(
            Report.id == ticket.report_id,
            Report.state == State.RUNNING,
            Report.attempts == ticket.attempt,
        )
        .execution_options(synchronize_session=False)
    )


def _askable() -> list[tuple[Module, Callable[[int, Month], ReportSection]]]:
    return [(one, one.report_section) for one in modules() if one.report_section]


def _gather(ticket: Ticket) -> Content:
    """Ask every module for its part; the month before comes from its issued report, if any."""
    before = ticket.month.previous
    issued = queries.issued_content(ticket.facility_id, before)
    earlier = {one.key: one for one in issued.sections} if issued else {}
    sections = list[Section]()
    for module, ask in _askable():
        _step(ticket, module.title or module.name)
        now = ask(ticket.facility_id, ticket.month)
        then = earlier.get(now.key)
        compared = then.as_told() if then else ask(ticket.facility_id, before)
        sections.append(section(now, compared))
    place = queries.place(ticket.facility_id)
    return Content(
        kind=Kind.MONTHLY.value,
        month=ticket.month,
        number=number(ticket.month, place.slug),
        place=place,
        sections=tuple(sections),
    )


def _finish(actor: Actor, ticket: Ticket, content: Content, files: tuple[bytes, bytes]) -> bool:
    """Store the files, then say in one transaction that the report is done.

    What a builder stored after losing its lease is deleted again.
    """
    told = to_json(content)
    keys = [storage().put(file) for file in files]
    held = db.session.scalar(
        _held(ticket)
        .values(
            state=State.DONE,
            content=told,
            content_sha256=_sha256(canonical(told)),
            number=content.number,
            pdf_key=keys[0],
            pdf_sha256=_sha256(files[0]),
            xlsx_key=keys[1],
            xlsx_sha256=_sha256(files[1]),
            built_at=clock.now(),
            step="",
            steps_done=Report.steps_total,
            failure="",
        )
        .returning(Report.id)
    )
    if held is None:
        db.session.rollback()
        for key in keys:
            storage().delete(key)
        return False
    with unit_of_work(actor, BUILD) as work:
        work.note(
            "reports_report",
            facility_id=ticket.facility_id,
            report=ticket.report_id,
            attempt=ticket.attempt,
            sha256=_sha256(files[0]),
        )
    return True


def _give_up(actor: Actor, report_id: int, facility_id: int) -> None:
    """Mark a report as failed, and tell the head and whoever looks after the machines."""
    with unit_of_work(actor, GIVE_UP) as work:
        row = work.load(Report, report_id)
        if not is_given_up(row.state, row.attempts, row.lease_until, clock.now()):
            work.note(row, given_up=False)
            return
        row.state, row.failure = State.FAILED, failure_code(row.id, row.attempts)
        place = facility(facility_id).short_name
        subject, body = failure_letter(place, Month.parse(row.period), row.failure, row.step)
        for address in _addresses(facility_id):
            post(work, to=address, subject=subject, body=body, facility_id=facility_id)
        work.note(row, given_up=True, code=row.failure, step=row.step)
    log.error(
        "report failed", extra={"report": report_id, "code": failure_code(report_id, MOST_ATTEMPTS)}
    )


def _addresses(facility_id: int) -> list[str]:
    return sorted(
        {
            person.email
            for person in accounts.people({facility_id})
            if person.disabled_at is None
            for line in person.open_roles
            if line.role in TOLD and facility_id in line.facilities and person.email
        }
    )


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
