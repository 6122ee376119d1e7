from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import ProgrammingError

from portal.accounts.models import Person, RoleHeld
from portal.blocktour.models import Case, Event, Excluded
from portal.blocktour.permissions import GRANTS, Permission
from portal.blocktour.queries import door, files
from portal.blocktour.queries.door import Tab
from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.closing import AttemptOutcome, Face, Mark, Understood
from portal.blocktour.rules.deciding import Draft, RefusalReason, Ruling
from portal.blocktour.rules.recusal import CaseFacts, Ground, visible
from portal.blocktour.rules.severity import Reply, Trigger
from portal.blocktour.rules.states import CaseState, NotPossibleNow, Step
from portal.blocktour.services import delivering, handling, recording
from portal.blocktour.services.delivering import Visit
from portal.blocktour.services.handling import NeedsAnotherPerson, NotRefusable, Triage
from portal.blocktour.services.steps import Incomplete, ReasonMissing, UnknownCategory
from portal.domain.actor import Actor, Role
from portal.domain.errors import Conflict, NotFound
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.register.models import Cell
from tests.blocktour.conftest import GRANTED, Staff, Thread, give_task, told
from tests.conftest import make_actor, trail
from tests.factories import make_block, make_inmate

MET = Visit(
    outcome=AttemptOutcome.REACHED,
    understood=Understood.YES,
    mark=Mark.THUMB,
    satisfaction=Face.CONTENT,
)
MONDAY = datetime.fromisoformat("2026-11-23T09:00:00+07:00")


def row(number: str) -> Case:
    found = db.session.scalar(
        sa.select(Case).where(Case.number == number).execution_options(populate_existing=True)
    )
    assert found is not None
    return found


# --- At the cell ---
def test_sent_twice_it_is_stored_once_with_the_same_receipt(
    prison: Facility, staff: Staff, cells: list[Cell]
) -> None:
    key = uuid4()

    numbers = [
        recording.record_case(staff.officer, prison.id, key, told(cells[0])) for _ in range(2)
    ]

    assert numbers[0] == numbers[1]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1
    assert door.receipt_number(staff.officer, key) == numbers[0]
    with pytest.raises(NotFound):
        door.receipt_number(staff.colleague, key)


def test_one_key_with_other_words_is_refused(
    prison: Facility, staff: Staff, cells: list[Cell]
) -> None:
    key = uuid4()
    recording.record_case(staff.officer, prison.id, key, told(cells[0]))

    with pytest.raises(Conflict):
        recording.record_case(staff.officer, prison.id, key, told(cells[0], words="Lain."))


def test_limits_run_from_the_first_telling(thread: Thread) -> None:
    with clock.fixed(MONDAY):
        found = row(thread.recorded("kunjungan"))

    assert found.clock_class is ClockClass.SERVICE
    assert found.first_answer_due == datetime.fromisoformat("2026-11-26T23:59:59+07:00")
    assert found.decision_due == datetime.fromisoformat("2026-12-11T23:59:59+07:00")


def test_a_person_is_found_by_number_and_an_unknown_name_is_kept_as_told(
    prison: Facility, thread: Thread
) -> None:
    known = make_inmate(prison, "B.I-77/2026")

    by_number = row(thread.recorded(who="B.I-77/2026"))
    by_name = row(thread.recorded(who="Pak Kulim"))
    nameless = row(thread.recorded(who=""))

    assert (by_number.inmate_id, by_number.told_name) == (known.id, "")
    assert (by_name.inmate_id, by_name.told_name) == (None, "Pak Kulim")
    assert (nameless.inmate_id, nameless.told_name) == (None, "")


