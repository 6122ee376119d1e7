"""What every answer carries: headers, refusals in words, and the pieces around a page."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass

from flask import (
    Flask,
    Response,
    current_app,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from portal.domain.errors import DomainError, NotAllowed, NotFound
from portal.domain.text import message
from portal.kernel import facility as facilities
from portal.kernel.module import modules
from portal.kernel.text import said
from portal.kernel.web import (
    ANONYMOUS,
    ENROL,
    SAFE,
    SIGN_IN,
    SIGN_IN_AGAIN,
    SecondFactorNeeded,
    SignInAgain,
    SignInNeeded,
    current_actor,
    current_reach,
    place,
    settings,
    submission_key,
)

log = logging.getLogger("portal.web")

# --- What every answer carries --------------------------------------------------------------------

POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "media-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "portal",
}
FEATURES = ("camera", "display-capture", "geolocation", "hid", "microphone", "payment", "usb")
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{name}=()" for name in FEATURES),
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "Cache-Control": "no-store",
}


def _policy(**other: str) -> str:
    return "; ".join(f"{name} {value}" for name, value in (POLICY | other).items())


OWN_FILES_ALONE = _policy()


def add_headers(response: Response) -> Response:
    """Set the headers of security.md 3.4; a page with its style inside names the style's hash."""
    policy = OWN_FILES_ALONE
    if style := g.get("style_hash"):
        policy = _policy(**{"style-src": f"'sha256-{style}'", "script-src": "'none'"})
    said = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  of pairs, not names
    wanted = HEADERS | {"Content-Security-Policy": policy}
    response.headers.extend([pair for pair in wanted.items() if pair[0].lower() not in said])
    return response


# --- Errors ---------------------------------------------------------------------------------------


def wants_json() -> bool:
    """Tell whether a program asks, not a person's browser."""
    return "/api/" in request.path or request.is_json


def refused(error: DomainError) -> ResponseReturnValue:
    """Answer a refusal in words, or lead to the page that mends it."""
    if isinstance(error, (SignInNeeded, SignInAgain, SecondFactorNeeded)) and not wants_json():
        door = {SignInNeeded: SIGN_IN, SignInAgain: SIGN_IN_AGAIN, SecondFactorNeeded: ENROL}
        back = request.full_path.rstrip("?") if request.method in SAFE else None
        return redirect(url_for(door[type(error)], next=back), code=303)
    if error.status == NotAllowed.status:
        log.warning("refused", extra={"endpoint": request.endpoint, "actor": current_actor().id})
    words = said(error)
    if wants_json():
        return jsonify(error={"status": error.status, "text": words}), error.status
    page = "missing" if isinstance(error, NotFound) else "refused"
    return render_template(f"errors/{page}.html", text=words), error.status


HTTP_TEXTS = {
    400: message("The request could not be read. Go back and try again."),
    405: message("This page cannot be asked for in this way."),
    413: message("The file is too large."),
    415: message("This kind of file is not accepted."),
    429: message("Too many tries. Wait a moment and try again."),
}


def http_error(error: HTTPException) -> ResponseReturnValue:
    """Answer what Flask itself refuses, in our words and with our pages."""
    status = error.code or 500
    if isinstance(error, SecurityError):  # another host: no address of ours can be built for it
        return Response(said(HTTP_TEXTS[400]), status, mimetype="text/plain")
    if status < 400:  # a redirect for a trailing slash is no error
        return error.get_response()
    if status == NotFound.status:
        return refused(NotFound())
    words = said(HTTP_TEXTS.get(status, HTTP_TEXTS[400]))
    if wants_json():
        return jsonify(error={"status": status, "text": words}), status
    return render_template("errors/refused.html", text=words), status


def database_away(error: OperationalError) -> ResponseReturnValue:
    """Say that nothing was stored: the database does not answer or takes no writes."""
    log.error("database", extra={"reason": type(error.orig).__name__})
    words = said(message("The data is not stored yet. Try again."))
    if wants_json():
        return jsonify(error={"status": 503, "text": words}), 503
    return render_template("errors/refused.html", text=words), 503


def broken(error: Exception) -> ResponseReturnValue:
    """Show a reference that stands in the log too, and what happened to the answers."""
    reference = f"P-{secrets.token_hex(3).upper()}"
    cause = getattr(error, "original_exception", None) or error
    log.error(
        "broken", extra={"reference": reference, "endpoint": request.endpoint}, exc_info=cause
    )
    if wants_json():
        return jsonify(error={"status": 500, "reference": reference}), 500
    return render_template("errors/broken.html", reference=reference), 500


# --- The pieces of a page -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Door:
    """One line of the menu."""

    label: str
    href: str
    current: bool
    icon: str


def menu() -> list[Door]:
    """Return the doors that are open to who asks."""
    actor = current_actor()
    blueprint = request.blueprint
    return [
        Door(
            said(item.label),
            url_for(item.endpoint),
            item.endpoint.partition(".")[0] == blueprint,
            item.icon,
        )
        for module in modules()
        for item in module.menu
        if actor.may(item.permission) and item.endpoint in current_app.view_functions
    ]


def facility_name() -> str:
    """Return the name of the working facility, or nothing; on the desk, where the person works."""
    if current_reach():
        return place().name
    chosen, own = session.get("facility"), current_actor().facilities
    if not own:
        return ""
    return facilities.facility(int(chosen) if chosen in own else min(own)).name


def init_app(app: Flask) -> None:
    """Put the headers behind every view, and the words into every page."""
    app.after_request(add_headers)
    app.register_error_handler(DomainError, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(OperationalError, database_away)
    app.register_error_handler(500, broken)
    app.jinja_env.globals.update(
        actor=lambda: current_actor() if current_actor() is not ANONYMOUS else None,
        menu=menu,
        facility_name=facility_name,
        submission_key=submission_key,
        demo_mode=lambda: settings().demo,
    )
