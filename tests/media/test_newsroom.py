from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import html

from portal.domain.actor import Actor, Role
from portal.kernel import clock
from portal.kernel.facility import Facility
from portal.media import queries, services
from portal.media.rules.workflow import State
from tests.conftest import Client, make_actor
from tests.media.conftest import NOW, TEXT, draft, mark, published, submitted

FORM = {
    "title": "Pelatihan roti dibuka",
    "place": "Muara Contoh",
    "summary": "Pelatihan membuat roti dibuka untuk 20 warga binaan.",
    "body": "Pelatihan **tiga minggu**.",
    "kind": "activity",
    "language": "id",
    "submission_key": "a" * 32,
    "act": "save",
}


@pytest.fixture
def desk(client: Client, writer: Actor) -> Client:
    return client.signed_in(writer)


@pytest.fixture
def second(client: Client, editor: Actor) -> Client:
    return client.signed_in(editor)


def item_of(answer: object) -> int:
    return int(answer.location.rsplit("/", 1)[1])  # type: ignore[attr-defined]


def test_a_text_goes_from_one_desk_over_another_to_the_public(
    desk: Client, second: Client, client: Client, prison: Facility
) -> None:
    item_id = item_of(desk.post("/newsroom/new", data=FORM))
    assert desk.post(f"/newsroom/{item_id}/submit").status_code == 303

    page = html.fromstring(second.get(f"/newsroom/{item_id}/approval").get_data(as_text=True))
    read = page.xpath("//input[@name='fingerprint']/@value")[0]
    answer = second.post(f"/newsroom/{item_id}/approval", data={"fingerprint": read})

    assert (answer.status_code, answer.location) == (303, f"/newsroom/{item_id}")
    article = client.get("/prisons/muara-contoh/releases/pelatihan-roti-dibuka")
    assert "<strong>tiga minggu</strong>" in article.get_data(as_text=True)


def test_a_preview_keeps_nothing_and_loses_nothing(desk: Client, prison: Facility) -> None:
    answer = desk.post("/newsroom/new", data={**FORM, "act": "preview"})
    page = answer.get_data(as_text=True)

    assert answer.status_code == 200
    assert "<strong>tiga minggu</strong>" in page
    assert "Pelatihan **tiga minggu**." in page
    assert queries.tab_counts(prison.id, NOW)[queries.Tab.DRAFTS] == 0


def test_an_empty_form_comes_back_with_what_is_missing(desk: Client, prison: Facility) -> None:
    answer = desk.post("/newsroom/new", data={**FORM, "title": "", "summary": ""})

    assert answer.status_code == 422
    assert FORM["body"] in answer.get_data(as_text=True)


def test_hostile_markdown_is_harmless_in_preview_and_article(
    desk: Client, second: Client, client: Client, prison: Facility
) -> None:
    body = "<script>alert(1)</script>\n\n[x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    preview = desk.post("/newsroom/new", data={**FORM, "body": body, "act": "preview"})
    item_id = item_of(desk.post("/newsroom/new", data={**FORM, "body": body}))
    desk.post(f"/newsroom/{item_id}/submit")
    second.post(f"/newsroom/{item_id}/approval", data={"fingerprint": mark(item_id)})
    article = client.get("/prisons/muara-contoh/releases/pelatihan-roti-dibuka")

    assert article.status_code == 200
    for answer in (preview, article):
        page = html.fromstring(answer.get_data(as_text=True))
        assert not page.xpath("//script[not(contains(@type, 'json'))]")
        assert not page.xpath("//img")
        assert not page.xpath("//a[contains(@href, 'javascript')]")


def test_the_writer_meets_no_button_to_approve_and_no_way_around_it(
    desk: Client, writer: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)

    page = desk.get(f"/newsroom/{item.id}/approval").get_data(as_text=True)
    answer = desk.post(f"/newsroom/{item.id}/approval", data={"fingerprint": mark(item.id)})

    assert 'name="fingerprint"' not in page
    assert answer.status_code == 403
    assert queries.dossier(item.id, NOW).head.state is State.SUBMITTED


