"""Invented complaints and tours: no word in them was ever said, no person ever lived."""

from __future__ import annotations

import uuid as uuids
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from portal.blocktour.models import Answer, Case, Delivery, Event, Excluded, Stop, Tour
from portal.blocktour.queries import places
from portal.blocktour.rules import categories, clocks, numbers
from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.closing import AttemptOutcome, Face, Mark, Understood
from portal.blocktour.rules.deciding import RefusalReason, Ruling
from portal.blocktour.rules.recusal import Ground
from portal.blocktour.rules.severity import Reply
from portal.blocktour.rules.states import CaseState, Step, after
from portal.blocktour.rules.touring import StopOutcome, TourState
from portal.blocktour.services.steps import envelope_of
from portal.domain.actor import PORTAL, Role
from portal.kernel import clock
from portal.kernel.work import Work, unit_of_work
from portal.register import queries as register

MONTHS_DAYS = 425
MANY, FEW = 300, 40
MANY_CELLS = 40
WORDS: Mapping[str, tuple[str, ...]] = {
    "kesehatan": (
        "Sudah empat hari batuk, belum diperiksa dokter.",
        "Obat darah tinggi habis sejak Senin.",
        "Gigi sakit sekali, tidak bisa makan.",
        "Ada tiga orang gatal-gatal di kamar ini.",
    ),
    "makanan": (
        "Nasi sore sering datang dingin dan sedikit.",
        "Sayur kemarin sudah asam.",
        "Saya sakit maag, minta makanan lunak.",
        "Air minum hanya satu galon untuk 12 orang.",
    ),
    "air_kamar": (
        "Air mati setiap pagi sampai pukul sepuluh.",
        "Kakus mampet sudah seminggu.",
        "Lampu kamar mati dua malam.",
        "Kipas rusak, kamar sangat panas.",
        "Kami tidur bergantian karena penuh.",
    ),
    "keamanan": (
        "Sandal dan sabun saya hilang terus.",
        "Saya ditagih utang dan diancam teman sekamar.",
        "Ada yang suka memukul dinding tengah malam.",
    ),
    "petugas": (
        "Saya diminta uang supaya boleh pindah kamar.",
        "Petugas membentak dan menghina saya di depan orang.",
        "Barang saya diambil saat penggeledahan dan tidak kembali.",
    ),
    "kunjungan": (
        "Istri saya datang jauh tetapi ditolak.",
        "Titipan makanan tidak sampai.",
        "Antrean telepon terlalu panjang.",
    ),
    "hak_berkas": (
        "Saya belum tahu apakah remisi saya diusulkan.",
        "Surat putusan belum saya terima.",
        "Kapan sidang TPP saya?",
        "Saya ingin ikut pelatihan las.",
    ),
    "lainnya": ("Uang titipan belum dicatat.", "Kami minta bola voli baru."),
}
ANSWERS: Mapping[str, str] = {
    "kesehatan": "Perawat datang ke kamar besok pagi pukul 08.00.",
    "makanan": "Dapur menambah nasi sore dan memakai wadah tertutup mulai besok.",
    "air_kamar": "Teknisi memperbaiki kamar ini paling lambat hari Jumat.",
    "keamanan": "Anda boleh pindah kamar. Petugas blok memeriksa setiap malam.",
    "petugas": "Keluhan diperiksa oleh orang yang tidak terlibat. Hasilnya disampaikan sendiri.",
    "kunjungan": "Keluarga boleh datang lagi hari Selasa dengan kartu keluarga.",
    "hak_berkas": "Nama Anda sudah ada dalam usulan. Berkas dikirim bulan ini.",
    "lainnya": "Sudah dicatat dan dikerjakan minggu ini.",
}
ARTICLE = "UU 22/2022 Pasal 9"
WOULD_CHANGE = "Jawaban berubah bila anggaran tambahan sudah ada."
NEXT_DOOR = "Kantor Wilayah, atau kotak pengaduan di blok."
HANDLING = (Step.RECEIVE, Step.TRIAGE, Step.START, Step.DRAFT)
DECIDED = (*HANDLING, Step.DECIDE)
REFUSED = (Step.RECEIVE, Step.TRIAGE, Step.PROPOSE_REFUSAL, Step.AGREE)
COURSES: tuple[tuple[int, tuple[Step, ...]], ...] = (
    (70, (*DECIDED, Step.DELIVER, Step.CLOSE)),
    (4, (*DECIDED, Step.DELIVER, Step.REOPEN)),
    (3, (*REFUSED, Step.DELIVER, Step.CLOSE)),
    (3, DECIDED),
    (3, HANDLING),
    (2, (Step.RECEIVE, Step.TRIAGE, Step.PROPOSE_REFUSAL)),
    (2, (Step.RECEIVE, Step.TRIAGE, Step.START, Step.ASK)),
    (2, (Step.RECEIVE, Step.TRIAGE, Step.REFER)),
    (1, (Step.RECEIVE, Step.TRIAGE, Step.START)),
    (1, (Step.RECEIVE, Step.TRIAGE, Step.WITHDRAW)),
    (1, (*DECIDED, Step.HAND_OVER)),
    (1, (*DECIDED, Step.GIVE_UP)),
)
HOURS: Mapping[Step, tuple[int, int]] = {
    Step.RECEIVE: (0, 0),
    Step.TRIAGE: (1, 20),
    Step.START: (1, 10),
    Step.DRAFT: (4, 40),
    Step.DECIDE: (3, 30),
    Step.DELIVER: (6, 80),
    Step.CLOSE: (8 * 24, 9 * 24),
}
OTHERWISE = (6, 40)
BY: Mapping[Step, Role] = {
    Step.RECEIVE: Role.BLOCK_OFFICER,
    Step.DELIVER: Role.BLOCK_OFFICER,
    Step.REOPEN: Role.BLOCK_OFFICER,
    Step.DECIDE: Role.PRISON_HEAD,
    Step.AGREE: Role.PRISON_HEAD,
    Step.HAND_OVER: Role.PRISON_HEAD,
    Step.GIVE_UP: Role.PRISON_HEAD,
}
NOBODY = (None, "")


