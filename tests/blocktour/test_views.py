import re
from collections.abc import Callable
from uuid import uuid4

import lxml.html
import pytest
import sqlalchemy as sa
from werkzeug.test import TestResponse

from portal.blocktour.models import Case, Tour
from portal.blocktour.queries import door, files, rounds
from portal.blocktour.rules.recusal import Ground
from portal.blocktour.rules.states import CaseState
from portal.blocktour.services import handling, recording
from portal.domain.actor import Actor, Role
from portal.kernel import clock
from portal.kernel.db import db
from portal.kernel.facility import Facility
from portal.kernel.text import said
from portal.register.models import Cell
from tests.blocktour.conftest import Staff, Thread, give_task, told
from tests.conftest import Client, make_actor
from tests.factories import make_block

HOME = "/block-tours"
NUMBER = re.compile(r"KEL-[0-9A-Z]{4}-[0-9A-Z]{4}")


def words(answer: TestResponse) -> str:
    page = lxml.html.document_fromstring(answer.get_data(as_text=True))
    return " ".join(page.text_content().split())


def case_of(number: str) -> Case:
    found = db.session.scalar(sa.select(Case).where(Case.number == number))
    assert found is not None
    return found


def held(answer: TestResponse) -> dict[str, str]:
    """Return what the form on the page would send: hidden fields, ticked and typed answers.

    A browser leaves out the line break that a text area begins with.
    """
    page = lxml.html.document_fromstring(answer.get_data(as_text=True))
    form = page.xpath("//main//form")[0]
    return {name: str(value).removeprefix("\n") for name, value in form.form_values()}


def first_screen(cells: list[Cell], **more: str) -> dict[str, str]:
    return {"block": str(cells[0].block_id), "cell": "2", "who": "Jaya Meranti", **more}


SECOND = {
    "category": "air_kamar",
    "words": "Air mati sejak tiga hari.",
    "hurt": "no",
    "safe": "yes",
}


def capture(browser: Client, cells: list[Cell], **more: str) -> str:
    """Go through the screens without scripts, as a person would; return the number."""
    page = browser.get(f"{HOME}/capture")
    page = browser.post(f"{HOME}/capture", data=held(page) | first_screen(cells) | {"go": "what"})
    page = browser.post(f"{HOME}/capture", data=held(page) | SECOND | more | {"go": "check"})
    if more.get("category") == "petugas":
        assert "tidak bisa membukanya lagi" in words(page) or "cannot open it again" in words(page)
        sent = held(page) | {"about": "Regu malam", "go": "check-sealed"}
        page = browser.post(f"{HOME}/capture", data=sent)
    assert "C-2 " in words(page)
    assert "Jaya Meranti" in words(page)
    saved = browser.post(f"{HOME}/cases", data=held(page))
    assert saved.status_code == 303
    found = NUMBER.search(browser.get(saved.location).get_data(as_text=True))
    assert found
    return found[0]


def test_the_whole_thread_from_the_cell_and_back(
    client: Client, staff: Staff, cells: list[Cell]
) -> None:
    officer, desk = client.signed_in(staff.officer), client.signed_in(staff.desk)
    head = client.signed_in(staff.head)

    number = capture(officer, cells)
    case = f"{HOME}/cases/{number}"
    assert f"{case}/triage" in desk.get(case).get_data(as_text=True)
    assert desk.get(f"{case}/triage").status_code == 200
    sorted_ = desk.post(f"{case}/triage", data={"kind": "air_kamar/air_bersih", "clock_class": ""})
    told_first = officer.post(f"{HOME}/answers/{number}/first-word")
    assert f"{case}/answer" in desk.get(case).get_data(as_text=True)
    answer = {"ruling": "granted", "sentence": "Air mengalir lagi mulai besok.", "reason": ""}
    checked = desk.post(f"{case}/answer", data=answer | {"go": "check"})
    drafted = desk.post(f"{case}/answer", data=held(checked) | {"go": "send"})
    assert f"{case}/decision" in head.get(case).get_data(as_text=True)
    decided = head.post(f"{case}/decision", data={"go": "agree"})
    assert number in words(officer.get(f"{HOME}/answers"))
    assert "Air mengalir lagi" in words(officer.get(f"{HOME}/answers/{number}"))
    delivered = officer.post(
        f"{HOME}/answers/{number}",
        data={"outcome": "reached", "understood": "yes", "mark": "thumb"},
    )

    steps = (sorted_, told_first, drafted, decided, delivered)
    assert [step.status_code for step in steps] == [303] * 5
    found = db.session.scalar(sa.select(Case))
    assert found is not None
    assert found.state is CaseState.DELIVERED
    assert number in words(desk.get(f"{HOME}/cases?tab=done"))
    assert "Jaya Meranti" in words(desk.get(case))


