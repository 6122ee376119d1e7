"""The tablet's doors: the app, its worker, and the three addresses it speaks to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.domain.errors import DomainError
from portal.domain.text import message
from portal.kernel import clock
from portal.kernel.assets import asset, assets
from portal.kernel.limits import counted_inside, limiter
from portal.kernel.web import access, current_actor, public
from portal.survey.permissions import Permission
from portal.survey.rules.kiosk import script
from portal.survey.services import answers as intake
from portal.survey.services import devices

bp = Blueprint("kiosk", __name__, url_prefix="/kiosk", template_folder="../templates")

DRAWINGS = (
    "mark", "hand", "language", "back", "people", "parcel", "info", "complaint", "other", "face-1",
    "face-2", "face-3", "face-4", "positive",
)  # fmt: skip
LINKED = ("kiosk.css", "survey/app.css", "survey/kiosk.js")  # by the hash in their names
IMPORTED = ("survey/queue.js", "survey/screens.js", "survey/hash.js")  # by the names in the code
LARGEST_BODY = 256 * 1024
LONGEST_NAME = 60


class WrongKind(DomainError):
    """The kiosk speaks JSON and nothing else."""

    status = 415
    text = message("This kind of file is not accepted.")


class TooLarge(DomainError):
    """A batch is small; this is something else."""

    status = 413
    text = message("The file is too large.")


class NameMissing(DomainError):
    """A tablet without a name cannot be told from the next."""

    text = message("Fill in the code and a name.")


def _page() -> str:
    return render_template("survey/kiosk.html", script=script(), drawings=DRAWINGS)


@bp.get("/")
@public
def app() -> ResponseReturnValue:
    """Show the app."""
    return _page()


@bp.get("/manifest.webmanifest")
@public
def manifest() -> ResponseReturnValue:
    """Describe the app to the tablet's home screen."""
    about = {
        "name": "SUMANTAB",
        "start_url": url_for(".app"),
        "scope": url_for(".app"),
        "display": "fullscreen",
        "orientation": "any",
    }
    return Response(json.dumps(about), mimetype="application/manifest+json")


@bp.get("/sw.js")
@public
def worker() -> ResponseReturnValue:
    """Answer the service worker; any change of the shell makes it a new one."""
    shell = [url_for(".app"), url_for(".manifest"), *(asset(name) for name in LINKED)]
    shell += [url_for("static_asset", name=name) for name in IMPORTED]
    parts = [_page(), *(assets()[name].hash for name in (*LINKED, *IMPORTED))]
    version = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
    text = assets()["survey/sw.js"].content.decode()
    text = text.replace("__VERSION__", version).replace("__SHELL__", json.dumps(shell))
    return Response(text, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


def _body() -> object:
    """Return what was sent, if it is JSON of a sensible size."""
    if request.mimetype != "application/json":
        raise WrongKind
    if (request.content_length or LARGEST_BODY + 1) > LARGEST_BODY:
        raise TooLarge
    try:
        return request.get_json(silent=True)
    except RecursionError:
        return None


@bp.post("/api/enrolment")
@public
@limiter.limit("10/minute")
def enrol() -> ResponseReturnValue:
    """Turn this browser into a tablet of the facility whose code it shows."""
    sent = _body()
    code, name = (
        (str(sent.get(key, "")).strip() for key in ("code", "name"))
        if (isinstance(sent, dict))
        else ("", "")
    )
    if not code or not name:
        raise NameMissing
    made = devices.enrol_device(code[:LONGEST_NAME], name=name[:LONGEST_NAME])
    return jsonify(asdict(made)), 201


@bp.get("/api/ping")
@access(Permission.STORE_ANSWERS)
def ping() -> ResponseReturnValue:
    """Say that this is the portal, that the tablet is known, and what time it is."""
    now = int(clock.now().timestamp() * 1000)
    return jsonify(portal="sumantab", device=current_actor().device_id, now_ms=now)


@bp.post("/api/answers")
@access(Permission.STORE_ANSWERS)
@counted_inside
def answers() -> ResponseReturnValue:
    """Store a batch of sheets and acknowledge each."""
    acks = intake.store_answers(current_actor(), _body())
    return jsonify(acks=[asdict(ack) for ack in acks])
