"""The doors every staff member has: the desk, the language, the working facility, and the pulse."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import NotAllowed
from portal.kernel import facility as facilities
from portal.kernel.db import db
from portal.kernel.module import DeskCard, modules
from portal.kernel.text import LANGUAGE_COOKIE, LANGUAGES, said
from portal.kernel.web import (
    current_actor,
    public,
    safe_next,
    settings,
    signed_in,
)

bp = Blueprint("web", __name__)
A_YEAR = 365 * 24 * 3600


@bp.get("/healthz")
@public
def healthz() -> ResponseReturnValue:
    """Answer ok when the database answers."""
    db.session.execute(sa.select(1))
    return Response("ok\n", mimetype="text/plain")


@bp.get("/desk")
@signed_in
def desk() -> ResponseReturnValue:
    """Show what waits for this person, and the doors that are open."""
    actor = current_actor()
    cards: list[DeskCard] = []
    with facilities.within(actor.facilities):
        for module in modules():
            if module.desk:
                cards.extend(module.desk(actor))
    return render_template(
        "desk.html",
        cards=[
            (
                said(card.label),
                card.value,
                url_for(card.endpoint),
                said(card.note) if card.note else "",
            )
            for card in cards
        ],
        facilities=facilities.facilities(actor.facilities),
        chosen=session.get("facility"),
    )


@bp.post("/working-facility")
@signed_in
def working_facility() -> ResponseReturnValue:
    """Choose the facility to work in, among those the person has a task in."""
    chosen = request.form.get("facility", type=int)
    if chosen not in current_actor().facilities:
        raise NotAllowed
    session["facility"] = chosen
    return redirect(safe_next(url_for("web.desk")), code=303)


@bp.post("/language")
@public
def language() -> ResponseReturnValue:
    """Keep the reader's language in a cookie that says nothing else."""
    chosen = request.form.get("language", "")
    answer = redirect(safe_next("/"), code=303)
    if chosen in LANGUAGES:
        answer.set_cookie(
            LANGUAGE_COOKIE,
            chosen,
            max_age=A_YEAR,
            secure=settings().secure_cookies,
            httponly=True,
            samesite="Strict",
        )
    return answer


def root() -> ResponseReturnValue:
    """Lead to the desk where no public home stands at the root."""
    return redirect(url_for("web.desk"))


root.opening = public(lambda: None).opening  # type: ignore[attr-defined]
