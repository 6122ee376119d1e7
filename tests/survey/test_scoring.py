"""What must always hold of the index, whatever the sheets say."""

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.survey.rules.questionnaire import BANDS, QUESTIONNAIRES, Order
from portal.survey.rules.scoring import (
    Unfit,
    WrongBands,
    from_counts,
    from_element_sums,
    from_nrr,
    from_sheets,
    from_sum,
    grade,
    grade_of,
    grade_of_form_view,
    half_up,
    shown,
)

SKM = QUESTIONNAIRES["permenpan-14-2017"]
OLD = QUESTIONNAIRES["permenpan-16-2014"]
SHEETS = st.lists(
    st.fixed_dictionaries({code: st.integers(1, 4) for code in SKM.form_order}), max_size=60
)


@given(SHEETS)
def test_the_index_is_the_mean_of_all_scores_times_25(sheets: list[dict[str, int]]) -> None:
    index = from_sheets(SKM, sheets).index

    if not sheets:
        assert index is None
        return
    total = sum(sum(sheet.values()) for sheet in sheets)
    assert index is not None
    assert index.exact == Fraction(25 * total, 9 * len(sheets))
    assert abs(Fraction(index.ikm) - index.exact) <= Fraction(1, 200)
    assert Decimal(25) <= index.ikm <= Decimal(100)


@given(SHEETS, st.randoms())
def test_neither_the_order_of_sheets_nor_of_elements_matters(sheets, random) -> None:
    shuffled = [dict(random.sample(sorted(sheet.items()), 9)) for sheet in sheets]
    random.shuffle(shuffled)

    assert from_sheets(SKM, shuffled) == from_sheets(SKM, sheets)


@given(SHEETS)
def test_sheets_counts_sums_and_the_sum_alone_agree(sheets: list[dict[str, int]]) -> None:
    index = from_sheets(SKM, sheets).index
    sums = {code: sum(sheet[code] for sheet in sheets) for code in SKM.list_order}
    counts = {code: Counter(sheet[code] for sheet in sheets) for code in SKM.list_order}

    assert from_element_sums(SKM, len(sheets), sums) == index
    assert from_counts(SKM, counts) == index
    alone = from_sum(SKM, len(sheets), sum(sums.values()))
    assert (alone and alone.ikm) == (index and index.ikm)


@given(st.integers(1, 3000).flatmap(lambda n: st.tuples(st.just(n), st.integers(9 * n, 36 * n))))
def test_the_form_view_lies_a_thousandth_below_and_a_better_sum_is_never_worse(pair) -> None:
    sheets, total = pair
    index = from_sum(SKM, sheets, total)
    assert index is not None

    assert index.form_view() == half_up(index.exact * Fraction(999, 1000), 2)
    assert grade_of_form_view(index).start <= grade_of(index).start
    if total < 36 * sheets:
        better = from_sum(SKM, sheets, total + 1)
        assert better is not None
        assert better.ikm >= index.ikm


@given(st.decimals(25, 100, places=4))
def test_every_value_on_the_scale_has_one_grade_and_the_holes_are_closed(ikm: Decimal) -> None:
    rounded = half_up(ikm, 2)
    expected = "D" if rounded < 65 else "C" if rounded < Decimal("76.61") else "B"
    if rounded >= Decimal("88.31"):
        expected = "A"

    assert grade(ikm, BANDS["ikm-2017"]).mutu == expected


@given(st.fractions(0, 40))
def test_rounding_is_half_up_and_showing_keeps_two_to_four_decimals(value: Fraction) -> None:
    assert abs(Fraction(half_up(value, 2)) - value) <= Fraction(1, 200)
    assert 2 <= -int(shown(value).as_tuple().exponent) <= 4
    assert half_up(value, 4) == shown(value)


def test_half_up_goes_up_where_bankers_would_go_down() -> None:
    assert (half_up(Decimal("0.125"), 2), round(0.125, 2)) == (Decimal("0.13"), 0.12)
    assert str(shown(Fraction(314, 10))) == "31.40"
    assert str(shown(Fraction(31423, 1000))) == "31.423"


def test_a_perfect_sheet_gives_exactly_100_and_the_form_view_99_90() -> None:
    index = from_sum(SKM, 1, 36)

    assert index is not None
    assert (str(index.ikm), str(index.form_view())) == ("100.00", "99.90")


