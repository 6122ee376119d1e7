"""The newsroom's own pages: lists, editor, comparison, approval, withdrawal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.facility import facility
from portal.kernel.markdown import clean, render
from portal.kernel.text import _, instant, said
from portal.kernel.web import (
    access,
    current_actor,
    current_facility,
    page_number,
    place,
    says,
    see_other,
    settings,
    submission_key,
)
from portal.media import queries, services
from portal.media.forms import CorrectionForm, NewForm, ReturnForm, TextForm, WithdrawForm
from portal.media.permissions import Permission
from portal.media.queries import Dossier, Tab
from portal.media.rules.checks import Concern, Hit, counted, marked
from portal.media.rules.compare import differences
from portal.media.rules.fingerprint import Words, short
from portal.media.rules.visibility import Status, status_of
from portal.media.rules.workflow import (
    Kind,
    Language,
    Move,
    NoticedBy,
    Reason,
    State,
    possible,
)
from portal.register import queries as register

bp = Blueprint("newsroom", __name__, url_prefix="/newsroom", template_folder="../templates")

TABS: Mapping[Tab, str] = {
    Tab.DRAFTS: message("Drafts"),
    Tab.SUBMITTED: message("For approval"),
    Tab.SCHEDULED: message("Scheduled"),
    Tab.PUBLIC: message("Public"),
    Tab.WITHDRAWN: message("Withdrawn"),
}
STATUSES: Mapping[Status, tuple[str, str]] = {
    Status.DRAFT: (message("Draft"), "neutral"),
    Status.SUBMITTED: (message("Waits for approval"), "caution"),
    Status.RETURNED: (message("Returned"), "negative"),
    Status.SCHEDULED: (message("Scheduled"), "info"),
    Status.PUBLIC: (message("Public"), "positive"),
    Status.WITHDRAWN: (message("Withdrawn"), "negative"),
    Status.DISCARDED: (message("Discarded"), "neutral"),
}
MOVED: Mapping[Move, str] = {
    Move.SAVE: message("Text saved"),
    Move.SUBMIT: message("Submitted"),
    Move.RETURN: message("Returned to the writer"),
    Move.APPROVE: message("Approved"),
    Move.TAKE_BACK: message("Taken back to draft"),
    Move.WITHDRAW: message("Withdrawn"),
    Move.DISCARD: message("Discarded"),
}
CONCERNS: Mapping[Concern, str] = {
    Concern.NAME: message("Name of an inmate"),
    Concern.REGISTRATION: message("Registration number"),
    Concern.IDENTITY: message("Identity number (NIK)"),
    Concern.PHONE: message("Phone number"),
    Concern.BIRTH: message("Date of birth"),
    Concern.CHILD: message("Word for a child"),
}
FIELDS: Mapping[str, str] = {
    "title": message("Title"),
    "summary": message("Summary"),
    "body": message("Text"),
    "place": message("Place"),
    "wrong": message("What was wrong"),
    "right": message("What is right"),
}
HELD: Mapping[Move, Permission] = {
    Move.SUBMIT: Permission.SUBMIT,
    Move.RETURN: Permission.APPROVE,
    Move.APPROVE: Permission.APPROVE,
    Move.TAKE_BACK: Permission.TAKE_BACK,
    Move.WITHDRAW: Permission.WITHDRAW,
    Move.DISCARD: Permission.DISCARD,
}


# --- Lists ----------------------------------------------------------------------------------------


@bp.get("")
@access(Permission.READ)
def items() -> ResponseReturnValue:
    """Show one of the newsroom's lists."""
    here, now = place(), clock.now()
    first = Tab.DRAFTS if _holds(Permission.WRITE, here.id) else Tab.SUBMITTED
    tab = {each.value: each for each in Tab}.get(request.args.get("tab", ""), first)
    counts = queries.tab_counts(here.id, now)
    found = queries.lines(here.id, tab, now, page=page_number())
    return render_template(
        "media/items.html",
        views=[
            (said(words), url_for(".items", tab=each.value), each is tab, counts[each])
            for each, words in TABS.items()
        ],
        rows=found,
        statuses=STATUSES,
        zone=here.time_zone,
        page=page_number(),
        pages=-(-counts[tab] // queries.PAGE_SIZE),
        may_write=_holds(Permission.WRITE, here.id),
        contact=register.fact(here.id, "contact.press"),
    )


# --- Writing --------------------------------------------------------------------------------------


@bp.get("/new")
@access(Permission.WRITE)
def new() -> ResponseReturnValue:
    """Show an empty editor."""
    return _editor(NewForm(data={"place": place().town}))


@bp.post("/new")
@access(Permission.WRITE)
def create() -> ResponseReturnValue:
    """Keep a first text, or show it as readers would see it."""
    form = NewForm(request.form)
    if not _wants_preview() and form.validate():
        item = services.draft(
            current_actor(),
            current_facility(),
            text=_text(form, place().time_zone),
            kind=Kind(form.kind.data),
            language=Language(form.language.data),
            key=submission_key(),
        )
        says(_("The draft is saved."))
        return see_other(".item", item_id=item.id)
    return _editor(form)


@bp.get("/<int:item_id>/edit")
@access(Permission.WRITE)
def edit(item_id: int) -> ResponseReturnValue:
    """Show the newest text in the editor; of a public item, with what was wrong."""
    known = queries.dossier(item_id, clock.now())
    return _editor(_form_of(known)(data=_values(known)), known)


@bp.post("/<int:item_id>/edit")
@access(Permission.WRITE)
def save(item_id: int) -> ResponseReturnValue:
    """Keep a new text, or show it as readers would see it."""
    known = queries.dossier(item_id, clock.now())
    form = _form_of(known)(request.form)
    if not _wants_preview() and form.validate():
        try:
            _keep(known, form)
        except services.WrittenMeanwhile as refusal:
            form.form_errors.append(said(refusal))
        else:
            says(_("The draft is saved."))
            return see_other(".item", item_id=item_id)
    return _editor(form, known)


def _keep(known: Dossier, form: TextForm) -> None:
    zone = facility(known.item.facility_id).time_zone
    based_on = request.form.get("based_on", 0, type=int)
    text = _text(form, zone)
    if not isinstance(form, CorrectionForm):
        services.save(current_actor(), known.item.id, text=text, based_on=based_on)
        return
    mending = services.Mending(
        wrong=form.wrong.data or "",
        right=form.right.data or "",
        noticed_by=NoticedBy(form.noticed_by.data),
        noticed_at=clock.now(),
    )
    services.correct(current_actor(), known.item.id, text=text, mending=mending, based_on=based_on)


def _form_of(known: Dossier) -> type[TextForm]:
    return CorrectionForm if known.live else TextForm


def _values(known: Dossier) -> dict[str, object]:
    head = known.head
    zone = ZoneInfo(facility(known.item.facility_id).time_zone)
    planned = head.visible_from.astimezone(zone) if head.visible_from else None
    if known.live:
        planned = None  # a date that has passed never follows into the next text
    mended = head.correction
    return {
        "title": head.title,
        "summary": head.summary,
        "body": head.body,
        "place": head.place,
        "day": planned.date() if planned else None,
        "hour": planned.time() if planned else None,
        "wrong": mended.wrong if mended else "",
        "right": mended.right if mended else "",
        "noticed_by": mended.noticed_by if mended else NoticedBy.STAFF,
    }


def _text(form: TextForm, zone: str) -> services.Text:
    day, hour = form.day.data, form.hour.data or time()
    return services.Text(
        title=form.title.data or "",
        summary=form.summary.data or "",
        body=form.body.data or "",
        place=form.place.data or "",
        visible_from=datetime.combine(day, hour, ZoneInfo(zone)) if day else None,
    )


def _wants_preview() -> bool:
    return request.form.get("act") == "preview"


def _editor(form: TextForm, known: Dossier | None = None) -> ResponseReturnValue:
    preview = _wants_preview() and request.method == "POST"
    page = render_template(
        "media/editor.html",
        form=form,
        known=known,
        based_on=known.head.number if known else 0,
        preview=render(form.body.data or "") if preview else None,
    )
    return page, 422 if form.errors else 200


# --- One item -------------------------------------------------------------------------------------


@bp.get("/<int:item_id>")
@access(Permission.READ)
def item(item_id: int) -> ResponseReturnValue:
    """Show where an item stands, what can be done, and what was done."""
    return _item_page(queries.dossier(item_id, clock.now()))


def _item_page(known: Dossier, hits: tuple[Hit, ...] = ()) -> str:
    now, head = clock.now(), known.head
    zone = facility(known.item.facility_id).time_zone
    doors, status = _doors(known, now), status_of(head.state, head.visible_at, now)
    return render_template(
        "media/item.html",
        known=known,
        head=head,
        status_word=said(STATUSES[status][0]),
        status_kind=STATUSES[status][1],
        html=clean(head.body_html),
        public_address=_address(known),
        mark=short(queries.mark_of(head)),
        can=doors,
        zone=zone,
        log=[
            (
                instant(entry.at, zone),
                said(MOVED[entry.move]),
                " · ".join(filter(None, (entry.actor_name, entry.reason))),
            )
            for entry in known.log
        ],
        hits=[(said(CONCERNS[concern]), count) for concern, count in counted(hits).items()],
        marked=[
            (said(FIELDS[name]), marked(name, text, hits))
            for name, text in _fields(queries.words_of(head)).items()
            if any(hit.field == name for hit in hits)
        ],
    )


def _address(known: Dossier) -> str:
    """Write the public address by hand: the press pages may be another process's."""
    here = facility(known.item.facility_id).slug
    return f"{settings().base_url}/prisons/{here}/releases/{known.item.slug}"


def _fields(words: Words) -> dict[str, str]:
    return {name: getattr(words, name) for name in FIELDS}


def _doors(known: Dossier, now: datetime) -> frozenset[str]:
    """Return the moves this person could make: of the newest text, and of the public one."""
    moves: set[Move] = set()
    for revision in filter(None, {known.head, known.live}):
        standing = queries.standing_of(known.revisions, revision, now)
        wanted = possible(standing, current_actor().id)
        moves |= wanted if revision is known.head else wanted & {Move.WITHDRAW}
    here = known.item.facility_id
    held = {move.value for move in moves if _holds(HELD[move], here)}
    open_to_words = known.live is not None or known.head.state is not State.DISCARDED
    if open_to_words and _holds(Permission.WRITE, here):
        held.add("write")
    return frozenset(held)


def _holds(permission: Permission, facility_id: int) -> bool:
    return facility_id in current_actor().where(permission)


@bp.get("/<int:item_id>/changes/<int:old>/<int:new>")
@access(Permission.READ)
def changes(item_id: int, old: int, new: int) -> ResponseReturnValue:
    """Show what changed between two texts of an item."""
    known = queries.dossier(item_id, clock.now())
    before, after = (_fields(queries.words_of(known.numbered(each))) for each in (old, new))
    return render_template(
        "media/changes.html",
        known=known,
        old=known.numbered(old),
        new=known.numbered(new),
        fields=[
            (said(words), differences(before[name], after[name]))
            for name, words in FIELDS.items()
            if before[name] != after[name]
        ],
    )


# --- Moves ----------------------------------------------------------------------------------------


@bp.post("/<int:item_id>/submit")
@access(Permission.SUBMIT)
def submit(item_id: int) -> ResponseReturnValue:
    """Ask for approval, or show where the gate found personal data."""
    try:
        services.submit(current_actor(), item_id)
    except services.PersonalData as refusal:
        return _item_page(queries.dossier(item_id, clock.now()), refusal.hits), 422
    says(_("Submitted. Another person must approve it now."))
    return see_other(".item", item_id=item_id)


@bp.get("/<int:item_id>/approval")
@access(Permission.APPROVE)
def approval(item_id: int) -> ResponseReturnValue:
    """Show exactly the text that is to be approved."""
    return _approval_page(item_id, ReturnForm())


def _approval_page(item_id: int, form: ReturnForm) -> ResponseReturnValue:
    known = queries.dossier(item_id, clock.now())
    mark = queries.mark_of(known.head)
    page = render_template(
        "media/approval.html",
        known=known,
        head=known.head,
        html=clean(known.head.body_html),
        public_address=_address(known),
        zone=facility(known.item.facility_id).time_zone,
        can=_doors(known, clock.now()),
        mark=mark,
        short_mark=short(mark),
        form=form,
    )
    return page, 422 if form.errors else 200


@bp.post("/<int:item_id>/approval")
@access(Permission.APPROVE)
def approve(item_id: int) -> ResponseReturnValue:
    """Approve the text that was read, or show the one that stands there now."""
    read = request.form.get("fingerprint", "")
    try:
        visible_at = services.approve(current_actor(), item_id, fingerprint=read)
    except services.OtherText as refusal:
        says(said(refusal), "caution")
        return see_other(".approval", item_id=item_id)
    says(_("Approved. Public from %(when)s.", when=instant(visible_at, place().time_zone)))
    return see_other(".item", item_id=item_id)


@bp.post("/<int:item_id>/return")
@access(Permission.APPROVE)
def send_back(item_id: int) -> ResponseReturnValue:
    """Give the text back to its writer."""
    form = ReturnForm(request.form)
    if not form.validate():
        return _approval_page(item_id, form)
    services.send_back(current_actor(), item_id, reason=form.reason.data or "")
    says(_("Returned to the writer."))
    return see_other(".item", item_id=item_id)


@bp.post("/<int:item_id>/take-back")
@access(Permission.TAKE_BACK)
def take_back(item_id: int) -> ResponseReturnValue:
    """Make a waiting text a draft again."""
    services.take_back(current_actor(), item_id)
    says(_("The text is a draft again."))
    return see_other(".item", item_id=item_id)


@bp.post("/<int:item_id>/discard")
@access(Permission.DISCARD)
def discard(item_id: int) -> ResponseReturnValue:
    """Put a draft away."""
    services.discard(current_actor(), item_id)
    says(_("The draft is discarded."))
    return see_other(".items")


@bp.get("/<int:item_id>/withdrawal")
@access(Permission.WITHDRAW)
def withdrawal(item_id: int) -> ResponseReturnValue:
    """Ask for the reason, and say what will happen."""
    known = queries.dossier(item_id, clock.now())
    return render_template("media/withdrawal.html", known=known, form=WithdrawForm())


@bp.post("/<int:item_id>/withdrawal")
@access(Permission.WITHDRAW)
def withdraw(item_id: int) -> ResponseReturnValue:
    """Withdraw the public text, or show the form again."""
    form = WithdrawForm(request.form)
    if not form.validate():
        known = queries.dossier(item_id, clock.now())
        return render_template("media/withdrawal.html", known=known, form=form), 422
    services.withdraw(
        current_actor(),
        item_id,
        reason=Reason(form.reason.data),
        explanation=form.explanation.data or "",
    )
    says(_("The text is withdrawn. Its address tells readers why."))
    return see_other(".item", item_id=item_id)
