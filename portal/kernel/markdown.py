"""Markdown in, harmless HTML out: markdown-it-py with HTML off, then an allow-list."""

import re
import unicodedata
from typing import Final
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS: Final = frozenset(
    {"a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre"}
    | {"strong", "table", "tbody", "td", "th", "thead", "tr", "ul"}
)
ATTRIBUTES: Final = {"a": {"href"}, "th": {"scope"}, "ol": {"start"}}
SCHEMES: Final = frozenset({"https", "http", "mailto", "tel"})
_LOWEST_HEADING: Final = 4

# Control signs no text needs, and the signs that turn the direction of what follows: with them
# an approved text could read differently from what it says.
_UNWANTED: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff"
    "\ud800-\udfff\ufffe\uffff]"
)


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.disable(["image", "html_block", "html_inline"])
    return parser


_PARSER: Final = _parser()


def tidy_source(text: str) -> str:
    r"""Return the text as it is kept: NFC, lines end in ``\n``, no hidden signs, no outer space."""
    plain = _UNWANTED.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", plain).strip()


def render(text: str) -> Markup:
    """Turn Markdown into HTML of the allowed tags only; the page's own h1 stays the only one."""
    tokens = _PARSER.parse(tidy_source(text))
    for token in tokens:
        _lower_heading(token)
    return clean(_PARSER.renderer.render(tokens, _PARSER.options, {}))


def clean(html: str) -> Markup:
    """Keep only what the allow-list names; cleaning twice changes nothing more."""
    # The one place where HTML becomes trusted.
    return Markup(_CLEANER.clean(html))  # noqa: S704


def _lower_heading(token: Token) -> None:
    """Let headings begin at the second level: the title is the page's h1."""
    if token.type in {"heading_open", "heading_close"}:
        token.tag = f"h{min(int(token.tag[1:]) + 1, _LOWEST_HEADING)}"


def _kept_attribute(tag: str, name: str, value: str) -> str | None:
    """Keep links to known schemes and to this site's own paths; drop every other address."""
    if (tag, name) != ("a", "href"):
        return value
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    if parts.scheme in SCHEMES:
        return value
    own = value.startswith(("/", "#")) and not value.startswith(("//", "/\\"))
    return value if own and not parts.scheme else None


_CLEANER: Final = nh3.Cleaner(
    tags=set(TAGS),
    attributes={tag: set(names) for tag, names in ATTRIBUTES.items()},
    attribute_filter=_kept_attribute,
    url_schemes=set(SCHEMES),
    link_rel="noopener noreferrer",
    clean_content_tags={"script", "style"},
    strip_comments=True,
)
