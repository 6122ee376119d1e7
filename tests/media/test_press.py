"""What everyone may read, and every door that must stay shut until the hour."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from lxml import etree, html

from portal.domain.actor import Actor
from portal.kernel import clock
from portal.kernel.facility import Facility
from portal.media import services
from portal.media.models import Item
from portal.media.rules.workflow import NoticedBy, Reason
from portal.media.services import Mending
from tests.conftest import Client
from tests.factories import make_fact
from tests.media.conftest import NOW, SECOND, TEXT, draft, mark, published, submitted, withdrawn
from tests.media.feed_checks import check_atom, check_json_feed

HOUR = NOW + timedelta(hours=1)
CANARY = replace(
    TEXT, title="Xylograf judul", summary="Xylograf ringkas", body="Xylograf isi", place="Xylograf"
)
DOORS = (
    "/",
    "/prisons/muara-contoh/",
    "/prisons/muara-contoh/facts",
    "/prisons/muara-contoh/releases",
    "/prisons/muara-contoh/releases?words=xylograf",
    "/prisons/muara-contoh/releases?month=2026-11",
    "/prisons/muara-contoh/releases/xylograf-judul",
    "/prisons/muara-contoh/releases/xylograf-judul/versions/1",
    "/prisons/muara-contoh/corrections",
    "/prisons/muara-contoh/releases.atom",
    "/prisons/muara-contoh/feed.json",
    "/sitemap.xml",
    "/robots.txt",
)
ARTICLE = "/prisons/muara-contoh/releases/xylograf-judul"


def own_words(client: Client, door: str) -> str:
    """Return the answer without what the address itself said: that tells nothing new."""
    body = client.get(door).get_data(as_text=True).lower()
    return body.replace(door, "").replace('value="xylograf"', "").replace("words=xylograf", "")


def told(client: Client) -> dict[str, bool]:
    return {door: "xylograf" in own_words(client, door) for door in DOORS}


def in_returned(writer: Actor, editor: Actor, at: Facility) -> Item:
    item = submitted(writer, at, CANARY)
    services.send_back(editor, item.id, reason="Xylograf")
    return item


HIDDEN: dict[str, Callable[[Actor, Actor, Facility], Item]] = {
    "draft": lambda w, _e, p: draft(w, p, CANARY),
    "submitted": lambda w, _e, p: submitted(w, p, CANARY),
    "returned": in_returned,
    "scheduled": lambda w, e, p: published(w, e, p, replace(CANARY, visible_from=HOUR)),
    "withdrawn": lambda w, e, p: withdrawn(w, e, p, CANARY),
}


@pytest.mark.parametrize("kind", HIDDEN)
def test_no_door_tells_of_what_is_not_public(
    kind: str, client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    HIDDEN[kind](writer, editor, prison)

    assert told(client) == dict.fromkeys(DOORS, False)
    assert client.get(ARTICLE).status_code == (410 if kind == "withdrawn" else 404)


def test_what_is_not_public_answers_like_what_never_was(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    HIDDEN["scheduled"](writer, editor, prison)

    hidden = client.get(ARTICLE)
    never = client.get("/prisons/muara-contoh/releases/tidak-pernah-ada")

    def body(answer: object) -> str:
        text = answer.get_data(as_text=True)  # type: ignore[attr-defined]
        return str(text).replace("xylograf-judul", "X").replace("tidak-pernah-ada", "X")

    assert (hidden.status_code, body(hidden)) == (never.status_code, body(never))


@pytest.mark.parametrize(
    ("offset", "open_"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)]
)
def test_every_door_opens_at_the_very_second(
    offset: timedelta, open_: bool, client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    HIDDEN["scheduled"](writer, editor, prison)
    doors_that_show = {
        door
        for door in DOORS
        if not door.endswith(("facts", "corrections", "versions/1", "robots.txt"))
    }

    with clock.fixed(HOUR + offset):
        leaks = told(client)
        status = client.get(ARTICLE).status_code

    assert {door for door, leak in leaks.items() if leak} == (doors_that_show if open_ else set())
    assert status == (200 if open_ else 404)


def test_a_page_is_kept_no_longer_than_to_the_next_hour(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    published(writer, editor, prison, replace(TEXT, visible_from=NOW + 20 * SECOND))
    doors = [
        door for door in DOORS if not door.endswith(("judul", "versions/1", "facts", "robots.txt"))
    ]

    kept = {door: client.get(door).cache_control.max_age for door in doors}

    assert kept == dict.fromkeys(doors, 20)


def test_an_unchanged_page_is_not_sent_twice(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    published(writer, editor, prison, CANARY)
    for door in DOORS:
        if door.endswith("versions/1"):
            continue
        first = client.get(door)
        assert first.headers["Cache-Control"].startswith("public")
        assert "Cookie" in first.headers["Vary"]
        again = client.get(door, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b"")


def test_another_prisons_texts_stand_on_its_own_pages_alone(
    client: Client,
    writer: Actor,
    editor: Actor,
    prison: Facility,
    other_prison: Facility,
) -> None:
    published(writer, editor, other_prison, CANARY)

    leaks = told(client)

    assert {door for door, leak in leaks.items() if leak} == {"/sitemap.xml"}
    assert client.get("/prisons/seberang/releases/xylograf-judul").status_code == 200


def test_a_prison_that_is_not_public_has_no_page(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    published(writer, editor, prison, CANARY)
    prison.public = False

    for door in DOORS:
        if door.startswith("/prisons"):
            assert client.get(door).status_code == 404
    assert "xylograf" not in client.get("/sitemap.xml").get_data(as_text=True)


def test_the_start_page_is_the_home_of_the_only_prison_and_else_a_list(
    client: Client, prison: Facility
) -> None:
    alone = client.get("/").get_data(as_text=True)
    prison.public = False
    none = client.get("/").get_data(as_text=True)

    assert prison.name in alone
    assert prison.name not in none


def test_with_two_prisons_the_start_page_names_both(
    client: Client, prison: Facility, other_prison: Facility
) -> None:
    page = client.get("/").get_data(as_text=True)

    assert 'href="/prisons/muara-contoh/"' in page
    assert 'href="/prisons/seberang/"' in page


def test_an_article_tells_what_journalists_need(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    make_fact(prison, "contact.press", "Humas, 0811-0000-0000, setiap hari 07.00–21.00 WIB")
    published(writer, editor, prison)

    answer = client.get("/prisons/muara-contoh/releases/panen-pakcoy-pertama")
    page = html.fromstring(answer.get_data(as_text=True))
    words = " ".join(page.text_content().split())

    assert answer.headers["Last-Modified"] == "Mon, 23 Nov 2026 03:00:00 GMT"
    assert "Muara Contoh, 23 November 2026 pukul 10.00 WIB" in words
    assert TEXT.summary in words
    assert page.xpath("//a[@href='tel:+6281100000000']")
    address = "http://localhost/prisons/muara-contoh/releases/panen-pakcoy-pertama"
    assert page.xpath(f"//link[@rel='canonical'][@href='{address}']")
    linked = json.loads(page.xpath("//script[@type='application/ld+json']")[0].text)
    assert (linked["@type"], linked["headline"]) == ("NewsArticle", TEXT.title)
    assert linked["datePublished"] == linked["dateModified"] == NOW.isoformat()
    assert not page.xpath("//script[not(@type='application/ld+json')]")
    assert len(answer.get_data()) <= 50_000


def test_while_the_press_contact_is_empty_the_page_says_so(
    client: Client, prison: Facility
) -> None:
    page = html.fromstring(client.get("/").get_data(as_text=True))

    contact = page.xpath("//aside[@class='contact']")[0]
    assert "0811" not in contact.text_content()
    assert not contact.xpath(".//a")
    assert contact.text_content().strip()


def test_a_correction_shows_on_every_door_and_keeps_every_id(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)
    atom_door, json_door = "/prisons/muara-contoh/releases.atom", "/prisons/muara-contoh/feed.json"
    before = check_atom(client.get(atom_door).get_data())
    mending = Mending("Angka 312.", "Angka 321.", NoticedBy.JOURNALIST, NOW)
    right = replace(TEXT, body="Hasilnya 321 kilogram.")
    services.correct(writer, item.id, text=right, mending=mending, based_on=1)
    services.submit(writer, item.id)

    with clock.fixed(HOUR):
        services.approve(editor, item.id, fingerprint=mark(item.id))
        article = html.fromstring(
            client.get(f"/prisons/muara-contoh/releases/{item.slug}").get_data(as_text=True)
        )
        ledger = client.get("/prisons/muara-contoh/corrections").get_data(as_text=True)
        atom = client.get(atom_door).get_data()
        feed = client.get(json_door).get_json(force=True)

    box = article.xpath("//div[contains(@class, 'caution')]")[0].text_content()
    assert "Angka 312." in box
    assert "Angka 321." in box
    assert "23 November 2026 pukul 11.00 WIB" in box
    linked = json.loads(article.xpath("//script[@type='application/ld+json']")[0].text)
    assert linked["correction"][0]["@type"] == "CorrectionComment"
    assert linked["dateModified"] == HOUR.isoformat()
    assert "Angka 321." in ledger
    assert check_atom(atom) == before == check_json_feed(feed)
    assert feed["items"][0]["date_published"] == "2026-11-23T03:00:00Z"
    assert feed["items"][0]["date_modified"] == "2026-11-23T04:00:00Z"
    assert feed["items"][0]["_portal"]["corrections"][0]["right"] == "Angka 321."


def test_the_feeds_validate_with_many_texts(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    for number in range(3):
        text = replace(TEXT, title=f"Judul <ke> & {number}", body="a < b & c\n\n<script>x</script>")
        published(writer, editor, prison, text)

    atom = client.get("/prisons/muara-contoh/releases.atom")
    feed = client.get("/prisons/muara-contoh/feed.json")

    assert atom.mimetype == "application/atom+xml"
    assert feed.mimetype == "application/feed+json"
    assert len(check_atom(atom.get_data())) == 3
    assert check_json_feed(feed.get_json(force=True)) == check_atom(atom.get_data())
    assert b"<script>" not in atom.get_data()


def test_the_feeds_of_an_empty_newsroom_validate_too(client: Client, prison: Facility) -> None:
    assert check_atom(client.get("/prisons/muara-contoh/releases.atom").get_data()) == []
    assert check_json_feed(client.get("/prisons/muara-contoh/feed.json").get_json(force=True)) == []


def test_the_sitemap_names_public_texts_with_their_last_change(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    published(writer, editor, prison)

    root = etree.fromstring(client.get("/sitemap.xml").get_data())
    found = {url[0].text: url[1].text for url in root if len(url) > 1}

    address = "http://localhost/prisons/muara-contoh/releases/panen-pakcoy-pertama"
    assert found == {address: "2026-11-23T03:00:00Z"}


def test_the_archive_finds_by_word_and_by_month(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    october = datetime.fromisoformat("2026-10-31T18:00:00+00:00")  # 1 November in Sumatra
    with clock.fixed(october):
        published(writer, editor, prison, replace(TEXT, title="Pelatihan roti"))
    with clock.fixed(october - timedelta(hours=2)):
        published(writer, editor, prison, replace(TEXT, title="Donor darah 100%"))
    archive = "/prisons/muara-contoh/releases"

    def titles(question: str) -> list[str]:
        page = html.fromstring(client.get(f"{archive}?{question}").get_data(as_text=True))
        return [link.text_content() for link in page.xpath("//ul[@class='news']//a")]

    assert titles("") == ["Pelatihan roti", "Donor darah 100%"]
    assert titles("words=ROTI") == ["Pelatihan roti"]
    assert titles("words=100%25") == ["Donor darah 100%"]
    assert titles("words=roti+darah") == []
    assert titles("month=2026-11") == ["Pelatihan roti"]
    assert titles("month=2026-10") == ["Donor darah 100%"]
    assert titles("month=kapan") == ["Pelatihan roti", "Donor darah 100%"]


def test_a_lost_link_leads_to_the_search(client: Client, prison: Facility) -> None:
    answer = client.get("/prisons/muara-contoh/releases/tautan-lama")
    page = html.fromstring(answer.get_data(as_text=True))

    assert answer.status_code == 404
    assert page.xpath("//form[@role='search'][@action='/prisons/muara-contoh/releases']")


def test_a_tombstone_tells_the_reason_and_the_days(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    withdrawn(writer, editor, prison)

    answer = client.get("/prisons/muara-contoh/releases/panen-pakcoy-pertama")
    words = html.fromstring(answer.get_data(as_text=True)).text_content()

    assert answer.status_code == 410
    assert "23 November 2026" in words
    assert TEXT.title not in words


def test_a_figure_carries_its_day_and_its_mark(client: Client, prison: Facility) -> None:
    from tests.factories import make_block, make_inmate  # noqa: PLC0415

    make_fact(prison, "capacity", "486")
    make_inmate(prison, cell=make_block(prison)[0])

    page = html.fromstring(client.get("/prisons/muara-contoh/facts").get_data(as_text=True))
    rows = [" ".join(row.text_content().split()) for row in page.xpath("//tbody/tr")]

    capacity = next(row for row in rows if "486" in row)
    assert "25 April 2022" in capacity
    assert "test" in capacity
    assert page.xpath("//tbody//strong")


def test_a_corrected_text_stays_readable_as_it_stood_until_the_item_is_withdrawn(
    client: Client, writer: Actor, editor: Actor, prison: Facility
) -> None:
    item = published(writer, editor, prison)
    mending = Mending("Angka 312.", "Angka 321.", NoticedBy.PUBLIC, NOW)
    right = replace(TEXT, body="Hasilnya 321 kilogram.")
    services.correct(writer, item.id, text=right, mending=mending, based_on=1)
    services.submit(writer, item.id)
    versions = f"/prisons/muara-contoh/releases/{item.slug}/versions"
    before = client.get(f"{versions}/1").status_code

    services.approve(editor, item.id, fingerprint=mark(item.id))
    old = client.get(f"{versions}/1")
    others = [client.get(f"{versions}/{number}").status_code for number in (0, 2, 3)]
    services.withdraw(editor, item.id, reason=Reason.PERSONAL_DATA)

    assert before == 404
    assert "312" in old.get_data(as_text=True)
    assert 'content="noindex"' in old.get_data(as_text=True)
    assert others == [404, 404, 404]
    assert client.get(f"{versions}/1").status_code == 404
