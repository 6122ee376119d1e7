"""Target sets: dated, marked, and never a share of the nation's figure."""

from datetime import date
from pathlib import Path

import pytest

from portal.reports.rules.targets import TABLE, Applicable, Mark, TargetSet, read_targets

SETS = {one.code: one for one in read_targets()}


@pytest.fixture
def of_2020() -> TargetSet:
    return SETS["resolusi_2020"]


def test_the_resolution_of_2020_has_its_fifteen_points_in_order(of_2020: TargetSet) -> None:
    assert [point.number for point in of_2020.points] == list(range(1, 16))
    assert len({point.code for point in of_2020.points}) == 15
    assert (of_2020.instrument_mark, of_2020.points_mark) == (Mark.VERIFIED, Mark.SECONDARY)


def test_three_points_do_not_touch_this_prison_and_one_only_sometimes(of_2020: TargetSet) -> None:
    others = {p.code: p.applicable for p in of_2020.points if p.applicable is not Applicable.YES}

    assert others == {
        "ready_meals": Applicable.NO,
        "independent_school": Applicable.NO,
        "seized_goods": Applicable.NO,
        "nkri_pledge": Applicable.CONDITIONAL,
    }
    assert all(point.reason for point in of_2020.points if point.code in others)


@pytest.mark.parametrize(
    ("day", "in_force"),
    [
        (date(2020, 1, 20), False),
        (date(2020, 1, 21), True),
        (date(2020, 12, 31), True),
        (date(2021, 1, 1), False),
    ],
)
def test_a_set_holds_for_its_time_and_is_history_afterwards(
    of_2020: TargetSet, day: date, in_force: bool
) -> None:
    assert of_2020.in_force(day) is in_force


def test_later_programmes_wait_for_their_decree() -> None:
    assert [
        (SETS[code].points, SETS[code].instrument) for code in ("akselerasi_13", "aksi_15_2026")
    ] == [
        ((), ""),
        ((), ""),
    ]


def test_a_point_that_does_not_apply_must_say_why(tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(TABLE.read_text().replace('reason = "Hanya untuk LPKA"\n', ""))

    with pytest.raises(ValueError, match="independent_school"):
        read_targets(file)


def test_an_unknown_mark_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "targets.toml"
    file.write_text(TABLE.read_text().replace('"secondary"', '"sure"'))

    with pytest.raises(ValueError, match="sure"):
        read_targets(file)
