"""One entry for command, page and bulk: ``calculate(case, ruleset)``.

Order: facts, findings, credited detention, chain of sentences, gross expiry, remissions, net
expiry, fractions, programs, substitute terms. The engine never decides and never knows today.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from portal.domain.law import Certainty, NotInForce
from portal.remissions.rules import grants, programs, sentence
from portal.remissions.rules.case import Case
from portal.remissions.rules.facts import Event, Facts, Remission, RemissionType
from portal.remissions.rules.findings import Finding, Severity
from portal.remissions.rules.found import Found
from portal.remissions.rules.grants import Grant
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.sentence import FRACTIONS, Deduction, Term
from portal.remissions.rules.tenor import Tenor
from portal.remissions.rules.trace import NULL, Recorder, Step
from portal.remissions.rules.worlds import World, worlds

VERSION = "0.1.0"
SENTENCE = ("start_date", "sentence")
DEDUCTED = ("credit_days", "days_outside", "remission_days")
NET = (*SENTENCE, *DEDUCTED)
LEAVE = ("pre_release_leave_from", "pre_release_leave_days")
# What each milestone needs to be known; in the order in which they are told.
NEEDS: Mapping[str, tuple[str, ...]] = {
    "expiry_gross": SENTENCE,
    "expiry_net": NET,
    **dict.fromkeys(FRACTIONS, NET),
    **{f"{name}_gross": SENTENCE for name in FRACTIONS},
    "custody_end": (*NET, "substitute"),
    "supervision_end": NET,
    "conditional_leave_from": NET,
    "conditional_leave_until": NET,
    "conditional_leave_days": NET,
    "pre_release_leave_from": (*NET, "substitute", "last_remission_days"),
    "pre_release_leave_until": (*NET, "substitute", "last_remission_days"),
    "pre_release_leave_days": (*NET, "substitute", "last_remission_days"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A day, an interval, or a number of days; or what is missing to say it."""

    kind: str
    due: date | None = None
    due_lo: date | None = None
    due_hi: date | None = None
    days: int | None = None
    certainty: Certainty | None = None
    rests_on: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    reason: str = ""  # why the program is not offered


@dataclass(frozen=True, slots=True)
class After:
    """The dates after the grants of one day."""

    day: date
    remission_days: int
    expiry_net: date
    two_thirds: date


