import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa

from portal.accounts.models import Passkey, Person
from portal.domain.actor import Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from tests.accounts.conftest import NEW_PASSWORD, Browser, Human, make_person, rows_of
from tests.accounts.softkey import SoftKey
from tests.conftest import trail

Open = Callable[[], Browser]
NOON = datetime(2026, 11, 23, 5, 0, 10, tzinfo=UTC)
SECRET = re.compile(r"<code>([A-Z2-7]{32})</code>")


def enrol(b: Browser, human: Human) -> None:
    """Set up an authenticator app as the page says."""
    b.post("/accounts/factors/totp/new")
    page = b.get("/accounts/factors/totp")
    found = SECRET.search(page.text)
    assert found
    human.secret = found[1]
    answer = b.post("/accounts/factors/totp", {"code": human.code()})
    assert answer.status_code == 200, answer.text
    human.codes = tuple(re.findall(r"<code>(.+?)</code>", answer.text))


# --- The second factor ----------------------------------------------------------------------------


def test_with_a_password_alone_one_reaches_the_enrolment_pages_only(
    browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.ADMINISTRATOR, at=prison, totp=False), browse()

    first = b.password(someone)

    assert first.location == "/accounts/factors"
    assert b.get("/accounts/factors").status_code == 200
    for path in ("/desk", "/accounts/people", "/accounts/sessions", "/accounts/password"):
        assert b.get(path).location.startswith("/accounts/factors"), path
    for path in ("/accounts/factors/recovery-codes", "/accounts/sessions/end-others"):
        assert b.post(path).location.startswith("/accounts/factors"), path


def test_an_app_is_enrolled_and_ten_codes_shown_once(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison, totp=False), browse()
    b.password(someone)
    before = b.token

    enrol(b, someone)

    assert len(someone.codes) == 10
    assert b.token != before
    assert b.get("/desk").status_code == 200
    assert someone.codes[0] not in b.get("/accounts/factors").text
    sealed = db.session.scalars(sa.select(Person.totp_sealed).where(Person.id == someone.id)).one()
    assert someone.secret.encode() not in (sealed or b"")


def test_the_code_that_enrolled_does_not_sign_in(browse: Open, prison: Facility) -> None:
    someone, b, other = make_person(Role.CASE_WORKER, at=prison, totp=False), browse(), browse()
    with clock.fixed(NOON):
        b.password(someone)
        enrol(b, someone)
        other.password(someone)

        assert other.post("/sign-in/code", {"code": someone.code()}).status_code == 422


def test_a_wrong_code_enrols_nothing(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison, totp=False), browse()
    b.password(someone)
    b.post("/accounts/factors/totp/new")

    answer = b.post("/accounts/factors/totp", {"code": "000000"})

    assert answer.status_code == 422
    assert b.get("/desk").status_code == 303


def test_a_half_session_from_before_is_worth_nothing_once_a_factor_stands(
    browse: Open, prison: Facility
) -> None:
    someone, b, thief = make_person(Role.CASE_WORKER, at=prison, totp=False), browse(), browse()
    thief.password(someone)
    b.password(someone)

    enrol(b, someone)

    assert thief.get("/accounts/factors").location.startswith("/sign-in")
    assert thief.post("/accounts/factors/totp/new").location.startswith("/sign-in")