def test_what_is_typed_survives_every_screen_and_the_hidden_page(
    client: Client, staff: Staff, cells: list[Cell]
) -> None:
    officer = client.signed_in(staff.officer)
    typed = first_screen(cells) | SECOND | {"words": "Kata-kata <b>&</b> panjang\nbaris dua"}

    hidden = officer.post(f"{HOME}/capture", data=typed | {"screen": "what", "go": "hide"})
    back = officer.post(f"{HOME}/capture", data=held(hidden) | {"go": "what"})

    assert "panjang" not in words(hidden)
    assert {k: v.replace("\r\n", "\n") for k, v in held(back).items() if k in typed} == typed


UNSEEN = ["\u200b\u200c\u200d", "\u2060\ufeff", "\u202e\u2066 \u2069"]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_words_that_nobody_can_see_are_no_words(
    client: Client, staff: Staff, cells: list[Cell], unseen: str
) -> None:
    officer = client.signed_in(staff.officer)
    typed = first_screen(cells) | SECOND | {"words": unseen}

    checked = officer.post(f"{HOME}/capture", data=typed | {"screen": "what", "go": "check"})
    saved = officer.post(f"{HOME}/cases", data=held(checked) | {"words": unseen})

    assert (checked.status_code, saved.status_code) == (422, 422)
    assert said("Write what was said.") in words(checked)
    assert db.session.scalar(sa.select(sa.func.count(Case.id))) == 0


def test_an_empty_room_and_a_wrong_room_are_said_in_words(
    client: Client, staff: Staff, cells: list[Cell]
) -> None:
    officer = client.signed_in(staff.officer)
    where = first_screen(cells) | {"go": "what"}

    empty = officer.post(f"{HOME}/capture", data=where | {"cell": ""})
    wrong = officer.post(f"{HOME}/capture", data=where | {"cell": "25"})
    strange = officer.post(f"{HOME}/capture", data=where | {"cell": "x", "block": "0"})

    assert [page.status_code for page in (empty, wrong, strange)] == [422] * 3
    assert re.search(r"Blok? C .*1 (sampai|to) 3|rooms 1 to 3", words(wrong))
    assert held(empty)["who"] == "Jaya Meranti"


def test_a_back_button_and_a_second_tap_store_one_complaint(
    client: Client, staff: Staff, cells: list[Cell]
) -> None:
    officer = client.signed_in(staff.officer)
    sent = first_screen(cells) | SECOND | {"submission_key": uuid4().hex}

    answers = [officer.post(f"{HOME}/cases", data=sent) for _ in range(2)]
    other = officer.post(f"{HOME}/cases", data=sent | {"words": "Lain sama sekali."})

    assert answers[0].location == answers[1].location
    assert other.status_code == 409
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Case)) == 1


