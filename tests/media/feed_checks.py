"""A strict reader of feeds: what RFC 4287 and JSON Feed 1.1 say must hold, written apart."""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TAG_URI = re.compile(r"tag:[a-z0-9.-]+,\d{4}-\d\d-\d\d:[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]+")
ONCE_IN_FEED = ("id", "title", "updated")
AT_MOST_ONCE = ("subtitle", "generator", "icon", "logo", "rights")
KNOWN_IN_ENTRY = {
    "author", "category", "content", "contributor", "id", "link", "published", "rights", "source",
    "summary", "title", "updated",
}  # fmt: skip
JSON_KEYS = {
    "version", "title", "home_page_url", "feed_url", "description", "user_comment", "next_url",
    "icon", "favicon", "authors", "language", "expired", "hubs", "items",
}  # fmt: skip
ITEM_KEYS = {
    "id", "url", "external_url", "title", "content_html", "content_text", "summary", "image",
    "banner_image", "date_published", "date_modified", "authors", "tags", "language", "attachments",
}  # fmt: skip


def _absolute(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _only(node: etree._Element, name: str) -> str:
    found = node.findall(f"{ATOM}{name}")
    assert len(found) == 1, f"exactly one {name}"
    assert (found[0].text or "").strip(), f"{name} has words"
    return found[0].text or ""


def _links(node: etree._Element) -> None:
    seen = set()
    for link in node.findall(f"{ATOM}link"):
        assert _absolute(link.attrib["href"])
        key = (link.attrib.get("rel", "alternate"), link.attrib.get("type"))
        if key[0] == "alternate":
            assert key not in seen, "one alternate link a type"
        seen.add(key)
    assert any(rel == "alternate" for rel, _ in seen)


def _persons(node: etree._Element) -> None:
    for author in node.findall(f"{ATOM}author"):
        _only(author, "name")


def _check_entry(entry: etree._Element) -> None:
    assert {child.tag.removeprefix(ATOM) for child in entry} <= KNOWN_IN_ENTRY
    _only(entry, "title")
    assert TAG_URI.fullmatch(_only(entry, "id"))
    updated, published = _only(entry, "updated"), _only(entry, "published")
    assert RFC3339.fullmatch(updated)
    assert RFC3339.fullmatch(published)
    assert published <= updated
    content = entry.findall(f"{ATOM}content")
    assert len(content) <= 1
    assert all(c.attrib.get("type", "text") in {"text", "html", "xhtml"} for c in content)
    assert len(entry.findall(f"{ATOM}summary")) <= 1
    _links(entry)
    _persons(entry)


def check_atom(data: bytes) -> list[str]:
    """Assert that the bytes are a valid Atom feed; return the ids of its entries."""
    assert data.startswith(b"<?xml")
    root = etree.fromstring(data)
    assert root.tag == f"{ATOM}feed"
    for name in ONCE_IN_FEED:
        _only(root, name)
    for name in AT_MOST_ONCE:
        assert len(root.findall(f"{ATOM}{name}")) <= 1
    assert TAG_URI.fullmatch(_only(root, "id"))
    assert RFC3339.fullmatch(_only(root, "updated"))
    assert any(link.attrib.get("rel") == "self" for link in root.findall(f"{ATOM}link"))
    _links(root)
    _persons(root)
    entries = root.findall(f"{ATOM}entry")
    authored = root.find(f"{ATOM}author") is not None
    for entry in entries:
        _check_entry(entry)
        assert authored or entry.find(f"{ATOM}author") is not None
    ids = [_only(entry, "id") for entry in entries]
    assert len(set(ids)) == len(ids), "ids are unique"
    newest = max((_only(entry, "updated") for entry in entries), default=_only(root, "updated"))
    assert _only(root, "updated") == newest
    return ids


def check_json_feed(feed: Mapping[str, object]) -> list[str]:
    """Assert that the object is a valid JSON Feed 1.1; return the ids of its items."""
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert {key for key in feed if not key.startswith("_")} <= JSON_KEYS
    assert isinstance(feed["title"], str)
    assert feed["title"]
    assert _absolute(str(feed["home_page_url"]))
    assert _absolute(str(feed["feed_url"]))
    items = feed["items"]
    assert isinstance(items, list)
    for item in items:
        assert {key for key in item if not key.startswith("_")} <= ITEM_KEYS
        assert isinstance(item["id"], str)
        assert item["id"]
        assert isinstance(item.get("content_html", item.get("content_text")), str)
        assert _absolute(item["url"])
        for name in ("date_published", "date_modified"):
            assert RFC3339.fullmatch(item[name])
        assert all(author.get("name") or author.get("url") for author in item["authors"])
        assert all(isinstance(tag, str) for tag in item.get("tags", []))
        for name in item:
            assert not name.startswith("_") or isinstance(item[name], dict)
    ids = [item["id"] for item in items]
    assert len(set(ids)) == len(ids)
    return ids