def test_changing_a_factor_asks_for_both_again_after_six_minutes(
    browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
    with clock.fixed(NOON + timedelta(minutes=6)):
        for path in (
            "/accounts/factors/totp/new",
            "/accounts/factors/recovery-codes",
            "/accounts/factors/passkeys/1/remove",
        ):
            assert b.post(path).location.startswith("/sign-in/again"), path
        assert b.post("/accounts/factors/passkey/question", json={}).status_code == 401


def test_new_recovery_codes_end_the_old_ones(browse: Open, prison: Facility) -> None:
    someone, b, other = make_person(Role.CASE_WORKER, at=prison, totp=False), browse(), browse()
    b.password(someone)
    enrol(b, someone)

    b.post("/accounts/factors/recovery-codes")
    other.password(someone)

    assert other.post("/sign-in/recovery-code", {"code": someone.codes[3]}).status_code == 422


# --- Passkeys -------------------------------------------------------------------------------------


def add_passkey(b: Browser) -> SoftKey:
    key = SoftKey()
    question = b.post("/accounts/factors/passkey/question", json={}).get_json()
    answer = b.post("/accounts/factors/passkey", json=key.made(question))
    assert answer.status_code == 200, answer.text
    return key


def test_a_passkey_is_enough_as_second_factor(browse: Open, prison: Facility) -> None:
    someone, b, other = make_person(Role.CASE_WORKER, at=prison, totp=False), browse(), browse()
    b.password(someone)

    key = add_passkey(b)
    first = other.password(someone)
    page = other.get(first.location)
    question = other.post("/sign-in/passkey/question", json={}).get_json()
    answer = other.post("/sign-in/passkey", json=key.shown(question))

    assert b.get("/desk").status_code == 200
    assert 'name="code"' not in page.text
    assert answer.get_json() == {"onward": "/desk"}
    assert other.get("/desk").status_code == 200


@pytest.mark.parametrize("spoilt", ["replay", "foreign origin", "other key", "garbage", "list"])
def test_a_passkey_answers_its_own_question_only(
    browse: Open, prison: Facility, spoilt: str
) -> None:
    someone, b, other = make_person(Role.CASE_WORKER, at=prison, totp=False), browse(), browse()
    b.password(someone)
    key = add_passkey(b)
    other.password(someone)
    question = other.post("/sign-in/passkey/question", json={}).get_json()
    answer: object = key.shown(question)
    if spoilt == "replay":
        other.post("/sign-in/passkey/question", json={})
    elif spoilt == "foreign origin":
        key.origin = "http://evil.example"
        answer = key.shown(question)
    elif spoilt == "other key":
        answer = SoftKey().shown(question)
    else:
        answer = {"rawId": "!", "response": 7} if spoilt == "garbage" else [1]

    assert other.post("/sign-in/passkey", json=answer).status_code == 422
    assert other.get("/desk").status_code == 303


def test_a_garbled_new_passkey_is_refused(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)
    b.post("/accounts/factors/passkey/question", json={})

    for garbled in ({}, {"id": "x", "rawId": "x", "response": {}, "type": "public-key"}, [1]):
        assert b.post("/accounts/factors/passkey", json=garbled).status_code == 422


def test_the_last_factor_stays_and_others_passkeys_are_out_of_reach(
    browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison, totp=False), browse()
    colleague, c = make_person(Role.CASE_WORKER, at=prison), browse()
    b.password(someone)
    c.sign_in(colleague)
    add_passkey(b)
    number = db.session.scalars(sa.select(Passkey.id)).one()

    assert b.post(f"/accounts/factors/passkeys/{number}/remove").status_code == 422
    assert c.post(f"/accounts/factors/passkeys/{number}/remove").status_code == 404
    add_passkey(b)
    assert b.post(f"/accounts/factors/passkeys/{number}/remove").status_code == 303


# --- Password and sessions ------------------------------------------------------------------------


def change(b: Browser, **values: str) -> int:
    data = {
        "current": "kuda hijau terbang pelan",
        "password": NEW_PASSWORD,
        "again": NEW_PASSWORD,
        "end_others": "y",
        **values,
    }
    return b.post("/accounts/password", {k: v for k, v in data.items() if v}).status_code


def test_a_changed_password_works_and_ends_the_other_sessions(
    browse: Open, prison: Facility
) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    b, other = browse(), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
    with clock.fixed(NOON + timedelta(seconds=30)):
        other.sign_in(someone)
        assert change(b) == 303

        assert (b.get("/desk").status_code, other.get("/desk").status_code) == (200, 303)
        assert browse().password(someone).status_code == 422
        assert browse().password(someone, NEW_PASSWORD).status_code == 303


def test_other_sessions_stay_if_the_person_wants_them(browse: Open, prison: Facility) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    b, other = browse(), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
    with clock.fixed(NOON + timedelta(seconds=30)):
        other.sign_in(someone)
        assert change(b, end_others="") == 303

        assert other.get("/desk").status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"current": "wrong wrong wrong"},
        {"current": " kuda hijau terbang pelan"},
        {"password": "k7 hq mz tp", "again": "k7 hq mz tp"},
        {"password": "password12345", "again": "password12345"},
        {"password": "lapas muara enim", "again": "lapas muara enim"},
        {"again": "something else entirely"},
        {"password": "", "again": ""},
    ],
)
def test_an_unfit_change_is_refused(browse: Open, prison: Facility, values: dict[str, str]) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)

    assert change(b, **values) == 422
    assert browse().password(someone).status_code == 303


def test_passwords_are_compared_to_the_last_of_128_signs(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    long = ("ikan biru berenang jauh " * 6)[:127]
    b.sign_in(someone)
    assert change(b, password=f"{long}x", again=f"{long}x") == 303

    assert browse().password(someone, f"{long}y").status_code == 422
    assert browse().password(someone, f"{long}x").status_code == 303


def test_a_password_is_not_asked_for_again_after_a_year(browse: Open, prison: Facility) -> None:
    with clock.fixed(NOON):
        someone = make_person(Role.CASE_WORKER, at=prison)
    with clock.fixed(NOON + timedelta(days=400)):
        assert browse().sign_in(someone).location == "/desk"


def test_one_sees_and_ends_the_own_sessions_only(browse: Open, prison: Facility) -> None:
    someone, colleague = (make_person(Role.CASE_WORKER, at=prison) for _ in range(2))
    b, other, c = browse(), browse(), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
        c.sign_in(colleague)
    with clock.fixed(NOON + timedelta(seconds=30)):
        other.sign_in(someone)
        page = b.get("/accounts/sessions").text
        number = re.findall(r"/accounts/sessions/(\d+)/end", page)

        assert len(number) == 1
        assert c.post(f"/accounts/sessions/{number[0]}/end").status_code == 404
        assert b.post(f"/accounts/sessions/{number[0]}/end").status_code == 303
        assert other.get("/desk").status_code == 303
        assert (rows_of(someone), rows_of(colleague)) == (1, 1)


def test_all_other_sessions_end_at_once(browse: Open, prison: Facility) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    b, other = browse(), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
    with clock.fixed(NOON + timedelta(seconds=30)):
        other.sign_in(someone)
        b.post("/accounts/sessions/end-others")

        assert (b.get("/desk").status_code, other.get("/desk").status_code) == (200, 303)


def test_nothing_secret_stands_in_the_trail(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison, totp=False), browse()
    b.password(someone)
    enrol(b, someone)
    change(b)

    told = repr(trail())

    for secret in (someone.secret, someone.password, NEW_PASSWORD, someone.codes[0], someone.login):
        assert secret not in told
    assert pyotp.TOTP(someone.secret).digits == 6
