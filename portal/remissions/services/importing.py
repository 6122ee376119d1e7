"""The export of the national database: looked at first, then taken over whole or not at all."""

from __future__ import annotations

import codecs
import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta

import sqlalchemy as sa

from portal.domain.actor import Actor
from portal.domain.errors import DomainError
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.db import db, locked
from portal.kernel.facility import facility
from portal.kernel.receipts import receipt, remember
from portal.kernel.sheets import Unreadable, read_rows
from portal.kernel.storage import Missing, storage
from portal.kernel.work import Work, unit_of_work
from portal.register import queries as register
from portal.register.rules.custody import Custody, Sex
from portal.register.services import InmateRow, register_inmates
from portal.remissions import queries
from portal.remissions.models import Import, Sentence
from portal.remissions.permissions import Permission
from portal.remissions.rules import keeping, records, sdp
from portal.remissions.rules.records import Comparison, ImportState
from portal.remissions.rules.sdp_columns import COLUMNS, NotAnExport, Problem, Weight
from portal.remissions.services.calculating import answer, law
from portal.remissions.services.projecting import project

__all__ = ["NotAnExport", "apply", "forget_files", "inspect", "stop_percent"]

FORGET = "remissions.import.forget"
AT_ONCE = 1_500  # persons
MOST_BYTES = 10 * 1024 * 1024
ZIP, KEEP_FILES = b"PK", timedelta(days=7)
EMPTY = message("The file is empty.")
TOO_LARGE = message("The file is larger than 10 MB. Export a part of it.")
NOT_UTF8 = message("The file is not UTF-8. Save it as CSV UTF-8 or as XLSX.")
BEFORE_ADMISSION = message("The day of release lies before the admission; it is not taken over.")


class HasErrors(DomainError):
    """Rows with errors: nothing of the file is taken over."""

    status = 409
    text = message("Mend the %(count)s errors in the file first. Nothing was changed.")


class DatesDiffer(DomainError):
    """Too many dates of the register differ from ours (decision 16)."""

    status = 409
    text = message(
        "More than %(percent)s%% of the dates differ (%(different)s of %(comparable)s people). "
        "Ask the registration office before you use them."
    )


class FileGone(DomainError):
    """The file of a dry run is kept for a week only."""

    status = 410
    text = message("The file of this check is deleted. Choose it again.")


@dataclass(frozen=True, slots=True)
class _Plan:
    """What a file would do to a facility."""

    persons: tuple[InmateRow, ...]
    sentences: tuple[tuple[str, dict[str, object]], ...]  # by inmate number
    added: int
    changed: int
    unchanged: int
    comparable: int
    different: int
    problems: tuple[Problem, ...]  # the file's own, and what the comparison brought to light


def inspect(actor: Actor, facility_id: int, content: bytes, *, key: str = "") -> int:
    """Look at a file without taking anything over; return the number of the dry run.

    The file is kept for a week at most, so that what was looked at is what is applied. ``key`` is
    the submission's: sent twice, looked at once.

    :raise NotAnExport: if the file as a whole cannot be used; then nothing at all is kept.
    :raise Conflict: if the key came before with another file.
    """
    export = _read(content)
    digest = hashlib.sha256(content).hexdigest()
    with unit_of_work(actor, Permission.INSPECT_IMPORT) as work:
        if key and (earlier := receipt(work, key, digest)) is not None:
            work.note("remissions_import", again=earlier)
            return int(earlier)
        plan = _plan(facility_id, export)
        row = work.add(
            Import(
                facility_id=facility_id,
                sha256=digest,
                storage_key=storage().put(content),
                state=ImportState.DRY_RUN,
                created_at=clock.now(),
                created_by=actor.id,
                persons=len(export.records),
                errors=export.errors,
                problems=[_problem(each) for each in plan.problems],
                columns={
                    "unknown": list(export.unknown),
                    "sensitive": list(export.sensitive),
                    "missing": list(export.missing),
                },
                **_counts(plan),
            )
        )
        if key:
            remember(work, key, str(row.id))
        work.note(row, persons=row.persons, errors=row.errors, sha256=digest)
        return row.id


