import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.accounts import queries
from portal.accounts.commands import commands
from portal.accounts.models import FactorReset, Person, RoleHeld
from portal.accounts.module import desk
from portal.domain.actor import Actor, Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, Region
from portal.kernel.limits import limiter
from portal.kernel.mail import OutgoingMail
from tests.accounts.conftest import NEW_PASSWORD, Browser, Human, make_person, rows_of
from tests.conftest import Client, trail

Open = Callable[[], Browser]
NOON = datetime(2026, 11, 23, 5, 0, 10, tzinfo=UTC)
CODE = re.compile(r"<dd>((?:[a-z2-7]{4}-){7}[a-z2-7]{4})")


@pytest.fixture
def admin(browse: Open, prison: Facility) -> Browser:
    """Return the browser of an administrator of the prison."""
    opened = browse()
    opened.sign_in(make_person(Role.ADMINISTRATOR, at=prison))
    return opened


def invite(admin: Browser, at: Facility, /, **values: str) -> tuple[int, str, str]:
    """Invite somebody; return the status, the code and the page."""
    data = {
        "name": "Sari Meranti",
        "login": "sari.meranti",
        "email": "",
        "role": "case_worker",
        "place": f"facility-{at.id}",
        **values,
    }
    answer = admin.post("/accounts/people/invite", data)
    found = CODE.search(answer.text)
    return answer.status_code, found[1] if found else "", answer.text


def accept(b: Browser, code: str, password: str = NEW_PASSWORD) -> int:
    data = {"code": code, "password": password, "again": password}
    return b.post("/invitation", data).status_code


def person_id(login: str = "sari.meranti") -> int:
    db.session.rollback()
    return db.session.scalars(sa.select(Person.id).where(Person.login == login)).one()


# --- Invitations ----------------------------------------------------------------------------------


