"""Published figures: what agencies printed, and what arithmetic alone decides."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from portal.survey.rules.casefile import answer

HERE = Path(__file__).parent
EXAMPLES = sorted((HERE / "examples").glob("*.toml"))
PUBLISHED = next(
    (
        found
        for folder in HERE.parents
        if (found := folder.parent / "shared" / "vectors" / "survey.json").exists()
    ),
    None,
)


def _case_file(vector: dict[str, Any], given: dict[str, Any]) -> str:
    beside = {key: vector[key] for key in ("kind", "questionnaire", "bands") if key in vector}
    return json.dumps({**beside, "input": given})


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_a_worked_example_comes_out_as_published(file: Path) -> None:
    example = tomllib.loads(file.read_text())

    for case in example["cases"]:
        found = answer(_case_file(example, case["input"]))

        assert isinstance(found, dict)
        assert {key: found[key] for key in case["expect"]} == case["expect"]


@pytest.mark.skipif(PUBLISHED is None, reason="the handbooks do not lie beside this checkout")
def test_the_published_vectors_come_out_and_none_is_missing_among_the_examples() -> None:
    assert PUBLISHED is not None
    vectors = json.loads(PUBLISHED.read_text())["vectors"]

    for vector in vectors:
        cases = vector.get("cases", [vector])
        for case in cases:
            found = answer(_case_file(vector, case["input"]))
            assert isinstance(found, dict)
            assert {key: found[key] for key in case["expect"]} == case["expect"], vector["id"]

    examples = {tomllib.loads(file.read_text())["id"] for file in EXAMPLES}
    assert {vector["id"] for vector in vectors} <= examples
