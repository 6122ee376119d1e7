"""Reads one case from plain facts, in the short form; what does not fit is told with its path.

Keys of the short form: ``start_date``, ``sentence`` or ``sentences`` (years, months, days),
``credit_days``, ``days_outside``, ``remissions`` (type, event_date, months, days, grant_number) or
only ``remission_days``, ``last_remission_days``, ``substitute`` (years, months, days, paid),
``remission_category``, ``religion_first_recorded``, ``events`` (type, event_date),
``house_arrest_days``, ``city_arrest_days``; beside them ``on`` and ``format``. ``program``
describes a case and is not read. A key left out counts as none and is listed; ``null`` is: unknown.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal.domain.text import message
from portal.remissions.rules.facts import (
    Category,
    Event,
    Facts,
    Remission,
    RemissionType,
    Substitute,
)
from portal.remissions.rules.findings import Finding, Severity
from portal.remissions.rules.grants import ASKED
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.tenor import Tenor

FORMAT = "remissions.case/1"
DESCRIPTIVE = ("program",)
KEYS = (
    "format",
    "on",
    "start_date",
    "sentence",
    "sentences",
    "credit_days",
    "days_outside",
    "remissions",
    "remission_days",
    "last_remission_days",
    "substitute",
    "remission_category",
    "religion_first_recorded",
    "events",
    "house_arrest_days",
    "city_arrest_days",
    *DESCRIPTIVE,
)
EARLIEST, LATEST = date(1950, 1, 1), date(2199, 12, 31)
MOST_YEARS, MOST_MONTHS, MOST_DAYS, MOST_ENTRIES, MOST_SIGNS = 100, 1200, 36_500, 200, 1_000_000
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

Object = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that does not fit: where, and a message id with its values."""

    path: str
    text: str
    values: tuple[tuple[str, str | int], ...] = ()


class Unfit(ValueError):
    """The file does not fit the format; every problem is told."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(", ".join(problem.path for problem in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """The facts of one question, what was taken as none, and what the reader found odd."""

    facts: Facts
    religion: str | None = None
    on: date | None = None
    dates_asked: bool = True
    assumes: tuple[tuple[str, object], ...] = ()
    findings: tuple[Finding, ...] = ()


def parse(text: str, law: Ruleset) -> Case:
    """Read a case from JSON text.

    :raise Unfit: naming every path that does not fit.
    """
    if len(text) > MOST_SIGNS:
        raise Unfit([Problem("$", message("The file is too long."))])
    try:
        plain = json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except _Twice as twice:
        values = (("key", str(twice)),)
        raise Unfit(
            [Problem("$", message("The key %(key)s stands there twice."), values)]
        ) from None
    except (ValueError, RecursionError):
        raise Unfit([Problem("$", message("This is not JSON."))]) from None
    return read(plain, law)


def read(plain: object, law: Ruleset) -> Case:
    """Read a case from plain values, such as JSON brings.

    :raise Unfit: naming every path that does not fit.
    """
    if not isinstance(plain, dict):
        raise Unfit([Problem("$", message("An object with the facts of one case is expected."))])
    reader = _Reader()
    case = _case(plain, reader, law)
    if reader.problems:
        raise Unfit(reader.problems)
    return case


def at(case: Case, day: date) -> Case:
    """Return the case as of another day."""
    return replace(case, on=day)


class _Twice(ValueError):
    """A key that stands twice in one object."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    plain = dict(pairs)
    if len(plain) < len(pairs):
        keys = [key for key, _ in pairs]
        raise _Twice(next(key for key in keys if keys.count(key) > 1))
    return plain


def _no_constant(name: str) -> object:
    raise ValueError(name)


