from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.media.rules.workflow import (
    FOUR_EYES,
    MOVES,
    Move,
    Refusal,
    Standing,
    State,
    possible,
    refusal,
)

WRITER, EDITOR = 1, 2


def standing(
    state: State, *, public: bool = False, authors: tuple[int, ...] = (WRITER,)
) -> Standing:
    return Standing(state, public, frozenset(authors))


@pytest.mark.parametrize(
    ("state", "move"), [pair for pair in product(State, Move) if pair not in MOVES]
)
def test_a_move_that_the_table_does_not_name_is_refused(state: State, move: Move) -> None:
    assert refusal(standing(state), move, EDITOR) is Refusal.STATE


@pytest.mark.parametrize("move", sorted(FOUR_EYES))
def test_whoever_wrote_a_part_neither_approves_nor_returns(move: Move) -> None:
    both = standing(State.SUBMITTED, authors=(WRITER, EDITOR))

    assert refusal(both, move, WRITER) is Refusal.OWN_TEXT
    assert refusal(both, move, EDITOR) is Refusal.OWN_TEXT
    assert refusal(both, move, None) is Refusal.OWN_TEXT
    assert refusal(both, move, 3) is None


def test_a_public_text_is_withdrawn_and_not_taken_back() -> None:
    public = standing(State.APPROVED, public=True)

    assert refusal(public, Move.TAKE_BACK, EDITOR) is Refusal.ALREADY_PUBLIC
    assert refusal(public, Move.WITHDRAW, EDITOR) is None


def test_a_scheduled_text_is_taken_back_and_not_withdrawn() -> None:
    scheduled = standing(State.APPROVED)

    assert refusal(scheduled, Move.TAKE_BACK, EDITOR) is None
    assert refusal(scheduled, Move.WITHDRAW, EDITOR) is Refusal.NOT_PUBLIC_YET


def test_the_writer_of_a_submitted_text_may_only_take_it_back() -> None:
    assert possible(standing(State.SUBMITTED), WRITER) == {Move.TAKE_BACK}
    assert possible(standing(State.SUBMITTED), EDITOR) == {
        Move.TAKE_BACK, Move.APPROVE, Move.RETURN,
    }  # fmt: skip


@given(
    st.sampled_from(State), st.booleans(), st.frozensets(st.integers(1, 3)), st.integers(1, 3),
)  # fmt: skip
def test_no_way_leads_round_the_second_person(
    state: State, public: bool, authors: frozenset[int], person: int
) -> None:
    moves = possible(Standing(state, public, authors), person)

    assert Move.APPROVE not in moves or person not in authors