def test_no_name_wins_over_a_name(client: Client, staff: Staff, cells: list[Cell]) -> None:
    officer = client.signed_in(staff.officer)
    sent = first_screen(cells, nameless="y") | SECOND | {"submission_key": uuid4().hex}

    officer.post(f"{HOME}/cases", data=sent)

    found = db.session.scalar(sa.select(Case))
    assert found is not None
    assert (found.told_name, found.inmate_id) == ("", None)


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("triage", {"kind": "gone"}),
        ("answer", {"ruling": "not_possible", "sentence": "Belum.", "go": "send"}),
        ("answer", {"ruling": "gone"}),
    ],
)
def test_a_form_with_something_missing_comes_back(
    client: Client, thread: Thread, staff: Staff, path: str, data: dict[str, str]
) -> None:
    number = thread.recorded() if path == "triage" else thread.triaged()

    page = client.signed_in(staff.desk).post(f"{HOME}/cases/{number}/{path}", data=data)

    assert page.status_code == 422


def test_a_decision_sent_back_needs_a_word(client: Client, thread: Thread, staff: Staff) -> None:
    number = thread.drafted()
    head = client.signed_in(staff.head)
    address = f"{HOME}/cases/{number}/decision"

    silent = head.post(address, data={"go": "return", "reason": ""})
    strange = head.post(address, data={"go": "burn"})
    said = head.post(address, data={"go": "return", "reason": "Sebut tanggalnya."})
    again = head.get(address)

    assert (silent.status_code, strange.status_code, said.status_code) == (422, 422, 303)
    assert again.status_code == 404


def test_a_case_waits_for_a_word_and_goes_on(client: Client, thread: Thread, staff: Staff) -> None:
    number = thread.drafted()
    handling.decide(staff.head, number, agree=False, reason="Tanya dulu.")
    desk, case = client.signed_in(staff.desk), f"{HOME}/cases/{number}"

    empty = desk.post(f"{case}/question", data={"reason": ""})
    asked = desk.post(f"{case}/question", data={"reason": "Sejak kapan?"})
    early = desk.post(f"{case}/question", data={"reason": "Sejak kapan?"})
    waits = desk.get(case).get_data(as_text=True)
    back = desk.post(f"{case}/reply", data={"reason": "Sejak Senin."})

    answers = (empty, asked, early, back)
    assert [answer.status_code for answer in answers] == [422, 303, 409, 303]
    assert f"{case}/reply" in waits
    assert f"{case}/question" not in waits


def test_a_delivery_without_a_mark_comes_back_with_what_was_typed(
    client: Client, thread: Thread, staff: Staff
) -> None:
    number = thread.decided()
    officer = client.signed_in(staff.officer)

    page = officer.post(
        f"{HOME}/answers/{number}",
        data={"outcome": "reached", "understood": "yes", "mark": "spoken", "objection": "Belum."},
    )

    assert page.status_code == 422
    assert held(page)["objection"] == "Belum."


def test_an_objection_reopens_by_number(client: Client, thread: Thread, staff: Staff) -> None:
    number = thread.decided()
    officer = client.signed_in(staff.officer)
    officer.post(
        f"{HOME}/answers/{number}",
        data={"outcome": "reached", "understood": "yes", "mark": "thumb"},
    )

    wrong = officer.post(f"{HOME}/objections", data={"number": "KEL-2222-2222", "words": "x"})
    right = officer.post(
        f"{HOME}/objections", data={"number": number.lower(), "words": "Masih mati."}
    )

    assert (wrong.status_code, right.status_code) == (422, 303)


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({}, {"understood", "mark"}),
        ({"understood": "yes", "mark": "spoken"}, {"witness"}),
    ],
)
def test_what_is_demanded_when_met_is_not_called_optional(
    client: Client, thread: Thread, staff: Staff, sent: dict[str, str], wrong: set[str]
) -> None:
    officer, address = client.signed_in(staff.officer), f"{HOME}/answers/{thread.decided()}"

    page = lxml.html.document_fromstring(officer.get(address).get_data(as_text=True))
    refused = officer.post(address, data={"outcome": "reached", **sent})

    answer = lxml.html.document_fromstring(refused.get_data(as_text=True))
    complained = {
        one.get("id").removesuffix("-error") for one in answer.xpath("//p[@id][@class='error']")
    }
    assert complained == wrong
    for name in wrong:
        told = page.xpath(f"//*[contains(@class, 'field')][p[@id='{name}-hint']]")[0]
        assert not told.xpath(".//*[@class='optional']")


