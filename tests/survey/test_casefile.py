"""What `portal survey index` reads and refuses."""

import json
from typing import Any

import pytest

from portal.survey.rules.casefile import answer
from portal.survey.rules.questionnaire import QUESTIONNAIRES
from portal.survey.rules.scoring import Unfit

SKM = QUESTIONNAIRES["permenpan-14-2017"]
ALL_THREE = dict.fromkeys(SKM.list_order, 3)


def _found(**facts: object) -> dict[str, object]:
    found = answer(json.dumps({"bands": "ikm-2017", **facts}))
    assert isinstance(found, dict)
    return found


def _refused(text: str) -> set[str]:
    with pytest.raises(Unfit) as refusal:
        answer(text)
    return set(refusal.value.problems)


def test_the_facts_may_stand_under_input_or_beside_the_questionnaire() -> None:
    beside = _found(questionnaire=SKM.id, n=100, S=3179)

    assert beside == _found(input={"n": 100, "S": 3179})
    assert (beside["ikm"], beside["mutu"], beside["S"]) == ("88.31", "A", 3179)


def test_counts_of_answers_give_the_same_as_the_sheets() -> None:
    counts = {code: {"3": 2, "4": 0} for code in SKM.list_order}

    from_counts = _found(n=2, counts=counts)
    from_sheets = _found(n=3, sheets=[ALL_THREE, ALL_THREE, {**ALL_THREE, "waktu": None}])

    assert from_counts["ikm"] == from_sheets["ikm"] == "75.00"
    assert (from_sheets["n"], from_sheets["incomplete"]) == (2, 1)


def test_several_cases_are_answered_in_their_order() -> None:
    cases = [{"input": {"ikm": "75.56"}, "expect": {}}, {"input": {"ikm": 94.61}}]
    text = json.dumps({"kind": "grade", "bands": "ikm-2017", "cases": cases})

    found = answer(text)

    assert isinstance(found, list)
    assert [one["mutu"] for one in found] == ["C", "A"]


def test_no_sheets_are_no_data_and_not_nought() -> None:
    found = _found(n=0, S=0)

    assert (found["ikm"], found["mutu"], found["note"]) == (None, None, "belum ada data")
    assert _found(counts={code: {} for code in SKM.list_order})["ikm"] is None


def test_published_means_may_say_how_many_sheets_they_rest_on() -> None:
    means = ["3.1"] * 9

    assert _found(nrr=means, order="form", n=150)["n"] == 150
    assert "nrr" not in _found(nrr=means, order="position")


@pytest.mark.parametrize(
    ("facts", "paths"),
    [
        ({}, {"file"}),
        ({"n": 1, "S": 9, "ikm": "80"}, {"file"}),
        ({"input": {"n": 1, "S": 9}, "colour": 1}, {"colour"}),
        ({"input": {"n": 1, "S": 9, "m": 1}}, {"input.m"}),
        ({"input": [1]}, {"input"}),
        ({"cases": {}}, {"cases"}),
        ({"cases": [{"input": {"S": 9}}]}, {"cases[0].input.n"}),
        ({"cases": [{"input": {"n": 1, "S": 9}, "was": 2}]}, {"cases[0].was"}),
        ({"cases": [7]}, {"cases[0]"}),
        ({"input": {"n": -1, "S": 9}}, {"input.n"}),
        ({"input": {"n": True, "S": 9}}, {"input.n"}),
        ({"input": {"n": 1, "S": 37}}, {"input.S"}),
        ({"input": {"ikm": "100.5"}}, {"input.ikm"}),
        ({"input": {"ikm": "1e2"}}, {"input.ikm"}),
        ({"input": {"ikm": None}}, {"input.ikm"}),
        ({"ikm": "75,56"}, {"ikm"}),
        ({"input": {"nrr": ["3"] * 9}}, {"input.order"}),
        ({"input": {"nrr": ["3"] * 9, "order": "sorted"}}, {"input.order"}),
        ({"input": {"nrr": ["3"] * 9, "order": ["list"]}}, {"input.order"}),
        ({"input": {"nrr": ["3"] * 8, "order": "list"}}, {"input.nrr"}),
        ({"input": {"nrr": ["3"] * 8 + ["x"], "order": "list"}}, {"input.nrr[8]"}),
        ({"input": {"nrr": 3}}, {"input.nrr"}),
        ({"input": {"nrr": {"waktu": "x"}}}, {"input.nrr.waktu"}),
        ({"input": {"n": 3, "sheets": [ALL_THREE]}}, {"input.n"}),
        ({"input": {"sheets": [{"waktu": 5}]}}, {"input.sheets[0].waktu"}),
        ({"input": {"sheets": [{"waktu": "x"}]}}, {"input.sheets[0].waktu"}),
        ({"input": {"sheets": [3]}}, {"input.sheets[0]"}),
        ({"input": {"counts": {"waktu": {"01": 2}}}}, {"input.counts.waktu.01"}),
        ({"input": {"counts": {"waktu": {"5": 2}}}}, {"input.counts.waktu.5"}),
        ({"bands": "ikm-2030", "ikm": "80"}, {"bands"}),
        ({"bands": ["ikm-2017"], "ikm": "80"}, {"bands"}),
        ({"questionnaire": "mine", "ikm": "80"}, {"questionnaire"}),
        ({"kind": "guess", "ikm": "80"}, {"kind"}),
        ({"kind": ["grade"], "ikm": "80"}, {"kind"}),
        ({"kind": "ikm_from_sum", "ikm": "80"}, {"kind"}),
        ({"questionnaire": "permenpan-16-2014", "ikm": "74.19"}, {"bands"}),
        ({"questionnaire": "permenpan-16-2014", "n": 1, "S": 20}, {"bands"}),
    ],
)
def test_what_does_not_fit_is_refused_with_its_path(facts: dict[str, Any], paths: set[str]) -> None:
    assert _refused(json.dumps({"bands": "ikm-2017", **facts})) == paths


@pytest.mark.parametrize(
    "text",
    ["", "nrr", "[1, 2]", '{"n": NaN}', '{"n": 1, "n": 2}', "[" * 100_000, '{"n": ' + "9" * 5000],
)
def test_what_is_no_object_of_json_is_refused(text: str) -> None:
    assert _refused(text) == {"file"}


def test_without_questionnaire_and_bands_nothing_is_guessed() -> None:
    assert _refused('{"n": 1, "S": 20}') == {"questionnaire"}
