from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from portal.blocktour.rules.states import (
    MOVES,
    OPEN,
    STATE_NAMES,
    CaseState,
    Hand,
    NotPossibleNow,
    Step,
    after,
    hands,
    possible,
)

TOLD = {CaseState.DELIVERED, CaseState.HANDED_OVER}


def test_each_step_leads_from_a_state_to_one_place() -> None:
    assert max(Counter((move.old, move.step) for move in MOVES).values()) == 1


def test_every_state_but_the_phone_can_be_reached_and_has_a_name() -> None:
    assert {move.new for move in MOVES} == set(CaseState) - {CaseState.CAPTURED}
    assert set(STATE_NAMES) == set(CaseState)


def test_nothing_leads_to_closed_but_a_delivery() -> None:
    assert {move.old for move in MOVES if move.new is CaseState.CLOSED} == {CaseState.DELIVERED}
    assert {move.step for move in MOVES if move.new is CaseState.DELIVERED} == {Step.DELIVER}


def test_only_the_person_withdraws_and_reopens() -> None:
    chosen = [move for move in MOVES if move.step in {Step.WITHDRAW, Step.REOPEN}]

    assert {move.hands for move in chosen} == {frozenset({Hand.PERSON})}
    assert {move.old for move in chosen if move.step is Step.WITHDRAW} == OPEN


def test_whoever_drafts_is_another_hand_than_whoever_decides() -> None:
    for move in MOVES:
        if move.step is Step.DECIDE:
            assert not move.hands & {Hand.HANDLER, Hand.DESK}


def test_a_step_that_leads_nowhere_is_refused_in_words() -> None:
    assert hands(CaseState.RECEIVED, Step.CLOSE) == frozenset()
    assert not possible(CaseState.RECEIVED, Step.CLOSE)
    with pytest.raises(NotPossibleNow):
        after(CaseState.RECEIVED, Step.CLOSE)


def test_the_thread_from_the_cell_and_back() -> None:
    state = CaseState.CAPTURED
    for step in (
        Step.RECEIVE,
        Step.TRIAGE,
        Step.START,
        Step.DRAFT,
        Step.DECIDE,
        Step.DELIVER,
        Step.CLOSE,
    ):
        assert hands(state, step)
        state = after(state, step)
    assert state is CaseState.CLOSED


class ACase(RuleBasedStateMachine):
    """Any steps in any order; the promises hold after each."""

    def __init__(self) -> None:
        super().__init__()
        self.state = CaseState.CAPTURED
        self.course = [CaseState.CAPTURED]

    @rule(step=st.sampled_from(Step))
    def take(self, step: Step) -> None:
        if possible(self.state, step):
            self.state = after(self.state, step)
            self.course.append(self.state)
        else:
            with pytest.raises(NotPossibleNow):
                after(self.state, step)

    @precondition(lambda self: self.state is CaseState.CLOSED)
    @rule()
    def reopened_by_the_person(self) -> None:
        self.state = after(self.state, Step.REOPEN)
        self.course.append(self.state)

    @invariant()
    def closed_comes_straight_after_told(self) -> None:
        for before, then in zip(self.course, self.course[1:], strict=False):
            assert then is not CaseState.CLOSED or before is CaseState.DELIVERED

    @invariant()
    def told_comes_after_decided(self) -> None:
        for place, state in enumerate(self.course):
            if state in TOLD:
                assert CaseState.DECIDED in self.course[:place]

    @invariant()
    def every_decision_was_drafted_or_proposed(self) -> None:
        for before, then in zip(self.course, self.course[1:], strict=False):
            if then is CaseState.DECIDED:
                assert before in {
                    CaseState.ANSWER_DRAFTED,
                    CaseState.REFUSAL_PROPOSED,
                    CaseState.HANDED_OVER,
                    CaseState.CLOSED_UNDELIVERED,
                }

    @invariant()
    def an_open_case_can_always_go_on(self) -> None:
        if self.state in OPEN:
            assert any(possible(self.state, step) for step in Step if step is not Step.WITHDRAW)


ACase.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestACase = ACase.TestCase
