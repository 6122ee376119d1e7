from datetime import timedelta

import pytest

from portal.accounts.rules.limits import BY_ROLE, STRICTEST, Limits, limits_for
from portal.accounts.rules.roles import FOR_PEOPLE, covers, may_hold_together
from portal.domain.actor import Role


def test_every_task_of_a_person_has_its_limits() -> None:
    assert set(BY_ROLE) == set(FOR_PEOPLE)


@pytest.mark.parametrize(
    ("role", "minutes", "hours"),
    [(Role.CASE_WORKER, 15, 8), (Role.BLOCK_OFFICER, 30, 12), (Role.ADMINISTRATOR, 10, 4)],
)
def test_limits_are_those_of_the_handbook(role: Role, minutes: int, hours: int) -> None:
    assert limits_for([role]) == Limits(timedelta(minutes=minutes), timedelta(hours=hours))


def test_of_several_tasks_the_strictest_holds() -> None:
    limits = limits_for([Role.BLOCK_OFFICER, Role.CASE_WORKER])

    assert limits == Limits(timedelta(minutes=15), timedelta(hours=8))


def test_without_a_task_the_strictest_of_all_holds() -> None:
    assert limits_for([]) == limits_for([Role.KIOSK]) == STRICTEST


def test_an_administrator_holds_no_other_task() -> None:
    assert may_hold_together([Role.ADMINISTRATOR])
    assert may_hold_together([Role.ADMINISTRATOR, Role.ADMINISTRATOR])
    assert may_hold_together([Role.CASE_WORKER, Role.REGISTRAR])
    assert not may_hold_together([Role.ADMINISTRATOR, Role.CASE_WORKER])


def test_an_administrator_covers_whom_all_of_whose_facilities_are_his() -> None:
    assert covers({1, 2}, {2})
    assert not covers({1}, {1, 2})