# --- Keeping a colleague out ---
def test_keeping_a_colleague_out_is_checked_first(
    client: Client, thread: Thread, staff: Staff
) -> None:
    number = thread.recorded("petugas")
    custodian, address = client.signed_in(staff.custodian), f"{HOME}/cases/{number}/excluded"

    check = custodian.post(address, data={"person": staff.head.id})
    before = files.excluded(case_of(number))
    done = custodian.post(address, data=held(check) | {"go": "send"})

    assert (check.status_code, done.status_code) == (200, 303)
    assert "prison_head-" in words(check)
    assert staff.head.id not in before
    assert staff.head.id in files.excluded(case_of(number))


def test_who_steps_out_leaves_no_number_in_the_address(
    client: Client, thread: Thread, staff: Staff
) -> None:
    number = thread.recorded("petugas")
    custodian = client.signed_in(staff.custodian)
    address = f"{HOME}/cases/{number}/excluded"

    check = custodian.post(address, data={"person": staff.custodian.id})
    done = custodian.post(address, data=held(check) | {"go": "send"})

    assert done.location == f"{HOME}/cases"


@pytest.mark.parametrize("go", ["", "send"])
def test_the_last_reader_is_told_what_to_do_instead(
    client: Client, thread: Thread, staff: Staff, go: str
) -> None:
    number = thread.recorded("petugas")
    for person in (staff.head, staff.second_custodian):
        assert person.id is not None
        handling.exclude(staff.custodian, number, person.id, Ground.NAMED)
    custodian = client.signed_in(staff.custodian)

    page = custodian.post(
        f"{HOME}/cases/{number}/excluded", data={"person": staff.custodian.id, "go": go}
    )

    assert page.status_code == 422
    assert said(handling.LastReader()) in words(page)


def test_only_who_may_come_near_a_case_is_offered(
    client: Client, thread: Thread, staff: Staff, actor: Callable[..., Actor]
) -> None:
    number = thread.recorded("petugas")
    for role in Role:
        if role is not Role.KIOSK:
            give_task(actor(role), role, thread.prison)

    page = client.signed_in(staff.custodian).get(f"{HOME}/cases/{number}")

    options = lxml.html.document_fromstring(page.get_data(as_text=True)).xpath(
        "//select[@name='person']/option/text()"
    )
    near = {
        Role.PRISON_HEAD,
        Role.BLOCK_OFFICER,
        Role.TOUR_COORDINATOR,
        Role.COMPLAINTS_CUSTODIAN,
    }
    assert {name.rpartition("-")[0] for name in options} == near


# --- Figures ---
@pytest.mark.parametrize("month", ["9999-12", "0001-01", "0001-02", "0000-00", "x"])
def test_a_month_that_cannot_be_counted_is_not_shown(
    client: Client, staff: Staff, cells: list[Cell], month: str
) -> None:
    page = client.signed_in(staff.head).get(f"{HOME}/figures?month={month}")

    assert page.status_code == 200


@pytest.mark.parametrize(("month", "counted"), [("2026-03", "2026-02"), ("2000-01", None)])
def test_one_can_leaf_back_to_the_first_month(
    client: Client, staff: Staff, cells: list[Cell], month: str, counted: str | None
) -> None:
    page = client.signed_in(staff.head).get(f"{HOME}/figures?month={month}")

    links = lxml.html.document_fromstring(page.get_data(as_text=True)).xpath("//main//a/@href")
    assert (f"{HOME}/figures?month={counted}" in links) is (counted is not None)
    assert not any("month=1999" in link for link in links)