@dataclass
class Rows:
    """What is to be written, table by table; ``uuid`` stands where a case's number will be."""

    cases: list[dict[str, object]] = field(default_factory=list)
    events: list[dict[str, object]] = field(default_factory=list)
    answers: list[dict[str, object]] = field(default_factory=list)
    excluded: list[dict[str, object]] = field(default_factory=list)
    visits: list[dict[str, object]] = field(default_factory=list)


@dataclass(frozen=True)
class Stage:
    """Where and with whom it is played."""

    facility_id: int
    random: Random
    zone: ZoneInfo
    now: datetime
    off: frozenset[date]
    cells: Sequence[register.Cell]
    inmates: Mapping[int, tuple[int, ...]]
    staff: Mapping[Role, tuple[tuple[int, str], ...]]

    def hand(self, role: str) -> tuple[int | None, str]:
        """Return somebody of a role, or nobody if there is none."""
        return self.random.choice(self.staff[Role(role)]) if self.staff.get(Role(role)) else NOBODY


def demo(facility_id: int, random: Random, today: date) -> None:
    """Load complaints in all states and the tours of fourteen months; the same each time."""
    stage = _stage(facility_id, random, today)
    if not stage.cells:
        return
    rows = Rows()
    for _ in range(MANY if len(stage.cells) >= MANY_CELLS else FEW):
        _case(stage, rows)
    with unit_of_work(PORTAL, "blocktour.demo.load") as work:
        _write(work, rows)
        tours = _tours(work, stage, today)
        work.note("blocktour_demo", facility_id=facility_id, cases=len(rows.cases), tours=tours)


def _stage(facility_id: int, random: Random, today: date) -> Stage:
    cells = tuple(
        cell for block in places.blocks(facility_id) for cell in places.cells(facility_id, block.id)
    )
    staff: dict[Role, tuple[tuple[int, str], ...]] = {}
    for role, person_id, name in places.holders(facility_id):
        staff[role] = (*staff.get(role, ()), (person_id, name))
    sleepers: dict[int, tuple[int, ...]] = {}
    for inmate in register.inmates_present(today):
        if inmate.cell:
            sleepers[inmate.cell.id] = (*sleepers.get(inmate.cell.id, ()), inmate.id)
    since = today - timedelta(days=MONTHS_DAYS)
    off = frozenset(one.day for one in register.holidays(since, today + timedelta(days=60)))
    zone = places.zone_of(facility_id)
    return Stage(facility_id, random, zone, clock.now(), off, cells, sleepers, staff)


