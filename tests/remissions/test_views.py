from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from portal.domain.actor import Actor, Role
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.remissions.models import Import, Sentence
from portal.remissions.rules import sample
from portal.remissions.services import importing
from tests.conftest import Client

Make = Callable[..., Actor]
CASE = {
    "start_date": ["20", "2", "2023"],
    "years": "4",
    "remission_days": "120",
    "paid": "unknown",
    "remission_category": "normal",
    "event_type": "",
}


@pytest.fixture
def registrar(actor: Make) -> Actor:
    return actor(Role.REGISTRAR)


@pytest.fixture
def filled(prison: Facility, registrar: Actor) -> int:
    importing.apply(registrar, importing.inspect(registrar, prison.id, sample.CSV.encode()))
    return db.session.scalar(sa.select(Sentence.inmate_id).order_by(Sentence.inmate_id)) or 0


def upload(content: bytes) -> dict[str, object]:
    return {"file": (io.BytesIO(content), "ekspor.csv")}


def test_a_file_is_checked_looked_at_and_taken_over(client: Client, registrar: Actor) -> None:
    person = client.signed_in(registrar)

    assert person.get("/remissions/imports").status_code == 200
    sent = person.post("/remissions/imports", data=upload(sample.CSV.encode()))
    assert sent.status_code == 303

    page = person.get(sent.location).text
    assert "tanggal mulai ditahan" in page
    assert "no. induk KTP" in page

    taken = person.post(f"{sent.location}/application")
    assert (taken.status_code, taken.location) == (303, sent.location)
    assert person.get(sent.location).status_code == 200
    assert person.get("/remissions/imports").text.count("<tr>") == 2


def test_a_file_that_is_no_export_is_told_beside_the_field(
    client: Client, registrar: Actor
) -> None:
    person = client.signed_in(registrar)

    for data in (upload(b"nothing"), {}):
        answer = person.post("/remissions/imports", data=data)
        assert answer.status_code == 422
        assert 'id="file-error"' in answer.text


def test_a_refused_import_says_why_on_its_page(client: Client, registrar: Actor) -> None:
    person = client.signed_in(registrar)
    broken = sample.CSV.replace("1981-01-11", "kemarin").encode()
    differing = sample.CSV.replace("2028-07-14", "2028-07-01").encode()

    sent = person.post("/remissions/imports", data=upload(broken))
    assert person.post(f"{sent.location}/application").status_code == 422

    sent = person.post("/remissions/imports", data=upload(differing))
    assert 'name="confirmed"' in person.get(sent.location).text
    assert person.post(f"{sent.location}/application").status_code == 422
    taken = person.post(f"{sent.location}/application", data={"confirmed": "y"})
    assert taken.status_code == 303


def test_the_example_can_be_fetched_and_imported(client: Client, registrar: Actor) -> None:
    answer = client.signed_in(registrar).get("/remissions/imports/example")
    assert answer.mimetype == "text/csv"
    assert answer.data == sample.CSV.encode()


@pytest.mark.parametrize("view", ["", "overdue", "reached", "soon", "incomplete", "nonsense"])
def test_each_list_is_shown(client: Client, actor: Make, filled: int, view: str) -> None:
    del filled
    answer = client.signed_in(actor(Role.CASE_WORKER)).get(f"/remissions?view={view}")
    assert answer.status_code == 200


def test_persons_are_sought_by_post(client: Client, actor: Make, filled: int) -> None:
    del filled
    person = client.signed_in(actor(Role.CASE_WORKER))

    found = person.post("/remissions/search", data={"text": "cendana"}).text
    assert "Contoh Cendana Ulin" in found
    assert "Contoh Meranti Jati" not in found
    assert "Cendana" not in person.post("/remissions/search", data={"text": "tidak ada"}).text
    assert person.post("/remissions/search", data={"text": ""}).status_code == 422