def test_a_case_about_an_officer_holds_nobody_in_clear(thread: Thread) -> None:
    number = thread.recorded("petugas", words="Diminta uang oleh regu malam.", about="Regu malam")

    found = row(number)
    stored = db.session.execute(
        sa.select(sa.cast(sa.literal_column("blocktour_case.*::text"), sa.Text)).select_from(Case)
    ).scalar_one()

    assert (found.lane, found.words, found.told_name, found.cell_id) == (Lane.SEALED, "", "", None)
    for canary in ("Diminta uang", "Jaya Meranti", "Regu malam"):
        assert canary not in stored
        assert canary.encode() not in bytes(found.envelope or b"")
    opened = files.person(found)
    assert (opened.words, opened.name) == ("Diminta uang oleh regu malam.", "Jaya Meranti")
    assert (opened.cell, opened.about) == ("C-2", "Regu malam")


def test_a_category_that_is_not_listed_is_refused(
    staff: Staff, prison: Facility, cells: list[Cell]
) -> None:
    with pytest.raises(UnknownCategory):
        recording.record_case(staff.officer, prison.id, uuid4(), told(cells[0], "gone"))


# --- Who may see it ---
def test_a_sealed_case_closes_itself_to_its_recorder_and_to_the_desk(
    thread: Thread, staff: Staff
) -> None:
    number = thread.recorded("petugas")
    now = clock.now()

    for kept_out in (staff.officer, staff.desk, staff.colleague):
        for bringing in (False, True):
            with pytest.raises(NotFound):
                door.case(kept_out, number, now, bringing=bringing)
    for let_in in (staff.head, staff.custodian):
        assert door.case(let_in, number, now).number == number
    assert door.recorded_today(staff.officer, thread.prison.id, now.date()) == 0


def test_an_excluded_head_loses_the_case_everywhere(thread: Thread, staff: Staff) -> None:
    number = thread.recorded("petugas")
    assert staff.head.id is not None

    handling.exclude(staff.custodian, number, staff.head.id, Ground.NAMED)
    handling.exclude(staff.custodian, number, staff.head.id, Ground.NAMED)

    now = clock.now()
    with pytest.raises(NotFound):
        door.case(staff.head, number, now)
    assert sum(door.counts(staff.head, now).values()) == 0
    assert door.cases(staff.head, Tab.TO_TRIAGE, 1, now)[0] == ()
    assert files.excluded(row(number)) == {staff.officer.id, staff.head.id}


def test_the_last_reader_of_a_sealed_case_is_not_kept_from_it(
    thread: Thread, staff: Staff, actor: Callable[..., Actor], other_prison: Facility
) -> None:
    number = thread.recorded("petugas")
    gone, elsewhere = (actor(Role.COMPLAINTS_CUSTODIAN) for _ in range(2))
    give_task(gone, Role.COMPLAINTS_CUSTODIAN, other_prison)
    give_task(elsewhere, Role.PRISON_HEAD, other_prison)
    give_task(elsewhere, Role.BLOCK_OFFICER, thread.prison)
    disabled = sa.update(Person).where(Person.id == staff.second_custodian.id)
    db.session.execute(disabled.values(disabled_at=clock.now()))
    ended = sa.update(RoleHeld).where(RoleHeld.person_id == gone.id)
    db.session.execute(ended.values(until=clock.now(), facility_id=thread.prison.id))
    db.session.commit()
    assert staff.head.id is not None
    assert staff.custodian.id is not None
    handling.exclude(staff.custodian, number, staff.head.id, Ground.NAMED)

    with pytest.raises(handling.LastReader):
        handling.exclude(staff.custodian, number, staff.custodian.id, Ground.NAMED)

    assert door.case(staff.custodian, number, clock.now()).number == number
    assert files.excluded(row(number)) == {staff.officer.id, staff.head.id}


def test_a_recorder_who_is_the_only_reader_is_kept_out_all_the_same(
    thread: Thread, staff: Staff, actor: Callable[..., Actor]
) -> None:
    both = actor(Role.COMPLAINTS_CUSTODIAN, Role.BLOCK_OFFICER)
    others = sa.delete(RoleHeld).where(RoleHeld.role.in_(GRANTS[Permission.READ_SEALED]))
    db.session.execute(others)
    give_task(both, Role.COMPLAINTS_CUSTODIAN, thread.prison)

    number = thread.recorded("petugas", by=both)

    assert files.excluded(row(number)) == {both.id}