def _case(stage: Stage, rows: Rows) -> None:
    random = stage.random
    category = random.choices(list(WORDS), (18, 12, 26, 8, 8, 10, 14, 4))[0]
    cell = random.choice(stage.cells)
    days = MONTHS_DAYS * random.random() ** 2.2
    told_at = stage.now - timedelta(days=days, minutes=random.randint(20, 600))
    told_on = told_at.astimezone(stage.zone).date()
    listed, limits = categories.current(told_on), clocks.current(told_on)
    kinds = listed.category(category).kinds
    serious = random.random() < 0.06
    clock_class = ClockClass.SERIOUS if serious else listed.clock_class(category)
    recorder = stage.hand(Role.BLOCK_OFFICER)
    sleeper = random.choice(stage.inmates.get(cell.id, (None,)))
    row: dict[str, object] = {
        "uuid": uuids.UUID(int=random.getrandbits(128), version=4),
        "facility_id": stage.facility_id,
        "number": numbers.reference(random.randbytes(numbers.ENOUGH)),
        "lane": Lane.ORDINARY,
        "category_version": listed.version,
        "category": category,
        "kind": None,
        "clock_version": limits.number,
        "clock_class": clock_class,
        "urgent": serious or random.random() < 0.1,
        "hurt": Reply.YES if serious else Reply.NO,
        "safe": Reply.YES if random.random() < 0.8 else Reply.NOT_ASKED,
        "triggers": "",
        "cell_id": cell.id,
        "inmate_id": sleeper if random.random() < 0.7 else None,
        "told_name": "",
        "tour_id": None,
        "words": random.choice(WORDS[category]),
        "envelope": None,
        "first_told_on": told_on,
        "first_told_at": told_at,
        "received_at": told_at,
        "recorder_id": recorder[0],
        "handler_id": None,
        "level": 1,
        "first_answer_due": clocks.due(
            told_at, limits.first_answer[clock_class], stage.zone, stage.off
        ),
        "decision_due": clocks.due(told_at, limits.decision[clock_class], stage.zone, stage.off),
        "delivery_due": None,
        "first_answered_at": None,
        "decided_at": None,
        "delivered_on": None,
        "closed_at": None,
    }
    _play(stage, rows, row, recorder)
    if row["state"] is not CaseState.RECEIVED:
        row["kind"] = random.choice(kinds).code
    if listed.lane(category) is Lane.SEALED:
        _hide(stage, rows, row)
    rows.cases.append(row)


def _hide(stage: Stage, rows: Rows, row: dict[str, object]) -> None:
    held = {name: row[name] for name in ("words", "inmate_id", "cell_id")}
    row["envelope"] = envelope_of(row["uuid"], {**held, "name": "", "about": "Regu malam"})
    row |= {"lane": Lane.SEALED, "words": "", "inmate_id": None, "cell_id": None}
    if row["recorder_id"] is not None:
        rows.excluded.append(
            {
                "uuid": row["uuid"],
                "facility_id": stage.facility_id,
                "person_id": row["recorder_id"],
                "ground": Ground.RECORDER,
                "since": row["first_told_at"],
                "by_id": None,
            }
        )