def test_a_person_page_shows_how_each_date_came_about(
    client: Client, actor: Make, filled: int
) -> None:
    page = client.signed_in(actor(Role.BOARD_MEMBER)).get(f"/remissions/people/{filled}").text

    assert "Keppres" not in page  # nothing was asked about remission
    assert "UU 1/2023 (KUHP) Pasal 72 ayat (1)" in page
    assert "2028" in page


def test_a_person_without_a_first_day_is_not_refused_but_explained(
    client: Client, actor: Make, filled: int
) -> None:
    del filled
    unknown = db.session.scalar(sa.select(Sentence.inmate_id).where(Sentence.start_date.is_(None)))
    answer = client.signed_in(actor(Role.PRISON_HEAD)).get(f"/remissions/people/{unknown}")
    assert answer.status_code == 200


def test_the_calculator_keeps_nothing(client: Client, actor: Make) -> None:
    person = client.signed_in(actor(Role.CASE_WORKER))
    assert person.get("/remissions/calculator").status_code == 200

    answer = person.post("/remissions/calculator", data=CASE)

    assert answer.status_code == 200
    assert "2026" in answer.text
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Import)) == 0


def test_the_calculator_asks_what_would_be_granted(client: Client, actor: Make) -> None:
    event = {
        "event_type": "general",
        "event_date": ["17", "8", "2026"],
        "remission_days": "",
        "substitute_months": "3",
        "remission_category": "unknown",
    }
    answer = client.signed_in(actor(Role.CASE_WORKER)).post(
        "/remissions/calculator", data=CASE | event
    )
    assert "Keppres 174/1999 Pasal 4 ayat (2)" in answer.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_date": ["", "", ""]},
        {"start_date": ["31", "2", "2023"]},
        {"start_date": ["1", "1", "1802"]},
        {"years": "empat"},
        {"years": "900"},
    ],
)
def test_the_calculator_says_what_to_mend(
    client: Client, actor: Make, wrong: dict[str, object]
) -> None:
    person = client.signed_in(actor(Role.CASE_WORKER))
    assert person.post("/remissions/calculator", data=CASE | wrong).status_code == 422


def test_the_rules_are_told_in_words_with_their_ids_in_small_print(
    client: Client, actor: Make, filled: int
) -> None:
    page = client.signed_in(actor(Role.REGIONAL_VIEWER)).get("/remissions/rules").text

    assert "<small><code>count.month</code></small>" in page
    values = re.findall(r"<strong>(.*?)</strong>", page)
    assert {"30", "2/3"} <= set(values)
    assert not {"True", "False", "calendar", "after_expiry"} & set(values)
    del filled


@pytest.mark.parametrize("address", ["/remissions/figures", "/remissions/rules"])
def test_the_regional_office_sees_figures_and_rules(
    client: Client, actor: Make, filled: int, address: str
) -> None:
    answer = client.signed_in(actor(Role.REGIONAL_VIEWER)).get(address)
    assert answer.status_code == 200
    assert "Cendana" not in answer.text
    del filled


@pytest.mark.parametrize(
    ("role", "address"),
    [
        (Role.ADMINISTRATOR, "/remissions"),
        (Role.ADMINISTRATOR, "/remissions/figures"),
        (Role.REGIONAL_VIEWER, "/remissions"),
        (Role.CASE_WORKER, "/remissions/imports"),
        (Role.PRESS_EDITOR, "/remissions/calculator"),
    ],
)
def test_who_has_no_such_task_stays_outside(
    client: Client, actor: Make, role: Role, address: str
) -> None:
    assert client.signed_in(actor(role)).get(address).status_code == 403


def test_a_person_of_another_facility_is_not_there(
    client: Client, other_prison: Facility, actor: Make, filled: int
) -> None:
    stranger = actor(Role.CASE_WORKER, at=other_prison)
    assert client.signed_in(stranger).get(f"/remissions/people/{filled}").status_code == 404
    assert "Contoh Meranti" not in client.signed_in(stranger).get("/remissions").text
