"""A room of the test's own, and reports made of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from portal.domain.actor import PORTAL
from portal.domain.figures import Chart, Figure, ReportSection, Table
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.facility import Facility
from portal.kernel.module import Module
from portal.reports import services
from portal.reports.module import MODULE as REPORTS

NOW = datetime(2026, 11, 1, 1, tzinfo=UTC)  # 08.00 WIB on the first of November
OCTOBER = Month(2026, 10)


@dataclass
class Room:
    """A small real module: what it is asked is counted, and it can be told to break."""

    asked: list[tuple[int, str]] = field(default_factory=list)
    breaks: bool = False
    heard: int = 26
    chart_label: str = "Keluhan per bulan"
    chart_labels: tuple[str, str, str] = ("Agu", "Sep", "Okt")
    on_asking: Callable[[], None] = lambda: None

    def section(self, facility_id: int, month: Month) -> ReportSection:
        """Answer like a room does."""
        self.asked.append((facility_id, str(month)))
        self.on_asking()
        if self.breaks:
            raise ZeroDivisionError("a broken room")
        earlier = month < OCTOBER
        return ReportSection(
            "room",
            "Keluhan dari blok",
            (
                Figure(
                    key="heard", label="Keluhan masuk", value=21 if earlier else self.heard,
                    definition="Semua keluhan yang dicatat.", as_of=month.last, source="Portal",
                ),
                Figure(key="index", label="Indeks", value=Decimal("80.10" if earlier else "82.51")),
                Figure(key="few", label="Keluhan anak", value=3, suppressed=True),
                Figure(
                    key="share", label="Selesai tepat waktu", value=Decimal(52), unit="%",
                    numerator=26, denominator=50,
                ),
                Figure(key="grade", label="Mutu", value="B"),
                Figure(key="unknown", label="Belum diketahui", value=None),
                Figure(key="since", label="Sejak", value=date(2026, 10, 1)),
            ),
            tables=(
                Table(
                    key="blocks", label="Per blok", columns=("Blok", "Masuk"),
                    rows=(("A", 12), ("=1+1", 14), ("B 😀 漢", None)),
                ),
            ),
            charts=(
                Chart(
                    key="months", label=self.chart_label, kind="lines",
                    labels=self.chart_labels, series={"Masuk": (18.0, 21.0, 26.0)},
                ),
                Chart(key="none", label="Belum ada", kind="bars", labels=(), series={}),
            ),
        )  # fmt: skip


@pytest.fixture
def room(app: Flask) -> Iterator[Room]:
    """Put one room and the reports into the portal, and nothing else."""
    made = Room()
    before = app.extensions["portal.modules"]
    app.extensions["portal.modules"] = (
        Module(name="room", title="Keluhan dari blok", report_section=made.section),
        REPORTS,
    )
    yield made
    app.extensions["portal.modules"] = before


@pytest.fixture
def first_morning() -> Iterator[None]:
    """Let it be the morning of 1 November 2026."""
    with clock.fixed(NOW):
        yield


@pytest.fixture
def done(prison: Facility, room: Room, first_morning: None) -> int:
    """Return a report of October that is done."""
    report_id = services.order(PORTAL, prison.id)
    assert services.build(PORTAL, report_id)
    return report_id


def later(**time: float) -> clock.fixed:  # type: ignore[valid-type]
    """Let it be so much later than the first morning."""
    return clock.fixed(NOW + timedelta(**time))