def apply(actor: Actor, import_id: int, *, confirmed: bool = False) -> None:
    """Take a file over, whole or not at all; applied twice, it changes nothing the second time.

    ``confirmed`` says that a person has asked about dates that differ (decision 16).

    :raise NotFound: if the actor's facilities have no such import.
    :raise HasErrors: if a row has an error.
    :raise DatesDiffer: if too many dates of the register differ and nobody confirmed them.
    :raise FileGone: if the file was deleted meanwhile.
    """
    with unit_of_work(actor, Permission.APPLY_IMPORT) as work:
        row = work.load(Import, import_id)
        locked(f"remissions.import:{row.facility_id}")
        key = row.storage_key
        if row.state is not ImportState.APPLIED:
            _take_over(work, row, confirmed=confirmed)
        work.note(
            row,
            added=row.added,
            changed=row.changed,
            unchanged=row.unchanged,
            different=row.different,
            confirmed=confirmed,
        )
    if key:
        storage().delete(key)


def _take_over(work: Work, row: Import, *, confirmed: bool) -> None:
    if row.errors:
        raise HasErrors(count=row.errors)
    try:
        export = _read(storage().read(row.storage_key))
    except Missing:
        raise FileGone from None
    plan = _plan(row.facility_id, export)
    percent = stop_percent(clock.today(_zone(row.facility_id)))
    if not confirmed and records.stops(plan.different, plan.comparable, percent):
        raise DatesDiffer(percent=percent, different=plan.different, comparable=plan.comparable)
    registered = register_inmates(work.actor, row.facility_id, plan.persons)
    changed = _store(work, row, plan, registered.ids)
    project(work.actor, row.facility_id, changed[:AT_ONCE])
    if len(changed) > AT_ONCE:  # the rest by the worker: nobody waits for it in the browser
        work.ask("remissions.project", facility_id=row.facility_id)
    for name, value in _counts(plan).items():
        setattr(row, name, value)
    row.state, row.applied_at, row.applied_by = ImportState.APPLIED, clock.now(), work.actor.id
    row.storage_key = ""


def stop_percent(day: date) -> int:
    """Return how many of a hundred people may differ before an import stops."""
    return law().whole("import.mismatch_stop_percent", day)


def _read(content: bytes) -> sdp.Export:
    if not content:
        raise NotAnExport(EMPTY)
    if len(content) > MOST_BYTES:
        raise NotAnExport(TOO_LARGE)
    return sdp.parse(_rows(content))


def _rows(content: bytes) -> Sequence[sdp.Cells]:
    if content.startswith((ZIP, b"\xd0\xcf\x11\xe0")):
        try:
            return read_rows(content)
        except Unreadable as unreadable:
            raise NotAnExport(unreadable.text) from None
    wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))  # Excel's Unicode text
    try:
        return sdp.csv_rows(content.decode("utf-16" if wide else "utf-8"))
    except UnicodeDecodeError:
        raise NotAnExport(NOT_UTF8) from None


def _plan(facility_id: int, export: sdp.Export) -> _Plan:
    """Compare a file with what is stored and with what the engine says."""
    today = clock.today(_zone(facility_id))
    ids = register.inmate_ids_by_number([each.inmate_number for each in export.records])
    known = register.inmates(list(ids.values()))
    stored = _stored(list(ids.values()))
    persons, sentences, problems = [], [], []
    added = changed = comparable = different = 0
    for record in export.records:
        number = ids.get(record.inmate_number)
        before = known.get(number) if number is not None else None
        person = _person(record, today)
        if before and before.admitted_on and person.left_on and person.left_on < before.admitted_on:
            column = COLUMNS["released_on"][0]
            problems.append(Problem(record.row, column, BEFORE_ADMISSION, (), Weight.WARNING))
            person = replace(person, left_on=None)
        if before and record.sentence is None and not record.register_class:
            person = replace(person, custody=before.custody)  # the file does not say
        values = _values(record, export.missing)
        persons.append(person)
        same = before is not None and _knows(before, person)
        if record.sentenced:
            kept = keeping.kept(stored.get(number or 0), record, values)
            values |= kept
            problems += keeping.stays(record.row, kept, export.missing)
            sentences.append((record.inmate_number, values))
            same = same and number in stored and _same(stored[number], values)
            outcomes = {each.outcome for each in _compared(values, today)}
            comparable += bool(outcomes - {Comparison.NOT_COMPARABLE})
            different += Comparison.DIFFERENT in outcomes
        added += before is None
        changed += before is not None and not same
    return _Plan(
        persons=tuple(persons),
        sentences=tuple(sentences),
        added=added,
        changed=changed,
        unchanged=len(persons) - added - changed,
        comparable=comparable,
        different=different,
        problems=keeping.merged(export.problems, problems),
    )


