from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal.accounts.models import Person, SessionRow
from portal.domain.actor import Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from tests.accounts.conftest import Browser, make_person, rows_of
from tests.conftest import trail

Open = Callable[[], Browser]
NOON = datetime(2026, 11, 23, 5, 0, 10, tzinfo=UTC)


def test_password_and_code_open_the_desk(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()

    first = b.password(someone)
    second = b.post(first.location, {"code": someone.code()})

    assert first.location.startswith("/sign-in/code")
    assert (second.status_code, second.location) == (303, "/desk")
    assert b.get("/desk").status_code == 200


def test_the_way_back_survives_both_steps(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()

    asked = b.get("/accounts/sessions")
    first = b.post(asked.location, {"login": someone.login, "password": someone.password})
    second = b.post(first.location, {"code": someone.code()})

    assert second.location == "/accounts/sessions"


def test_a_foreign_way_back_is_not_taken(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()

    first = b.post(
        "/sign-in?next=//evil.example/x", {"login": someone.login, "password": someone.password}
    )

    assert "evil" not in first.location


def test_a_password_alone_opens_nothing(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()

    b.password(someone)

    for path in ("/desk", "/accounts/factors", "/accounts/sessions"):
        answer = b.get(path)
        assert (answer.status_code, answer.location[:8]) == (303, "/sign-in")


@pytest.mark.parametrize("wrong", ["name", "password", "disabled"])
def test_whatever_is_wrong_the_answer_is_the_same(
    browse: Open, prison: Facility, wrong: str
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    if wrong == "disabled":
        db.session.execute(sa.update(Person).values(disabled_at=clock.now()))
        db.session.commit()

    answer = b.post(
        "/sign-in",
        {
            "login": "nobody.here" if wrong == "name" else someone.login,
            "password": "something else" if wrong == "password" else someone.password,
        },
    )

    assert answer.status_code == 422
    assert "nobody.here" in answer.text or someone.login in answer.text  # what was typed is kept
    assert someone.password not in answer.text


def test_good_and_bad_tries_stand_in_the_trail(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()

    b.password(someone, "wrong wrong wrong")
    b.sign_in(someone)

    told = [(detail["result"], detail["factor"]) for _, _, detail in trail("accounts.sign-in")]
    assert told == [
        ("refused", "password"),
        ("owes second factor", "password"),
        ("signed in", "totp"),
    ]


def test_a_code_works_once(browse: Open, prison: Facility) -> None:
    someone, b, other = make_person(Role.CASE_WORKER, at=prison), browse(), browse()
    with clock.fixed(NOON):
        code = someone.code()
        b.sign_in(someone)
        other.password(someone)

        again = other.post("/sign-in/code", {"code": code})
        padded = other.post("/sign-in/code", {"code": f" {code[:3]} {code[3:]} "})

    assert (again.status_code, padded.status_code) == (422, 422)


def test_the_next_code_works_after_the_last_one(browse: Open, prison: Facility) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    for seconds in (0, 30, 60):
        with clock.fixed(NOON + timedelta(seconds=seconds)):
            assert browse().sign_in(someone).location == "/desk"


def test_the_second_factor_has_five_minutes(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        b.password(someone)
    with clock.fixed(NOON + timedelta(seconds=301)):
        answer = b.post("/sign-in/code", {"code": someone.code()})

    assert (answer.status_code, answer.location[:8]) == (303, "/sign-in")


def test_guessing_gets_slower_and_never_locks_for_good(browse: Open, prison: Facility) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    with clock.fixed(NOON):
        for _ in range(5):
            browse().password(someone, "wrong wrong wrong")
        assert browse().password(someone).status_code == 422  # right, but too early
    with clock.fixed(NOON + timedelta(seconds=16)):
        assert browse().password(someone).status_code == 303
    with clock.fixed(NOON + timedelta(seconds=17)):
        for _ in range(45):
            browse().password(someone, "wrong wrong wrong")
    with clock.fixed(NOON + timedelta(seconds=17 + 900)):
        assert browse().password(someone).status_code == 303


def test_a_known_device_passes_while_a_colleague_guesses(browse: Open, prison: Facility) -> None:
    someone, own = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        own.sign_in(someone)
        own.post("/sign-out")
        for _ in range(50):
            browse().password(someone, "wrong wrong wrong")
        assert browse().password(someone).status_code == 422
    with clock.fixed(NOON + timedelta(seconds=30)):
        assert own.sign_in(someone).location == "/desk"


def test_a_known_device_is_slowed_by_its_own_tries(browse: Open, prison: Facility) -> None:
    someone, own = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        own.sign_in(someone)
        own.post("/sign-out")
        for _ in range(5):
            own.password(someone, "wrong wrong wrong")

        assert own.password(someone).status_code == 422
        assert browse().password(someone).status_code == 303


def test_codes_are_slowed_like_passwords(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        b.password(someone)
        for number in range(5):
            b.post("/sign-in/code", {"code": f"00000{number}"})

        assert b.post("/sign-in/code", {"code": someone.code()}).status_code == 422


def test_a_recovery_code_works_once(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)
    page = b.post("/accounts/factors/recovery-codes")
    code = page.text.partition("<code>")[2].partition("</code>")[0]
    hashes = db.session.scalars(sa.text("select code_hash from accounts_recovery_code")).all()

    answers = []
    for _ in range(2):
        other = browse()
        other.password(someone)
        answers.append(other.post("/sign-in/recovery-code", {"code": code.upper()}))

    assert [answer.status_code for answer in answers] == [303, 422]
    assert len(hashes) == 10
    assert all(each.startswith("$argon2id$") for each in hashes)


def test_a_garbled_recovery_code_is_refused(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.password(someone)

    for code in ("x", "9-aaaa-aaaa-aaaa-aaaa", "²-aaaa"):
        assert b.post("/sign-in/recovery-code", {"code": code}).status_code == 422


# --- Sessions -------------------------------------------------------------------------------------


def test_the_token_changes_at_sign_in_and_the_old_one_is_dead(
    browse: Open, prison: Facility
) -> None:
    someone, b, thief = make_person(Role.CASE_WORKER, at=prison), browse(), browse()
    b.password(someone)
    planted = b.token

    b.post("/sign-in/code", {"code": someone.code()})
    thief.client.set_cookie("portal", planted)

    assert planted
    assert b.token != planted
    assert thief.get("/desk").status_code == 303


def test_step_up_changes_the_token_and_keeps_the_start_of_the_shift(
    browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
        before = b.token
    with clock.fixed(NOON + timedelta(minutes=6)):
        asked = b.post("/accounts/factors/recovery-codes")
        again = b.post(asked.location, {"password": someone.password})
        b.post(again.location, {"code": someone.code()})
        started = db.session.scalars(sa.select(SessionRow.started_at)).all()

        assert asked.location.startswith("/sign-in/again")
        assert b.token != before
        assert started == [NOON]
        assert b.post("/accounts/factors/recovery-codes").status_code == 200


@pytest.mark.parametrize(
    ("role", "minutes"),
    [(Role.CASE_WORKER, 15), (Role.BLOCK_OFFICER, 30), (Role.ADMINISTRATOR, 10)],
)
def test_a_session_that_stands_still_ends(
    browse: Open, prison: Facility, role: Role, minutes: int
) -> None:
    someone, b = make_person(role, at=prison), browse()
    with clock.fixed(NOON):
        b.sign_in(someone)
    with clock.fixed(NOON + timedelta(minutes=minutes)):
        assert b.get("/desk").status_code == 200
    with clock.fixed(NOON + timedelta(minutes=2 * minutes, seconds=1)):
        assert b.get("/desk").status_code == 303


def test_a_busy_session_ends_after_its_hours(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.ADMINISTRATOR, at=prison), browse()
    statuses = []
    with clock.fixed(NOON):
        b.sign_in(someone)
    for minutes in range(9, 255, 9):
        with clock.fixed(NOON + timedelta(minutes=minutes)):
            statuses.append((minutes, b.get("/desk").status_code))

    assert {status for minutes, status in statuses if minutes <= 240} == {200}
    assert {status for minutes, status in statuses if minutes > 240} == {303}


def test_a_third_session_ends_the_oldest_and_says_so(browse: Open, prison: Facility) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    browsers = []
    for minute in range(3):
        with clock.fixed(NOON + timedelta(minutes=minute)):
            browsers.append(browse())
            browsers[-1].sign_in(someone)

    with clock.fixed(NOON + timedelta(minutes=3)):
        statuses = [b.get("/desk").status_code for b in browsers[:2]]
        last = browsers[2].get("/desk")

    assert (statuses, last.status_code) == ([303, 200], 200)
    assert "notice info" in last.text
    assert rows_of(someone) == 2


def test_a_deleted_row_leads_to_the_sign_in(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)

    db.session.execute(sa.delete(SessionRow))
    db.session.commit()

    assert b.get("/desk").location.startswith("/sign-in")


def test_a_slow_request_cannot_revive_an_ended_session(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)
    app = b.client.application
    sessions = app.session_interface
    with app.test_request_context("/desk", headers={"Cookie": f"portal={b.token}"}) as slow:
        slow.session["facility"] = prison.id
        b.post("/sign-out")

        sessions.save_session(app, slow.session, app.response_class())
        slow.session.change_token(someone.id, slow.session.limits, "pwd totp", "")
        sessions.save_session(app, slow.session, app.response_class())

    assert rows_of(someone) == 0


def test_signing_out_ends_the_row_and_clears_the_browser(browse: Open, prison: Facility) -> None:
    someone, b, thief = make_person(Role.CASE_WORKER, at=prison), browse(), browse()
    b.sign_in(someone)
    thief.client.set_cookie("portal", b.token)

    answer = b.post("/sign-out")

    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert b.token == ""
    assert thief.get("/desk").status_code == 303
    assert rows_of(someone) == 0


def test_the_cookie_holds_a_token_and_the_table_its_hash(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()

    answer = b.sign_in(someone)

    row = db.session.scalars(sa.select(SessionRow)).one()
    assert len(b.token) >= 43
    assert b.token.encode() not in row.token_hash
    cookie = next(c for c in answer.headers.getlist("Set-Cookie") if c.startswith("portal="))
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