def test_an_invitation_leads_to_a_password_and_then_to_a_second_factor(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    status, code, page = invite(admin, prison)
    b = browse()

    assert status == 200
    assert f"/invitation#{code}" in page
    assert accept(b, code.upper().replace("-", " ")) == 303
    first = b.post("/sign-in", {"login": "Sari.Meranti", "password": NEW_PASSWORD})
    assert first.location == "/accounts/factors"


def test_an_invitation_works_once(admin: Browser, browse: Open, prison: Facility) -> None:
    _status, code, _page = invite(admin, prison)

    assert accept(browse(), code) == 303
    assert accept(browse(), code) == 422


def test_an_invitation_lasts_a_day(admin: Browser, browse: Open, prison: Facility) -> None:
    _status, code, _page = invite(admin, prison)

    with clock.fixed(clock.now() + timedelta(hours=24, minutes=1)):
        assert accept(browse(), code) == 422


def test_a_weak_password_does_not_use_up_the_invitation(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    _status, code, _page = invite(admin, prison)

    assert accept(browse(), code, "sarimeranti1990") == 422
    assert accept(browse(), code) == 303


def test_a_new_invitation_ends_the_one_before_and_the_second_factor_stays(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    codes = []
    for _ in range(2):
        page = admin.post(f"/accounts/people/{someone.id}/invitation").text
        found = CODE.search(page)
        assert found
        codes.append(found[1])

    assert [accept(browse(), code) for code in codes] == [422, 303]
    assert browse().password(someone, NEW_PASSWORD).location.startswith("/sign-in/code")


def test_an_invitation_is_mailed_where_there_is_an_address(
    admin: Browser, prison: Facility
) -> None:
    _status, code, _page = invite(admin, prison, email="sari@contoh.go.id")
    mail = db.session.scalars(sa.select(OutgoingMail)).one()

    assert mail.to == "sari@contoh.go.id"
    assert f"http://localhost/invitation#{code}" in mail.body


def test_what_was_typed_stays_when_something_is_wrong(admin: Browser, prison: Facility) -> None:
    taken = make_person(Role.CASE_WORKER, at=prison)

    status, _code, page = invite(admin, prison, login=taken.login, email="a@contoh.go.id")

    assert status == 422
    assert all(text in page for text in ("Sari Meranti", taken.login, "a@contoh.go.id"))


@pytest.mark.parametrize(
    "values",
    [
        {"login": "a b"},
        {"login": "x"},
        {"email": "no address"},
        {"role": "kiosk"},
        {"role": ""},
        {"place": ""},
        {"name": " "},
    ],
)
def test_an_unfit_invitation_is_refused(
    admin: Browser, prison: Facility, values: dict[str, str]
) -> None:
    assert invite(admin, prison, **values)[0] == 422


def test_nobody_is_invited_to_another_prison(
    admin: Browser, prison: Facility, other_prison: Facility
) -> None:
    assert invite(admin, other_prison)[0] == 422
    assert invite(admin, prison, place="region-1")[0] == 422


# --- Tasks ----------------------------------------------------------------------------------------


def test_a_new_task_opens_its_doors_and_ends_the_sessions(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)

    answer = admin.post(
        f"/accounts/people/{someone.id}/roles",
        {"role": "registrar", "place": f"facility-{prison.id}"},
    )

    assert answer.status_code == 303
    assert b.get("/desk").status_code == 303
    known = queries.standing(someone.id)
    assert known
    assert known.roles == {Role.CASE_WORKER, Role.REGISTRAR}


@pytest.mark.parametrize("role", ["administrator", "case_worker", ""])
def test_an_unfit_task_is_not_given(admin: Browser, prison: Facility, role: str) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)

    answer = admin.post(
        f"/accounts/people/{someone.id}/roles", {"role": role, "place": f"facility-{prison.id}"}
    )

    assert answer.status_code == 422


def test_an_ended_task_is_kept_and_closes_its_doors(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)
    held = db.session.scalars(sa.select(RoleHeld.id).where(RoleHeld.person_id == someone.id)).one()

    assert admin.post(f"/accounts/people/{someone.id}/roles/{held}/end").status_code == 303
    assert admin.post(f"/accounts/people/{someone.id}/roles/{held}/end").status_code == 404
    assert b.get("/desk").status_code == 303
    assert admin.get(f"/accounts/people/{someone.id}").status_code == 200
    known = queries.standing(someone.id)
    assert known
    assert known.roles == frozenset()


def test_nobody_changes_the_own_account_like_this(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    own = db.session.scalars(sa.select(RoleHeld).where(RoleHeld.role == Role.ADMINISTRATOR)).one()
    mine, held = own.person_id, own.id
    task = {"role": "complaints_custodian", "place": f"facility-{prison.id}"}

    for path in ("roles", f"roles/{held}/end", "disable", "enable", "resets", "invitation"):
        assert admin.post(f"/accounts/people/{mine}/{path}", task).status_code == 403, path


def test_people_of_another_prison_are_not_there(admin: Browser, other_prison: Facility) -> None:
    canary = make_person(Role.CASE_WORKER, at=other_prison, login="canary.seberang")

    assert "canary.seberang" not in admin.get("/accounts/people").text
    assert admin.get(f"/accounts/people/{canary.id}").status_code == 404
    for path in ("roles/1/end", "disable", "enable", "sessions/end", "resets", "invitation"):
        assert admin.post(f"/accounts/people/{canary.id}/{path}").status_code == 404, path


def test_who_also_works_elsewhere_is_out_of_one_prisons_hands(
    admin: Browser, prison: Facility, other_prison: Facility
) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    row = RoleHeld(
        person_id=someone.id,
        role=Role.REGISTRAR,
        facility_id=other_prison.id,
        since=clock.now(),
    )
    db.session.add(row)
    db.session.commit()
    elsewhere = row.id

    for path in ("disable", "resets", "invitation", f"roles/{elsewhere}/end"):
        assert admin.post(f"/accounts/people/{someone.id}/{path}").status_code == 403, path
    assert admin.post(f"/accounts/people/{someone.id}/sessions/end").status_code == 303


def test_a_regions_administrator_reaches_all_of_its_prisons(
    browse: Open, prison: Facility, other_prison: Facility
) -> None:
    region = Region(code="sumsel", name="Kanwil Contoh")
    db.session.add(region)
    db.session.flush()
    prison.region_id = other_prison.region_id = region.id
    db.session.commit()
    b = browse()
    b.sign_in(make_person(Role.ADMINISTRATOR, at=prison, region=region.id))
    someone = make_person(Role.CASE_WORKER, at=other_prison)

    assert b.get(f"/accounts/people/{someone.id}").status_code == 200
    answer = b.post(
        f"/accounts/people/{someone.id}/roles",
        {"role": "regional_viewer", "place": f"region-{region.id}"},
    )

    assert answer.status_code == 303
    known = queries.standing(someone.id)
    assert known
    assert known.facilities == {prison.id, other_prison.id}


# --- Ending ---------------------------------------------------------------------------------------


def test_a_disabled_account_is_out_at_once_and_can_come_back(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)

    admin.post(f"/accounts/people/{someone.id}/disable")

    assert b.get("/desk").status_code == 303
    assert rows_of(someone) == 0
    assert browse().password(someone).status_code == 422
    admin.post(f"/accounts/people/{someone.id}/enable")
    assert browse().password(someone).status_code == 303


def test_an_administrator_signs_somebody_out_everywhere(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    b.sign_in(someone)

    admin.post(f"/accounts/people/{someone.id}/sessions/end")

    assert b.get("/desk").status_code == 303
    assert trail("accounts.session.end")[-1][2] == {"ended_sessions": 1}


# --- Two people reset a factor --------------------------------------------------------------------


def ask(admin: Browser, someone: Human) -> str:
    assert admin.post(f"/accounts/people/{someone.id}/resets").status_code == 303
    found = queries.open_reset(someone.id)
    assert found
    return f"/accounts/people/{someone.id}/resets/{found.id}/confirm"


def test_one_administrator_alone_cannot_reset_a_factor(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)

    path = ask(admin, someone)

    assert path not in admin.get(f"/accounts/people/{someone.id}").text
    assert admin.post(path).status_code == 403
    assert admin.post(f"/accounts/people/{someone.id}/resets").status_code == 422
    assert browse().sign_in(someone).location == "/desk"


def test_two_administrators_reset_a_factor_and_the_password_with_it(
    admin: Browser, browse: Open, prison: Facility
) -> None:
    someone, b, second = make_person(Role.CASE_WORKER, at=prison), browse(), browse()
    b.sign_in(someone)
    second.sign_in(make_person(Role.ADMINISTRATOR, at=prison))

    path = ask(admin, someone)
    page = second.post(path)

    found = CODE.search(page.text)
    assert found
    assert b.get("/desk").status_code == 303
    assert browse().password(someone).status_code == 422
    assert accept(browse(), found[1]) == 303
    assert browse().password(someone, NEW_PASSWORD).location == "/accounts/factors"
    assert second.post(path).status_code == 404
    _asked, confirmed = trail("accounts.factor.reset")
    assert confirmed[2]["asked_by"] != confirmed[2]["person"]


def test_a_reset_waits_a_day_and_no_longer(admin: Browser, browse: Open, prison: Facility) -> None:
    someone = make_person(Role.CASE_WORKER, at=prison)
    path = ask(admin, someone)

    with clock.fixed(clock.now() + timedelta(hours=25)):
        second = browse()
        second.sign_in(make_person(Role.ADMINISTRATOR, at=prison))
        assert second.post(path).status_code == 404
        assert second.post(f"/accounts/people/{someone.id}/resets").status_code == 303


# --- Others ---------------------------------------------------------------------------------------


def test_dangerous_acts_ask_for_both_factors_again(browse: Open, prison: Facility) -> None:
    someone, b = make_person(Role.CASE_WORKER, at=prison), browse()
    with clock.fixed(NOON):
        b.sign_in(make_person(Role.ADMINISTRATOR, at=prison))
    with clock.fixed(NOON + timedelta(minutes=6)):
        for path in ("roles", "roles/1/end", "disable", "enable", "resets", "invitation"):
            answer = b.post(f"/accounts/people/{someone.id}/{path}")
            assert (answer.location or "").startswith("/sign-in/again"), path


def test_the_first_administrator_comes_from_the_command_line(
    app: Flask, browse: Open, prison: Facility
) -> None:
    run = app.test_cli_runner()

    made, twice = (
        run.invoke(commands, ["create-admin", "--login", login, "--name", "Awal Jati"])
        for login in ("Awal", "awal")
    )

    code = made.output.partition("#")[2].split()[0]
    assert (made.exit_code, twice.exit_code) == (0, 2)
    assert accept(browse(), code) == 303
    known = queries.standing(person_id("awal"))
    assert known
    assert known.roles == {Role.ADMINISTRATOR}


def test_of_several_facilities_one_is_named(
    app: Flask, prison: Facility, other_prison: Facility
) -> None:
    run = app.test_cli_runner()
    args = ["create-admin", "--login", "awal", "--name", "Awal Jati"]

    unclear = run.invoke(commands, args)
    named = run.invoke(commands, [*args, "--facility", other_prison.slug])

    assert (unclear.exit_code, named.exit_code) == (2, 0)
    assert prison.slug in unclear.output


def test_a_fresh_portal_has_nobody_in_it(scope: None) -> None:
    assert db.session.scalar(sa.select(sa.func.count(Person.id))) == 0


def test_signing_in_is_limited_by_address_too(client: Client, prison: Facility) -> None:
    limiter.reset()
    limiter.enabled = True
    try:
        statuses = [
            client.post("/sign-in", data={"login": "x", "password": "y"}).status_code
            for _ in range(121)
        ]
    finally:
        limiter.enabled = False
        limiter.reset()

    assert set(statuses[:120]) == {422}
    assert statuses[120] == 429


def test_the_desk_shows_resets_that_somebody_else_asked_for(
    actor: Callable[..., Actor], admin: Browser, prison: Facility
) -> None:
    ask(admin, make_person(Role.CASE_WORKER, at=prison))
    asker = db.session.scalars(sa.select(FactorReset.asked_by)).one()
    own = replace(actor(Role.ADMINISTRATOR), id=asker)

    assert [card.value for card in desk(actor(Role.ADMINISTRATOR))] == [1]
    assert [card.value for card in desk(own)] == [0]
    assert desk(actor(Role.REGISTRAR)) == ()
