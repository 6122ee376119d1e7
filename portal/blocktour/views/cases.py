"""At the desk: the drawers, one case, sorting it, answering it, deciding it."""

from __future__ import annotations

from datetime import datetime

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.blocktour.forms import (
    CLASS_ORDER,
    DecisionForm,
    DraftForm,
    ExcludeForm,
    TriageForm,
    WaitForm,
)
from portal.blocktour.models import Case, Event
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import door, files, places
from portal.blocktour.queries.door import Tab
from portal.blocktour.rules import categories, deciding
from portal.blocktour.rules.categories import ClockClass, Lane
from portal.blocktour.rules.deciding import Draft, Need, RefusalReason, Ruling
from portal.blocktour.rules.recusal import Ground
from portal.blocktour.rules.severity import Trigger
from portal.blocktour.rules.states import STATE_NAMES, CaseState, Step, possible
from portal.blocktour.services import handling
from portal.blocktour.services.handling import Triage
from portal.blocktour.services.steps import ReasonMissing
from portal.blocktour.views.base import CLASS_NAMES, bp
from portal.domain.actor import Role
from portal.domain.errors import NotFound
from portal.kernel import clock
from portal.kernel.text import _, current_language, day, instant, said
from portal.kernel.web import access, current_actor, page_number, says, see_other

WAITS_FOR_ANSWER = frozenset({CaseState.TRIAGED, CaseState.IN_PROGRESS, CaseState.REOPENED})
WAITS_FOR_DECISION = frozenset({CaseState.ANSWER_DRAFTED, CaseState.REFUSAL_PROPOSED})


@bp.get("/cases")
@access(Permission.READ)
def cases() -> ResponseReturnValue:
    """Show one drawer; days alone, and an order that tells nothing."""
    asked = request.args.get("tab", "")
    return _drawer(Tab(asked) if asked in set(Tab) else Tab.TO_TRIAGE)


@bp.get("/cases-to-decide")
@access(Permission.DECIDE)
def cases_to_decide() -> ResponseReturnValue:
    """Show the drawer of whoever decides."""
    return _drawer(Tab.TO_DECIDE)


def _drawer(tab: Tab) -> str:
    actor, now, page = current_actor(), clock.now(), page_number()
    lines, pages = door.cases(actor, tab, page, now)
    return render_template(
        "blocktour/cases.html",
        lines=lines,
        tab=tab,
        page=page,
        pages=pages,
        counts=door.counts(actor, now),
        Tab=Tab,
    )


@bp.get("/cases/<string:number>")
@access(Permission.READ)
def case(number: str) -> ResponseReturnValue:
    """Show one case with everything that happened to it."""
    return _page(_behind_the_door(number), ExcludeForm())


@bp.get("/cases/<string:number>/triage")
@access(Permission.TRIAGE)
def triage_form(number: str) -> ResponseReturnValue:
    """Show the form to sort a case."""
    row = _behind_the_door(number)
    form = _triage_form(row)
    form.kind.data, form.clock_class.data = row.category, ""
    return _triage_page(row, form)


@bp.post("/cases/<string:number>/triage")
@access(Permission.TRIAGE)
def triage(number: str) -> ResponseReturnValue:
    """Sort a case, or show the form again."""
    row = _behind_the_door(number)
    form = _triage_form(row)
    if not form.validate():
        return _triage_page(row, form), 422
    category, _slash, kind = form.kind.data.partition("/")
    chosen = form.clock_class.data
    sorting = Triage(
        category,
        kind or None,
        ClockClass(chosen) if chosen else None,
        frozenset(map(Trigger, form.triggers.data or ())),
    )
    lane = handling.triage(current_actor(), number, sorting)
    says(_("The complaint is sorted."))
    if lane is Lane.SEALED and not current_actor().may(Permission.READ_SEALED):
        return see_other(".cases")
    return see_other(".case", number=number)


@bp.get("/cases/<string:number>/answer")
@access(Permission.DRAFT)
def draft_form(number: str) -> ResponseReturnValue:
    """Show the form to answer a case, with what was written before if it was sent back."""
    row = _behind_the_door(number)
    earlier = files.answer(row)
    form = DraftForm(obj=earlier) if earlier else DraftForm()
    form.set_choices(refusable=_refusable(row))
    form.reason.data = str(earlier.reason or "") if earlier else ""
    return _draft_page(row, form)