def _play(
    stage: Stage, rows: Rows, row: dict[str, object], recorder: tuple[int | None, str]
) -> None:
    """Lead a case along one of the courses, as far as the time since its telling reaches."""
    random = stage.random
    course = random.choices([steps for _, steps in COURSES], [weight for weight, _ in COURSES])[0]
    if row["clock_class"] in {ClockClass.SERIOUS, ClockClass.STAFF} and Step.AGREE in course:
        course = (*DECIDED, Step.DELIVER, Step.CLOSE)
    state, at = CaseState.CAPTURED, row["first_told_at"]
    assert isinstance(at, datetime)  # noqa: S101  for the checker: the row is built above
    quick = 0.3 if row["clock_class"] is ClockClass.SERIOUS else 1.0
    for step in course:
        low, high = HOURS.get(step, OTHERWISE)
        slow = quick if step is not Step.CLOSE else 1.0
        at += timedelta(hours=random.uniform(low, high) * slow)
        if at > stage.now:
            break
        sealed = row["category"] == "petugas"
        role: str = BY.get(step, Role.COMPLAINTS_CUSTODIAN if sealed else Role.TOUR_COORDINATOR)
        who = recorder if step is Step.RECEIVE else stage.hand(role)
        if step is Step.CLOSE:
            who, role = (None, PORTAL.name), ""
        old, state = state, after(state, step)
        rows.events.append(
            {
                "uuid": row["uuid"],
                "facility_id": stage.facility_id,
                "step": step,
                "old": old,
                "new": state,
                "at": at,
                "actor_id": who[0],
                "actor_name": who[1],
                "role": str(role),
                "reason": "Belum selesai." if step is Step.REOPEN else "",
            }
        )
        _mark(stage, rows, row, step, at, who)
    row["state"] = state


def _mark(
    stage: Stage,
    rows: Rows,
    row: dict[str, object],
    step: Step,
    at: datetime,
    who: tuple[int | None, str],
) -> None:
    """Write what a step leaves on the case and beside it."""
    random = stage.random
    if step is Step.TRIAGE and random.random() < 0.85:
        row["first_answered_at"] = min(at + timedelta(hours=random.uniform(1, 20)), stage.now)
    if step in {Step.DRAFT, Step.PROPOSE_REFUSAL}:
        rows.answers.append(_answer(stage, row, at, who, refused=step is Step.PROPOSE_REFUSAL))
    if step in {Step.DECIDE, Step.AGREE}:
        rows.answers[-1] |= {"decided_by": who[0], "decided_at": at}
        limits = clocks.version(1)
        row |= {
            "decided_at": at,
            "delivery_due": clocks.due(at, limits.delivery, stage.zone, stage.off),
        }
    if step is Step.DELIVER:
        day = at.astimezone(stage.zone).date()
        row |= {"delivered_on": day, "first_answered_at": row["first_answered_at"] or at}
        if random.random() < 0.2:
            rows.visits.append(_visit(stage, row, at - timedelta(hours=4), who, reached=False))
        rows.visits.append(_visit(stage, row, at, who, reached=True))
    _mark_limits(row, step, at)


def _mark_limits(row: dict[str, object], step: Step, at: datetime) -> None:
    """Write what ends or stops a limit."""
    if step is Step.REOPEN:
        row |= {"level": 2, "decided_at": None, "delivered_on": None, "delivery_due": None}
    if step in {Step.ASK, Step.REFER} and row["clock_class"] is not ClockClass.SERIOUS:
        row["decision_due"] = None
    if step is Step.CLOSE:
        row["closed_at"] = at


def _answer(
    stage: Stage,
    row: dict[str, object],
    at: datetime,
    who: tuple[int | None, str],
    *,
    refused: bool,
) -> dict[str, object]:
    ruling = stage.random.choices(
        (Ruling.GRANTED, Ruling.PARTLY, Ruling.NOT_POSSIBLE, Ruling.NOT_OURS), (55, 20, 18, 7)
    )[0]
    if refused:
        ruling = Ruling.REFUSED
    granted = ruling is Ruling.GRANTED
    words = (
        "Keluhan ini sudah dicatat dan masih dikerjakan."
        if refused
        else ANSWERS[str(row["category"])]
    )
    return {
        "uuid": row["uuid"],
        "facility_id": stage.facility_id,
        "ruling": ruling,
        "sentence": words,
        "article": "" if granted else ARTICLE,
        "would_change": "" if granted else WOULD_CHANGE,
        "next_door": "" if granted else NEXT_DOOR,
        "reason": RefusalReason.ALREADY_OPEN if refused else None,
        "drafted_by": who[0],
        "drafted_at": at,
        "decided_by": None,
        "decided_at": None,
    }


