"""The dates of everyone, written down again whenever facts, rules or the engine changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from portal.domain.actor import Actor
from portal.domain.law import Certainty
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, facility
from portal.kernel.work import Work, unit_of_work
from portal.remissions import queries
from portal.remissions.models import Milestone, Projection, Sentence
from portal.remissions.rules import case, engine, records
from portal.remissions.rules.engine import Result
from portal.remissions.rules.records import Comparison
from portal.remissions.services.calculating import answer, law

COMPUTE = "remissions.projection.compute"


def project(actor: Actor, facility_id: int, inmate_ids: Iterable[int] | None = None) -> int:
    """Compute the dates of a facility's persons whose facts or rules changed; return how many.

    Without ids: of everyone. Computed twice, the second time nothing is written.
    """
    wanted = sa.select(Sentence, Projection.input_hash).outerjoin(
        Projection, Projection.inmate_id == Sentence.inmate_id
    )
    wanted = wanted.where(Sentence.facility_id == facility_id)
    if inmate_ids is not None:
        wanted = wanted.where(Sentence.inmate_id.in_(list(inmate_ids)))
    today = clock.today(facility(facility_id).time_zone)
    stale = []
    for row, known in db.session.execute(wanted):
        asked = records.case_of(queries.plain(row), None)
        digest = _hash(row, asked)
        if digest != known:
            stale.append((row, asked, digest))
    if not stale:
        return 0
    with unit_of_work(actor, COMPUTE) as work:
        _write(work, facility_id, stale)
        work.note(
            "remissions_projection", facility_id=facility_id, persons=len(stale), day=str(today)
        )
    return len(stale)


def project_all(actor: Actor) -> int:
    """Compute every facility's persons whose facts or rules changed; return how many."""
    ids = db.session.scalars(sa.select(Facility.id).order_by(Facility.id)).all()
    return sum(project(actor, facility_id) for facility_id in ids)


def _hash(row: Sentence, asked: case.Case) -> bytes:
    """Return the hash of all a projection depends on: facts, register dates, rules, engine."""
    parts = (asked.facts.canonical(), queries.register_dates(row), law().id, engine.VERSION)
    return hashlib.sha256(repr(parts).encode()).digest()


def _write(
    work: Work, facility_id: int, stale: Sequence[tuple[Sentence, case.Case, bytes]]
) -> None:
    ids = [row.inmate_id for row, _, _ in stale]
    for model in (Milestone, Projection):
        work.session.execute(
            sa.delete(model).where(model.inmate_id.in_(ids)),
            execution_options={"synchronize_session": False},
        )
    projections: list[dict[str, object]] = []
    milestones: list[dict[str, object]] = []
    for row, asked, digest in stale:
        result = answer(asked, trace=False)
        key = {"inmate_id": row.inmate_id, "facility_id": facility_id}
        projections.append(key | _projection(row, result, digest))
        milestones += [key | each for each in _milestones(result)]
    work.session.execute(sa.insert(Projection), projections)
    if milestones:
        work.session.execute(sa.insert(Milestone), milestones)


def _projection(row: Sentence, result: Result, digest: bytes) -> dict[str, object]:
    ends = filter(None, map(result.milestone, ("expiry_net", "custody_end")))
    missing = dict.fromkeys(name for each in ends for name in each.missing)
    compared = records.compare(result, queries.register_dates(row))
    return {
        "input_hash": digest,
        "ruleset_id": result.ruleset,
        "engine_version": engine.VERSION,
        "computed_at": clock.now(),
        "quality": records.quality(result),
        "missing": ",".join(missing),
        "findings": ",".join(each.code for each in result.findings),
        "assumed": any(each.certainty is Certainty.ASSUMPTION for each in result.milestones),
        "different": any(each.outcome is Comparison.DIFFERENT for each in compared),
    }


def _milestones(result: Result) -> Iterable[dict[str, object]]:
    """Return the dates that can be said and the programs that are offered."""
    for each in result.milestones:
        if each.certainty is None or each.reason:
            continue
        if each.due is None and each.due_lo is None and each.days is None:
            continue
        yield {
            "kind": each.kind,
            "due": each.due,
            "due_lo": each.due_lo,
            "due_hi": each.due_hi,
            "days": each.days,
            "source": records.Source.COMPUTED,
            "certainty": each.certainty,
            "assumes": ",".join(name for name, _ in result.assumes),
        }