def test_a_case_that_turns_out_to_be_about_an_officer_leaves_the_desk(
    thread: Thread, staff: Staff
) -> None:
    number = thread.recorded("lainnya", words="Petugas Meranti memukul.")

    lane = handling.triage(staff.desk, number, Triage("petugas", "kekerasan"))

    assert lane is Lane.SEALED
    assert row(number).words == ""
    assert files.person(row(number)).words == "Petugas Meranti memukul."
    for kept_out in (staff.desk, staff.officer):
        with pytest.raises(NotFound):
            door.case(kept_out, number, clock.now(), bringing=True)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    lane=st.sampled_from(["air_kamar", "petugas"]),
    out=st.sets(st.sampled_from(["officer", "desk", "head", "custodian", "colleague"]), max_size=3),
    who=st.sampled_from(["officer", "desk", "head", "custodian", "colleague"]),
    bringing=st.booleans(),
)
def test_the_door_of_the_database_is_the_rule(
    thread: Thread, lane: str, out: set[str], who: str, bringing: bool
) -> None:
    number = thread.recorded(lane)
    found = row(number)
    for name in out:
        person_id = getattr(thread.staff, name).id
        db.session.merge(
            Excluded(
                facility_id=found.facility_id,
                case_id=found.id,
                person_id=person_id,
                ground=Ground.ASKED_OUT,
                since=clock.now(),
            )
        )
    db.session.commit()
    viewer: Actor = getattr(thread.staff, who)

    facts = CaseFacts(found.facility_id, found.lane, found.recorder_id, files.excluded(found))
    expected = visible(facts, door.viewer_of(viewer, bringing=bringing))
    seen = door.visible_cases(viewer, clock.now(), bringing=bringing)

    assert (db.session.scalar(seen.where(Case.number == number)) is not None) is expected


def test_a_case_of_another_prison_is_a_wrong_number(thread: Thread, other_prison: Facility) -> None:
    number = thread.recorded()
    stranger = make_actor(Role.PRISON_HEAD, at=other_prison)

    with pytest.raises(NotFound):
        door.case(stranger, number, clock.now())
    with pytest.raises(NotFound):
        handling.triage(stranger, number, Triage("air_kamar"))


# --- What nobody may do ---
@pytest.mark.parametrize(
    "change",
    [
        {"words": "Semua baik."},
        {"first_told_at": MONDAY + timedelta(days=900)},
        {"first_told_on": (MONDAY + timedelta(days=900)).date()},
        {"recorder_id": 1},
        {"hurt": Reply.NO},
    ],
    ids=str,
)
def test_what_was_told_first_cannot_be_changed(thread: Thread, change: dict[str, object]) -> None:
    number = thread.recorded(hurt=Reply.YES)

    with pytest.raises(ProgrammingError, match="told"):
        db.session.execute(sa.update(Case).where(Case.number == number).values(**change))


@pytest.mark.parametrize("table", [Case, Event, Excluded])
def test_nothing_that_happened_can_be_taken_away(thread: Thread, table: type[Case]) -> None:
    thread.recorded("petugas")

    with pytest.raises(ProgrammingError):
        db.session.execute(sa.delete(table))


def test_a_sealed_case_is_not_opened(thread: Thread) -> None:
    number = thread.recorded("petugas")

    with pytest.raises(ProgrammingError, match="sealed"):
        db.session.execute(
            sa.update(Case).where(Case.number == number).values(lane=Lane.ORDINARY, words="x")
        )


# --- At the desk ---
def test_triage_recomputes_the_limits_from_the_same_start(thread: Thread, staff: Staff) -> None:
    with clock.fixed(MONDAY):
        number = thread.recorded("kunjungan")
    with clock.fixed(MONDAY + timedelta(days=1)):
        handling.triage(staff.desk, number, Triage("air_kamar", "air_bersih"))

    found = row(number)
    assert (found.state, found.kind) == (CaseState.TRIAGED, "air_bersih")
    assert found.decision_due == datetime.fromisoformat("2026-11-26T23:59:59+07:00")


