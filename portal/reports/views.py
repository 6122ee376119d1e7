"""The pages of the monthly reports."""

from __future__ import annotations

import io
from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue

from portal.domain.text import message
from portal.kernel.text import _
from portal.kernel.web import access, current_actor, current_facility, place, says, see_other
from portal.reports import queries, services
from portal.reports.permissions import Permission
from portal.reports.rules.states import Form, State
from portal.reports.words import in_words, month_words

bp = Blueprint("reports", __name__, url_prefix="/reports", template_folder="templates")

STATES: Mapping[State, tuple[str, str]] = MappingProxyType(
    {
        State.SCHEDULED: (message("Scheduled"), "neutral"),
        State.RUNNING: (message("Being made"), "info"),
        State.DONE: (message("Done"), "positive"),
        State.FAILED: (message("Not ready"), "negative"),
    }
)
TYPES = {
    Form.PDF: "application/pdf",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@bp.get("")
@access(Permission.READ_REPORT)
def reports() -> ResponseReturnValue:
    """List the facility's reports, the newest first."""
    return render_template(
        "reports/list.html",
        reports=queries.reports(current_facility()),
        states=STATES,
        month_words=month_words,
        zone=place().time_zone,
    )


@bp.post("")
@access(Permission.ORDER_REPORT)
def order() -> ResponseReturnValue:
    """Ask for last month's report; asked twice, it is one."""
    report_id = services.order(current_actor(), current_facility())
    return see_other(".report", report_id=report_id)


@bp.get("/<int:report_id>")
@access(Permission.READ_REPORT)
def report(report_id: int) -> ResponseReturnValue:
    """Show a report, or how far it is, or why it is not there."""
    listed = queries.report(report_id)
    if listed.state is State.DONE:
        issued = queries.issued(report_id)
        return render_template(
            "reports/report.html", issued=issued, listed=listed, words=in_words(issued.content)
        )
    page = "failed" if listed.state is State.FAILED else "waiting"
    return render_template(
        f"reports/{page}.html",
        listed=listed,
        month=month_words(listed.month),
        last=queries.last_done(listed.facility_id),
        month_words=month_words,
        zone=place().time_zone,
    )


@bp.post("/<int:report_id>/tries")
@access(Permission.ORDER_REPORT)
def try_again(report_id: int) -> ResponseReturnValue:
    """Have a report that failed tried afresh."""
    listed = queries.report(report_id)
    services.order(current_actor(), listed.facility_id, listed.month)
    says(_("The report is made again."))
    return see_other(".report", report_id=report_id)


@bp.get("/<int:report_id>/pdf")
@access(Permission.READ_REPORT)
def pdf(report_id: int) -> ResponseReturnValue:
    """Hand out the PDF."""
    return _handed_out(services.take_away(current_actor(), report_id, Form.PDF))


@bp.get("/<int:report_id>/xlsx")
@access(Permission.READ_REPORT)
def xlsx(report_id: int) -> ResponseReturnValue:
    """Hand out the workbook."""
    return _handed_out(services.take_away(current_actor(), report_id, Form.XLSX))


def _handed_out(file: services.File) -> ResponseReturnValue:
    return send_file(
        io.BytesIO(file.content),
        mimetype=TYPES[file.kind],
        as_attachment=True,
        download_name=file.name,
    )
