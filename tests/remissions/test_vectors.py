"""The published vectors and the worked cases of the house, through the one entry of the engine."""

import json
import tomllib
from pathlib import Path

import pytest

from portal.remissions.rules import case, engine, plain, ruleset
from portal.remissions.rules.trace import Recorder

HERE = Path(__file__).parent
PUBLISHED = HERE.parents[2] / "shared" / "vectors" / "remissions.json"
LAW = ruleset.load()
GOLDENS = sorted((HERE / "examples").glob("*.toml"))
CASES = json.loads(PUBLISHED.read_text())["cases"] if PUBLISHED.exists() else []


def answered(inputs: object, expected: dict[str, object]) -> dict[str, object]:
    """Return what the engine says under each key that is expected."""
    result = engine.calculate(case.read(inputs, LAW), LAW)
    told = plain.plain(result, LAW)
    days = {each.kind: each.due or each.days for each in result.milestones}
    return {key: plain.value(days.get(key, told.get(key))) for key in expected}


def agrees(told: object, expected: object) -> bool:
    """Tell whether every expected key has its value; lists entry by entry."""
    if isinstance(expected, dict) and isinstance(told, dict):
        return all(agrees(told[key], value) for key, value in expected.items())
    if isinstance(expected, list) and isinstance(told, list):
        return len(told) == len(expected) and all(map(agrees, told, expected))
    return told == expected


@pytest.mark.parametrize("published", CASES, ids=lambda each: each["id"])
def test_a_published_vector_comes_out_as_printed(published: dict[str, dict[str, object]]) -> None:
    expected = published["expected"]

    told = answered(published["inputs"], expected)

    assert agrees(told, expected), told


@pytest.mark.parametrize("path", GOLDENS, ids=lambda path: path.stem)
def test_a_worked_case_comes_out_with_its_citations(path: Path) -> None:
    golden = tomllib.loads(path.read_text())
    expected = golden["expected"]
    rec = Recorder()

    told = answered(golden["inputs"], expected)
    engine.calculate(case.read(golden["inputs"], LAW), LAW, rec)

    cited = {cite for step in rec.steps for _, row in step.params for cite in row.cite}
    assert agrees(told, expected), told
    assert set(golden["cites"]) <= cited


def test_the_published_vectors_stand_among_the_worked_cases() -> None:
    stems = {path.stem for path in GOLDENS}
    assert {f"vector-{each['id'].lower()}" for each in CASES} <= stems


def test_every_row_of_a_date_or_a_grant_is_met_by_a_worked_case() -> None:
    rec = Recorder()
    for path in GOLDENS:
        engine.calculate(case.read(tomllib.loads(path.read_text())["inputs"], LAW), LAW, rec)
    met = {name for step in rec.steps for name, _ in step.params}

    assert set(LAW.params) - met == {
        "import.mismatch_stop_percent",
        "pre_release_leave.last_of_one_day",
        "remission.edge_days",
        "remission.religions",
    }