def test_serious_is_raised_by_the_desk_and_never_lowered(thread: Thread, staff: Staff) -> None:
    hurt = thread.recorded("kunjungan", hurt=Reply.YES)
    calm = thread.recorded("kunjungan")

    handling.triage(staff.desk, hurt, Triage("kunjungan", clock_class=ClockClass.SERVICE))
    handling.triage(
        staff.desk, calm, Triage("kunjungan", triggers=frozenset({Trigger.HUNGER_STRIKE}))
    )

    assert row(hurt).clock_class is ClockClass.SERIOUS
    assert row(calm).clock_class is ClockClass.SERIOUS


def test_a_case_is_sorted_once_and_only_with_words_of_its_list(
    thread: Thread, staff: Staff
) -> None:
    number = thread.recorded()

    for wrong in (Triage("gone"), Triage("air_kamar", "obat")):
        with pytest.raises(UnknownCategory):
            handling.triage(staff.desk, number, wrong)
    handling.triage(staff.desk, number, Triage("air_kamar"))
    with pytest.raises(NotPossibleNow):
        handling.triage(staff.desk, number, Triage("air_kamar"))


def test_an_answer_that_does_not_grant_says_why_and_where_to_go_next(
    thread: Thread, staff: Staff
) -> None:
    number = thread.triaged()

    with pytest.raises(Incomplete):
        handling.draft(staff.desk, number, Draft(Ruling.NOT_POSSIBLE, "Belum bisa."))

    assert row(number).state is CaseState.TRIAGED


def test_serious_cases_are_never_refused(thread: Thread, staff: Staff) -> None:
    number = thread.triaged(hurt=Reply.YES)
    refusal = Draft(
        Ruling.REFUSED,
        "Sudah dicatat.",
        next_door="KEL-2222-2222",
        reason=RefusalReason.ALREADY_OPEN,
    )

    with pytest.raises(NotRefusable):
        handling.draft(staff.desk, number, refusal)


def test_a_refusal_needs_a_second_reader(
    thread: Thread, staff: Staff, actor: Callable[..., Actor]
) -> None:
    refusal = Draft(
        Ruling.REFUSED, "Sudah dicatat.", next_door="Tetap dibuka.", reason=RefusalReason.ABUSIVE
    )
    stopped, kept = thread.drafted(answer=refusal), thread.drafted(answer=refusal)
    assert row(stopped).state is CaseState.REFUSAL_PROPOSED

    handling.decide(staff.head, stopped, agree=False, reason="Ada keluhan di dalamnya.")
    handling.decide(staff.head, kept, agree=True)

    assert row(stopped).state is CaseState.TRIAGED
    assert row(kept).state is CaseState.DECIDED


def test_nobody_decides_an_answer_of_their_own(
    thread: Thread, prison: Facility, staff: Staff
) -> None:
    both = make_actor(Role.TOUR_COORDINATOR, Role.PRISON_HEAD, at=prison)
    number = thread.triaged()
    handling.draft(both, number, GRANTED)

    with pytest.raises(NeedsAnotherPerson):
        handling.decide(both, number, agree=True)

    assert row(number).state is CaseState.ANSWER_DRAFTED
    handling.decide(staff.head, number, agree=True)
    with pytest.raises(NotPossibleNow):
        handling.decide(staff.head, number, agree=True)


def test_an_answer_is_sent_back_only_with_a_word(thread: Thread, staff: Staff) -> None:
    number = thread.drafted()

    with pytest.raises(ReasonMissing):
        handling.decide(staff.head, number, agree=False)
    handling.decide(staff.head, number, agree=False, reason="Sebut tanggalnya.")

    assert row(number).state is CaseState.IN_PROGRESS
    handling.draft(staff.desk, number, GRANTED)
    assert row(number).state is CaseState.ANSWER_DRAFTED


