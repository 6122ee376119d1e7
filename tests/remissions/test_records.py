from datetime import date
from typing import Any

from portal.remissions.rules import engine, records, ruleset
from portal.remissions.rules.records import Comparison, Quality, Sentence

LAW = ruleset.load()


def answer(**more: Any) -> engine.Result:
    given: dict[str, Any] = {
        "years": 4,
        "months": 0,
        "days": 0,
        "start_date": date(2023, 2, 20),
        "credit_days": 0,
        "days_outside": 0,
        "remission_days": 120,
        "last_remission_days": None,
        "substitute_months": 0,
        "substitute_days": 0,
        "substitute_paid": None,
        "category": None,
    }
    return engine.calculate(records.case_of(Sentence(**given | more)), LAW)


def test_a_stored_sentence_asks_what_its_file_would_ask() -> None:
    result = answer()
    net = result.milestone("expiry_net")
    leave = result.milestone("pre_release_leave_days")

    assert net is not None
    assert net.due == date(2026, 10, 23)
    assert leave is not None
    assert leave.missing == ("last_remission_days",)
    assert dict(result.assumes) == {"credit_days": 0, "days_outside": 0}
    assert dict(answer(credit_days=5).assumes) == {"days_outside": 0}


def test_the_quality_says_how_much_is_known() -> None:
    assert records.quality(answer()) is Quality.COMPUTED
    assert records.quality(answer(substitute_months=3)) is Quality.INTERVAL
    assert records.quality(answer(start_date=None)) is Quality.UNKNOWN
    assert records.quality(answer(years=None)) is Quality.UNKNOWN
    assert records.quality(answer(years=0)) is Quality.UNKNOWN


def test_dates_of_the_register_stand_beside_ours() -> None:
    compared = records.compare(
        answer(),
        {
            "expiry": date(2026, 10, 23),
            "half": date(2025, 2, 20),
            "two_thirds": date(2025, 6, 18),
            "one_third": None,
        },
    )

    assert [(each.kind, each.outcome, each.difference) for each in compared] == [
        ("expiry", Comparison.SAME, 0),
        ("half", Comparison.SAME_GROSS, -120),
        ("two_thirds", Comparison.DIFFERENT, 2),
    ]


def test_without_ours_there_is_nothing_to_compare() -> None:
    (compared,) = records.compare(answer(start_date=None), {"expiry": date(2026, 10, 23)})
    assert (compared.outcome, compared.difference) == (Comparison.NOT_COMPARABLE, None)


def test_an_unknown_substitute_leaves_the_end_of_custody_open() -> None:
    end = answer(substitute_months=None).milestone("custody_end")
    assert end is not None
    assert end.missing == ("substitute",)
