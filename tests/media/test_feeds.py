import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.kernel.feeds import (
    JSON_TYPE,
    Address,
    Feed,
    FeedEntry,
    atom,
    json_feed,
    rfc3339,
    sitemap,
    tag_uri,
)
from tests.media.feed_checks import ATOM, check_atom, check_json_feed

NOON = datetime(2026, 11, 23, 5, tzinfo=UTC)
ENTRY = FeedEntry(
    id=tag_uri("portal.example", date(2026, 11, 23), "contoh", "panen"),
    url="https://portal.example/prisons/contoh/releases/panen",
    title="Panen & <jual>",
    summary="Panen pertama.",
    content="<p>Panen pertama.</p>",
    published=NOON,
    updated=NOON,
    categories=("activity",),
)
FEED = Feed(
    id=tag_uri("portal.example", date(2026, 1, 1), "contoh", "releases"),
    title="Siaran pers",
    subtitle="Kabar dari Lapas Contoh",
    home="https://portal.example/prisons/contoh/",
    address="https://portal.example/prisons/contoh/releases.atom",
    author="Humas Lapas Contoh",
    started=NOON,
    entries=(ENTRY,),
)


def test_an_atom_feed_keeps_every_must_of_rfc_4287() -> None:
    assert check_atom(atom(FEED)) == ["tag:portal.example,2026-11-23:contoh/panen"]


def test_a_json_feed_keeps_every_must_of_version_1_1() -> None:
    assert check_json_feed(json.loads(json.dumps(json_feed(FEED)))) == [ENTRY.id]
    assert JSON_TYPE == "application/feed+json"


def test_a_feed_without_entries_is_still_a_feed() -> None:
    empty = replace(FEED, entries=())

    assert check_atom(atom(empty)) == []
    assert check_json_feed(json_feed(empty)) == []


def test_a_correction_moves_updated_and_neither_id_nor_published() -> None:
    corrected = replace(ENTRY, updated=NOON + timedelta(days=1), extra={"corrections": []})

    root = etree.fromstring(atom(replace(FEED, entries=(corrected,))))
    item = json_feed(replace(FEED, entries=(corrected,)))["items"][0]  # type: ignore[index]

    entry = root.find(f"{ATOM}entry")
    assert entry is not None
    assert entry.findtext(f"{ATOM}id") == ENTRY.id
    assert entry.findtext(f"{ATOM}published") == "2026-11-23T05:00:00Z"
    assert entry.findtext(f"{ATOM}updated") == root.findtext(f"{ATOM}updated")
    assert item["date_modified"] == "2026-11-24T05:00:00Z"
    assert item["_portal"] == {"corrections": []}


@given(st.text(), st.text(min_size=1), st.text())
def test_no_text_can_break_the_xml(title: str, summary: str, content: str) -> None:
    entry = replace(ENTRY, title="x" + title, summary=summary, content=content, author="Humas")

    check_atom(atom(replace(FEED, entries=(entry,))))


def test_markup_in_a_title_arrives_as_words() -> None:
    root = etree.fromstring(atom(FEED))

    assert root.findtext(f"{ATOM}entry/{ATOM}title") == "Panen & <jual>"
    assert root.find(f"{ATOM}entry/{ATOM}content").attrib == {"type": "html"}  # type: ignore[union-attr]


def test_dates_are_written_in_utc_and_a_date_without_zone_is_refused() -> None:
    wib = timezone(timedelta(hours=7))

    assert rfc3339(datetime(2026, 11, 23, 12, 0, 0, 999, wib)) == "2026-11-23T05:00:00Z"
    with pytest.raises(ValueError, match="time zone"):
        rfc3339(datetime(2026, 11, 23))  # noqa: DTZ001


def test_a_sitemap_names_each_address_and_its_change() -> None:
    root = etree.fromstring(
        sitemap([Address("https://portal.example/?a=1&b=2", NOON), Address("x")])
    )

    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    assert root.tag == f"{space}urlset"
    assert [node.text for node in root.iter(f"{space}loc")] == [
        "https://portal.example/?a=1&b=2",
        "x",
    ]
    assert [node.text for node in root.iter(f"{space}lastmod")] == ["2026-11-23T05:00:00Z"]