def test_a_share_that_is_not_known_is_a_dash(
    client: Client, staff: Staff, cells: list[Cell]
) -> None:
    page = client.signed_in(staff.head).get(f"{HOME}/figures")

    values = lxml.html.document_fromstring(page.get_data(as_text=True)).xpath(
        "//*[@class='card']/*[@class='value']/text()"
    )
    assert values == ["0", "0", "0", "0", "–", "–", "–"]


# --- Tours ---
def test_a_tour_marked_cell_by_cell_and_closed(
    client: Client, staff: Staff, cells: list[Cell]
) -> None:
    officer = client.signed_in(staff.officer)
    tours = officer.get(f"{HOME}/tours")
    sent = held(tours) | {"block": str(cells[0].block_id), "partner": "Tono"}
    tour = officer.post(f"{HOME}/tours", data=sent).location
    again = officer.post(f"{HOME}/tours", data=sent).location
    early = officer.post(f"{tour}/close")

    stop = lxml.html.document_fromstring(officer.get(tour).data).xpath(
        "//a[contains(@href, '/stops/')]/@href"
    )
    needs_why = officer.post(stop[0], data={"outcome": "not_reached"})
    where = officer.post(stop[0], data={"outcome": "not_reached", "reason": "Kunci rusak"}).location
    where = officer.post(where, data={"outcome": "heard"}).location
    where = officer.post(where, data={"outcome": "nil"}).location
    closed = officer.post(f"{tour}/close")
    late = officer.post(stop[0], data={"outcome": "heard"})

    assert (again, where) == (tour, tour)
    assert (early.status_code, needs_why.status_code) == (422, 422)
    assert (closed.status_code, late.status_code) == (303, 409)
    assert "C-1, C-2, C-3" in words(early)
    second = officer.post(f"{HOME}/tours", data=sent | {"submission_key": uuid4().hex}).location
    carried = [stop.carried for stop in rounds.stops(int(second.rsplit("/", 1)[1]))]
    assert carried == [True, False, False]
    days = words(officer.get(f"{HOME}/coverage/{cells[0].block_id}"))
    assert days.index("C-1") < days.index("C-2")


# --- Who meets which door ---
ROLES = {
    Role.BLOCK_OFFICER: {"", "capture", "answers", "objections", "tours", "hidden"},
    Role.TOUR_COORDINATOR: {
        "",
        "capture",
        "answers",
        "objections",
        "tours",
        "hidden",
        "cases",
        "figures",
    },
    Role.PRISON_HEAD: {
        "",
        "answers",
        "objections",
        "tours",
        "hidden",
        "cases",
        "cases-to-decide",
        "figures",
    },
    Role.COMPLAINTS_CUSTODIAN: {
        "",
        "answers",
        "objections",
        "hidden",
        "cases",
        "cases-to-decide",
    },
    Role.REGIONAL_VIEWER: {"figures"},
    Role.ADMINISTRATOR: set(),
    Role.DATA_PROTECTION_OFFICER: set(),
    Role.CASE_WORKER: set(),
}
DOORS = (
    "",
    "capture",
    "answers",
    "objections",
    "tours",
    "hidden",
    "cases",
    "cases-to-decide",
    "figures",
)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_meets_its_own_doors(
    client: Client, cells: list[Cell], actor: Callable[..., Actor], role: Role
) -> None:
    browser = client.signed_in(actor(role))

    open_doors = {
        door for door in DOORS if browser.get(f"{HOME}/{door}".rstrip("/")).status_code == 200
    }

    assert open_doors == ROLES[role]


# --- What an excluded person can find out: nothing ---
MASKED = re.compile(r'name="submission_key" value="[0-9a-f]{32}"|\d{2}\.\d{2}')


