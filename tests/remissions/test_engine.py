import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from portal.remissions.rules import case, engine, explain, plain, ruleset
from portal.remissions.rules.found import Found, found
from portal.remissions.rules.tenor import Tenor
from portal.remissions.rules.trace import NULL, Recorder, Step

LAW = ruleset.load()
FOUR_YEARS: dict[str, Any] = {
    "start_date": "2023-02-20",
    "sentence": {"years": 4, "months": 0, "days": 0},
    "credit_days": 0,
    "remission_days": 120,
}


def asked(**more: Any) -> engine.Result:
    return engine.calculate(case.read(FOUR_YEARS | more, LAW), LAW)


def told(result: engine.Result) -> dict[str, Any]:
    return plain.plain(result, LAW)


def milestone(result: engine.Result, kind: str) -> engine.Milestone:
    found = result.milestone(kind)
    assert found is not None
    return found


def codes(result: engine.Result) -> list[str]:
    return [finding.code for finding in result.findings]


def test_the_weakest_rows_are_named() -> None:
    two_thirds = milestone(asked(), "two_thirds")

    assert two_thirds.due == date(2025, 6, 20)
    assert two_thirds.certainty == "practice"
    assert two_thirds.rests_on == ("count.order", "count.year")


def test_an_unknown_fine_gives_an_interval_and_says_on_what_it_depends() -> None:
    result = asked(substitute={"months": 3, "paid": None})
    end = milestone(result, "custody_end")

    assert (end.due_lo, end.due_hi) == (date(2026, 10, 23), date(2027, 1, 21))
    assert end.missing == ("substitute.paid",)
    assert "fine_state_unknown" in codes(result)
    assert told(result)["milestones"][8]["due_lo"] == "2026-10-23"


def test_an_unknown_group_changes_the_leave_alone() -> None:
    result = asked(remission_category=None, last_remission_days=150, substitute=None)

    assert milestone(result, "expiry_net").due == date(2026, 10, 23)
    assert milestone(result, "custody_end").missing == ("substitute",)

    result = asked(remission_category=None, last_remission_days=150)
    days = milestone(result, "pre_release_leave_days")
    assert (days.days, days.missing) == (None, ("remission_category",))
    assert milestone(result, "pre_release_leave_from").due_hi == date(2026, 7, 25)


def test_two_finite_unknowns_name_only_what_matters() -> None:
    result = asked(
        remission_category=None, last_remission_days=60, substitute={"days": 10, "paid": None}
    )

    assert milestone(result, "pre_release_leave_from").missing == ("substitute.paid",)
    assert milestone(result, "pre_release_leave_days").days == 60


@pytest.mark.parametrize(
    ("more", "kind", "missing"),
    [
        ({"start_date": None}, "expiry_gross", ("start_date",)),
        ({"sentence": None}, "two_thirds_gross", ("sentence",)),
        ({"sentence": {"years": None}}, "expiry_gross", ("sentence",)),
        ({"remission_days": None}, "expiry_net", ("remission_days",)),
        ({"credit_days": None}, "expiry_net", ("credit_days",)),
        ({"days_outside": None}, "half", ("days_outside",)),
        ({"house_arrest_days": None}, "half", ("credit_days",)),
        ({}, "pre_release_leave_from", ("last_remission_days",)),
        ({"remissions": None}, "pre_release_leave_from", ("last_remission_days",)),
    ],
)
def test_what_is_missing_is_named(more: dict[str, Any], kind: str, missing: tuple[str]) -> None:
    assert milestone(asked(**more), kind).missing == missing


def test_what_is_not_known_leaves_the_gross_dates_standing() -> None:
    result = asked(remission_days=None)
    assert milestone(result, "expiry_gross").due == date(2027, 2, 20)


def test_lists_that_contradict_the_sum_give_no_net_date() -> None:
    one = {"type": "general", "event_date": "2024-08-17", "months": 2, "days": 0}
    result = asked(remissions=[one])

    assert codes(result) == ["remission_days_differ"]
    assert milestone(result, "expiry_net").missing == ("remission_days",)
    assert milestone(asked(remissions=[one], remission_days=60), "expiry_net").due
    assert milestone(asked(remissions=[one], remission_days=None), "expiry_net").missing