def test_a_text_that_changed_meanwhile_is_read_again(
    second: Client, writer: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)
    read = mark(item.id)
    services.save(writer, item.id, text=replace(TEXT, title="Judul baru"), based_on=1)
    services.submit(writer, item.id)

    answer = second.post(f"/newsroom/{item.id}/approval", data={"fingerprint": read})

    assert (answer.status_code, answer.location) == (303, f"/newsroom/{item.id}/approval")
    assert queries.release(prison.id, item.slug, NOW) is None


def test_personal_data_is_shown_where_it_stands_and_the_text_is_kept(
    desk: Client, writer: Actor, prison: Facility
) -> None:
    item = draft(writer, prison, replace(TEXT, body="Hubungi 0812-3456-7890 atau NIK."))

    answer = desk.post(f"/newsroom/{item.id}/submit")
    page = html.fromstring(answer.get_data(as_text=True))

    assert answer.status_code == 422
    assert [mark.text for mark in page.xpath("//mark")] == ["0812-3456-7890"]
    assert queries.dossier(item.id, NOW).head.state is State.DRAFT


def test_a_public_text_is_corrected_with_what_was_wrong(
    desk: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)
    form = {**FORM, "based_on": "1", "wrong": "Angka 312.", "right": "Angka 321."}

    silent = desk.post(f"/newsroom/{item.id}/edit", data={**FORM, "based_on": "1"})
    told = desk.post(f"/newsroom/{item.id}/edit", data={**form, "noticed_by": "journalist"})

    assert silent.status_code == 422
    assert told.status_code == 303
    mended = queries.dossier(item.id, NOW).head.correction
    assert mended is not None
    assert mended.wrong == "Angka 312."