def pages(browser: Client, cells: list[Cell], number: str) -> dict[str, bytes]:
    """Fetch every page of the room; each but for its own tokens must be the same."""
    tour = db.session.scalar(sa.select(Tour.id).limit(1))
    paths = [
        "",
        "/capture",
        "/answers",
        "/objections",
        "/tours",
        "/hidden",
        "/figures",
        "/cases-to-decide",
        *(f"/cases?tab={tab}" for tab in door.Tab),
        f"/coverage/{cells[0].block_id}",
        f"/tours/{tour}",
        f"/cases/{number}",
        f"/cases/{number}/triage",
        f"/cases/{number}/answer",
        f"/cases/{number}/decision",
        f"/answers/{number}",
        "/receipts/5f9d0c0e-0000-4000-8000-000000000000",
    ]
    found = {path.replace(number, "N"): browser.get(f"{HOME}{path}") for path in paths}
    found["/desk"] = browser.get("/desk")
    found["/objections sent"] = browser.post(
        f"{HOME}/objections", data={"number": number, "words": "x"}
    )
    for path in ("triage", "answer", "decision", "excluded", "question", "referral", "reply"):
        found[f"{path} sent"] = browser.post(f"{HOME}/cases/{number}/{path}", data={"go": "agree"})
    found["answer sent"] = browser.post(f"{HOME}/answers/{number}", data={"outcome": "asleep"})
    found["word sent"] = browser.post(f"{HOME}/answers/{number}/first-word")
    return {
        path: str(answer.status_code).encode()
        + str(sorted(answer.headers)).encode()
        + MASKED.sub("*", answer.get_data(as_text=True)).replace(number, "N").encode()
        for path, answer in found.items()
    }


def test_a_hidden_case_changes_no_byte_for_whoever_is_kept_out(
    client: Client, thread: Thread, staff: Staff, cells: list[Cell]
) -> None:
    thread.recorded()
    thread.decided()
    touring_page = client.signed_in(staff.colleague)
    touring_page.post(
        f"{HOME}/tours", data={"block": cells[0].block_id, "submission_key": uuid4().hex}
    )
    kept_out = (staff.officer, staff.desk, staff.colleague, staff.head, staff.second_custodian)
    never = "KEL-2222-2222"
    before = {who.id: pages(client.signed_in(who), cells, never) for who in kept_out}

    numbers = []
    for stage in ("received", "decided"):
        number = thread.recorded("petugas")
        for person in (staff.head, staff.second_custodian):
            assert person.id is not None
            handling.exclude(staff.custodian, number, person.id, Ground.NAMED)
        numbers.append(number)
        if stage == "decided":
            handling.triage(staff.custodian, number, handling.Triage("petugas"))
    hidden = sum(door.counts(staff.custodian, clock.now()).values())
    after = {
        who.id: [pages(client.signed_in(who), cells, number) for number in numbers]
        for who in kept_out
    }

    assert hidden == 2
    for who in kept_out:
        for seen in after[who.id]:
            for path, page in before[who.id].items():
                assert seen[path] == page, f"{sorted(who.roles)} {path}"


def test_a_second_prison_never_shows(
    client: Client, thread: Thread, staff: Staff, other_prison: Facility
) -> None:
    there = make_block(other_prison, "Z", cells=1)
    stranger = make_actor(Role.BLOCK_OFFICER, at=other_prison)
    canary = recording.record_case(
        stranger, other_prison.id, uuid4(), told(there[0], words="KANARI", who="KANARI")
    )

    for who in (staff.officer, staff.desk, staff.head, staff.custodian):
        seen = b"".join(pages(client.signed_in(who), thread.cells, canary).values())
        assert b"KANARI" not in seen
        assert b"Z-1" not in seen


def test_the_custodian_alone_sees_the_hour(client: Client, thread: Thread, staff: Staff) -> None:
    number = thread.recorded("petugas")
    hour = re.compile(r"\d{2}[.:]\d{2} WIB")

    assert hour.search(words(client.signed_in(staff.custodian).get(f"{HOME}/cases/{number}")))
    assert not hour.search(words(client.signed_in(staff.head).get(f"{HOME}/cases/{number}")))
