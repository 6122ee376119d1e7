"""At the cell: home, three short screens, a receipt, and a page that shows nothing but the time.

No session holds what is typed: each screen carries the other screens' answers in hidden fields, so
that nothing is left on the server before it is saved, and nothing is lost on the way.
"""

from __future__ import annotations

from uuid import UUID

from flask import render_template, request
from flask.typing import ResponseReturnValue

from portal.blocktour.forms import ConfidentialForm, WhatForm, WhereForm
from portal.blocktour.permissions import Permission
from portal.blocktour.queries import door, places, rounds
from portal.blocktour.queries.door import Tab
from portal.blocktour.rules import categories
from portal.blocktour.rules.categories import Lane
from portal.blocktour.rules.severity import Reply
from portal.blocktour.services import recording
from portal.blocktour.services.recording import Told
from portal.blocktour.views.base import bp
from portal.domain.actor import Actor
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.module import DeskCard
from portal.kernel.text import _, current_language
from portal.kernel.web import (
    access,
    current_actor,
    current_facility,
    place,
    see_other,
    submission_key,
)

FIELDS = (
    "block",
    "cell",
    "who",
    "nameless",
    "category",
    "words",
    "urgent",
    "hurt",
    "safe",
    "about",
)
SCREENS = {
    "where": ("block", "cell", "who", "nameless"),
    "what": ("category", "words", "urgent", "hurt", "safe"),
    "confidential": ("about",),
}
AFTER_WARNING = "check-sealed"


@bp.get("")
@access(Permission.HOME)
def home() -> ResponseReturnValue:
    """Show what waits for this person, with the one big button."""
    actor, now = current_actor(), clock.now()
    today = clock.today(place().time_zone)
    return render_template(
        "blocktour/home.html",
        recorded=door.recorded_today(actor, current_facility(), today),
        bring=len(door.to_bring(actor, now)),
        first=len(door.first_words(actor, now)),
        counts=door.counts(actor, now) if actor.may(Permission.READ) else {},
        tour=rounds.open_tour(actor),
        Tab=door.Tab,
        can=Permission,
    )


@bp.get("/capture")
@access(Permission.RECORD)
def capture() -> ResponseReturnValue:
    """Show the first screen; the block is kept from before, or taken from the tour."""
    form = _where()
    kept = request.args.get("block", type=int)
    on_tour = rounds.open_tour(current_actor())
    wanted = kept or (on_tour.block_id if on_tour else None)
    form.block.data = wanted if wanted in form.rooms else None
    return _screen("where", form)


@bp.post("/capture")
@access(Permission.RECORD)
def next_screen() -> ResponseReturnValue:
    """Lead from screen to screen; nothing is stored yet."""
    go = request.form.get("go", "where")
    where, what = _where(), _what()
    if go in {"hide", "where"}:
        return _hidden() if go == "hide" else _screen("where", where)
    if go == "what" and where.validate():
        return _screen("what", what)
    if (wrong := _first_wrong(where, what)) is not None:
        return wrong, 422
    if go != AFTER_WARNING and _sealed(what):
        return _screen("confidential", ConfidentialForm(request.form))
    return _check(where, what)


@bp.post("/cases")
@access(Permission.RECORD)
def save() -> ResponseReturnValue:
    """Write down what was told, or lead back to what is missing."""
    where, what, confidential = _where(), _what(), ConfidentialForm(request.form)
    if (wrong := _first_wrong(where, what, confidential)) is not None:
        return wrong, 422
    told = Told(
        cell_id=where.cell_id,
        category=what.category.data,
        words=what.words.data,
        who="" if where.nameless.data else where.who.data,
        about=confidential.about.data if _sealed(what) else "",
        urgent=what.urgent.data,
        hurt=Reply(what.hurt.data),
        safe=Reply(what.safe.data),
    )
    key = UUID(submission_key())
    recording.record_case(current_actor(), current_facility(), key, told)
    return see_other(".receipt", key=key, block=where.block.data)


@bp.get("/receipts/<uuid:key>")
@access(Permission.RECORD)
def receipt(key: UUID) -> ResponseReturnValue:
    """Show the number of what this person sent; the same words for every lane."""
    number = door.receipt_number(current_actor(), key)
    return render_template(
        "blocktour/receipt.html", number=number, block=request.args.get("block", type=int)
    )


@bp.get("/hidden")
@access(Permission.HOME)
def hide() -> ResponseReturnValue:
    """Show nothing but the time."""
    return _hidden()


def desk(actor: Actor) -> tuple[DeskCard, ...]:
    """Return what waits for a person here, as doors on the desk."""
    now, cards = clock.now(), []
    if actor.may(Permission.DELIVER):
        waiting = len(door.to_bring(actor, now))
        cards.append(DeskCard(message("Answers to bring"), waiting, "blocktour.answers"))
    if actor.may(Permission.READ):
        counts = door.counts(actor, now)
        cards.append(
            DeskCard(message("Complaints to sort"), counts[Tab.TO_TRIAGE], "blocktour.cases")
        )
        if actor.may(Permission.DECIDE):
            waiting = counts[Tab.TO_DECIDE]
            cards.append(
                DeskCard(message("Complaints to decide"), waiting, "blocktour.cases_to_decide")
            )
    return tuple(cards)


def _hidden() -> str:
    now = clock.now().astimezone(places.zone_of(current_facility()))
    held = request.form.get("screen", "where") if request.method == "POST" else ""
    return render_template(
        "blocktour/hidden.html", time=f"{now:%H.%M}", carried=_carried(()), back=held
    )


def _where() -> WhereForm:
    here = current_facility()
    form = WhereForm(request.form)
    form.set_rooms(
        {
            block.id: (block.code, {c.number: c.id for c in places.cells(here, block.id)})
            for block in places.blocks(here)
        }
    )
    return form


def _what() -> WhatForm:
    form, language = WhatForm(request.form), current_language()
    listed = categories.current(clock.today(place().time_zone))
    form.set_choices([(one.code, one.names[language]) for one in listed.categories])
    return form


def _sealed(what: WhatForm) -> bool:
    listed = categories.current(clock.today(place().time_zone))
    return listed.lane(what.category.data) is Lane.SEALED


def _first_wrong(
    where: WhereForm, what: WhatForm, confidential: ConfidentialForm | None = None
) -> str | None:
    """Return the first screen with something to mend; None if all is well."""
    if not where.validate():
        return _screen("where", where)
    if not what.validate():
        return _screen("what", what)
    if confidential is not None and not confidential.validate():
        return _screen("confidential", confidential)
    return None


def _carried(shown: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the answers of the screens that are not shown, as they were typed."""
    return [
        (name, value)
        for name in FIELDS
        if name not in shown
        for value in request.form.getlist(name)
    ]


def _screen(name: str, form: WhereForm | WhatForm | ConfidentialForm) -> str:
    return render_template(
        f"blocktour/capture_{name}.html", form=form, carried=_carried(SCREENS[name])
    )


def _check(where: WhereForm, what: WhatForm) -> str:
    labels = dict(what.category.choices)
    words = {"yes": _("Yes"), "no": _("No"), "not_asked": _("Not asked")}
    return render_template(
        "blocktour/capture_check.html",
        carried=_carried(()),
        place=where.place,
        named=_("No name") if where.nameless.data or not where.who.data else where.who.data,
        category=labels[what.category.data],
        words=what.words.data,
        urgent=what.urgent.data,
        hurt=words[what.hurt.data],
        safe=words[what.safe.data],
        sealed=_sealed(what),
    )