def test_a_case_about_an_officer_is_decided_by_two_who_are_not_involved(
    thread: Thread, staff: Staff
) -> None:
    number = thread.drafted("petugas")

    with pytest.raises(NeedsAnotherPerson):
        handling.decide(staff.custodian, number, agree=True)
    with pytest.raises(NotFound):
        handling.decide(staff.desk, number, agree=True)
    handling.decide(staff.second_custodian, number, agree=True)

    assert row(number).state is CaseState.DECIDED


def test_a_question_stops_the_clock_of_the_decision_and_a_reply_lets_it_run_on(
    thread: Thread, staff: Staff
) -> None:
    with clock.fixed(MONDAY):
        number, serious = thread.drafted("kunjungan"), thread.triaged(hurt=Reply.YES)
        handling.decide(staff.head, number, agree=False, reason="Tanya harinya.")
        before = row(number).decision_due
    with clock.fixed(MONDAY + timedelta(hours=1)):
        handling.wait(staff.desk, number, Step.ASK, "Hari apa istri Anda datang?")
        handling.wait(staff.head, serious, Step.REFER, "Polres, nomor 12")
    assert (row(number).state, row(number).decision_due) == (CaseState.AWAITING_INFO, None)
    assert row(serious).decision_due == MONDAY + timedelta(hours=24)
    with pytest.raises(NotPossibleNow):
        handling.draft(staff.desk, number, GRANTED)

    with clock.fixed(MONDAY + timedelta(days=2)):
        handling.wait(staff.desk, number, Step.RESUME, "Hari Selasa.")

    assert before is not None
    assert row(number).decision_due == before + timedelta(days=3)  # two nights and a weekend
    assert row(number).state is CaseState.IN_PROGRESS
    with pytest.raises(ReasonMissing):
        handling.wait(staff.desk, number, Step.ASK, " ")


# --- Back at the cell ---
def test_the_whole_way_leaves_a_trail_of_every_hand(thread: Thread, staff: Staff) -> None:
    number = thread.decided()

    delivering.deliver(staff.colleague, number, MET)

    found = row(number)
    assert (found.state, found.delivered_on is not None) == (CaseState.DELIVERED, True)
    assert [(one.step, one.role) for one in files.events(found)] == [
        ("receive", "block_officer"),
        ("triage", "tour_coordinator"),
        ("start", "tour_coordinator"),
        ("draft", "tour_coordinator"),
        ("decide", "prison_head"),
        ("deliver", "block_officer"),
    ]
    assert [action for action, _, _ in trail()] == [
        "blocktour.case.record",
        "blocktour.case.triage",
        "blocktour.case.draft",
        "blocktour.case.decide",
        "blocktour.case.deliver",
    ]


@pytest.mark.parametrize(
    "visit",
    [
        Visit(outcome=AttemptOutcome.ASLEEP),
        Visit(outcome=AttemptOutcome.REACHED, understood=Understood.NO, mark=Mark.THUMB),
        Visit(outcome=AttemptOutcome.WOULD_NOT_LISTEN),
    ],
    ids=lambda one: str(one.outcome),
)
def test_an_answer_that_did_not_arrive_stays_to_be_brought(
    thread: Thread, staff: Staff, visit: Visit
) -> None:
    number = thread.decided()

    assert delivering.deliver(staff.officer, number, visit) is CaseState.DECIDED

    assert [line.number for line in door.to_bring(staff.officer, clock.now())] == [number]


def test_two_days_of_not_listening_count_as_told(thread: Thread, staff: Staff) -> None:
    number = thread.decided()
    unwilling = Visit(outcome=AttemptOutcome.WOULD_NOT_LISTEN)

    states = []
    for later in (0, 0, 1):
        with clock.fixed(clock.now() + timedelta(days=later)):
            states.append(delivering.deliver(staff.officer, number, unwilling))

    assert states == [CaseState.DECIDED, CaseState.DECIDED, CaseState.DELIVERED]