@bp.post("/cases/<string:number>/answer")
@access(Permission.DRAFT)
def draft(number: str) -> ResponseReturnValue:
    """Check an answer, then send it to be decided; what is missing is said at its field."""
    row = _behind_the_door(number)
    form = DraftForm(request.form)
    form.set_choices(refusable=_refusable(row))
    if request.form.get("go") == "change":
        return _draft_page(row, form)
    written = _written(form)
    if written is None:
        return _draft_page(row, form), 422
    if request.form.get("go") != "send":
        return render_template("blocktour/draft_check.html", case=row, draft=written, sent=form)
    handling.draft(current_actor(), number, written)
    says(_("The answer waits for a decision by another person."))
    return see_other(".case", number=number)


@bp.get("/cases/<string:number>/decision")
@access(Permission.DECIDE)
def decision_form(number: str) -> ResponseReturnValue:
    """Show what was told beside what would be answered."""
    return _decision_page(_behind_the_door(number), DecisionForm())


@bp.post("/cases/<string:number>/decision")
@access(Permission.DECIDE)
def decide(number: str) -> ResponseReturnValue:
    """Decide, or send back with a word."""
    row, form = _behind_the_door(number), DecisionForm(request.form)
    if not form.validate():
        return _decision_page(row, form), 422
    agree = form.go.data == "agree"
    try:
        handling.decide(current_actor(), number, agree=agree, reason=form.reason.data or "")
    except (ReasonMissing, handling.NeedsAnotherPerson) as refusal:
        row = _behind_the_door(number)
        if isinstance(refusal, ReasonMissing):
            form.reason.errors = [said(refusal)]
        else:
            form.form_errors.append(said(refusal))
        return _decision_page(row, form), 422
    says(_("Decided. The answer can be brought to the cell.") if agree else _("Sent back."))
    return see_other(".case", number=number)


@bp.post("/cases/<string:number>/question")
@access(Permission.DRAFT)
def ask(number: str) -> ResponseReturnValue:
    """Note what the person is asked; the clock of the decision stands still."""
    return _wait(number, Step.ASK)


@bp.post("/cases/<string:number>/referral")
@access(Permission.DECIDE)
def refer(number: str) -> ResponseReturnValue:
    """Note to whom a case was passed on."""
    return _wait(number, Step.REFER)


@bp.post("/cases/<string:number>/reply")
@access(Permission.DRAFT)
def resume(number: str) -> ResponseReturnValue:
    """Note what came back; the clock runs on."""
    return _wait(number, Step.RESUME)


def _wait(number: str, step: Step) -> ResponseReturnValue:
    row, form = _behind_the_door(number), WaitForm(request.form)
    if not form.validate():
        return _page(row, ExcludeForm(), form), 422
    handling.wait(current_actor(), number, step, form.reason.data)
    says(_("Noted."))
    return see_other(".case", number=number)


@bp.post("/cases/<string:number>/excluded")
@access(Permission.EXCLUDE)
def exclude(number: str) -> ResponseReturnValue:
    """Check who is kept from a case, then do it: there is no way back."""
    row, form = _behind_the_door(number), ExcludeForm(request.form)
    form.person.choices = _colleagues(row)
    if not form.validate():
        return _page(row, form), 422
    out = form.person.data
    myself = out == current_actor().id
    if request.form.get("go") != "send" and not files.leaves_nobody(row, out):
        name = dict(form.person.choices)[out]
        return render_template(
            "blocktour/exclude_check.html", case=row, person=out, name=name, myself=myself
        )
    try:
        handling.exclude(current_actor(), number, out, Ground.NAMED)
    except handling.LastReader as refusal:
        form.person.errors = [said(refusal)]
        return _page(_behind_the_door(number), form), 422
    says(_("From now on the case does not exist for this person."))
    return see_other(".cases") if myself else see_other(".case", number=number)


def _behind_the_door(number: str) -> Case:
    return door.case(current_actor(), number, clock.now())


