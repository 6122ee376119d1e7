import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.remissions.commands import commands

FACTS = {"start_date": "2023-02-20", "sentence": {"years": 4}, "remission_days": 120}


def test_a_case_is_calculated_in_canonical_form(tmp_path: Path) -> None:
    file = tmp_path / "case.json"
    file.write_text(json.dumps(FACTS))

    first, again = (CliRunner().invoke(commands, ["calculate", str(file)]) for _ in range(2))

    told = json.loads(first.stdout)
    due = {each["kind"]: each.get("due") for each in told["milestones"]}
    assert (first.exit_code, due["two_thirds"]) == (0, "2025-06-20")
    assert first.stdout == again.stdout
    assert list(told) == sorted(told)
    assert (told["format"], told["notice"]) == ("remissions.result/1", "calculation_only")
    assert "trace" not in told


def test_standard_input_the_day_and_the_trace_are_taken() -> None:
    facts = json.dumps(FACTS | {"sentence": {"years": 0}})
    options = ["calculate", "-", "--on", "2025-05-05", "--trace", "--lang", "en"]

    answer = CliRunner().invoke(commands, options, input=facts)

    told = json.loads(answer.stdout)
    assert (answer.exit_code, told["on"], told["trace"]) == (0, "2025-05-05", [])
    assert len(told["explanation"]) == 2

    answer = CliRunner().invoke(commands, options, input=json.dumps(FACTS))
    told = json.loads(answer.stdout)
    assert "20 February 2023" in " ".join(told["explanation"])
    assert told["trace"][0]["params"][0]["cite"][0]["instrument"]


def test_what_does_not_fit_ends_with_2_and_every_path() -> None:
    unfit = json.dumps({"start_date": "x", "sentence": {"weeks": 4}})

    answer = CliRunner().invoke(commands, ["calculate", "-"], input=unfit)

    assert answer.exit_code == 2
    assert [line.partition(":")[0] for line in answer.stderr.splitlines()] == [
        "sentence.weeks",
        "start_date",
    ]


@pytest.mark.parametrize("broken", [b"\xff\xfe{", b"", b"[", b"\xef\xbb\xbf"])
def test_a_broken_file_ends_with_2_and_one_sentence(tmp_path: Path, broken: bytes) -> None:
    file = tmp_path / "case.json"
    file.write_bytes(broken)

    answer = CliRunner().invoke(commands, ["calculate", str(file)])

    assert (answer.exit_code, answer.stderr.count("\n")) == (2, 1)
