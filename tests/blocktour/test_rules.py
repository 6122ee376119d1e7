from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.blocktour.rules import categories, numbers
from portal.blocktour.rules.categories import LISTS, ClockClass, Lane
from portal.blocktour.rules.closing import (
    Attempt,
    AttemptOutcome,
    Lack,
    Mark,
    Understood,
    delivered,
    lacks,
    may_close,
)
from portal.blocktour.rules.counting import hide_small, share
from portal.blocktour.rules.deciding import (
    NEEDS,
    Draft,
    Need,
    RefusalReason,
    Ruling,
    may_decide,
    may_refuse,
    missing,
)
from portal.blocktour.rules.recusal import (
    CaseFacts,
    Ground,
    Viewer,
    excluded_at_saving,
    leaves_nobody,
    may_lift,
    visible,
)
from portal.blocktour.rules.severity import Reply, Trigger, clock_class, is_serious
from portal.blocktour.rules.states import CaseState
from portal.blocktour.rules.touring import StopOutcome, Told, days_since, next_time, still_open

NOW = LISTS[-1]
people = st.integers(min_value=1, max_value=9)
sets = st.frozensets(people, max_size=4)


# --- categories ---
def test_the_eight_tiles_stand_in_their_order() -> None:
    assert [one.code for one in NOW.categories] == [
        "kesehatan",
        "makanan",
        "air_kamar",
        "keamanan",
        "petugas",
        "kunjungan",
        "hak_berkas",
        "lainnya",
    ]
    assert sum(len(one.kinds) for one in NOW.categories) == 43


def test_codes_are_used_once_and_every_word_stands_in_both_languages() -> None:
    for one in NOW.categories:
        codes = [kind.code for kind in one.kinds]
        assert len(codes) == len(set(codes))
        for named in (one, *one.kinds):
            assert set(named.names) == {"id", "en"}
            assert all(named.names.values())


@pytest.mark.parametrize(
    ("category", "kind", "lane", "clock"),
    [
        ("petugas", None, Lane.SEALED, ClockClass.STAFF),
        ("petugas", "pungli", Lane.SEALED, ClockClass.STAFF),
        ("lainnya", "pembalasan", Lane.SEALED, ClockClass.SERVICE),
        ("lainnya", None, Lane.ORDINARY, ClockClass.SERVICE),
        ("keamanan", "kekerasan", Lane.ORDINARY, ClockClass.SERVICE),
        ("hak_berkas", "lewat_waktu", Lane.ORDINARY, ClockClass.BASIC_NEEDS),
        ("hak_berkas", "remisi", Lane.ORDINARY, ClockClass.INFORMATION),
        ("makanan", "mutu", Lane.ORDINARY, ClockClass.BASIC_NEEDS),
    ],
)
def test_the_words_chosen_set_lane_and_clock(
    category: str, kind: str | None, lane: Lane, clock: ClockClass
) -> None:
    assert (NOW.lane(category, kind), NOW.clock_class(category, kind)) == (lane, clock)


def test_versions_are_found_by_day_and_by_number() -> None:
    assert categories.current(date(2026, 11, 23)) is categories.version(1)
    assert categories.current(date(1999, 1, 1)) is LISTS[0]
    with pytest.raises(KeyError):
        NOW.category("gone")
    assert NOW.category("petugas").kind("obat") is None


# --- severity ---
@pytest.mark.parametrize(
    ("hurt", "safe", "triggers", "serious"),
    [
        (Reply.NO, Reply.YES, (), False),
        (Reply.NOT_ASKED, Reply.NOT_ASKED, (), False),
        (Reply.YES, Reply.YES, (), True),
        (Reply.NO, Reply.NO, (), True),
        (Reply.NO, Reply.YES, (Trigger.HUNGER_STRIKE,), True),
    ],
)
def test_two_questions_and_the_triggers(
    hurt: Reply, safe: Reply, triggers: tuple[Trigger, ...], serious: bool
) -> None:
    assert is_serious(hurt, safe, triggers) is serious


@given(st.sampled_from(ClockClass), st.booleans())
def test_serious_is_never_lowered_inside(default: ClockClass, serious: bool) -> None:
    assert clock_class(default, serious=serious, was=ClockClass.SERIOUS) is ClockClass.SERIOUS
    assert (clock_class(default, serious=serious) is ClockClass.SERIOUS) == (
        serious or default is ClockClass.SERIOUS
    )


# --- recusal ---
@given(st.sampled_from(Lane), people, sets, people, sets, sets)
def test_no_excluded_person_ever_sees_a_case(
    lane: Lane,
    recorder: int,
    named: frozenset[int],
    who: int,
    open_to: frozenset[int],
    at: frozenset[int],
) -> None:
    excluded = frozenset(excluded_at_saving(lane, recorder, named))
    case = CaseFacts(1, lane, recorder, excluded)
    seen = visible(case, Viewer(who, ordinary=open_to, sealed=at))

    if who in named or (lane is Lane.SEALED and (who == recorder or 1 not in at)):
        assert not seen
    if seen:
        assert 1 in (open_to if lane is Lane.ORDINARY else at)