def _page(row: Case, form: ExcludeForm, waiting: WaitForm | None = None) -> str:
    actor = current_actor()
    zone, sees_hours = places.zone_of(row.facility_id), Role.COMPLAINTS_CUSTODIAN in actor.roles

    def when(moment: datetime) -> str:
        return instant(moment, zone.key) if sees_hours else day(moment.astimezone(zone).date())

    if actor.may(Permission.EXCLUDE):
        form.person.choices = _colleagues(row)
    return render_template(
        "blocktour/case.html",
        case=row,
        person=files.person(row),
        answer=files.answer(row),
        visits=files.deliveries(row),
        told=when(row.first_told_at),
        steps=[(when(one.at), said(STATE_NAMES[one.new]), _hand(one)) for one in files.events(row)],
        limits=files.limits(row, clock.now()),
        age=files.age(row, clock.now()),
        form=waiting if waiting and waiting.errors else form,
        exclude_form=form,
        wait_form=waiting or WaitForm(),
        acts=_acts(row),
    )


def _hand(event: Event) -> str:
    """Say who made a move, and why if a reason was given."""
    who = event.actor_name if event.actor_id else _("By the portal")
    return f"{who}: {event.reason}" if event.reason else who


def _acts(row: Case) -> list[str]:
    """Return the acts that are open on this case to who looks."""
    actor = current_actor()
    found = []
    if row.state is CaseState.RECEIVED and actor.may(Permission.TRIAGE):
        found.append("triage")
    if row.state in WAITS_FOR_ANSWER and actor.may(Permission.DRAFT):
        found.append("answer")
    if row.state in WAITS_FOR_DECISION and actor.may(Permission.DECIDE):
        found.append("decide")
    if row.state is CaseState.DECIDED and actor.may(Permission.DELIVER):
        found.append("deliver")
    if actor.may(Permission.EXCLUDE):
        found.append("exclude")
    for step, permission in handling.WAITING.items():
        if possible(row.state, step) and actor.may(permission):
            found.append(str(step))
    return found


def _colleagues(row: Case) -> list[tuple[int, str]]:
    out = files.excluded(row)
    return [
        (person, name) for person, name in places.colleagues(row.facility_id) if person not in out
    ]


def _triage_form(row: Case) -> TriageForm:
    language = current_language()
    kinds = []
    for first in categories.version(row.category_version).categories:
        kinds.append((first.code, first.names[language]))
        kinds.extend(
            (f"{first.code}/{kind.code}", f"{first.names[language]}: {kind.names[language]}")
            for kind in first.kinds
        )
    form = TriageForm(request.form)
    form.set_choices(kinds, [(str(one), said(CLASS_NAMES[one])) for one in CLASS_ORDER])
    return form


def _triage_page(row: Case, form: TriageForm) -> str:
    return render_template("blocktour/triage.html", case=row, person=files.person(row), form=form)


def _refusable(row: Case) -> bool:
    return deciding.may_refuse(row.clock_class) and row.state is CaseState.TRIAGED


def _written(form: DraftForm) -> Draft | None:
    """Return what was written if it is complete; otherwise say at each field what is missing."""
    if not form.validate():
        return None
    written = Draft(
        ruling=Ruling(form.ruling.data),
        sentence=form.sentence.data,
        article=form.article.data,
        would_change=form.would_change.data,
        next_door=form.next_door.data,
        reason=RefusalReason(form.reason.data) if form.reason.data else None,
    )
    lacking = deciding.missing(written)
    for need in lacking:
        form[str(need)].errors = [_needed(need)]
    return None if lacking else written


def _needed(need: Need) -> str:
    words: dict[Need, str] = {
        Need.SENTENCE: _("Write the answer in plain words."),
        Need.ARTICLE: _("Name the article of the rule."),
        Need.WOULD_CHANGE: _("Write what would change the answer."),
        Need.NEXT_DOOR: _("Write where the person can go next."),
        Need.REASON: _("Choose one of the three reasons."),
    }
    return words[need]


def _draft_page(row: Case, form: DraftForm) -> str:
    return render_template("blocktour/draft.html", case=row, person=files.person(row), form=form)


def _decision_page(row: Case, form: DecisionForm) -> str:
    answer = files.answer(row)
    if answer is None or row.state not in WAITS_FOR_DECISION:
        raise NotFound
    return render_template(
        "blocktour/decision.html",
        case=row,
        person=files.person(row),
        answer=answer,
        form=form,
    )
