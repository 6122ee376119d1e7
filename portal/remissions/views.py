"""Pages of this room: the list, a person's dates and how they came about, import, calculator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from portal.kernel import clock
from portal.kernel.limits import limiter
from portal.kernel.text import _, day, said
from portal.kernel.web import (
    access,
    current_actor,
    current_facility,
    page_number,
    place,
    says,
    see_other,
    submission_key,
)
from portal.register import queries as register
from portal.remissions import queries
from portal.remissions.forms import ApplyForm, CaseForm, ImportForm, SearchForm
from portal.remissions.permissions import Permission
from portal.remissions.rules import explain, records, sample, words
from portal.remissions.rules.engine import Milestone, Result
from portal.remissions.rules.records import View
from portal.remissions.rules.trace import Step
from portal.remissions.services import calculating, importing

bp = Blueprint("remissions", __name__, url_prefix="/remissions", template_folder="templates")

FILE = "attachment; filename=contoh-sdp.csv"


# --- Lists ----------------------------------------------------------------------------------------


@bp.get("")
@access(Permission.SEE_PERSONS)
def people() -> ResponseReturnValue:
    """Show who is past the end of custody, then everyone by date."""
    asked = request.args.get("view", "")
    view = View(asked) if asked in tuple(View) else View.ALL
    return _list(view, SearchForm())


@bp.post("/search")
@access(Permission.SEE_PERSONS)
def search() -> ResponseReturnValue:
    """Show the persons whose name or number holds the text."""
    form = SearchForm(request.form)
    if not form.validate():
        return _list(View.ALL, form), 422
    found = [each.id for each in register.find_inmates(form.text.data)]
    return _list(View.ALL, form, found)


def _list(view: View, form: SearchForm, among: list[int] | None = None) -> str:
    today = clock.today(place().time_zone)
    facility_id = current_facility()
    rows, pages = queries.listed(facility_id, today, view, page_number(), among)
    return render_template(
        "remissions/people.html",
        rows=rows,
        page=page_number(),
        pages=pages,
        counts=queries.counts(facility_id, today),
        view=view,
        form=form,
        searched=among is not None,
        missing=explain.MISSING,
    )


@bp.get("/figures")
@access(Permission.SEE_FIGURES)
def figures() -> ResponseReturnValue:
    """Show counts alone: for the regional office too."""
    today = clock.today(place().time_zone)
    return render_template(
        "remissions/figures.html", counts=queries.counts(current_facility(), today)
    )


@bp.get("/rules")
@access(Permission.SEE_RULES)
def rules() -> ResponseReturnValue:
    """Show every number of the law with its source and how sure it is."""
    return render_template(
        "remissions/rules.html",
        law=calculating.law(),
        certainties=explain.CERTAINTIES,
        names=words.NAMES,
        value=words.value,
    )


# --- One person, one case -------------------------------------------------------------------------


@bp.get("/people/<int:inmate_id>")
@access(Permission.SEE_PERSONS)
def person(inmate_id: int) -> ResponseReturnValue:
    """Show all dates of a person, how each came about, and the register's beside ours."""
    found = queries.of_person(inmate_id)
    today = clock.today(place().time_zone)
    result = calculating.explain(found.sentence, today)
    return render_template(
        "remissions/person.html",
        person=found,
        dates=dated(result),
        findings=findings(result),
        result=result,
        compared=records.compare(result, found.register_dates),
        labels=explain.MILESTONES,
        today=today,
        notice=explain.NOTICE,
        missing=explain.MISSING,
    )


@bp.get("/calculator")
@access(Permission.CALCULATE)
def calculator() -> ResponseReturnValue:
    """Show the empty short form."""
    return render_template("remissions/calculator.html", form=CaseForm(), result=None)