def _visit(
    stage: Stage,
    row: dict[str, object],
    at: datetime,
    who: tuple[int | None, str],
    *,
    reached: bool,
) -> dict[str, object]:
    random = stage.random
    missed = random.choice((AttemptOutcome.ASLEEP, AttemptOutcome.AT_WORK, AttemptOutcome.COURT))
    faces = random.choices(tuple(Face), (60, 25, 15))[0]
    return {
        "uuid": row["uuid"],
        "facility_id": stage.facility_id,
        "on_day": at.astimezone(stage.zone).date(),
        "at": at,
        "outcome": AttemptOutcome.REACHED if reached else missed,
        "understood": random.choice((Understood.YES, Understood.PARTLY)) if reached else None,
        "mark": random.choice((Mark.THUMB, Mark.SIGNATURE)) if reached else None,
        "witness": "",
        "satisfaction": faces if reached else None,
        "by_id": who[0],
        "by_name": who[1],
    }


def _write(work: Work, rows: Rows) -> None:
    made = work.session.execute(
        sa.insert(Case).returning(Case.id, Case.uuid, sort_by_parameter_order=True), rows.cases
    )
    ids = {row.uuid: row.id for row in made}
    for model, listed in ((Event, rows.events), (Excluded, rows.excluded)):
        _insert(work, model, listed, ids)
    _insert(work, Answer, rows.answers, ids)
    answers = {row[0]: row[1] for row in work.session.execute(sa.select(Answer.case_id, Answer.id))}
    for visit in rows.visits:
        visit["answer_id"] = answers[ids[visit["uuid"]]]
    _insert(work, Delivery, rows.visits, ids)


def _insert(
    work: Work,
    model: type[Event | Excluded | Answer | Delivery],
    rows: Sequence[dict[str, object]],
    ids: Mapping[object, int],
) -> None:
    filled = [
        {"case_id": ids[row["uuid"]], **{k: v for k, v in row.items() if k != "uuid"}}
        for row in rows
    ]
    if filled:
        work.session.execute(sa.insert(model), filled)


def _tours(work: Work, stage: Stage, today: date) -> int:
    """Write a tour of each block every week; the last cells of a tour are sometimes missed."""
    blocks: dict[int, list[register.Cell]] = {}
    for cell in stage.cells:
        blocks.setdefault(cell.block_id, []).append(cell)
    tours: list[dict[str, object]] = []
    for turn, block_id in enumerate(blocks):
        for week in range(MONTHS_DAYS // 7):
            day = today - timedelta(days=7 * week + turn + 1)
            opened = datetime(day.year, day.month, day.day, 8, 30, tzinfo=stage.zone)
            who = stage.hand(Role.BLOCK_OFFICER)
            tours.append(
                {
                    "facility_id": stage.facility_id,
                    "block_id": block_id,
                    "state": TourState.CLOSED,
                    "recorder_id": who[0] or 0,
                    "recorder_name": who[1],
                    "partner_name": stage.hand(Role.BLOCK_OFFICER)[1],
                    "opened_on": day,
                    "opened_at": opened,
                    "closed_at": opened + timedelta(minutes=stage.random.randint(60, 150)),
                }
            )
    made = work.session.execute(
        sa.insert(Tour).returning(Tour.id, Tour.block_id, Tour.opened_at), tours
    )
    work.session.execute(
        sa.insert(Stop),
        [
            _stop(stage, row.id, cell, row.opened_at, place)
            for row in made
            for place, cell in enumerate(blocks[row.block_id])
        ],
    )
    return len(tours)


def _stop(
    stage: Stage, tour_id: int, cell: register.Cell, opened_at: datetime, place: int
) -> dict[str, object]:
    outcome = stage.random.choices(tuple(StopOutcome), (30, 48, 6, 6, 2, 8))[0]
    missed = outcome is StopOutcome.NOT_REACHED
    return {
        "facility_id": stage.facility_id,
        "tour_id": tour_id,
        "cell_id": cell.id,
        "cell_number": cell.number,
        "carried": False,
        "outcome": outcome,
        "reason": "Waktu habis" if missed else "",
        "marked_at": opened_at + timedelta(minutes=4 * place + 3),
    }