def test_two_editors_at_once_are_told_of_each_other(
    desk: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = draft(writer, prison)
    services.save(editor, item.id, text=TEXT, based_on=1)

    answer = desk.post(f"/newsroom/{item.id}/edit", data={**FORM, "based_on": "1"})

    assert answer.status_code == 422
    assert editor.name in answer.get_data(as_text=True)
    assert FORM["title"] in answer.get_data(as_text=True)


def test_a_text_is_scheduled_in_local_time_and_taken_back(
    desk: Client, second: Client, prison: Facility
) -> None:
    form = {**FORM, "day": "2026-11-24", "hour": "08:30"}
    item_id = item_of(desk.post("/newsroom/new", data=form))
    desk.post(f"/newsroom/{item_id}/submit")
    second.post(f"/newsroom/{item_id}/approval", data={"fingerprint": mark(item_id)})

    scheduled = queries.dossier(item_id, NOW).head.visible_at
    page = desk.get(f"/newsroom/{item_id}").get_data(as_text=True)
    desk.post(f"/newsroom/{item_id}/take-back")

    assert scheduled is not None
    assert scheduled.isoformat() == "2026-11-24T01:30:00+00:00"
    assert "24 November 2026 pukul 08.30 WIB" in page
    assert queries.dossier(item_id, NOW).head.state is State.DRAFT


def test_a_returned_text_shows_the_reason(
    desk: Client, second: Client, writer: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)

    empty = second.post(f"/newsroom/{item.id}/return", data={"reason": ""})
    second.post(f"/newsroom/{item.id}/return", data={"reason": "Tambahkan sumber angka."})

    assert empty.status_code == 422
    assert "Tambahkan sumber angka." in desk.get(f"/newsroom/{item.id}").get_data(as_text=True)


def test_withdrawing_asks_for_a_reason_of_the_list(
    second: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)

    asked = second.get(f"/newsroom/{item.id}/withdrawal")
    empty = second.post(f"/newsroom/{item.id}/withdrawal", data={})
    odd = second.post(f"/newsroom/{item.id}/withdrawal", data={"reason": "whim"})
    done = second.post(f"/newsroom/{item.id}/withdrawal", data={"reason": "personal_data"})

    assert [a.status_code for a in (asked, empty, odd, done)] == [200, 422, 422, 303]
    assert queries.dossier(item.id, NOW).head.state is State.WITHDRAWN


def test_changes_between_two_versions_are_marked(
    desk: Client, writer: Actor, prison: Facility
) -> None:
    item = draft(writer, prison)
    services.save(
        writer, item.id, text=replace(TEXT, body="Hasilnya **321** kilogram."), based_on=1
    )

    page = html.fromstring(desk.get(f"/newsroom/{item.id}/changes/1/2").get_data(as_text=True))

    assert [node.text for node in page.xpath("//del")] == ["312"]
    assert [node.text for node in page.xpath("//ins")] == ["321"]
    assert desk.get(f"/newsroom/{item.id}/changes/1/9").status_code == 404


@pytest.mark.parametrize("tab", queries.Tab)
def test_each_list_has_its_page(
    tab: queries.Tab, desk: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    later = replace(TEXT, title="Nanti saja", visible_from=NOW + timedelta(days=1))
    draft(writer, prison, replace(TEXT, title="Masih konsep"))
    published(writer, editor, prison, later)
    published(writer, editor, prison)

    assert desk.get(f"/newsroom?tab={tab.value}").status_code == 200


def test_a_draft_is_discarded(desk: Client, writer: Actor, prison: Facility) -> None:
    item = draft(writer, prison)

    assert desk.post(f"/newsroom/{item.id}/discard").status_code == 303
    assert desk.get(f"/newsroom/{item.id}").status_code == 200


@pytest.mark.parametrize(
    "role", [r for r in Role if r not in {Role.PRESS_EDITOR, Role.PRISON_HEAD}]
)
def test_no_other_role_enters_the_newsroom(
    role: Role, client: Client, actor: Callable[..., Actor], writer: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)
    person = client.signed_in(actor(role))

    for door in ("", "/new", f"/{item.id}", f"/{item.id}/edit", f"/{item.id}/approval"):
        assert person.get(f"/newsroom{door}").status_code == 403
    assert person.post(f"/newsroom/{item.id}/approval").status_code == 403


def test_the_head_of_prison_approves_but_writes_nothing(
    client: Client, actor: Callable[..., Actor], writer: Actor, prison: Facility
) -> None:
    item = submitted(writer, prison)
    head = client.signed_in(actor(Role.PRISON_HEAD))

    assert head.get("/newsroom/new").status_code == 403
    assert head.get("/newsroom").status_code == 200
    answer = head.post(f"/newsroom/{item.id}/approval", data={"fingerprint": mark(item.id)})
    assert answer.status_code == 303


def test_an_editor_of_another_prison_finds_nothing(
    client: Client, writer: Actor, prison: Facility, other_prison: Facility
) -> None:
    item = submitted(writer, prison, replace(TEXT, title="Xylograf"))
    stranger = client.signed_in(make_actor(Role.PRESS_EDITOR, at=other_prison))

    for door in (f"/{item.id}", f"/{item.id}/edit", f"/{item.id}/approval"):
        assert stranger.get(f"/newsroom{door}").status_code == 404
    for tab in queries.Tab:
        page = stranger.get(f"/newsroom?tab={tab.value}").get_data(as_text=True)
        assert "Xylograf" not in page
    assert stranger.post(f"/newsroom/{item.id}/submit").status_code == 404


def test_the_month_of_the_newsroom_in_numbers(
    writer: Actor, editor: Actor, prison: Facility
) -> None:
    from portal.domain.months import Month  # noqa: PLC0415
    from portal.media.report import report_section  # noqa: PLC0415

    item = submitted(writer, prison)
    with clock.fixed(NOW + timedelta(hours=3)):
        services.approve(editor, item.id, fingerprint=mark(item.id))
        section = report_section(prison.id, Month(2026, 11))
        before = report_section(prison.id, Month(2026, 10))

    assert {figure.key: figure.value for figure in section.figures} == {
        "published": 1, "corrections": 0, "withdrawn": 0, "hours_to_public": 3,
    }  # fmt: skip
    assert [figure.value for figure in before.figures] == [0, 0, 0, None]
