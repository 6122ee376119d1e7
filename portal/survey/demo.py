"""Invented visits and answers: fourteen months, in bursts at visiting hours."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from random import Random
from uuid import uuid4
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from portal.domain.actor import PORTAL
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.facility import facility
from portal.kernel.work import Work, unit_of_work
from portal.register import queries as register
from portal.survey.models import SCORES, Delivery, Device, Enrolment, Response, Visits
from portal.survey.rules.intake import AgeBand, Entry, Flag, HalfDay, Lane, Sex
from portal.survey.rules.kiosk import SERVICES
from portal.survey.rules.questionnaire import NEWEST
from portal.survey.services.devices import DEMO_CODE, hashed, plain_code

MONTHS = 14
# What visitors think, before it is cut to 1..4; waiting and rooms are weak.
MEANS = {
    "persyaratan": 3.55,
    "prosedur": 3.5,
    "waktu": 3.05,
    "biaya": 4.2,
    "produk": 3.45,
    "kompetensi": 3.6,
    "perilaku": 3.75,
    "sarana": 2.95,
    "pengaduan": 3.35,
}
PERSON, MOMENT = 0.42, 0.45  # spread between people, and within one
BETTER_A_MONTH = 0.012
SHARES = {"kunjungan": 0.66, "titipan": 0.22, "informasi": 0.07, "pengaduan": 0.02, "lainnya": 0.03}
WEEK = {0: 1.0, 1: 0.9, 2: 1.0, 3: 0.8, 4: 0.35, 5: 1.3}  # Monday is 0; no visits on Sunday
VISITORS_A_PERSON = 0.075  # in custody, on an ordinary day
ANSWERING = 0.15
LAST_SHEET = time(11, 42)
MORNING = 0.74
FAST = 0.015
SKIPPING = 0.02


def demo(facility_id: int, random: Random, today: date) -> None:
    """Fill one facility with visits, answers, a tablet, and a code for one more."""
    first = (Month.of(today) + -MONTHS + 1).first
    with unit_of_work(PORTAL, "survey.demo.load") as work:
        people = register.population(facility_id, today).total or 100
        visits = list(_visits(random, first, today, people))
        device = _tablet(work, facility_id, first, visits[-1][0])
        responses = [
            {"facility_id": facility_id, **_sheet(random, day, service, (day - first).days)}
            for day, service, visitors in visits
            for _ in range(_answers(random, visitors))
        ]
        device.last_seq = len(responses)
        work.session.execute(
            sa.insert(Visits),
            [
                {"facility_id": facility_id, "day": day, "service": service, "visitors": visitors}
                for day, service, visitors in visits
            ],
        )
        work.session.execute(sa.insert(Response), responses)
        work.session.execute(sa.insert(Delivery), list(_deliveries(random, device)))
        work.note("survey_response", facility_id=facility_id, sheets=len(responses))


def _tablet(work: Work, facility_id: int, first: date, last: date) -> Device:
    zone = ZoneInfo(facility(facility_id).time_zone)
    device = Device(
        facility_id=facility_id,
        name="Tablet 1",
        place="Ruang tunggu kunjungan",
        token_hash=secrets.token_bytes(32),  # of no token: this tablet cannot be played
        enrolled_at=datetime.combine(first, time(8), zone),
        last_seen_at=datetime.combine(last, LAST_SHEET, zone),
        last_seq=0,
    )
    work.add(device)
    work.session.execute(
        insert(Enrolment)
        .values(
            facility_id=facility_id,
            place="Loket penitipan",
            code_hash=hashed(plain_code(DEMO_CODE)),
            made_at=clock.now(),
            expires_at=clock.now() + timedelta(days=365),
        )
        .on_conflict_do_nothing()
    )
    return device


def _visits(random: Random, first: date, today: date, people: int) -> list[tuple[date, str, int]]:
    found = []
    for ahead in range((today - first).days):
        day = first + timedelta(days=ahead)
        expected = people * VISITORS_A_PERSON * WEEK.get(day.weekday(), 0)
        for service in SERVICES if expected else ():
            visitors = round(random.gauss(1, 0.18) * expected * SHARES[service])
            if visitors > 0:
                found.append((day, service, visitors))
    return found


def _answers(random: Random, visitors: int) -> int:
    return sum(random.random() < ANSWERING for _ in range(visitors))


def _sheet(random: Random, day: date, service: str, age_days: int) -> dict[str, object]:
    mood = random.gauss(0, PERSON) + BETTER_A_MONTH * age_days / 30
    scores: dict[str, int | None] = {
        code: min(4, max(1, round(MEANS[code] + mood + random.gauss(0, MOMENT)))) for code in SCORES
    }
    if random.random() < SKIPPING:
        scores[random.choice(SCORES)] = None
    seconds = random.randint(3, 7) if random.random() < FAST else _seconds(random)
    signs = {Flag.FAST: seconds < 8, Flag.STRAIGHT: len(set(scores.values())) == 1}
    return {
        "id": uuid4(),
        "day": day,
        "half_day": HalfDay.PAGI if random.random() < MORNING else HalfDay.SIANG,
        "lane": Lane.SKM,
        "entry": Entry.OPEN,
        "assisted": random.random() < 0.04,
        "place": "Ruang tunggu kunjungan",
        "service": service,
        "form_version": NEWEST,
        "lang": "en" if random.random() < 0.01 else "id",
        **scores,
        "age_band": random.choices([*AgeBand, None], weights=(18, 38, 30, 6, 8))[0],
        "sex": random.choices([*Sex, None], weights=(34, 60, 6))[0],
        "duration_s": seconds,
        "flags": [flag.value for flag, there in signs.items() if there],
    }


def _seconds(random: Random) -> int:
    return max(18, min(600, round(random.lognormvariate(4.05, 0.32))))


def _deliveries(random: Random, device: Device) -> list[dict[str, object]]:
    return [
        {
            "facility_id": device.facility_id,
            "uuid": uuid4(),
            "hash": f"{random.getrandbits(256):064x}",
            "device_id": device.id,
            "seq": number,
            "status": "stored",
        }
        for number in range(1, device.last_seq + 1)
    ]