@dataclass(frozen=True, slots=True)
class Credit:
    """Credited days; ``None``: not known."""

    house: int
    city: int
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A calculation, not a decision."""

    on: date | None
    ruleset: str
    facts: Facts
    milestones: tuple[Milestone, ...]
    grants: tuple[Grant, ...]
    granted_days: int | None
    history: tuple[After, ...]
    credit: Credit
    findings: tuple[Finding, ...]
    assumes: tuple[tuple[str, object], ...]
    steps: tuple[Step, ...] = ()

    def milestone(self, kind: str) -> Milestone | None:
        """Return the milestone of a kind, if it was asked for."""
        return next((each for each in self.milestones if each.kind == kind), None)


def calculate(case: Case, law: Ruleset, rec: Recorder = NULL) -> Result:
    """Calculate one case: every milestone, what would be granted, and all findings."""
    facts = case.facts
    credit, credited = _credit(facts, law, rec)
    awarded = _Award(facts, credited, law, rec)
    asked = replace(
        facts,
        credit_days=credit.total,
        remission_days=awarded.remission_days,
        last_remission_days=awarded.last,
    )
    milestones: tuple[Milestone, ...] = ()
    outlaw: tuple[Finding, ...] = ()
    if case.dates_asked:
        milestones, outlaw = _milestones(asked, credited, law, rec)
    findings = (*case.findings, *outlaw, *awarded.findings, *_odd(case, milestones, law))
    return Result(
        on=case.on,
        ruleset=law.id,
        facts=facts,
        milestones=milestones,
        grants=tuple(awarded.grants),
        granted_days=awarded.granted_days,
        history=tuple(awarded.history),
        credit=credit,
        findings=tuple(dict.fromkeys(findings)),
        assumes=case.assumes,
        steps=tuple(rec.steps),
    )


def _credit(facts: Facts, law: Ruleset, rec: Recorder) -> tuple[Credit, tuple[Found, ...]]:
    served = {"house": facts.house_arrest_days, "city": facts.city_arrest_days}
    used = {
        kind: sentence.arrest_credit(kind, days, law, rec) for kind, days in served.items() if days
    }
    days = {kind: int(str(each.value)) for kind, each in used.items()}
    total = None if facts.credit_days is None else facts.credit_days + sum(days.values())
    return Credit(days.get("house", 0), days.get("city", 0), total), tuple(used.values())


class _Award:
    """The grants of the days asked about, in order, and the dates after each day."""

    def __init__(
        self, facts: Facts, credited: Sequence[Found], law: Ruleset, rec: Recorder
    ) -> None:
        self.facts, self.credited, self.law, self.rec = facts, credited, law, rec
        self.grants: list[Grant] = []
        self.history: list[After] = []
        self.findings: list[Finding] = []
        self.given: list[Remission] = list(facts.remissions or ())
        self.remission_days = facts.remission_days
        self.last = facts.last_remission_days
        before = self._expiry() if facts.events else None
        for day, events in groupby(facts.events, key=lambda event: event.event_date):
            before = self._one_day(day, tuple(events), before)

    @property
    def granted_days(self) -> int | None:
        """Return the sum of what would be granted; ``None`` if a part cannot be said."""
        days = [grant.days for grant in self.grants]
        return None if None in days else sum(day for day in days if day is not None)

    def _one_day(self, day: date, events: tuple[Event, ...], before: After | None) -> After | None:
        fresh = [self._grant(event, before) for event in events]
        self._take(day, fresh)
        after = self._expiry() if any(grant.days != 0 for grant in fresh) else before
        final = None if after is None else after.expiry_net <= day
        self.grants += [replace(g, final=final if g.days else None) for g in fresh]
        if after is not None and any(grant.days for grant in fresh):
            self.history.append(replace(after, day=day))
            if final:
                values = (("day", day.isoformat()),)
                self.findings.append(
                    Finding("remission_exhausts_sentence", Severity.CHECK, "events", values)
                )
        return after

    def _take(self, day: date, fresh: Sequence[Grant]) -> None:
        days = [grant.days for grant in fresh]
        if None in days:
            self.remission_days = self.last = None
            return
        given = [each for each in days if each]
        if given:
            self.last = max(given)
        if self.remission_days is not None:
            self.remission_days += sum(given)
        self.given += [Remission(g.type, day, g.days, g.grant_number) for g in fresh if g.days]

    def _grant(self, event: Event, before: After | None) -> Grant:
        start = self.facts.start_date
        if missing := self._missing(event):
            served = None if start is None else (event.event_date - start).days
            return Grant(event.type, event.event_date, served, None, None, missing=missing)
        assert start is not None  # noqa: S101  # said to mypy: it is not missing
        number = grants.next_number(self.given, event)
        try:
            grant = self._amount(event, start, number)
        except NotInForce:
            reason = "no_law_for_day"
            self._mark(reason, Severity.UNSUPPORTED, event)
            return Grant(event.type, event.event_date, None, None, None, missing=(reason,))
        if event.event_date < start:
            self._mark("event_before_start", Severity.CHECK, event)
            return replace(grant, days=0, grant_number=None, reason="event_before_start")
        if before is not None and before.expiry_net <= event.event_date:
            self._mark("event_after_expiry", Severity.CHECK, event)
            return replace(grant, days=0, grant_number=None, reason="event_after_expiry")
        if grant.near is not None:
            self._mark("threshold_near", Severity.CHECK, event, threshold=str(grant.near))
        return grant

    def _amount(self, event: Event, start: date, number: int) -> Grant:
        if event.type is RemissionType.DECENNIAL:
            term = Term(start, self.facts.sentences or ())
            return grants.decennial(event, term, number, self.law, self.rec)
        return grants.by_table(event, start, number, self.law, self.rec)

    def _missing(self, event: Event) -> tuple[str, ...]:
        wanted: dict[str, object] = {
            "start_date": self.facts.start_date,
            "remissions": self.facts.remissions,
        }
        if event.type is RemissionType.DECENNIAL:
            wanted["sentence"] = self.facts.sentences
        return tuple(name for name, value in wanted.items() if value is None)

    def _expiry(self) -> After | None:
        facts = self.facts
        if facts.start_date is None or facts.sentences is None or facts.credit_days is None:
            return None
        if facts.days_outside is None or self.remission_days is None:
            return None
        credit = facts.credit_days + sum(int(str(each.value)) for each in self.credited)
        term = Term(facts.start_date, facts.sentences)
        less = Deduction(credit, facts.days_outside, self.remission_days)
        net, two_thirds = sentence.net_days(term, less, self.law)
        return After(term.start, self.remission_days, net, two_thirds)

    def _mark(self, code: str, severity: Severity, event: Event, **values: str) -> None:
        told = (("day", event.event_date.isoformat()), *values.items())
        self.findings.append(Finding(code, severity, "events", told))


def _milestones(
    facts: Facts, credited: Sequence[Found], law: Ruleset, rec: Recorder
) -> tuple[tuple[Milestone, ...], tuple[Finding, ...]]:
    possible = worlds(facts)
    findings: list[Finding] = []
    seen: list[tuple[World, dict[str, Found]]] = []
    for number, world in enumerate(possible):
        one = _World(world.facts, credited, law, NULL if number else rec)
        seen.append((world, one.dates()))
        findings += one.findings
    return tuple(_merged(kind, facts, seen) for kind in NEEDS), tuple(findings)


class _World:
    """The dates of one possible world."""

    def __init__(
        self, facts: Facts, credited: Sequence[Found], law: Ruleset, rec: Recorder
    ) -> None:
        self.facts, self.credited, self.law, self.rec = facts, credited, law, rec
        self.findings: list[Finding] = []

    def dates(self) -> dict[str, Found]:
        """Return every milestone whose facts are known."""
        facts, law, rec = self.facts, self.law, self.rec
        if facts.start_date is None or facts.sentences is None:
            return {}
        term = Term(facts.start_date, facts.sentences)
        dates = {"expiry_gross": sentence.expiry_gross(term, law, rec)}
        for name in FRACTIONS:
            dates[f"{name}_gross"] = sentence.fraction_gross(term, name, law, rec)
        if (less := self._deduction()) is not None:
            for name in FRACTIONS:
                dates[name] = sentence.fraction_net(term, name, less, law, rec)
            dates["expiry_net"] = sentence.expiry_net(term, less, law, rec)
            dates |= self._programs(term, dates["expiry_net"], dates["two_thirds"])
        return dates

    def _deduction(self) -> Deduction | None:
        facts = self.facts
        if facts.credit_days is None or facts.days_outside is None or facts.remission_days is None:
            return None
        rests = tuple(row for each in self.credited for row in each.rests)
        return Deduction(facts.credit_days, facts.days_outside, facts.remission_days, rests)

    def _programs(self, term: Term, net: Found, two_thirds: Found) -> dict[str, Found]:
        facts, law, rec = self.facts, self.law, self.rec
        dates = programs.parole(term, net, law, rec)
        custody = None
        if facts.substitute is not None:
            custody = sentence.custody_end(net, facts.substitute, law, rec)
            dates["custody_end"] = custody
        try:
            dates |= programs.conditional_leave(term, net, two_thirds, law, rec)
            if custody is not None and facts.last_remission_days is not None and facts.category:
                ends, last = (two_thirds, net, custody), facts.last_remission_days
                dates |= programs.pre_release_leave(term, ends, last, facts.category, law, rec)
        except NotInForce:
            values = (("day", net.day.isoformat()),)
            self.findings.append(Finding("no_law_for_day", Severity.UNSUPPORTED, "", values))
        return dates


def _merged(
    kind: str, facts: Facts, seen: Sequence[tuple[World, Mapping[str, Found]]]
) -> Milestone:
    """Return what holds in all worlds, else the interval and what it depends on."""
    values = [(world, dates[kind]) for world, dates in seen if kind in dates]
    if not values:
        return Milestone(kind=kind, missing=_absent(kind, facts) or ("no_law_for_day",))
    weakest = values[0][1]
    if len(values) > 1:
        weakest = max((value for _, value in values), key=lambda each: each.certainty.weakness)
    told = Milestone(
        kind=kind,
        certainty=weakest.certainty,
        rests_on=weakest.rests_on,
        reason=weakest.reason,
    )
    different = {value.value for _, value in values}
    days = sorted(value for value in different if isinstance(value, date))
    if len(different) > 1:
        told = replace(told, missing=tuple(_decisive(values)))
        return replace(told, due_lo=days[0], due_hi=days[-1]) if days else told
    return replace(told, due=days[0]) if days else replace(told, days=int(str(weakest.value)))


def _absent(kind: str, facts: Facts) -> tuple[str, ...]:
    known = {
        "start_date": facts.start_date,
        "sentence": facts.sentences,
        "credit_days": facts.credit_days,
        "days_outside": facts.days_outside,
        "remission_days": facts.remission_days,
        "substitute": facts.substitute,
        "last_remission_days": facts.last_remission_days,
    }
    return tuple(name for name in NEEDS[kind] if known[name] is None)


def _decisive(values: Sequence[tuple[World, Found]]) -> Iterator[str]:
    """Name the unknowns that change the value by themselves."""
    for at, (name, _) in enumerate(values[0][0].chosen):
        by_rest: dict[object, set[date | int]] = {}
        for world, value in values:
            rest = world.chosen[:at] + world.chosen[at + 1 :]
            by_rest.setdefault(rest, set()).add(value.value)
        if any(len(different) > 1 for different in by_rest.values()):
            yield name


def _odd(case: Case, milestones: Sequence[Milestone], law: Ruleset) -> Iterator[Finding]:
    """Look over the facts and the dates as a registrar would."""
    facts = case.facts
    if facts.remissions is None and facts.events:
        yield Finding("earlier_grants_not_listed", Severity.INVALID, "remissions")
    if facts.substitute is not None and facts.substitute.tenor != Tenor():
        paid = facts.substitute.paid
        if paid is None:
            yield Finding("fine_state_unknown", Severity.CHECK, "substitute.paid")
        elif not paid:  # parole and conditional leave are not moved (decision 13)
            yield Finding("substitute_unpaid", Severity.CHECK, "substitute.paid")
    religions = str(law.params["remission.religions"].rows[-1].value).split(", ")
    religious = any(event.type is RemissionType.RELIGIOUS for event in facts.events)
    if religious and case.religion is not None and case.religion not in religions:
        yield Finding("religion_without_day", Severity.CHECK, "religion_first_recorded")
    if facts.start_date is None and milestones:
        yield Finding("start_date_missing", Severity.INVALID, "start_date")
    net = next((each.due for each in milestones if each.kind == "expiry_net"), None)
    if net is not None and facts.start_date is not None and net <= facts.start_date:
        yield Finding("deductions_exceed_sentence", Severity.CHECK, "remission_days")