def test_a_sentence_of_no_length_is_a_finding() -> None:
    assert codes(asked(sentence={"years": 0})) == ["sentence_zero"]


def test_old_leave_has_no_rule_here() -> None:
    result = engine.calculate(
        case.read({"start_date": "2010-01-01", "sentence": {"years": 1}}, LAW), LAW
    )

    assert codes(result) == ["no_law_for_day"]
    assert milestone(result, "conditional_leave_from").missing == ("no_law_for_day",)
    assert milestone(result, "supervision_end").due == date(2012, 1, 1)


def test_a_program_not_offered_says_why() -> None:
    programs = {each["program"]: each["reason"] for each in told(asked())["programs"]}
    short = asked(sentence={"months": 7}, remission_days=0)

    assert programs == {"parole": "", "conditional_leave": "sentence_too_long"}
    assert {each["program"]: each["reason"] for each in told(short)["programs"]} == {
        "parole": "two_thirds_too_short",
        "conditional_leave": "",
        "pre_release_leave": "no_remission",
    }


def test_the_last_remission_is_the_largest_of_its_day() -> None:
    listed = [
        {"type": "general", "event_date": "2025-08-17", "months": 3, "days": 0},
        {"type": "decennial", "event_date": "2025-08-17", "months": 0, "days": 45},
        {"type": "religious", "event_date": "2024-03-31", "months": 5, "days": 0},
    ]
    result = asked(remissions=listed, remission_days=285)
    assert milestone(result, "pre_release_leave_days").days == 90


def test_a_grant_that_uses_up_the_sentence_is_of_the_second_kind() -> None:
    result = engine.calculate(
        case.read(
            {
                "start_date": "2024-01-10",
                "sentence": {"years": 1, "months": 8},
                "events": [
                    {"type": "general", "event_date": "2025-08-17"},
                    {"type": "general", "event_date": "2026-08-17"},
                ],
            },
            LAW,
        ),
        LAW,
    )

    first, second = told(result)["grants"]
    assert (first["remission_kind"], first["grant_days"]) == ("final", 60)
    assert (second["grant_days"], second["reason"]) == (0, "event_after_expiry")
    assert codes(result) == ["remission_exhausts_sentence", "event_after_expiry"]


def test_what_would_be_granted_needs_the_facts_it_counts_from() -> None:
    events = [
        {"type": "general", "event_date": "2025-08-17"},
        {"type": "decennial", "event_date": "2025-08-17"},
    ]
    result = engine.calculate(case.read({"events": events}, LAW), LAW)
    listless = asked(events=events, remission_days=30)

    assert [each.missing for each in result.grants] == [("start_date",), ("start_date", "sentence")]
    assert result.granted_days is None
    assert [each.missing for each in listless.grants] == [("remissions",), ("remissions",)]
    assert codes(listless) == ["earlier_grants_not_listed"]
    assert milestone(listless, "expiry_net").missing == ("remission_days",)
    assert told(listless)["grants"][0]["served_days"] == 909


def test_a_day_before_the_detention_or_the_decree_grants_nothing() -> None:
    early = asked(remission_days=0, events=[{"type": "general", "event_date": "2022-08-17"}])
    old = asked(
        start_date="1990-01-01",
        remission_days=0,
        events=[{"type": "general", "event_date": "1991-08-17"}],
    )

    assert (early.granted_days, codes(early)) == (0, ["event_before_start"])
    assert (old.granted_days, old.grants[0].missing) == (None, ("no_law_for_day",))
    assert "no_law_for_day" in codes(old)


def test_a_day_near_a_threshold_is_marked() -> None:
    result = asked(
        start_date="2024-02-20",
        remission_days=0,
        events=[{"type": "general", "event_date": "2024-08-17"}],
    )
    assert [each.told for each in result.findings] == [
        {"day": date(2024, 8, 17), "threshold": "180"}
    ]