def test_a_device_sees_nothing() -> None:
    assert not visible(CaseFacts(1, Lane.ORDINARY, 5), Viewer(None, frozenset({1}), frozenset({1})))


def test_named_weighs_more_than_every_other_ground() -> None:
    grounds = excluded_at_saving(Lane.SEALED, 7, named=[7, 8], asked_out=[8, 9])

    assert dict(grounds) == {7: Ground.NAMED, 8: Ground.NAMED, 9: Ground.ASKED_OUT}


def test_an_ordinary_case_stays_open_to_its_recorder() -> None:
    assert dict(excluded_at_saving(Lane.ORDINARY, 7)) == {}
    assert dict(excluded_at_saving(Lane.SEALED, None)) == {}


@pytest.mark.parametrize(
    ("lane", "recorder", "excluded", "readers", "nobody"),
    [
        (Lane.SEALED, 5, {1}, {1, 2}, True),
        (Lane.SEALED, 5, {1}, {1, 2, 3}, False),
        (Lane.SEALED, 3, {1}, {1, 2, 3}, True),
        (Lane.SEALED, None, set(), {1, 2}, False),
        (Lane.ORDINARY, 3, {1}, {1, 2, 3}, False),
        (Lane.ORDINARY, 3, {1}, {1, 2}, True),
    ],
    ids=["last", "another", "recorder", "nobody wrote", "ordinary recorder", "ordinary last"],
)
def test_a_case_keeps_a_reader(
    lane: Lane, recorder: int | None, excluded: set[int], readers: set[int], nobody: bool
) -> None:
    case = CaseFacts(1, lane, recorder, frozenset(excluded))

    assert leaves_nobody(case, readers, 2) is nobody


@given(st.sampled_from(Lane), people, sets, sets, people)
def test_a_reader_left_may_see_the_case(
    lane: Lane, recorder: int, excluded: frozenset[int], readers: frozenset[int], out: int
) -> None:
    after = CaseFacts(1, lane, recorder, excluded | {out})
    at = frozenset({1})

    seen = any(visible(after, Viewer(one, ordinary=at, sealed=at)) for one in readers)

    assert seen is not leaves_nobody(CaseFacts(1, lane, recorder, excluded), readers, out)


@pytest.mark.parametrize("ground", Ground)
def test_what_may_be_lifted_is_never_lifted_on_a_serious_case(ground: Ground) -> None:
    assert not may_lift(ground, serious=True)
    assert may_lift(ground, serious=False) is (
        ground
        not in {
            Ground.NAMED,
            Ground.HEAD_NAMED,
            Ground.TOOK_PART,
            Ground.IMPLICATED,
            Ground.ASKED_OUT,
            Ground.STEPPED_ASIDE,
        }
    )


# --- numbers ---
@given(st.binary(min_size=16, max_size=32))
def test_a_number_can_be_read_back_however_it_is_typed(randomness: bytes) -> None:
    number = numbers.reference(randomness)

    assert not set(number.removeprefix("KEL-")) & set("AEIOU01ILSBZ5")
    for typed in (number, number.lower(), number.replace("-", " "), number.removeprefix("KEL-")):
        assert numbers.read(typed) == number


@pytest.mark.parametrize("text", ["", "KEL", "KEL-4F7K-92Q", "KEL-4F7K-92QDD", "KEL-4A7K-92QD"])
def test_what_is_no_number_is_not_read_as_one(text: str) -> None:
    assert numbers.read(text) is None


def test_too_little_randomness_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        numbers.reference(bytes(15))


# --- rulings ---
FULL = {
    "sentence": "Air akan mengalir lagi.",
    "article": "Pasal 9",
    "would_change": "Pompa baru.",
    "next_door": "Ombudsman",
    "reason": RefusalReason.WRONG_DOOR,
}


@pytest.mark.parametrize("ruling", Ruling)
def test_an_answer_lacks_exactly_what_is_left_out(ruling: Ruling) -> None:
    assert missing(Draft(ruling, **FULL)) == ()
    for need in NEEDS[ruling]:
        short = FULL | {need: None if need is Need.REASON else "  "}
        assert missing(Draft(ruling, **short)) == (need,)


def test_whoever_gets_less_than_asked_hears_where_to_go_next() -> None:
    assert all(
        Need.NEXT_DOOR in needs for ruling, needs in NEEDS.items() if ruling is not Ruling.GRANTED
    )


