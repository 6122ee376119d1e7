"""Invented texts over fourteen months, each where a newsroom would have it; the same each time.

They pass the same services as any text, the personal-data gate included, on a clock set back.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from portal.accounts import queries as accounts
from portal.domain.actor import PORTAL, Actor, Role
from portal.kernel import clock
from portal.kernel.facility import Facility, facility
from portal.kernel.work import unit_of_work
from portal.media import queries, services
from portal.media.rules.workflow import Kind, Language, NoticedBy, Reason

TEXTS = Path(__file__).with_name("demo.toml")
RELEASES = 60
DAYS = 14 * 30
LETTERS = "ABCD"
MONTHS = (
    "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember"
).split()
OPENS, CLOSES = 9, 16
SLOWEST = 30  # hours from the first draft to the approval
LATER = timedelta(hours=26)
# How many days before today the texts in other states were written.
AGES = {"corrected": 9, "withdrawn": 20}
STATED_AGE = 1
AHEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Desk:
    """Where and by whom the invented texts are written."""

    place: Facility
    writer: Actor
    editor: Actor


def demo(facility_id: int, random: Random, today: date) -> None:
    """Load the releases of one facility, and one text in each other state."""
    texts = tomllib.loads(TEXTS.read_text("utf-8"))
    with unit_of_work(PORTAL, "media.demo.load") as work:
        writer, editor = _people(facility_id)
        desk = Desk(facility(facility_id), writer, editor)
        for template, day in _calendar(texts, today):
            at = _morning(desk, day) + timedelta(hours=random.randint(OPENS, CLOSES))
            _publish(desk, _filled(template, day, random), at, random.randint(2, SLOWEST))
        for text in texts["state"]:
            age = AGES.get(text["name"], STATED_AGE)
            _place(desk, text, _morning(desk, today - timedelta(days=age)))
        work.note("media_demo", facility_id=facility_id, texts=RELEASES)


def _people(facility_id: int) -> list[Actor]:
    """Find two editors of the facility; where there are none, two offices nobody signs in to."""
    editors = [
        Actor(id=person.id, name=person.name)
        for person in accounts.people({facility_id})
        if any(line.role is Role.PRESS_EDITOR for line in person.open_roles)
    ]
    return [*editors, Actor(id=0, name="Humas"), Actor(id=-1, name="Subbagian Tata Usaha")][:2]


def _calendar(
    texts: Mapping[str, Any], today: date
) -> list[tuple[Mapping[str, Any], date]]:  # Any: what the table holds
    """Spread the texts over the months by day, those of fixed days included."""
    since = today - timedelta(days=DAYS)
    fixed = [
        (template, day)
        for template in texts["fixed"]
        for year in range(since.year, today.year + 1)
        if since <= (day := date.fromisoformat(f"{year}-{template['day']}")) < today
    ]
    count = RELEASES - len(fixed) - 1  # the corrected one is among the sixty too
    spread = [
        (texts["text"][at % len(texts["text"])], since + timedelta(days=DAYS * at // count))
        for at in range(count)
    ]
    return sorted([*spread, *fixed], key=lambda pair: pair[1])


def _filled(template: Mapping[str, Any], day: date, random: Random) -> Mapping[str, str]:
    values = {
        "n": _number(random.randint(*template["n"])),
        "m": _number(random.randint(*template["m"])),
        "letter": random.choice(LETTERS),
        "month": MONTHS[day.month - 1],
        "year": day.year,
    }
    words = {name: template[name].format(**values) for name in ("title", "summary", "body")}
    return {"kind": template["kind"], **words}


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _morning(desk: Desk, day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(desk.place.time_zone)).astimezone(UTC)


# --- Each state -----------------------------------------------------------------------------------


def _draft(desk: Desk, text: Mapping[str, str], at: datetime, *, body: str = "body") -> int:
    with clock.fixed(at):
        item = services.draft(
            desk.writer,
            desk.place.id,
            text=_words(desk, text, body=body),
            kind=Kind(text["kind"]),
            language=Language.INDONESIAN,
            key=f"demo-{desk.place.id}-{at:%Y%m%d%H%M}-{text['title']}"[:40],
        )
    return item.id


def _words(
    desk: Desk, text: Mapping[str, str], *, body: str = "body", visible_from: datetime | None = None
) -> services.Text:
    return services.Text(
        title=text["title"],
        summary=text["summary"],
        body=text[body],
        place=desk.place.town,
        visible_from=visible_from,
    )


def _approve(desk: Desk, item_id: int, at: datetime) -> None:
    with clock.fixed(at):
        services.submit(desk.writer, item_id)
        mark = queries.mark_of(queries.dossier(item_id, at).head)
        services.approve(desk.editor, item_id, fingerprint=mark)


def _publish(
    desk: Desk, text: Mapping[str, str], at: datetime, hours: int, *, body: str = "body"
) -> int:
    item_id = _draft(desk, text, at - timedelta(hours=hours), body=body)
    _approve(desk, item_id, at)
    return item_id


def _place(desk: Desk, text: Mapping[str, str], morning: datetime) -> None:
    """Bring one text into the state its name says."""
    at = morning + timedelta(hours=OPENS)
    match text["name"]:
        case "corrected":
            _correct(desk, text, at)
        case "withdrawn":
            item_id = _publish(desk, text, at, 2)
            with clock.fixed(at + LATER):
                services.withdraw(desk.editor, item_id, reason=Reason.SOURCE_WITHDREW_NUMBER)
        case "scheduled":
            item_id = _draft(desk, text, at)
            with clock.fixed(at):
                words = _words(desk, text, visible_from=at + AHEAD)
                services.save(desk.writer, item_id, text=words, based_on=1)
            _approve(desk, item_id, at)
        case "submitted":
            item_id = _draft(desk, text, at)
            with clock.fixed(at):
                services.submit(desk.writer, item_id)
        case "returned":
            item_id = _draft(desk, text, at)
            with clock.fixed(at):
                services.submit(desk.writer, item_id)
                services.send_back(desk.editor, item_id, reason=text["reason"])
        case _:
            _draft(desk, text, at)


def _correct(desk: Desk, text: Mapping[str, str], at: datetime) -> None:
    item_id = _publish(desk, text, at, 4, body="body_before")
    with clock.fixed(at + LATER):
        mending = services.Mending(text["wrong"], text["right"], NoticedBy.JOURNALIST, at + LATER)
        services.correct(desk.writer, item_id, text=_words(desk, text), mending=mending, based_on=1)
    _approve(desk, item_id, at + LATER)
