import json
from typing import Any

import pytest

from portal.remissions.rules import case, ruleset

LAW = ruleset.load()
GOOD: dict[str, Any] = {"start_date": "2023-02-20", "sentence": {"years": 4}}


def paths(plain: object) -> list[str]:
    with pytest.raises(case.Unfit) as unfit:
        case.read(plain, LAW)
    return [problem.path for problem in unfit.value.problems]


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"sentnce": {}}, "sentnce"),
        ({"format": "remissions.case/9"}, "format"),
        ({"start_date": "2023-2-20"}, "start_date"),
        ({"start_date": "2023-02-30"}, "start_date"),
        ({"start_date": "1802-02-20"}, "start_date"),
        ({"start_date": 20230220}, "start_date"),
        ({"on": "tomorrow"}, "on"),
        ({"sentence": 4}, "sentence"),
        ({"sentence": {"years": 4, "weeks": 2}}, "sentence.weeks"),
        ({"sentence": {"years": -1}}, "sentence.years"),
        ({"sentence": {"years": True}}, "sentence.years"),
        ({"sentence": {"months": 1.5}}, "sentence.months"),
        ({"sentence": {"days": "3"}}, "sentence.days"),
        ({"sentences": [{"years": 1}]}, "sentences"),
        ({"credit_days": 10**9}, "credit_days"),
        ({"remissions": {}}, "remissions"),
        ({"remissions": ["general"]}, "remissions[0]"),
        ({"remissions": [{"type": "gift", "event_date": "2024-08-17"}]}, "remissions[0].type"),
        ({"remissions": [{"event_date": "2024-08-17"}]}, "remissions[0].type"),
        ({"remissions": [{"type": "general"}]}, "remissions[0].event_date"),
        (
            {"remissions": [{"type": "general", "event_date": "2024-08-17", "days": None}]},
            "remissions[0]",
        ),
        ({"events": None}, "events"),
        ({"events": [{"type": "humanitarian", "event_date": "2024-08-17"}]}, "events[0].type"),
        ({"events": [{"event_date": "2024-08-17"}]}, "events[0].type"),
        ({"events": [{"type": "general", "event_date": "x", "why": 1}]}, "events[0].why"),
        ({"events": [{"type": "general", "event_date": "2024-08-17"}] * 2}, "events[1]"),
        ({"substitute": 3}, "substitute"),
        ({"substitute": {"months": 3, "paid": "no"}}, "substitute.paid"),
        ({"remission_category": "special"}, "remission_category"),
        ({"religion_first_recorded": 4}, "religion_first_recorded"),
    ],
)
def test_what_does_not_fit_is_told_with_its_path(more: dict[str, Any], path: str) -> None:
    assert path in paths(GOOD | more)


def test_all_problems_come_in_one_pass() -> None:
    assert len(paths({"a": 1, "start_date": 3, "sentence": {"years": "x"}})) == 3


@pytest.mark.parametrize("plain", [[], "x", None, 3])
def test_only_an_object_is_a_case(plain: object) -> None:
    assert paths(plain) == ["$"]


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, '{"on": NaN}', '{"on": 1, "on": 2}', " " * 1_000_001]
)
def test_a_broken_file_is_told_in_one_sentence(text: str) -> None:
    with pytest.raises(case.Unfit) as unfit:
        case.parse(text, LAW)
    assert [problem.path for problem in unfit.value.problems] == ["$"]


def test_what_is_left_out_counts_as_none_and_is_listed() -> None:
    read = case.parse(json.dumps(GOOD), LAW)

    assert dict(read.assumes) == {
        "sentence.months": 0,
        "sentence.days": 0,
        "credit_days": 0,
        "days_outside": 0,
        "remission_days": 0,
        "remissions": [],
        "substitute": None,
        "remission_category": "normal",
    }
    paid = case.read(GOOD | {"substitute": {"months": 3}}, LAW)
    assert ("substitute.paid", False) in paid.assumes


def test_null_stays_unknown() -> None:
    facts = case.read(
        GOOD
        | {
            "credit_days": None,
            "remission_category": None,
            "substitute": {"months": None, "paid": True},
            "remission_days": None,
            "sentence": None,
        },
        LAW,
    ).facts

    assert facts.credit_days is facts.category is facts.substitute is facts.sentences is None
    assert facts.remissions is facts.remission_days is None