def test_serious_and_staff_cases_cannot_be_refused() -> None:
    assert {one for one in ClockClass if not may_refuse(one)} == {
        ClockClass.SERIOUS,
        ClockClass.STAFF,
    }


def test_nobody_decides_their_own_draft() -> None:
    assert not may_decide(4, 4)
    assert not may_decide(None, 4)
    assert may_decide(5, 4)


# --- delivery ---
DAY = date(2026, 11, 23)
MET = Attempt(DAY, AttemptOutcome.REACHED, Understood.YES, Mark.THUMB)


@pytest.mark.parametrize(
    ("attempt", "lacking"),
    [
        (MET, ()),
        (Attempt(DAY, AttemptOutcome.ASLEEP), ()),
        (Attempt(DAY, AttemptOutcome.REACHED), (Lack.UNDERSTOOD, Lack.MARK)),
        (Attempt(DAY, AttemptOutcome.REACHED, Understood.YES), (Lack.MARK,)),
        (Attempt(DAY, AttemptOutcome.REACHED, Understood.YES, Mark.SPOKEN, " "), (Lack.WITNESS,)),
        (Attempt(DAY, AttemptOutcome.REACHED, Understood.YES, Mark.SPOKEN, "Tono"), ()),
    ],
)
def test_what_an_attempt_lacks(attempt: Attempt, lacking: tuple[Lack, ...]) -> None:
    assert lacks(attempt) == lacking


@pytest.mark.parametrize(
    ("attempts", "told"),
    [
        ([], False),
        ([MET], True),
        ([Attempt(DAY, AttemptOutcome.ASLEEP), MET], True),
        ([Attempt(DAY, AttemptOutcome.REACHED, Understood.PARTLY, Mark.SIGNATURE)], True),
        ([Attempt(DAY, AttemptOutcome.REACHED, Understood.NO, Mark.SIGNATURE)], False),
        ([Attempt(DAY, AttemptOutcome.REACHED, Understood.YES)], False),
        ([Attempt(DAY, AttemptOutcome.WOULD_NOT_LISTEN)] * 2, False),
        (
            [
                Attempt(DAY, AttemptOutcome.WOULD_NOT_LISTEN),
                Attempt(date(2026, 11, 25), AttemptOutcome.WOULD_NOT_LISTEN),
            ],
            True,
        ),
    ],
)
def test_when_an_answer_has_reached_the_person(attempts: list[Attempt], told: bool) -> None:
    assert delivered(attempts) is told


@pytest.mark.parametrize(
    ("state", "on", "today", "closes"),
    [
        (CaseState.DELIVERED, date(2026, 11, 1), date(2026, 11, 8), False),
        (CaseState.DELIVERED, date(2026, 11, 1), date(2026, 11, 9), True),
        (CaseState.DELIVERED, None, date(2026, 11, 9), False),
        (CaseState.DECIDED, date(2026, 11, 1), date(2026, 11, 30), False),
    ],
)
def test_silence_closes_only_what_was_told(
    state: CaseState, on: date | None, today: date, closes: bool
) -> None:
    assert may_close(state, on, today, 7) is closes


# --- tours ---
STOPS = (
    Told("C-1", StopOutcome.HEARD),
    Told("C-2", StopOutcome.NIL),
    Told("C-3", StopOutcome.ASLEEP),
    Told("C-4", StopOutcome.NOT_REACHED, "kunci rusak"),
    Told("C-5", StopOutcome.NOT_REACHED, " "),
    Told("C-6", None),
)


def test_a_tour_is_held_open_by_what_is_unmarked_or_missed_without_a_reason() -> None:
    assert still_open(STOPS) == ("C-5", "C-6")
    assert still_open(STOPS[:4]) == ()


def test_what_was_not_covered_opens_the_next_tour() -> None:
    assert next_time(STOPS) == ("C-3", "C-4", "C-5", "C-6")


def test_days_since_a_cell_was_heard() -> None:
    assert days_since(None, DAY) is None
    assert days_since(date(2026, 11, 20), DAY) == 3


# --- counts ---
@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ({}, {}),
        ({"a": 0, "b": 7}, {"a": 0, "b": 7}),
        ({"a": 3, "b": 2, "c": 9}, {"a": None, "b": None, "c": 9}),
        ({"a": 3, "b": 6, "c": 9}, {"a": None, "b": None, "c": 9}),
        ({"a": 3, "b": 0}, {"a": None, "b": 0}),
    ],
)
def test_small_groups_are_hidden_and_cannot_be_reckoned_back(
    counts: dict[str, int], shown: dict[str, int | None]
) -> None:
    assert hide_small(counts) == shown


def test_a_share_of_few_is_not_told() -> None:
    assert share(3, 4) is None
    assert share(3, 6) == Fraction(1, 2)