def test_met_without_a_mark_is_not_told(thread: Thread, staff: Staff) -> None:
    number = thread.decided()

    with pytest.raises(Incomplete):
        delivering.deliver(
            staff.officer,
            number,
            Visit(outcome=AttemptOutcome.REACHED, understood=Understood.YES),
        )


def test_an_answer_is_not_brought_before_it_is_decided(thread: Thread, staff: Staff) -> None:
    number = thread.drafted()

    with pytest.raises(NotPossibleNow):
        delivering.deliver(staff.officer, number, MET)


def test_an_answer_about_an_officer_is_not_carried_by_officers(
    thread: Thread, staff: Staff
) -> None:
    number = thread.decided("petugas")

    for carrier in (staff.officer, staff.colleague, staff.desk):
        with pytest.raises(NotFound):
            delivering.deliver(carrier, number, MET)
        assert door.to_bring(carrier, clock.now()) == ()
    assert delivering.deliver(staff.head, number, MET) is CaseState.DELIVERED


def test_an_objection_reopens_without_restarting_the_age(thread: Thread, staff: Staff) -> None:
    number = thread.decided()
    told_at = row(number).first_told_at

    state = delivering.deliver(
        staff.officer,
        number,
        Visit(
            outcome=AttemptOutcome.REACHED,
            understood=Understood.YES,
            mark=Mark.SPOKEN,
            witness="Petugas Dua",
            objection="Air masih mati.",
        ),
    )

    found = row(number)
    assert (state, found.level) == (CaseState.REOPENED, 2)
    assert found.first_told_at == told_at
    handling.draft(staff.desk, number, GRANTED)
    handling.decide(staff.head, number, agree=True)
    assert delivering.deliver(staff.officer, number, MET) is CaseState.DELIVERED


def test_silence_closes_once_and_an_objection_still_reopens(thread: Thread, staff: Staff) -> None:
    number = thread.decided()
    delivering.deliver(staff.officer, number, MET)
    now = clock.now()

    counts = [delivering.close_delivered(now + timedelta(days=days)) for days in (0, 7, 9, 9)]

    assert counts == [0, 0, 1, 0]
    assert row(number).state is CaseState.CLOSED
    with pytest.raises(ReasonMissing):
        delivering.reopen(staff.officer, number, " ")
    delivering.reopen(staff.officer, number, "Air mati lagi.")
    assert row(number).state is CaseState.REOPENED


def test_the_first_word_counts_once(thread: Thread, staff: Staff) -> None:
    number = thread.triaged()
    assert [line.number for line in door.first_words(staff.officer, clock.now())] == [number]

    delivering.tell_first(staff.officer, number)
    first = row(number).first_answered_at
    delivering.tell_first(staff.colleague, number)

    assert first is not None
    assert row(number).first_answered_at == first
    assert door.first_words(staff.officer, clock.now()) == ()


# --- Lists ---
def test_lists_show_the_day_and_an_order_that_tells_nothing(thread: Thread, staff: Staff) -> None:
    with clock.fixed(MONDAY):
        same_day = [thread.recorded() for _ in range(6)]
    with clock.fixed(MONDAY + timedelta(days=1)):
        later = thread.recorded()
        lines, pages = door.cases(staff.desk, Tab.TO_TRIAGE, 1, clock.now())

    assert [line.number for line in lines] == [*sorted(same_day), later]
    assert pages == 1
    assert {type(line.told_on).__name__ for line in lines} == {"date"}


def test_a_cell_of_a_second_prison_is_not_found(
    prison: Facility, other_prison: Facility, staff: Staff
) -> None:
    elsewhere, here = told(make_block(other_prison, "Z", cells=1)[0]), prison.id

    with within({here}), pytest.raises(NotFound):
        recording.record_case(staff.officer, here, uuid4(), elsewhere)
