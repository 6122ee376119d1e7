"""One's own account: second factors, password, sessions."""

from __future__ import annotations

import segno
from flask import Response, jsonify, render_template, request, session
from flask.typing import ResponseReturnValue

from portal.accounts import login, queries
from portal.accounts.forms import ChangePasswordForm, CodeForm
from portal.accounts.services import own
from portal.accounts.services.sign_in import totp_owner
from portal.accounts.views.blueprint import bp
from portal.accounts.views.sign_in import JSON, sent_json, site
from portal.domain.errors import NotFound
from portal.kernel.sealing import seal, unseal
from portal.kernel.text import _, said
from portal.kernel.web import current_actor, one_factor, says, see_other, settings, signed_in

QR_SCALE = 5
NEW_TOTP = "new_totp"


def _me() -> int:
    return int(current_actor().id or 0)


# --- Second factors -------------------------------------------------------------------------------


@bp.get("/accounts/factors")
@one_factor
def factors() -> ResponseReturnValue:
    """Show the second factors, and how to set one up."""
    known = queries.standing(_me())
    return render_template(
        "accounts/factors.html",
        ways=known.second_factors if known else (),
        passkeys=queries.passkeys_of(_me()),
        codes_left=queries.recovery_codes_left(_me()),
        complete=len(login.factors_shown()) > 1 or login.DEMO in login.factors_shown(),
    )


@bp.post("/accounts/factors/totp/new")
@one_factor
def new_totp() -> ResponseReturnValue:
    """Draw a secret for an authenticator app; it counts once the app shows the right code."""
    login.need_fresh()
    secret = own.new_totp_secret()
    session[NEW_TOTP] = seal(secret, totp_owner(_me())).hex()
    return see_other("accounts.totp")


@bp.route("/accounts/factors/totp", methods=["GET", "POST"])
@one_factor
def totp() -> ResponseReturnValue:
    """Show the picture for the app; take its first code and show the recovery codes once."""
    login.need_fresh()
    if NEW_TOTP not in session:
        return see_other("accounts.factors")
    secret = unseal(bytes.fromhex(session[NEW_TOTP]), totp_owner(_me()))
    form = CodeForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            codes = own.enrol_totp(
                current_actor(), secret, form.code.data, keep=login.this_session()
            )
            login.let_in(_me(), "pwd", "totp")
            return render_template("accounts/codes.html", codes=codes)
        except own.WrongCode as refusal:
            form.code.errors = [said(refusal)]
    address = own.totp_address(secret, login.own_login())
    picture = segno.make(address, error="m").svg_data_uri(scale=QR_SCALE, border=2)
    page = render_template("accounts/totp.html", form=form, picture=picture, secret=secret)
    return page, 422 if form.errors else 200


@bp.post("/accounts/factors/recovery-codes")
@signed_in
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them once."""
    login.need_fresh()
    return render_template("accounts/codes.html", codes=own.renew_recovery_codes(current_actor()))


@bp.post("/accounts/factors/passkey/question")
@one_factor
def new_passkey_question() -> ResponseReturnValue:
    """Ask the browser for a new passkey."""
    login.need_fresh()
    question, challenge = own.new_passkey_question(current_actor(), site())
    session["challenge"] = challenge
    return Response(question, mimetype=JSON)


@bp.post("/accounts/factors/passkey")
@one_factor
def add_passkey() -> ResponseReturnValue:
    """Take a new passkey into use."""
    login.need_fresh()
    own.add_passkey(
        current_actor(),
        sent_json(),
        challenge=session.pop("challenge", ""),
        site=site(),
        device=login.device_label(),
        keep=login.this_session(),
    )
    login.let_in(_me(), "pwd", "passkey")
    says(_("The passkey is added."))
    return jsonify(onward="/accounts/factors")


@bp.post("/accounts/factors/passkeys/<int:passkey_id>/remove")
@signed_in
def remove_passkey(passkey_id: int) -> ResponseReturnValue:
    """Remove one of the own passkeys."""
    login.need_fresh()
    own.remove_passkey(current_actor(), passkey_id, keep=login.this_session())
    says(_("The passkey is removed."))
    return see_other("accounts.factors")


# --- Password -------------------------------------------------------------------------------------


@bp.route("/accounts/password", methods=["GET", "POST"])
@signed_in
def password() -> ResponseReturnValue:
    """Change the own password."""
    form = ChangePasswordForm(request.form)
    if request.method == "POST" and form.validate():
        try:
            own.change_password(
                current_actor(),
                form.current.data,
                form.password.data,
                profile=settings().password_profile,
                keep=login.this_session(),
                end_others=form.end_others.data,
            )
        except own.WrongPassword as refusal:
            form.current.errors = [said(refusal)]
        except own.WeakPassword as refusal:
            form.password.errors = [said(refusal)]
        else:
            says(_("Your password is changed."))
            return see_other("accounts.factors")
    elif request.method == "GET":
        form.end_others.data = True
    return render_template("accounts/password.html", form=form), 422 if form.errors else 200


# --- Sessions -------------------------------------------------------------------------------------


@bp.get("/accounts/sessions")
@signed_in
def sessions() -> ResponseReturnValue:
    """Show where the person is signed in."""
    return render_template(
        "accounts/sessions.html", sessions=queries.sessions_of(_me()), this_one=login.this_session()
    )


@bp.post("/accounts/sessions/<int:number>/end")
@signed_in
def end_session(number: int) -> ResponseReturnValue:
    """Sign one of the own devices out."""
    if number == login.this_session():
        raise NotFound  # that is what "Sign out" is for
    own.end_session(current_actor(), number)
    says(_("That device is signed out."))
    return see_other("accounts.sessions")


@bp.post("/accounts/sessions/end-others")
@signed_in
def end_other_sessions() -> ResponseReturnValue:
    """Sign all other devices out."""
    own.end_other_sessions(current_actor(), keep=login.this_session())
    says(_("All other devices are signed out."))
    return see_other("accounts.sessions")
