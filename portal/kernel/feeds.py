"""One feed, two formats: Atom (RFC 4287) and JSON Feed 1.1."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final
from xml.etree import ElementTree as ET  # nosec B405

ATOM_TYPE: Final = "application/atom+xml"
JSON_TYPE: Final = "application/feed+json"
JSON_VERSION: Final = "https://jsonfeed.org/version/1.1"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_SITEMAP: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_NOT_XML: Final = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One text in a feed. Instants are aware; ``content`` is HTML that was cleaned before."""

    id: str  # a permanent URI (see `tag_uri`), never reused
    url: str
    title: str
    summary: str
    content: str
    published: datetime  # never moves
    updated: datetime  # moves with every correction
    author: str = ""  # an office; empty: the feed's own author
    language: str = "id"
    categories: tuple[str, ...] = ()
    extra: Mapping[str, object] = field(default_factory=dict)  # JSON Feed alone, under "_portal"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed with its entries, newest first; ``started`` counts as its change while it is empty."""

    id: str
    title: str
    subtitle: str
    home: str
    address: str
    author: str
    started: datetime
    entries: tuple[FeedEntry, ...] = ()
    language: str = "id"

    @property
    def updated(self) -> datetime:
        """The latest change of any entry."""
        return max((entry.updated for entry in self.entries), default=self.started)


def tag_uri(authority: str, since: date, *parts: str) -> str:
    """Name something for ever by a tag URI (RFC 4151); ``authority`` is a host or mail domain."""
    return f"tag:{authority},{since.isoformat()}:{'/'.join(parts)}"


def rfc3339(instant: datetime) -> str:
    """Write an aware instant as RFC 3339 in UTC, whole seconds.

    :raise ValueError: if the instant has no zone.
    """
    if instant.tzinfo is None:
        raise ValueError("A feed date needs a time zone")
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def atom(feed: Feed) -> bytes:
    """Write the feed as an Atom document in UTF-8."""
    root = ET.Element("feed", {"xmlns": _ATOM, _LANG: feed.language})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", rfc3339(feed.updated))
    _author(root, feed.author)
    _link(root, "self", feed.address, ATOM_TYPE)
    _link(root, "alternate", feed.home, "text/html")
    for entry in feed.entries:
        _entry(root, entry)
    return _written(root)


def json_feed(feed: Feed) -> dict[str, object]:
    """Return the feed as the object of JSON Feed 1.1."""
    return {
        "version": JSON_VERSION,
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.address,
        "description": feed.subtitle,
        "language": feed.language,
        "authors": [{"name": feed.author}],
        "items": [_item(entry, feed) for entry in feed.entries],
    }


def _item(entry: FeedEntry, feed: Feed) -> dict[str, object]:
    item: dict[str, object] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.content,
        "date_published": rfc3339(entry.published),
        "date_modified": rfc3339(entry.updated),
        "language": entry.language,
        "authors": [{"name": entry.author or feed.author}],
    }
    if entry.categories:
        item["tags"] = list(entry.categories)
    if entry.extra:
        item["_portal"] = dict(entry.extra)
    return item


def _entry(root: ET.Element, entry: FeedEntry) -> None:
    node = ET.SubElement(root, "entry", {_LANG: entry.language})
    _text(node, "id", entry.id)
    _text(node, "title", entry.title)
    _text(node, "updated", rfc3339(entry.updated))
    _text(node, "published", rfc3339(entry.published))
    _link(node, "alternate", entry.url, "text/html")
    if entry.author:
        _author(node, entry.author)
    for category in entry.categories:
        ET.SubElement(node, "category", {"term": _legal(category)})
    _text(node, "summary", entry.summary)
    _text(node, "content", entry.content, kind="html")


def _author(parent: ET.Element, name: str) -> None:
    _text(ET.SubElement(parent, "author"), "name", name)


def _link(parent: ET.Element, rel: str, href: str, kind: str) -> None:
    ET.SubElement(parent, "link", {"rel": rel, "href": href, "type": kind})


def _text(parent: ET.Element, name: str, words: str, *, kind: str = "") -> None:
    node = ET.SubElement(parent, name, {"type": kind} if kind else {})
    node.text = _legal(words)


def _legal(words: str) -> str:
    """Leave out the signs that XML 1.0 does not know at all."""
    return _NOT_XML.sub("", words)


@dataclass(frozen=True, slots=True)
class Address:
    """One page for search engines, with its last change."""

    url: str
    changed: datetime | None = None


def sitemap(addresses: Iterable[Address]) -> bytes:
    """Write a sitemap (sitemaps.org 0.9) in UTF-8."""
    root = ET.Element("urlset", {"xmlns": _SITEMAP})
    for address in addresses:
        node = ET.SubElement(root, "url")
        ET.SubElement(node, "loc").text = address.url
        if address.changed:
            ET.SubElement(node, "lastmod").text = rfc3339(address.changed)
    return _written(root)


def _written(root: ET.Element) -> bytes:
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