@bp.post("/calculator")
@access(Permission.CALCULATE)
def calculate() -> ResponseReturnValue:
    """Calculate what was typed; nothing is kept, and nothing of it stands in an address."""
    form = CaseForm(request.form)
    if not form.validate():
        return render_template("remissions/calculator.html", form=form, result=None), 422
    try:
        result = calculating.calculate_plain(form.case(), on=clock.today(place().time_zone))
    except calculating.Unfit as unfit:
        form.form_errors.extend(said(each.text, **dict(each.values)) for each in unfit.problems)
        return render_template("remissions/calculator.html", form=form, result=None), 422
    return render_template(
        "remissions/calculator.html",
        form=form,
        result=result,
        dates=dated(result),
        grants=[*_lines(step for step in result.steps if step.rule.startswith("remission."))],
        findings=findings(result),
        today=result.on,
        notice=explain.NOTICE,
        missing=explain.MISSING,
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """One source of a line: where it stands, what it says, how sure it is."""

    place: str
    gist: str
    certainty: str


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the arithmetic with its own values, in words."""

    words: str
    grounds: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class Dated:
    """One date as a page shows it."""

    label: str
    milestone: Milestone
    certainty: str
    reason: str
    gross: bool
    lines: tuple[Line, ...]


def dated(result: Result) -> tuple[Dated, ...]:
    """Return the dates of a result in words, each with the lines it came from."""
    steps: dict[str, list[Step]] = {}
    for step in result.steps:
        steps.setdefault(_kind(step), []).append(step)
    return tuple(
        Dated(
            label=said(explain.MILESTONES[each.kind]),
            milestone=each,
            certainty=said(explain.CERTAINTIES[each.certainty]) if each.certainty else "",
            reason=said(explain.REASONS[each.reason]) if each.reason else "",
            gross=each.kind.endswith("_gross"),
            lines=tuple(
                line
                for kind in (*explain.UPON.get(each.kind, ()), each.kind)
                for line in _lines(steps.get(kind, ()))
            ),
        )
        for each in result.milestones
    )


def findings(result: Result) -> tuple[str, ...]:
    """Return what a person should look at, in words."""
    return tuple(
        explain.words(explain.FINDINGS[each.code], each.told, said, day) for each in result.findings
    )


def _kind(step: Step) -> str:
    room, _dot, kind = step.rule.partition(".")
    return f"{room}_{kind}" if room.endswith("_leave") else kind


def _lines(steps: Iterable[Step]) -> Iterable[Line]:
    citations = calculating.law().citations
    for step in steps:
        line = explain.line(step)
        grounds = [
            Ground(
                f"{citations[cite].instrument} {citations[cite].article}",
                citations[cite].gist,
                said(explain.CERTAINTIES[row.certainty]),
            )
            for _name, row in step.params
            for cite in row.cite
        ]
        yield Line(
            words=explain.words(line.text, line.values, said, day),
            grounds=tuple(dict.fromkeys(grounds)),
        )


# --- Import ---------------------------------------------------------------------------------------


@bp.get("/imports")
@access(Permission.INSPECT_IMPORT)
def imports() -> ResponseReturnValue:
    """Show the form for a file, and the newest imports."""
    return _imports(ImportForm())


@bp.post("/imports")
@access(Permission.INSPECT_IMPORT)
@limiter.limit("60/hour")
def inspect() -> ResponseReturnValue:
    """Look at a file without taking anything over."""
    form = ImportForm()
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        form.file.errors = [_("Choose a file.")]
        return _imports(form), 422
    content = sent.stream.read(importing.MOST_BYTES + 1)
    try:
        number = importing.inspect(
            current_actor(), current_facility(), content, key=submission_key()
        )
    except importing.NotAnExport as unfit:
        form.file.errors = [said(unfit.text, **unfit.values)]
        return _imports(form), 422
    return see_other(".import_", import_id=number)


def _imports(form: ImportForm) -> str:
    return render_template(
        "remissions/imports.html",
        form=form,
        imports=queries.imports(current_facility()),
        zone=place().time_zone,
    )


@bp.get("/imports/<int:import_id>")
@access(Permission.INSPECT_IMPORT)
def import_(import_id: int) -> ResponseReturnValue:
    """Show what a file holds, or what came of it."""
    return _import(import_id, ApplyForm())


@bp.post("/imports/<int:import_id>/application")
@access(Permission.APPLY_IMPORT)
def apply(import_id: int) -> ResponseReturnValue:
    """Take a file over whole, or say why not."""
    form = ApplyForm(request.form)
    try:
        importing.apply(current_actor(), import_id, confirmed=bool(form.confirmed.data))
    except (importing.HasErrors, importing.DatesDiffer, importing.FileGone) as refusal:
        form.form_errors.append(said(refusal))
        return _import(import_id, form), 422
    says(_("The file is taken over."))
    return see_other(".import_", import_id=import_id)


def _import(import_id: int, form: ApplyForm) -> str:
    return render_template(
        "remissions/import.html",
        form=form,
        found=queries.import_(import_id),
        zone=place().time_zone,
        percent=importing.stop_percent(clock.today(place().time_zone)),
    )


@bp.get("/imports/example")
@access(Permission.INSPECT_IMPORT)
def example() -> ResponseReturnValue:
    """Hand out an invented export, so that a newcomer can try the import."""
    answer = Response(sample.CSV, mimetype="text/csv")
    answer.headers["Content-Disposition"] = FILE
    return answer
