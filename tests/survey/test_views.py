"""The survey's pages, as officers see them, and the addresses the tablet speaks to."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask

from portal.app import create_app
from portal.domain.actor import Role
from portal.domain.months import Month
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility, within
from portal.register.demo import demo as people
from portal.settings import Settings
from portal.survey import queries
from portal.survey.commands import commands
from portal.survey.demo import demo
from portal.survey.models import SCORES, Response
from portal.survey.report import front, report_section
from portal.survey.rules.kiosk import script
from portal.survey.services import devices
from portal.survey.views import officers
from tests.conftest import Client, make_actor, make_facility
from tests.survey.test_services import KEY, NOW, NOW_MS, count, make_device, send, sheet

TOKEN = "t" * 43
OCTOBER = int(datetime(2026, 10, 20, 2, tzinfo=UTC).timestamp() * 1000)


@pytest.fixture
def officer(client: Client, actor: Any) -> Client:
    return client.signed_in(actor(Role.SURVEY_OFFICER))


def _post(client: Client, batch: object, token: str = TOKEN, **options: Any) -> Any:
    with clock.fixed(NOW):
        return client.post(
            "/kiosk/api/answers",
            json=batch,
            headers={"Authorization": f"Bearer {token}"},
            **options,
        )


def _in_october(device: Any, number: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        sheet(device, at, started_ms=OCTOBER - 60_000, finished_ms=OCTOBER, **changes)
        for at in range(1, number + 1)
    ]


def test_the_kiosk_page_holds_every_question_and_works_from_its_worker(client: Client) -> None:
    page = client.get("/kiosk/")
    worker = client.get("/kiosk/sw.js")

    held = re.search(r'id="script">(.*?)</script>', page.text, re.DOTALL)
    assert held
    assert json.loads(held[1])["elements"] == script()["elements"]
    shell = json.loads(re.search(r"const SHELL = (\[.*?\]);", worker.text)[1])  # type: ignore[index]
    assert "/kiosk/" in shell
    for path in shell:
        assert client.get(path).status_code == 200, path
    assert worker.headers["Cache-Control"] == "no-cache"
    assert worker.mimetype == "text/javascript"


def test_the_first_load_of_the_kiosk_stays_below_150_kilobytes(client: Client) -> None:
    shell = json.loads(
        re.search(r"const SHELL = (\[.*?\]);", client.get("/kiosk/sw.js").text)[1]  # type: ignore[index]
    )

    sizes = {
        path: len(client.get(path, headers={"Accept-Encoding": "gzip"}).data) for path in shell
    }

    assert sum(sizes.values()) <= 150_000
    assert sum(size for path, size in sizes.items() if path.endswith(".css")) <= 8_192


def test_a_batch_is_answered_item_by_item(client: Client, prison: Facility) -> None:
    device = make_device(prison, token=TOKEN)
    one = sheet(device)

    answer = _post(client, {"sent_ms": NOW_MS, "items": [one, {"uuid": 1}]})

    assert answer.status_code == 200
    assert answer.json["acks"] == [
        {"ack": one["uuid"], "hash": one["hash"], "status": "stored", "code": 201, "reason": None},
        {"ack": None, "hash": None, "status": "invalid", "code": 422, "reason": "shape"},
    ]
    assert count(Response) == 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "text/plain", 415),
        ("a=1", "application/x-www-form-urlencoded", 415),
        ("", "application/json", 400),
        ("{", "application/json", 400),
        ("[" * 50_000, "application/json", 400),
        ("{}", "application/json", 400),
        ("x" * 300_000, "application/json", 413),
    ],
)
def test_what_is_no_batch_is_refused_in_json(
    client: Client, prison: Facility, body: str, kind: str, status: int
) -> None:
    make_device(prison, token=TOKEN)

    answer = client.post(
        "/kiosk/api/answers",
        data=body,
        content_type=kind,
        headers={"Authorization": f"Bearer {TOKEN}"},
    )

    assert answer.status_code == status
    assert answer.json["error"]["status"] == status


def test_a_body_of_unknown_length_is_not_read(client: Client, prison: Facility) -> None:
    make_device(prison, token=TOKEN)

    answer = client.post(
        "/kiosk/api/answers",
        data="{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {TOKEN}", "Transfer-Encoding": "chunked"},
    )

    assert answer.status_code == 413


def test_without_scripts_the_kiosk_points_to_the_paper(client: Client) -> None:
    page = client.get("/kiosk/").text

    noscript = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)
    assert noscript
    assert "notice" in noscript[1]


def test_without_a_known_token_nothing_is_taken(client: Client, prison: Facility) -> None:
    device = make_device(prison, token=TOKEN)
    batch = {"sent_ms": NOW_MS, "items": [sheet(device)]}

    assert _post(client, batch, token="wrong").status_code == 401
    assert client.post("/kiosk/api/answers", json=batch).status_code == 401
    assert client.get("/kiosk/api/ping").status_code == 401
    assert count(Response) == 0


def test_a_tablet_asks_whether_it_is_known(client: Client, prison: Facility) -> None:
    device = make_device(prison, token=TOKEN)

    with clock.fixed(NOW):
        answer = client.get("/kiosk/api/ping", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.json == {"portal": "sumantab", "device": device.id, "now_ms": NOW_MS}


def test_a_tablet_opens_no_door_of_the_officers(client: Client, prison: Facility) -> None:
    make_device(prison, token=TOKEN)

    answer = client.get("/survey/devices", headers={"Authorization": f"Bearer {TOKEN}"})

    assert answer.status_code == 403


def test_a_code_from_the_page_enrols_the_tablet(officer: Client, client: Client) -> None:
    assert officer.get("/survey/devices/new").status_code == 200
    made = officer.post(
        "/survey/devices/codes", data={"place": "Ruang tunggu", "submission_key": KEY}
    )
    code = re.search("[2-9A-Z]{4}\u2011[2-9A-Z]{4}", made.text)
    assert code

    enrolled = client.post("/kiosk/api/enrolment", json={"code": code[0], "name": "Tablet 9"})
    again = client.post("/kiosk/api/enrolment", json={"code": code[0], "name": "Tablet 9"})

    assert enrolled.status_code == 201
    assert enrolled.json["place"] == "Ruang tunggu"
    assert again.status_code == 422
    assert "Tablet 9" in officer.get("/survey/devices").text


@pytest.mark.parametrize("body", [{}, [], {"code": "x"}, {"name": "x"}, 3])
def test_an_enrolment_without_code_or_name_is_refused(client: Client, body: object) -> None:
    answer = client.post("/kiosk/api/enrolment", json=body)

    assert answer.status_code == 422


def test_the_form_that_made_a_code_makes_no_second_one(officer: Client) -> None:
    form = {"place": "Loket", "submission_key": KEY}
    officer.post("/survey/devices/codes", data=form)

    answer = officer.post("/survey/devices/codes", data=form)

    assert (answer.status_code, answer.location) == (303, "/survey/devices")


def test_a_code_needs_a_place(officer: Client) -> None:
    assert officer.post("/survey/devices/codes", data={"place": " "}).status_code == 422


def test_revoking_asks_first_and_leads_back(officer: Client, prison: Facility) -> None:
    device = make_device(prison, token=TOKEN)
    address = f"/survey/devices/{device.id}/revocation"

    assert officer.get(address).status_code == 200
    answer = officer.post(address)

    assert (answer.status_code, answer.location) == (303, "/survey/devices")
    assert devices.tablet(TOKEN) is None


def test_another_facilitys_tablet_cannot_be_found(officer: Client, other_prison: Facility) -> None:
    canary = make_device(other_prison, name="CANARY")
    address = f"/survey/devices/{canary.id}/revocation"

    assert officer.get(address).status_code == 404
    assert officer.post(address).status_code == 404
    assert "CANARY" not in officer.get("/survey/devices").text


def test_the_month_shows_the_index_with_its_number_and_its_elements(
    officer: Client, prison: Facility
) -> None:
    device = make_device(prison, token=TOKEN)
    mixed = {code: 3 + at % 2 for at, code in enumerate(SCORES)}
    send(device, *_in_october(device, 40))
    send(device, *_in_october(device, 10, answers=mixed))

    with clock.fixed(NOW):
        page = officer.get("/survey")

    assert page.status_code == 200
    assert "77,22" in page.text
    assert ">50<" in page.text


@pytest.mark.parametrize(("number", "shown"), [(0, False), (4, False), (12, True)])
def test_few_sheets_are_not_shown_and_under_thirty_is_marked(
    officer: Client, prison: Facility, number: int, shown: bool
) -> None:
    device = make_device(prison)
    if number:
        send(device, *_in_october(device, number))

    with clock.fixed(NOW):
        page = officer.get("/survey/months/2026/10")

    assert page.status_code == 200
    assert ("75,00" in page.text) is shown


@pytest.mark.parametrize(
    "path", ["2026/12", "2026/13", "0/1", "2026/0", "1/1", "2000/1", "9999/12", "2024/10"]
)
def test_a_month_to_come_or_none_at_all_is_not_found(officer: Client, path: str) -> None:
    with clock.fixed(NOW):
        assert officer.get(f"/survey/months/{path}").status_code == 404


@pytest.mark.parametrize(
    ("enrolled", "first"), [(False, "2024/11"), (True, "2026/9"), ("now", "2026/10")]
)
def test_months_begin_with_the_first_tablet_or_two_years_ago(
    officer: Client, prison: Facility, other_prison: Facility, enrolled: object, first: str
) -> None:
    make_device(other_prison).enrolled_at = datetime(2020, 1, 1, tzinfo=UTC)
    if enrolled:
        device = make_device(prison)
        device.enrolled_at = NOW if enrolled == "now" else device.enrolled_at
    db.session.commit()
    year, number = map(int, first.split("/"))
    before = Month(year, number).previous

    with clock.fixed(NOW):
        page = officer.get(f"/survey/months/{first}")
        earlier = officer.get(f"/survey/months/{before.year}/{before.month}")

    assert (page.status_code, earlier.status_code) == (200, 404)
    assert 'rel="prev"' not in page.text


@pytest.mark.parametrize(
    ("day", "status"),
    [("0001-01-01", 422), ("2020-01-01", 422), ("2024-10-31", 422), ("2024-11-01", 303)],
)
def test_visits_of_long_ago_are_not_entered(
    officer: Client, prison: Facility, day: str, status: int
) -> None:
    make_device(prison)
    form = {"day": day, "service": "kunjungan", "visitors": "81"}

    with clock.fixed(NOW):
        answer = officer.post("/survey/visits", data=form)

    assert answer.status_code == status
    assert ("1 November 2024" in answer.text) is (status == 422)


def test_visits_go_back_to_the_first_tablet(officer: Client, prison: Facility) -> None:
    make_device(prison).enrolled_at = datetime(2021, 5, 5, tzinfo=UTC)
    db.session.commit()
    form = {"day": "2021-05-01", "service": "kunjungan", "visitors": "81"}

    with clock.fixed(NOW):
        assert officer.post("/survey/visits", data=form).status_code == 303
        assert officer.post("/survey/visits", data={**form, "day": "2021-04-30"}).status_code == 422


def test_visits_are_entered_for_a_day_that_has_come(officer: Client, prison: Facility) -> None:
    form = {"day": "2026-11-20", "service": "kunjungan", "visitors": "81"}
    with clock.fixed(NOW):
        stored = officer.post("/survey/visits", data=form)
        ahead = officer.post("/survey/visits", data={**form, "day": "2026-11-24"})
        wrong = officer.post("/survey/visits", data={**form, "service": "parkir"})
        page = officer.get("/survey/visits")

    assert (stored.status_code, stored.location) == (303, "/survey/visits")
    assert (ahead.status_code, wrong.status_code) == (422, 422)
    assert "81" in page.text
    assert queries.served(prison.id, Month(2026, 11), Month(2026, 11)) == 81


@pytest.mark.parametrize(
    ("role", "open_to_it"),
    [
        (Role.SURVEY_OFFICER, {"", "/devices", "/devices/new", "/visits"}),
        (Role.PRISON_HEAD, {"", "/devices"}),
        (Role.REGIONAL_VIEWER, {""}),
        (Role.BLOCK_OFFICER, set()),
        (Role.ADMINISTRATOR, set()),
    ],
)
def test_each_role_meets_its_own_doors(
    client: Client, prison: Facility, role: Role, open_to_it: set[str]
) -> None:
    person = client.signed_in(make_actor(role, at=prison))

    for door in ("", "/devices", "/devices/new", "/visits"):
        expected = 200 if door in open_to_it else 403
        assert person.get(f"/survey{door}").status_code == expected, door


def test_the_report_gives_the_index_from_thirty_sheets_on(prison: Facility) -> None:
    device = make_device(prison)
    october = Month(2026, 10)
    send(device, *_in_october(device, 29))

    few = {f.key: f for f in report_section(prison.id, october).figures}
    assert (few["ikm"].value, few["mutu"].value, few["sheets"].value) == (None, None, 29)

    send(device, *_in_october(device, 1, answers=dict.fromkeys(SCORES, 4)))
    section = report_section(prison.id, october)
    figures = {f.key: f for f in section.figures}
    assert str(figures["ikm"].value) == "75.83"
    assert figures["mutu"].value == "C (Kurang baik)"
    assert figures["ikm"].as_of == date(2026, 10, 31)
    assert [row[0] for row in section.tables[0].rows] == [f"U{n}" for n in range(1, 10)]
    with clock.fixed(NOW):
        assert [f.key for f in front(prison.id)] == ["ikm"]


def test_a_small_month_is_suppressed_in_the_report(prison: Facility) -> None:
    device = make_device(prison)
    send(device, *_in_october(device, 3))

    figures = {f.key: f for f in report_section(prison.id, Month(2026, 10)).figures}

    assert (figures["sheets"].value, figures["sheets"].suppressed) == (None, True)
    assert figures["response_rate"].numerator is None


def test_the_public_front_says_nothing_without_a_sheet(prison: Facility) -> None:
    assert front(prison.id) == ()


def test_the_demo_gives_believable_months_and_one_open_code(scope: None) -> None:
    today = date(2026, 11, 23)
    large, small = make_facility("muara-enim"), make_facility("kecil")
    for facility in (large, small):
        with clock.fixed(NOW), within({facility.id}):
            people(facility.id, Random(1), today)
            demo(facility.id, Random(2026), today)

    found = [queries.month_result(large.id, Month(2026, 10) + -ago) for ago in range(12)]
    indices = [one.index for one in found if one.index]

    assert all(one.enough for one in found)
    assert all(82 < index.ikm < 91 for index in indices)
    assert {index.lowest()[0] for index in indices} <= {"waktu", "sarana"}
    assert not queries.month_result(small.id, Month(2026, 10)).enough
    assert devices.enrol_device(devices.DEMO_CODE, name="Tablet 2").place == "Loket penitipan"


def test_the_demos_code_is_shown_until_it_was_used(
    app: Flask, client: Client, actor: Any, prison: Facility, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = client.signed_in(actor(Role.SURVEY_OFFICER))
    held = app.extensions["portal.settings"]
    monkeypatch.setitem(app.extensions, "portal.settings", replace(held, demo=True))
    with clock.fixed(NOW):
        demo(prison.id, Random(2026), date(2026, 11, 23))
        before = officer.get("/survey/devices").text
        devices.enrol_device(devices.DEMO_CODE, name="Tablet 2")
        after = officer.get("/survey/devices").text

    assert (devices.DEMO_CODE in before, devices.DEMO_CODE in after) == (True, False)


def test_the_command_prints_canonical_json_or_names_the_path() -> None:
    runner = CliRunner()

    good = runner.invoke(commands, ["index", "-"], input='{"bands":"ikm-2017","n":100,"S":3179}')
    bad = runner.invoke(commands, ["index", "-"], input='{"bands":"ikm-2017","n":1,"S":3179}')
    odd = runner.invoke(commands, ["index", "-"], input=b"\xff\xfe")

    assert (good.exit_code, bad.exit_code, odd.exit_code) == (0, 2, 2)
    assert json.loads(good.stdout)["ikm"] == "88.31"
    assert good.stdout == json.dumps(json.loads(good.stdout), sort_keys=True, indent=2) + "\n"
    assert (bad.stdout, bad.stderr) == ("", "S: 1 sheets add up to 9 to 36\n")


@pytest.mark.parametrize(
    ("site", "kiosk", "survey"),
    [("kiosk", 200, 404), ("internal", 404, 303), ("press", 404, 404)],
)
def test_each_site_opens_its_own_doors_alone(
    app: Flask, test_settings: Settings, site: str, kiosk: int, survey: int
) -> None:
    client = create_app(replace(test_settings, site=site)).test_client()

    assert client.get("/kiosk/").status_code == kiosk
    assert client.get("/kiosk/sw.js").status_code == kiosk
    assert client.get("/survey").status_code == survey


def test_the_staffs_own_site_names_the_path_alone(app: Flask, test_settings: Settings) -> None:
    inside = create_app(replace(test_settings, site="internal"))

    with inside.test_request_context():
        assert officers._kiosk_address() == "/kiosk/"
    with app.test_request_context():
        assert officers._kiosk_address() == "http://localhost/kiosk/"
