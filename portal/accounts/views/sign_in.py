"""Signing in and out: the password, then one of the second factors."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Response, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal.accounts import login, queries
from portal.accounts.forms import (
    CodeForm,
    InvitationForm,
    PasswordAgainForm,
    RecoveryForm,
    SignInForm,
)
from portal.accounts.services import people, sign_in
from portal.accounts.services.own import WeakPassword
from portal.accounts.views.blueprint import bp
from portal.kernel.limits import limiter
from portal.kernel.text import _, said
from portal.kernel.web import (
    current_actor,
    one_factor,
    public,
    safe_next,
    says,
    see_other,
    settings,
)

JSON = "application/json"
A_WHOLE_PRISON = "120/minute"  # the address is never the main key: many share one
ONE_BROWSER = "30/minute"


def site() -> sign_in.Site:
    """Return what passkeys are bound to."""
    address = settings().base_url
    return sign_in.Site(urlsplit(address).hostname or "", address)


def sent_json() -> dict[str, Any]:  # Any: what a browser says of a key
    """Return the object a script sent, or an empty one."""
    sent = request.get_json(silent=True)
    return sent if isinstance(sent, dict) else {}


def _onward() -> str:
    return safe_next(url_for("web.desk"))


def _welcome(person_id: int, device: str, *factors: str) -> str:
    """Let the person in; return where to go on."""
    too_many = login.let_in(person_id, *factors)
    login.know_device(device)
    if too_many:
        says(_("You were signed in on two other devices. The oldest one was signed out."), "info")
    return url_for("accounts.factors") if len(factors) == 1 else _onward()


@bp.route("/sign-in", methods=["GET", "POST"], endpoint="sign_in")
@public
@limiter.limit(A_WHOLE_PRISON, methods=["POST"])
def sign_in_page() -> ResponseReturnValue:
    """Ask for name and password."""
    form = SignInForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            person_id = sign_in.check_password(
                form.login.data, form.password.data, device=login.device_token()
            )
            return _after_password(person_id)
        except sign_in.WrongCredentials as refusal:
            form.form_errors.append(said(refusal))
    status = 422 if form.errors else 200
    return render_template("accounts/sign_in.html", form=form, onward=_onward()), status


def _after_password(person_id: int) -> Response:
    """Go on to the second factor; who has none yet goes to set one up."""
    known = queries.standing(person_id)
    if known is None or known.second_factors:
        login.ask_second(person_id)
        return see_other("accounts.second", next=_onward())
    device = sign_in.by_password_alone(person_id, device=login.device_token())
    return redirect(_welcome(person_id, device, "pwd"), code=303)  # type: ignore[return-value]  # of our own class


@bp.route("/sign-in/again", methods=["GET", "POST"])
@one_factor
@limiter.limit(ONE_BROWSER, methods=["POST"])
def again() -> ResponseReturnValue:
    """Ask who is signed in for both factors once more."""
    form = PasswordAgainForm(request.form)
    if request.method == "POST" and form.validate():
        person_id = int(current_actor().id or 0)
        try:
            sign_in.check_own_password(person_id, form.password.data, device=login.device_token())
            return _after_password(person_id)
        except sign_in.WrongCredentials as refusal:
            form.form_errors.append(said(refusal))
    status = 422 if form.errors else 200
    return render_template("accounts/again.html", form=form, onward=_onward()), status


@bp.route("/sign-in/code", methods=["GET", "POST"])
@public
@limiter.limit(ONE_BROWSER, methods=["POST"])
def second() -> ResponseReturnValue:
    """Ask for the code of the authenticator app, or lead to the other ways."""
    person_id = login.half_signed_in()
    known = queries.standing(person_id)
    form = CodeForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            device = sign_in.by_totp(person_id, form.code.data, device=login.device_token())
            return redirect(_welcome(person_id, device, "pwd", "totp"), code=303)
        except sign_in.WrongCredentials as refusal:
            form.form_errors.append(said(refusal))
    ways = known.second_factors if known else ()
    page = render_template("accounts/second.html", form=form, ways=ways, onward=_onward())
    return page, 422 if form.errors else 200


@bp.route("/sign-in/recovery-code", methods=["GET", "POST"])
@public
@limiter.limit(ONE_BROWSER, methods=["POST"])
def recovery() -> ResponseReturnValue:
    """Ask for one of the codes on paper."""
    person_id = login.half_signed_in()
    form = RecoveryForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            device = sign_in.by_recovery_code(
                person_id, form.code.data, device=login.device_token()
            )
            says(_("That code is used up. Make new ones when few are left."), "info")
            return redirect(_welcome(person_id, device, "pwd", "recovery"), code=303)
        except sign_in.WrongCredentials as refusal:
            form.form_errors.append(said(refusal))
    status = 422 if form.errors else 200
    return render_template("accounts/recovery.html", form=form, onward=_onward()), status


@bp.post("/sign-in/passkey/question")
@public
@limiter.limit(ONE_BROWSER)
def passkey_question() -> ResponseReturnValue:
    """Ask the browser for one of the person's passkeys."""
    question, challenge = sign_in.passkey_question(login.half_signed_in(), site())
    session["challenge"] = challenge  # in our row, never in the cookie
    return Response(question, mimetype=JSON)


@bp.post("/sign-in/passkey")
@public
@limiter.limit(ONE_BROWSER)
def passkey() -> ResponseReturnValue:
    """Take the browser's answer."""
    person_id = login.half_signed_in()
    device = sign_in.by_passkey(
        person_id,
        sent_json(),
        challenge=session.pop("challenge", ""),
        site=site(),
        device=login.device_token(),
    )
    return jsonify(onward=_welcome(person_id, device, "pwd", "passkey"))


@bp.post("/sign-out")
@public
def sign_out() -> ResponseReturnValue:
    """End this session, and have the browser forget what it kept."""
    login.leave()
    answer = see_other("accounts.sign_in")
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/invitation", methods=["GET", "POST"])
@public
@limiter.limit(ONE_BROWSER, methods=["POST"])
def invitation() -> ResponseReturnValue:
    """Take an invitation's code and a new password."""
    form = InvitationForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            people.accept_invitation(
                form.code.data, form.password.data, profile=settings().password_profile
            )
        except people.InvitationOver as refusal:
            form.form_errors.append(said(refusal))
        except WeakPassword as refusal:
            form.password.errors = [said(refusal)]
        else:
            says(_("Your password is set. Now sign in."))
            return see_other("accounts.sign_in")
    status = 422 if form.errors else 200
    return render_template("accounts/invitation.html", form=form), status
