"""The figures of a month, for the desk, the head and the region."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.blocktour.permissions import Permission
from portal.blocktour.views.base import bp
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.module import modules
from portal.kernel.web import access, current_facility, place

FIRST = Month(2000, 1)
"""Before it nothing can have been written down; dates near the year 1 have no time zone."""


@bp.get("/figures")
@access(Permission.READ_FIGURES)
def figures() -> ResponseReturnValue:
    """Show one month; small groups hidden, the sealed lane in none of them."""
    this = Month.of(clock.today(place().time_zone))
    month = _asked(this)
    sections = [m.report_section for m in modules() if m.name == bp.name and m.report_section]
    return render_template(
        "blocktour/figures.html",
        section=sections[0](current_facility(), month),
        month=month,
        this=this,
        first=FIRST,
    )


def _asked(this: Month) -> Month:
    """Read the month that is asked for, or take the nearest that can have figures."""
    try:
        month = Month.parse(request.args.get("month", ""))
    except ValueError:
        return this
    return min(max(month, FIRST), this)