def test_a_number_that_staff_have_set_is_counted_on_from() -> None:
    result = engine.calculate(
        case.read(
            {
                "start_date": "2020-01-01",
                "remissions": [
                    {"type": "general", "event_date": "2022-08-17", "months": 4, "grant_number": 3}
                ],
                "events": [{"type": "general", "event_date": "2023-08-17"}],
            },
            LAW,
        ),
        LAW,
    )
    assert (result.grants[0].grant_number, result.grants[0].days) == (4, 150)


def test_grants_enter_the_dates_also_where_outside_days_are_unknown() -> None:
    events = [{"type": "general", "event_date": "2024-08-17"}]
    known = asked(remission_days=0, events=events)
    unknown = asked(remission_days=0, days_outside=None, events=events)
    no_credit = asked(remission_days=0, credit_days=None, events=events)
    no_sum = engine.calculate(
        case.read(
            FOUR_YEARS | {"remissions": [], "remission_days": None, "events": events},
            LAW,
        ),
        LAW,
    )

    assert known.history[0].remission_days == 60
    assert unknown.history == no_credit.history == no_sum.history == ()
    assert milestone(no_sum, "expiry_net").missing == ("remission_days",)


def test_a_religion_without_a_holy_day_is_for_a_person() -> None:
    result = asked(
        remission_days=0,
        religion_first_recorded="Kepercayaan",
        events=[{"type": "religious", "event_date": "2024-04-10"}],
    )
    assert codes(result) == ["religion_without_day"]


def test_deductions_beyond_the_sentence_are_marked() -> None:
    assert "deductions_exceed_sentence" in codes(asked(remission_days=2000))


def test_a_date_tells_whether_it_has_passed() -> None:
    result = asked(on="2025-06-20")
    passed = {each["kind"]: each.get("passed") for each in told(result)["milestones"]}
    assert (passed["two_thirds"], passed["expiry_net"]) == (True, False)


def test_every_step_and_finding_has_words() -> None:
    rec = Recorder()
    result = engine.calculate(
        case.read(
            FOUR_YEARS | {"house_arrest_days": 9, "substitute": {"months": 1, "paid": False}}, LAW
        ),
        LAW,
        rec,
    )
    lines = [
        explain.words(line.text, line.values, str, date.isoformat)
        for line in map(explain.line, rec.steps)
    ]

    assert "2023-02-20 plus 4 years: 2027-02-20." in lines
    assert any("2/3 of 4 years" in line for line in lines)
    assert explain.words("%(x)s", {"x": Tenor()}, str, date.isoformat) == "0 days"
    assert plain.plain(result, LAW, trace=True)["trace"]
    assert plain.value(LAW.pieces[0].fraction("half")) == "1/2"


def test_every_finding_of_the_rules_has_a_sentence() -> None:
    folder = Path(engine.__file__).parent
    source = "".join((folder / name).read_text() for name in ("engine.py", "case.py"))
    told = set(re.findall(r'(?:Finding|_mark)\(\s*"([a-z_]+)"', source)) | {"no_law_for_day"}
    assert told == set(explain.FINDINGS)


def test_an_unpaid_fine_is_marked_because_the_programs_are_not_moved() -> None:
    unpaid = asked(substitute={"months": 3, "paid": False})
    assert codes(unpaid) == ["substitute_unpaid"]
    assert codes(asked(substitute={"months": 0, "paid": None})) == []


def test_only_days_and_numbers_are_found() -> None:
    with pytest.raises(TypeError, match="found no day"):
        found(NULL, Step("some.rule", (), (), "words"))
    with pytest.raises(TypeError, match="is not a day"):
        assert Found(3, ()).day
    assert Found(3, ()).rests_on == ()


def test_the_hash_follows_the_facts_and_nothing_else() -> None:
    assert asked().facts.input_hash == asked(on="2025-01-01", program="parole").facts.input_hash
    assert asked().facts.input_hash != asked(credit_days=1).facts.input_hash