def test_all_ones_have_a_grade_in_the_form_view_too() -> None:
    index = from_sum(SKM, 7, 63)

    assert index is not None
    assert str(index.form_view()) == "24.98"
    assert grade_of_form_view(index).mutu == "D"


def test_data_of_one_rule_is_never_graded_with_the_bands_of_another() -> None:
    with pytest.raises(WrongBands, match="ikm-2014"):
        grade(Decimal("74.19"), BANDS["ikm-2017"], OLD)


@pytest.mark.parametrize("value", ["24.99", "100.01", "NaN", "Infinity", "-1", "1E+999999"])
def test_a_value_off_the_scale_has_no_grade(value: str) -> None:
    with pytest.raises(Unfit, match="between"):
        grade(Decimal(value), BANDS["ikm-2017"])


def test_a_sheet_with_a_skipped_element_is_counted_and_left_out() -> None:
    full = dict.fromkeys(SKM.list_order, 3)

    pooled = from_sheets(SKM, [full, {**full, "biaya": None}, {"waktu": 1}])

    assert (pooled.complete, pooled.incomplete) == (1, 2)
    assert pooled.index is not None
    assert str(pooled.index.ikm) == "75.00"


def test_strange_sheets_are_refused_by_name() -> None:
    with pytest.raises(Unfit) as refusal:
        from_sheets(SKM, [{"waktu": 5}, {"maklumat": 3}, dict.fromkeys(SKM.list_order, 4)])

    assert set(refusal.value.problems) == {"[0].waktu", "[1].maklumat"}


@pytest.mark.parametrize(("sheets", "total"), [(-1, 0), (1, 8), (1, 37), (0, 1)])
def test_sums_that_no_sheets_can_have_are_refused(sheets: int, total: int) -> None:
    with pytest.raises(Unfit):
        from_sum(SKM, sheets, total)


def test_element_sums_and_counts_name_what_does_not_fit() -> None:
    with pytest.raises(Unfit) as sums:
        from_element_sums(SKM, 2, {"biaya": 9, "maklumat": 4})
    with pytest.raises(Unfit) as off:
        from_counts(SKM, {"biaya": {5: 1, 4: -1}})
    with pytest.raises(Unfit) as uneven:
        from_counts(SKM, {"biaya": {4: 2}, "waktu": {4: 1}})

    assert set(sums.value.problems) == {*SKM.list_order, "maklumat"}
    assert set(off.value.problems) == {"biaya.5", "biaya.4"}
    assert uneven.value.problems == {"waktu": "has 1 answers, not 2"}


def test_no_sheet_gives_no_index_rather_than_nought() -> None:
    assert from_sum(SKM, 0, 0) is None
    assert from_element_sums(SKM, 0, dict.fromkeys(SKM.list_order, 0)) is None


def test_a_list_in_form_order_has_sarana_before_pengaduan() -> None:
    means = [Decimal(value) for value in ("3", "3", "3", "3", "3", "3", "3", "2", "4")]

    by_form = from_nrr(SKM, means, Order.FORM)
    by_list = from_nrr(SKM, means, Order.LIST)
    by_place = from_nrr(SKM, means, Order.POSITION)

    assert (by_form.nrr["sarana"], by_list.nrr["sarana"]) == (2, 4)
    assert by_form.lowest() == ("sarana",)
    assert (by_place.nrr, by_place.lowest()) == ({}, ())
    assert by_form.ikm == by_list.ikm == by_place.ikm


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ([Decimal(3)] * 8, ""),
        ([Decimal(3)] * 8 + [Decimal("4.1")], "sarana"),
        ({**dict.fromkeys(SKM.list_order, Decimal(3)), "waktu": Decimal("NaN")}, "waktu"),
        ({**dict.fromkeys(SKM.list_order, Decimal(3)), "maklumat": Decimal(3)}, "maklumat"),
        ({code: Decimal(3) for code in SKM.list_order[1:]}, "persyaratan"),
    ],
)
def test_means_that_are_missing_strange_or_off_the_scale_are_refused(values, path: str) -> None:
    with pytest.raises(Unfit) as refusal:
        from_nrr(SKM, values, Order.LIST)

    assert set(refusal.value.problems) == {path}
