"""Invented sentences for the invented persons: a mix around today, the same each time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random
from types import MappingProxyType

import sqlalchemy as sa

from portal.domain.actor import PORTAL
from portal.kernel import clock
from portal.kernel.work import unit_of_work
from portal.register import queries as register
from portal.register.rules.custody import Custody
from portal.remissions.models import Sentence
from portal.remissions.rules import engine
from portal.remissions.rules.case import Case
from portal.remissions.rules.engine import Result
from portal.remissions.rules.facts import Category, Event, Facts, RemissionType, Substitute
from portal.remissions.rules.tenor import Tenor
from portal.remissions.services import calculating, projecting

# Served share of the sentence: most are in the middle, some at its end.
SERVED = (0.08, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.66, 0.75, 0.82, 0.9)
OFFENCES = (
    ("Narkotika", "Pasal 114 UU 35/2009"),
    ("Narkotika", "Pasal 112 UU 35/2009"),
    ("Pencurian", "Pasal 363 KUHP"),
    ("Penganiayaan", "Pasal 351 KUHP"),
    ("Penipuan", "Pasal 378 KUHP"),
    ("Korupsi", "Pasal 3 UU 31/1999"),
)
EID: Mapping[int, date] = MappingProxyType(
    {
        2020: date(2020, 5, 24),
        2021: date(2021, 5, 13),
        2022: date(2022, 5, 2),
        2023: date(2023, 4, 22),
        2024: date(2024, 4, 10),
        2025: date(2025, 3, 31),
        2026: date(2026, 3, 21),
    }
)
CHRISTIAN = ("Kristen", "Katolik")
LONGEST_MONTHS, SHORTEST_MONTHS, QUARTER = 180, 4, 3
OVERDUE, NO_START, NO_LENGTH, REGISTER_OTHER = 4, 18, 9, 8  # persons
OUT_OF = 1000
A_WHILE = timedelta(days=200)


def demo(facility_id: int, random: Random, today: date) -> None:
    """Give every sentenced person in custody a sentence, and have the dates computed."""
    people: Sequence[register.Inmate] = register.inmates_present(today, Custody.SENTENCED)
    with unit_of_work(PORTAL, "remissions.demo.load") as work:
        # Those who came long ago first: the first few are the ones who should have left.
        people = sorted(people, key=lambda person: (person.admitted_on or today) > today - A_WHILE)
        rows = [
            _row(facility_id, person, number, random, today) for number, person in enumerate(people)
        ]
        if rows:
            work.session.execute(sa.insert(Sentence), rows)
        work.note("remissions_demo", facility_id=facility_id, persons=len(rows))
        projecting.project(PORTAL, facility_id)


def _row(
    facility_id: int, person: register.Inmate, number: int, random: Random, today: date
) -> dict[str, object]:
    start = (person.admitted_on or today) - timedelta(days=random.randint(0, 120))
    facts = _facts(person, start, random, today, overdue=number < OVERDUE)
    result = _answer(facts)
    offence, article = random.choice(OFFENCES)
    term = facts.sentences[0] if facts.sentences else Tenor()
    substitute = facts.substitute or Substitute(Tenor(), paid=None)
    row: dict[str, object] = {
        "facility_id": facility_id,
        "inmate_id": person.id,
        "changed_at": clock.now(),
        "years": term.years,
        "months": term.months,
        "days": term.days,
        "start_date": start,
        "verdict_number": f"{random.randint(10, 480)}/Pid.Sus/{start.year}/PN Contoh",
        "verdict_date": start + timedelta(days=random.randint(60, 150)),
        "offence": offence,
        "article": article,
        "recidivist": random.random() < 0.15,
        "credit_days": 0,
        "days_outside": 0,
        "remission_days": result.granted_days,
        "last_remission_days": next(
            (each.days for each in reversed(result.grants) if each.days), None
        ),
        "substitute_months": substitute.tenor.months,
        "substitute_days": 0,
        "substitute_paid": substitute.paid,
        "fine": substitute.tenor.months * 20_000_000 or None,
        "category": facts.category,
        **_register_dates(result, other=OVERDUE <= number < OVERDUE + REGISTER_OTHER),
    }
    gap = random.randrange(OUT_OF)
    if number >= OVERDUE and gap < NO_START:
        row["start_date"] = None
    elif number >= OVERDUE and gap < NO_START + NO_LENGTH:
        row |= {"years": None, "months": None, "days": None}
    return row


def _facts(
    person: register.Inmate, start: date, random: Random, today: date, *, overdue: bool
) -> Facts:
    share = random.choice(SERVED)
    months = int((today - start).days / 30 / share)
    months = min(max(months // QUARTER * QUARTER, SHORTEST_MONTHS), LONGEST_MONTHS)
    category = Category.PP99 if random.random() < 0.3 else Category.NORMAL
    facts = Facts(
        start_date=start,
        sentences=None,
        credit_days=0,
        days_outside=0,
        remission_days=0,
        remissions=(),
        last_remission_days=None,
        substitute=_substitute(random, overdue=overdue),
        category=category,
        events=_events(person, start, today),
    )
    if overdue:  # a few who should have left: the list that must never be overlooked
        months = max(int((today - start).days / 30) - 3, 1)
        return replace(facts, sentences=(Tenor(months // 12, months % 12, 0),), events=())
    # Long enough not to have ended yet, whatever was granted so far.
    granted = _answer(facts).granted_days or 0
    least = ((today - start).days + granted + 20) // 30 + 1
    months = min(max(months, least), max(LONGEST_MONTHS, least))
    return replace(facts, sentences=(Tenor(months // 12, months % 12, 0),))


def _substitute(random: Random, *, overdue: bool) -> Substitute:
    drawn = random.random()
    if overdue or drawn > 0.3:
        return Substitute(Tenor(), paid=True)
    paid = None if drawn < 0.06 else drawn < 0.22
    return Substitute(Tenor(months=random.choice((1, 2, 3, 6))), paid)


def _events(person: register.Inmate, start: date, today: date) -> tuple[Event, ...]:
    """Return the days on which this person was proposed: 17 August, and his own holy day."""
    days = []
    for year in range(start.year, today.year + 1):
        days.append(Event(RemissionType.GENERAL, date(year, 8, 17)))
        if person.religion_first_recorded == "Islam" and year in EID:
            days.append(Event(RemissionType.RELIGIOUS, EID[year]))
        elif person.religion_first_recorded in CHRISTIAN:
            days.append(Event(RemissionType.RELIGIOUS, date(year, 12, 25)))
    return _in_order([event for event in days if start < event.event_date <= today])


def _in_order(events: Sequence[Event]) -> tuple[Event, ...]:
    return tuple(sorted(events, key=lambda event: event.event_date))


def _answer(facts: Facts) -> Result:
    asked = Case(facts=facts, dates_asked=facts.sentences is not None)
    return engine.calculate(asked, calculating.law())


def _register_dates(result: Result, *, other: bool) -> dict[str, object]:
    """Return the dates the register shows: ours, but for a few with a slip of some days."""
    slip = timedelta(days=10 if other else 0)
    names = {"expiry": "expiry_net", "one_third": "one_third", "half": "half"}
    names["two_thirds"] = "two_thirds"
    return {
        f"register_{name}": (each.due - slip)
        if (each := result.milestone(kind)) and each.due
        else None
        for name, kind in names.items()
    }