def _stored(ids: Collection[int]) -> dict[int, Sentence]:
    rows = db.session.scalars(sa.select(Sentence).where(Sentence.inmate_id.in_(ids)))
    return {row.inmate_id: row for row in rows}


def _person(record: sdp.Record, today: date) -> InmateRow:
    released = record.released_on
    return InmateRow(
        inmate_number=record.inmate_number,
        name=record.name,
        sex=Sex(record.sex),
        custody=Custody.SENTENCED if record.sentenced else Custody.DETAINEE,
        alias=record.alias,
        birth_date=record.birth_date,
        religion_first_recorded=record.religion,
        register_class=record.register_class,
        left_on=released if released and released <= today else None,
    )


def _knows(before: register.Inmate, person: InmateRow) -> bool:
    """Tell whether the register holds all that the row says."""
    values = {name: value for name, value in asdict(person).items() if value not in (None, "")}
    if before.religion_first_recorded:
        values.pop("religion_first_recorded", None)
    return all(getattr(before, name) == value for name, value in values.items())


def _values(record: sdp.Record, missing: Collection[str]) -> dict[str, object]:
    """Return the columns of a sentence; an empty cell counts as none where SDP means it so."""
    years, months, days = record.sentence or (None, None, None)
    given = (record.remission_months, record.remission_days)
    month = law().whole("remission.month", date.max)
    remission = None if given == (None, None) else (given[0] or 0) * month + (given[1] or 0)
    substitute_column = COLUMNS["substitute_months"][0]
    substitute = None if substitute_column in missing else record.substitute_months or 0
    return {
        "years": years,
        "months": months,
        "days": days,
        "start_date": record.start_date,
        "verdict_number": record.verdict_number,
        "verdict_date": record.verdict_date,
        "offence": record.offence,
        "article": record.article,
        "recidivist": record.recidivist,
        "remission_days": remission,
        "substitute_months": substitute,
        "fine": record.fine,
        "category": record.category,
        **{f"register_{kind}": getattr(record, kind) for kind in records.COMPARED},
    }


def _same(row: Sentence, values: Mapping[str, object]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _compared(values: Mapping[str, object], today: date) -> tuple[records.Compared, ...]:
    row = Sentence(**{"credit_days": 0, "days_outside": 0, "substitute_days": 0, **values})
    result = answer(records.case_of(queries.plain(row), today), trace=False)
    return records.compare(result, queries.register_dates(row))


def _store(work: Work, row: Import, plan: _Plan, ids: Mapping[str, int]) -> list[int]:
    """Write the sentences that are new or different; return whose they are."""
    numbers = [ids[number] for number, _ in plan.sentences]
    stored = _stored(numbers)
    fresh, changed = [], []
    for (_, values), inmate_id in zip(plan.sentences, numbers, strict=True):
        marks = {"import_id": row.id, "changed_at": clock.now()}
        before = stored.get(inmate_id)
        if before is None:
            none = {"credit_days": 0, "days_outside": 0, "substitute_days": 0}
            key = {"inmate_id": inmate_id, "facility_id": row.facility_id}
            fresh.append({**none, **values, **marks, **key})
        elif _same(before, values):
            continue
        else:
            for name, value in {**values, **marks}.items():
                setattr(before, name, value)
        changed.append(inmate_id)
    if fresh:
        work.session.execute(sa.insert(Sentence), fresh)
    work.session.flush()
    return changed


def _counts(plan: _Plan) -> dict[str, int]:
    names = ("added", "changed", "unchanged", "comparable", "different")
    return {name: getattr(plan, name) for name in names}


def _problem(each: Problem) -> dict[str, object]:
    return {
        "row": each.row,
        "column": each.column,
        "text": each.text,
        "values": dict(each.values),
        "weight": each.weight.value,
    }


def _zone(facility_id: int) -> str:
    return facility(facility_id).time_zone


def forget_files(actor: Actor) -> int:
    """Delete the files of dry runs nobody applied within a week; return how many."""
    before = clock.now() - KEEP_FILES
    old = (
        sa.select(Import)
        .where(Import.storage_key != "", Import.created_at < before)
        .with_for_update(skip_locked=True)
    )
    if not db.session.scalars(old.with_only_columns(Import.id)).first():
        return 0
    with unit_of_work(actor, FORGET) as work:
        rows = work.session.scalars(old).all()
        keys = [row.storage_key for row in rows]
        for row in rows:
            row.storage_key = ""
            row.state = ImportState.REFUSED if row.errors else row.state
        work.note("remissions_import", files=len(keys))
    for key in keys:
        storage().delete(key)
    return len(keys)
