"""A result in plain values for JSON: ISO days, fractions as text, keys sorted by the writer."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from portal.domain.law import Row
from portal.remissions.rules.engine import VERSION, Milestone, Result
from portal.remissions.rules.grants import Grant
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.tenor import Tenor
from portal.remissions.rules.trace import Step

FORMAT = "remissions.result/1"
OFFERED_BY: Mapping[str, str] = {
    "supervision_end": "parole",
    "conditional_leave_from": "conditional_leave",
    "pre_release_leave_from": "pre_release_leave",
}

Json = dict[str, object]


def plain(result: Result, law: Ruleset, *, trace: bool = False) -> Json:
    """Return the result as the format ``remissions.result/1`` tells it."""
    told: Json = {
        "format": FORMAT,
        "on": value(result.on),
        "engine": VERSION,
        "ruleset": result.ruleset,
        "input_hash": result.facts.input_hash,
        "milestones": [_milestone(each, result.on) for each in result.milestones],
        "programs": [
            {"program": program, "offered": not each.reason, "reason": each.reason}
            for kind, program in OFFERED_BY.items()
            if (each := result.milestone(kind)) is not None and each.certainty is not None
        ],
        "grants": [_grant(each) for each in result.grants],
        "total_days": result.granted_days,
        "history": [
            {
                "after": value(each.day),
                "remission_days": each.remission_days,
                "expiry_net": value(each.expiry_net),
                "two_thirds": value(each.two_thirds),
            }
            for each in result.history
        ],
        "house_arrest_credit": result.credit.house,
        "city_arrest_credit": result.credit.city,
        "credit_days": result.credit.total,
        "findings": [
            {
                "code": each.code,
                "severity": each.severity.value,
                "field": each.field,
                "values": dict(each.values),
            }
            for each in result.findings
        ],
        "assumes": [{"field": name, "value": none} for name, none in result.assumes],
        "notice": "calculation_only",
    }
    if trace:
        told["trace"] = [step_told(step, law) for step in result.steps]
    return told


def step_told(step: Step, law: Ruleset) -> Json:
    """Return one step with its rows and their citations."""
    return {
        "rule": step.rule,
        "params": [_row(name, row, law) for name, row in step.params],
        "inputs": [
            {"name": name, "value": value(given), "path": path} for name, given, path in step.inputs
        ],
        "value": value(step.value),
        "branch": step.branch,
        "certainty": step.certainty.value,
    }


def value(given: object) -> object:
    """Return a value as JSON may hold it."""
    if isinstance(given, Tenor):
        return {"years": given.years, "months": given.months, "days": given.days}
    if isinstance(given, date):
        return given.isoformat()
    return str(given) if isinstance(given, Fraction) else given


def _milestone(each: Milestone, on: date | None) -> Json:
    told: Json = {"kind": each.kind}
    if each.due_lo is not None:
        told |= {"due_lo": value(each.due_lo), "due_hi": value(each.due_hi)}
    elif each.days is not None:
        told["days"] = each.days
    else:
        told["due"] = value(each.due)
    if each.certainty is not None:
        told |= {"certainty": each.certainty.value, "rests_on": list(each.rests_on)}
    if each.missing:
        told["missing"] = list(each.missing)
    if each.reason:
        told |= {"offered": False, "reason": each.reason}
    if on is not None and each.due is not None:
        told["passed"] = each.due <= on
    return told


def _grant(each: Grant) -> Json:
    told: Json = {
        "type": each.type.value,
        "event_date": value(each.event_date),
        "served_days": each.served_days,
        "grant_number": each.grant_number,
        "grant_days": each.days,
        "certainty": each.certainty.value,
        "cite": sorted({cite for _, row in each.rests for cite in row.cite}),
    }
    if each.uncapped_days is not None:
        told["uncapped_days"] = each.uncapped_days
    if each.final is not None:
        told["remission_kind"] = "final" if each.final else "partial"
    if each.missing:
        told["missing"] = list(each.missing)
    if each.reason:
        told["reason"] = each.reason
    return told


def _row(name: str, row: Row, law: Ruleset) -> Json:
    return {
        "param": name,
        "row": row.key,
        "value": value(row.value),
        "certainty": row.certainty.value,
        "cite": [
            {
                "id": cite,
                "instrument": law.citations[cite].instrument,
                "article": law.citations[cite].article,
            }
            for cite in row.cite
        ],
    }