@dataclass
class _Reader:
    """Collects what does not fit and what was taken as none."""

    problems: list[Problem] = field(default_factory=list)
    assumes: list[tuple[str, object]] = field(default_factory=list)

    def refuse(self, path: str, text: str, **values: str | int) -> None:
        self.problems.append(Problem(path, text, tuple(values.items())))

    def only(self, plain: Object, path: str, known: Sequence[str]) -> None:
        for key in plain:
            if key not in known:
                self.refuse(f"{path}{key}", message("This key is not known."))

    def left_out(self, plain: Object, key: str, path: str, none: object) -> bool:
        """Tell whether a key is absent, and note what that counts as."""
        if key in plain:
            return False
        self.assumes.append((f"{path}{key}", none))
        return True

    def whole(
        self, plain: Object, key: str, path: str, *, most: int, note: bool = True
    ) -> int | None:
        """Return a whole number from 0 to ``most``; 0 if left out, ``None`` if not known."""
        if key not in plain:
            if note:
                self.assumes.append((f"{path}{key}", 0))
            return 0
        value = plain[key]
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= most:
            text = message("A whole number from 0 to %(most)s is expected.")
            self.refuse(f"{path}{key}", text, most=most)
            return None
        return value

    def day(self, plain: Object, key: str, path: str = "") -> date | None:
        """Return a day, ``None`` if it is left out or not known."""
        value = plain.get(key)
        if value is None:
            return None
        if isinstance(value, str) and ISO_DAY.fullmatch(value):
            try:
                day = date.fromisoformat(value)
            except ValueError:
                day = date.max
            if EARLIEST <= day <= LATEST:
                return day
        self.refuse(
            f"{path}{key}",
            message("A day such as 2024-02-29, between %(first)s and %(last)s, is expected."),
            first=EARLIEST.isoformat(),
            last=LATEST.isoformat(),
        )
        return None

    def needed_day(self, plain: Object, key: str, path: str) -> date:
        """Return a day that must be there."""
        day = self.day(plain, key, path)
        if day is None and plain.get(key) is None:
            self.refuse(f"{path}{key}", message("The day is missing."))
        return day or EARLIEST

    def word(self, plain: Object, key: str, path: str, known: Sequence[str]) -> str | None:
        """Return one of the known words, ``None`` if it is left out or not known."""
        value = plain.get(key)
        if value is None or (isinstance(value, str) and value in known):
            return value
        text = message("One of these is expected: %(known)s.")
        self.refuse(f"{path}{key}", text, known=", ".join(known))
        return None

    def entries(self, plain: Object, key: str, known: Sequence[str]) -> list[tuple[str, Object]]:
        """Return the objects of a list with their paths."""
        value = plain.get(key)
        if not isinstance(value, list) or len(value) > MOST_ENTRIES:
            text = message("A list of at most %(most)s entries is expected.")
            self.refuse(key, text, most=MOST_ENTRIES)
            return []
        entries: list[tuple[str, Object]] = []
        for number, entry in enumerate(value):
            path = f"{key}[{number}]"
            if isinstance(entry, dict):
                self.only(entry, f"{path}.", known)
                entries.append((f"{path}.", entry))
            else:
                self.refuse(path, message("An object is expected."))
        return entries


def _case(plain: Object, reader: _Reader, law: Ruleset) -> Case:
    reader.only(plain, "", KEYS)
    if plain.get("format", FORMAT) != FORMAT:
        reader.refuse("format", message("One of these is expected: %(known)s."), known=FORMAT)
    sentences, odd = _sentences(plain, reader)
    remissions, days, differs = _remissions(plain, reader, law)
    events = _events(plain, reader)
    arrest = [
        reader.whole(plain, key, "", most=MOST_DAYS, note=False)
        for key in ("house_arrest_days", "city_arrest_days")
    ]
    facts = Facts(
        start_date=reader.day(plain, "start_date"),
        sentences=sentences,
        credit_days=_credit(plain, reader, arrest),
        days_outside=reader.whole(plain, "days_outside", "", most=MOST_DAYS),
        remission_days=days,
        remissions=remissions,
        last_remission_days=_last(plain, reader, remissions, days),
        substitute=_substitute(plain, reader),
        category=_category(plain, reader),
        events=events,
        house_arrest_days=arrest[0] or 0,
        city_arrest_days=arrest[1] or 0,
    )
    other = events or "house_arrest_days" in plain or "city_arrest_days" in plain
    return Case(
        facts=facts,
        religion=_religion(plain, reader),
        on=reader.day(plain, "on"),
        dates_asked="sentence" in plain or "sentences" in plain or not other,
        assumes=tuple(reader.assumes),
        findings=(*odd, *differs),
    )


def _tenor(plain: Object, reader: _Reader, path: str) -> Tenor | None:
    years = reader.whole(plain, "years", path, most=MOST_YEARS)
    months = reader.whole(plain, "months", path, most=MOST_MONTHS)
    days = reader.whole(plain, "days", path, most=MOST_DAYS)
    if years is None or months is None or days is None:
        return None
    return Tenor(years, months, days)


def _sentences(
    plain: Object, reader: _Reader
) -> tuple[tuple[Tenor, ...] | None, tuple[Finding, ...]]:
    if "sentence" in plain and "sentences" in plain:
        reader.refuse("sentences", message("Give either sentence or sentences, not both."))
    key = "sentences" if "sentences" in plain else "sentence"
    if plain.get(key) is None:
        return None, ()
    terms = _terms(plain, key, reader)
    known = tuple(term for term in terms if term is not None)
    if len(known) < len(terms):
        return None, ()
    if not known or Tenor() in known:
        return None, (Finding("sentence_zero", Severity.INVALID, key),)
    return known, ()


def _terms(plain: Object, key: str, reader: _Reader) -> list[Tenor | None]:
    parts = ("years", "months", "days")
    if key == "sentences":
        return [_tenor(entry, reader, at) for at, entry in reader.entries(plain, key, parts)]
    entry = plain[key]
    if not isinstance(entry, dict):
        reader.refuse(key, message("An object is expected."))
        return []
    reader.only(entry, "sentence.", parts)
    return [_tenor(entry, reader, "sentence.")]


