"""Invented places and people, shaped like the prison of the handbook of facts; the same each time.

Names are made of a common first name and the name of a tree: no list of real people is near.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import sqlalchemy as sa

from portal.domain.actor import PORTAL
from portal.kernel.facility import facility
from portal.kernel.work import Work, unit_of_work
from portal.register import services
from portal.register.models import Block, Cell, Fact, Inmate, Service, Stay
from portal.register.rules.custody import Custody, Evidence, Sex

MEN = (
    "Adi Agus Ahmad Andi Anton Arif Bambang Bayu Budi Dani Dedi Deni Dian Edi Eko Fajar Feri Galih "
    "Hadi Hendra Heri Ilham Imam Indra Irfan Iwan Joko Kurnia Lukman Mulyadi Nanang Oki Purwanto "
    "Rahmat Reza Rian Rizal Rudi Sandi Slamet Sugeng Surya Taufik Teguh Toni Ujang Wahyu Yanto Yudi"
).split()
WOMEN = (
    "Ani Dewi Endang Fitri Indah Kartini Lestari Maya Nur Ratna Rini Sari Siti Wati Yuni".split()
)
TREES = (
    "Akasia Bambu Beringin Bungur Cemara Cempaka Cendana Damar Duku Durian Gaharu Gambir Jabon "
    "Jati Jelutung Kapuk Kecapi Keladi Kelapa Kemiri Kenanga Kenari Ketapang Kulim Langsat Mahoni "
    "Manggis Medang Melati Meranti Merbau Nangka Nibung Pandan Petai Pinus Pulai Rambai Randu "
    "Rotan Salak Sawo Sengon Sonokeling Sungkai Tembesu Trembesi Ulin Waru"
).split()
RELIGIONS = (
    "Islam",
    "Islam",
    "Islam",
    "Islam",
    "Kristen",
    "Katolik",
    "Buddha",
    "Hindu",
    "Konghucu",
)
# Block, what it is for, cells, places a cell: 486 places in all for the large facility.
BLOCKS = (
    ("A", "Blok A (tahanan)", 16, 5),
    ("B", "Blok B", 24, 6),
    ("C", "Blok C", 24, 6),
    ("D", "Blok D (narkotika)", 16, 6),
    ("W", "Blok W (perempuan)", 11, 2),
)
SMALL = (("A", "Blok A", 6, 5), ("B", "Blok B", 8, 5))
# From the handbook of facts; several rows of one key stand side by side, none is confirmed here.
CAPACITIES = (
    ("406", date(2018, 1, 1), "muaraenimnews"),
    ("485", date(2021, 1, 1), "sriwijayamedia, Tribun"),
    ("486", date(2022, 4, 25), "ankasapost"),
)
# No such number is given out: the demo shows the journey, not a person.
PRESS = "Humas Lapas (contoh), 0800-000-0000, setiap hari 07.00–21.00 WIB"
LARGE_PRESENT, LARGE_DETAINEES, LARGE_LEFT = 1_120, 190, 590
SMALL_PRESENT, SMALL_DETAINEES, SMALL_LEFT = 96, 14, 45
HISTORY_DAYS = 425
LONGEST_DAYS = 6 * 365


def demo(facility_id: int, random: Random, today: date) -> None:
    """Load blocks, cells, persons, services, holidays and facts for an empty facility."""
    large = facility(facility_id).slug == "muara-enim"
    with unit_of_work(PORTAL, "register.demo.load") as work:
        cells = _places(work, facility_id, BLOCKS if large else SMALL)
        numbers = (
            (LARGE_PRESENT, LARGE_DETAINEES, LARGE_LEFT)
            if large
            else (SMALL_PRESENT, SMALL_DETAINEES, SMALL_LEFT)
        )
        people = _people(facility_id, random, today, numbers)
        work.session.execute(sa.insert(Inmate), people)
        _beds(work, facility_id, random, today, cells)
        work.session.execute(
            sa.insert(Service),
            [
                {
                    "facility_id": facility_id,
                    "code": code,
                    "name": name,
                    "free": True,
                    "active": True,
                }
                for code, name in services.USUAL_SERVICES
            ],
        )
        _facts(work, facility_id, large=large)
        for year in (today.year - 1, today.year, today.year + 1):
            services.propose_holidays(PORTAL, facility_id, year)
        work.note("register_demo", facility_id=facility_id, people=len(people))


def _places(
    work: Work, facility_id: int, blocks: tuple[tuple[str, str, int, int], ...]
) -> list[tuple[int, str]]:
    """Make blocks and cells; return each cell with the code of its block."""
    cells: list[tuple[int, str]] = []
    for code, name, count, places in blocks:
        block = work.add(Block(facility_id=facility_id, code=code, name=name))
        made = [
            Cell(facility_id=facility_id, block_id=block.id, number=number, capacity=places)
            for number in range(1, count + 1)
        ]
        work.session.add_all(made)
        work.session.flush()
        cells.extend((cell.id, code) for cell in made)
    return cells


def _people(
    facility_id: int, random: Random, today: date, numbers: tuple[int, int, int]
) -> list[dict[str, object]]:
    present, detainees, left = numbers
    people = []
    for number in range(present + left):
        woman = random.random() < 0.04
        gone = number >= present
        detained = random.random() < 0.55 if gone else number < detainees
        left_on = today - timedelta(days=random.randint(0, HISTORY_DAYS)) if gone else None
        longest = 150 if detained else (1_500 if gone else LONGEST_DAYS)
        # Most have come lately: a falling chance, not an even one.
        days = int(longest * random.random() ** 1.3) + (60 if gone else 3)
        admitted = (left_on or today) - timedelta(days=days)
        first = random.choice(WOMEN if woman else MEN)
        people.append(
            {
                "facility_id": facility_id,
                "inmate_number": f"{facility_id}{admitted.year}{number:05d}",
                "name": f"{first} {random.choice(TREES)} {random.choice(TREES)}",
                "alias": random.choice(TREES) if random.random() < 0.1 else "",
                "sex": Sex.FEMALE if woman else Sex.MALE,
                "birth_date": today - timedelta(days=random.randint(19 * 366, 66 * 365)),
                "religion_first_recorded": random.choice(RELIGIONS),
                "nationality": "ID",
                "custody": Custody.DETAINEE if detained else Custody.SENTENCED,
                "register_class": f"A.III {number}/{admitted.year}"
                if detained
                else f"B.I {number}/{admitted.year}",
                "admitted_on": admitted,
                "left_on": left_on,
            }
        )
    return people


def _beds(
    work: Work, facility_id: int, random: Random, today: date, cells: list[tuple[int, str]]
) -> None:
    """Give everyone present a cell, each crowded as the whole is."""
    women = [cell for cell, code in cells if code == "W"] or [cell for cell, _ in cells]
    detainees = [cell for cell, code in cells if code == "A"]
    others = [cell for cell, code in cells if code not in {"A", "W"}]
    present = work.session.execute(
        sa.select(Inmate.id, Inmate.sex, Inmate.custody, Inmate.admitted_on)
        .where(Inmate.facility_id == facility_id, Inmate.left_on.is_(None))
        .order_by(Inmate.id)
    )
    stays = []
    for turn, (inmate_id, sex, custody, admitted_on) in enumerate(present):
        admitted = admitted_on or today
        pool = women if sex is Sex.FEMALE else others
        if custody is Custody.DETAINEE and sex is Sex.MALE:
            pool = detainees
        moved = admitted + timedelta(days=random.randint(0, max(0, (today - admitted).days - 1)))
        stays.append(
            {
                "facility_id": facility_id,
                "inmate_id": inmate_id,
                "cell_id": pool[turn % len(pool)],
                "since": moved,
                "until": None,
            }
        )
    work.session.execute(sa.insert(Stay), stays)


def _facts(work: Work, facility_id: int, *, large: bool) -> None:
    capacities = CAPACITIES if large else (("70", date(2024, 1, 1), "data contoh"),)
    work.session.execute(
        sa.insert(Fact),
        [
            {
                "facility_id": facility_id,
                "key": "capacity",
                "value": value,
                "unit": "",
                "as_of": as_of,
                "source": source,
                "evidence": Evidence.VERIFIED,
                "confirmed": False,
            }
            for value, as_of, source in capacities
        ],
    )
    work.session.add(
        Fact(
            facility_id=facility_id,
            key="contact.press",
            value=PRESS,
            as_of=date(2026, 1, 5),
            source="data contoh",
            evidence=Evidence.UNVERIFIED,
            confirmed=False,
        )
    )
