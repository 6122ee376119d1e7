from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.media.rules.visibility import (
    PUBLIC,
    RevisionFacts,
    Sight,
    Status,
    View,
    Viewer,
    cache_life,
    status_of,
    visible_to,
)
from portal.media.rules.workflow import State

HOUR = datetime(2026, 11, 24, 3, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def revision(
    state: State = State.APPROVED,
    at: datetime | None = HOUR,
    number: int = 1,
    *,
    sealed: bool = True,
) -> RevisionFacts:
    return RevisionFacts(number, state, at, sealed)


@pytest.mark.parametrize(
    ("offset", "sight"), [(-SECOND, Sight.NOTHING), (0 * SECOND, Sight.TEXT), (SECOND, Sight.TEXT)]
)
def test_a_text_is_public_from_its_very_second(offset: timedelta, sight: Sight) -> None:
    assert visible_to(7, [revision()], PUBLIC, HOUR + offset).sight is sight


@pytest.mark.parametrize("state", [s for s in State if s not in {State.APPROVED, State.WITHDRAWN}])
def test_what_nobody_approved_does_not_exist(state: State) -> None:
    assert visible_to(7, [revision(state)], PUBLIC, HOUR).sight is Sight.NOTHING


def test_a_withdrawn_text_leaves_a_tombstone_and_never_an_older_text() -> None:
    item = [revision(number=1), revision(State.WITHDRAWN, number=2)]

    assert visible_to(7, item, PUBLIC, HOUR) == View(Sight.TOMBSTONE, 2)


def test_the_old_text_stays_while_the_next_one_waits() -> None:
    item = [
        revision(number=1, at=HOUR - SECOND),
        revision(number=2, at=HOUR + SECOND),
        revision(State.DRAFT, None, 3),
    ]

    assert visible_to(7, item, PUBLIC, HOUR) == View(Sight.TEXT, 1)
    assert visible_to(7, item, PUBLIC, HOUR + SECOND) == View(Sight.TEXT, 2)


def test_a_text_that_changed_after_its_approval_is_not_shown() -> None:
    assert visible_to(7, [revision(sealed=False)], PUBLIC, HOUR).sight is Sight.NOTHING


def test_the_newsroom_of_the_facility_alone_reads_drafts() -> None:
    item = [revision(State.DRAFT, None, 4)]

    assert visible_to(7, item, Viewer(frozenset({7})), HOUR) == View(Sight.TEXT, 4)
    assert visible_to(7, item, Viewer(frozenset({8})), HOUR).sight is Sight.NOTHING
    assert visible_to(7, [], Viewer(frozenset({7})), HOUR).sight is Sight.NOTHING


@given(
    st.lists(
        st.builds(
            revision,
            st.sampled_from(State),
            st.none()
            | st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(  # noqa: DTZ001
                lambda at: at.replace(tzinfo=UTC)
            ),
            st.integers(1, 9),
            sealed=st.booleans(),
        ),
        unique_by=lambda each: each.number,
    )
)
def test_nobody_outside_ever_reads_what_is_not_approved_sealed_and_due(
    item: list[RevisionFacts],
) -> None:
    seen = visible_to(7, item, PUBLIC, HOUR)
    by_number = {each.number: each for each in item}

    if seen.sight is Sight.TEXT:
        shown = by_number[seen.number or 0]
        assert (shown.state, shown.sealed) == (State.APPROVED, True)
        assert shown.visible_at is not None
        assert shown.visible_at <= HOUR


def test_a_page_is_kept_no_longer_than_to_the_next_change() -> None:
    minute = timedelta(minutes=1)

    assert cache_life(HOUR, None, minute) == 60
    assert cache_life(HOUR, HOUR + 10 * SECOND, minute) == 10
    assert cache_life(HOUR, HOUR + timedelta(days=1), minute) == 60
    assert cache_life(HOUR, HOUR - SECOND, minute) == 0


def test_approved_is_scheduled_until_its_hour_and_public_from_then_on() -> None:
    assert status_of(State.APPROVED, HOUR, HOUR - SECOND) is Status.SCHEDULED
    assert status_of(State.APPROVED, HOUR, HOUR) is Status.PUBLIC
    assert status_of(State.RETURNED, None, HOUR) is Status.RETURNED