def _remissions(
    plain: Object, reader: _Reader, law: Ruleset
) -> tuple[tuple[Remission, ...] | None, int | None, tuple[Finding, ...]]:
    if "remissions" not in plain and "remission_days" not in plain:
        reader.assumes += [("remission_days", 0), ("remissions", [])]
        return (), 0, ()
    given = None
    if "remission_days" in plain:
        given = reader.whole(plain, "remission_days", "", most=MOST_DAYS)
    if plain.get("remissions") is None:
        return (() if given == 0 and "remissions" not in plain else None), given, ()
    listed = _listed(plain, reader, law)
    days = sum(remission.days for remission in listed)
    if "remission_days" not in plain or given == days:
        return listed, days, ()
    values = (("given", str(given)), ("listed", str(days)))
    differ = Finding("remission_days_differ", Severity.INVALID, "remission_days", values)
    return listed, None, () if given is None else (differ,)


def _listed(plain: Object, reader: _Reader, law: Ruleset) -> tuple[Remission, ...]:
    known = ("type", "event_date", "months", "days", "grant_number")
    month = int(str(law.params["remission.month"].rows[-1].value))
    listed = []
    for path, entry in reader.entries(plain, "remissions", known):
        kind = reader.word(entry, "type", path, tuple(RemissionType))
        if entry.get("type") is None:
            reader.refuse(f"{path}type", message("The type is missing."))
        day = reader.needed_day(entry, "event_date", path)
        months = reader.whole(entry, "months", path, most=MOST_MONTHS)
        days = reader.whole(entry, "days", path, most=MOST_DAYS)
        number = reader.whole(entry, "grant_number", path, most=MOST_ENTRIES, note=False)
        if months is None or days is None:
            reader.refuse(path.rstrip("."), message("Months and days must be known."))
        length = (months or 0) * month + (days or 0)
        type_ = RemissionType(kind) if kind else RemissionType.GENERAL
        listed.append(Remission(type_, day, length, number or None))
    return tuple(sorted(listed, key=lambda each: (each.event_date, each.type)))


def _events(plain: Object, reader: _Reader) -> tuple[Event, ...]:
    if "events" not in plain:
        return ()
    events: list[Event] = []
    for path, entry in reader.entries(plain, "events", ("type", "event_date")):
        kind = reader.word(entry, "type", path, tuple(ASKED))
        if entry.get("type") is None:
            reader.refuse(f"{path}type", message("The type is missing."))
        day = reader.needed_day(entry, "event_date", path)
        event = Event(RemissionType(kind) if kind else RemissionType.GENERAL, day)
        if event in events and not reader.problems:
            reader.refuse(path.rstrip("."), message("This day is asked about twice."))
        events.append(event)
    return tuple(sorted(events, key=lambda each: each.event_date))


def _credit(plain: Object, reader: _Reader, arrest: Sequence[int | None]) -> int | None:
    days = reader.whole(plain, "credit_days", "", most=MOST_DAYS)
    return None if None in arrest else days


def _last(
    plain: Object, reader: _Reader, remissions: tuple[Remission, ...] | None, days: int | None
) -> int | None:
    """Return the last remission as given, else of the list; the larger of two on one day."""
    if "last_remission_days" in plain:
        return reader.whole(plain, "last_remission_days", "", most=MOST_DAYS)
    if days == 0:
        return 0
    if not remissions:
        return None
    last = max(remission.event_date for remission in remissions)
    return max(remission.days for remission in remissions if remission.event_date == last)


def _substitute(plain: Object, reader: _Reader) -> Substitute | None:
    if reader.left_out(plain, "substitute", "", None):
        return Substitute(Tenor(), paid=True)
    entry = plain["substitute"]
    if entry is None:
        return None
    if not isinstance(entry, dict):
        reader.refuse("substitute", message("An object is expected."))
        return None
    reader.only(entry, "substitute.", ("years", "months", "days", "paid"))
    tenor = _tenor(entry, reader, "substitute.")
    paid = False if reader.left_out(entry, "paid", "substitute.", none=False) else entry["paid"]
    if paid is not None and not isinstance(paid, bool):
        reader.refuse("substitute.paid", message("true, false or null is expected."))
        paid = None
    return None if tenor is None else Substitute(tenor, paid)


def _category(plain: Object, reader: _Reader) -> Category | None:
    if reader.left_out(plain, "remission_category", "", Category.NORMAL.value):
        return Category.NORMAL
    word = reader.word(plain, "remission_category", "", tuple(Category))
    return Category(word) if word else None


def _religion(plain: Object, reader: _Reader) -> str | None:
    religion = plain.get("religion_first_recorded")
    if religion is not None and not isinstance(religion, str):
        reader.refuse("religion_first_recorded", message("A word is expected."))
        return None
    return religion
