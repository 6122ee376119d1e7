import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from portal.kernel.markdown import ATTRIBUTES, SCHEMES, TAGS, clean, render, tidy_source

HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[klik](javascript:alert(1))",
    "[klik](JaVaScRiPt:alert(1))",
    "[klik](data:text/html;base64,PHNjcmlwdD4=)",
    "[klik](//jahat.example/x)",
    "[klik](/\\jahat.example)",
    "![x](https://jahat.example/pelacak.gif)",
    "<a href='vbscript:x'>x</a>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext><style><img src=x onerror=alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "<https://ok.example> <javascript:alert(1)>",
    "| a | b |\n|---|---|\n| <b>x</b> | [y](javascript:1) |",
    "`<script>`\n\n    <script>alert(1)</script>",
    '[x](https://e.example" onmouseover="alert(1))',
    "[x](http://[)",
)
markup = st.text(st.sampled_from("<>[]()!#*_`|\\/:\"' \n-ajsx&;=")) | st.text()


class Seen(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def assert_harmless(html: str) -> None:
    seen = Seen(html)
    assert seen.tags <= TAGS
    for tag, name, value in seen.attributes:
        assert name in ATTRIBUTES.get(tag, set()) | ({"rel"} if tag == "a" else set())
        if name == "href":
            scheme = re.match(r"([a-z][a-z0-9+.-]*):", value.lower())
            assert scheme is None or scheme[1] in SCHEMES
            assert not value.startswith(("//", "/\\"))


@given(markup)
@example(HOSTILE[0])
def test_only_allowed_tags_and_links_leave(text: str) -> None:
    assert_harmless(render(text))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_becomes_harmless(text: str) -> None:
    assert_harmless(render(text))
    assert_harmless(clean(text))


@given(markup)
def test_cleaning_what_was_rendered_changes_nothing(text: str) -> None:
    html = render(text)

    assert clean(html) == html


@given(markup)
def test_tidying_twice_changes_nothing(text: str) -> None:
    assert tidy_source(tidy_source(text)) == tidy_source(text)


def test_a_heading_never_rivals_the_title_of_the_page() -> None:
    assert render("# Satu\n\n##### Lima") == "<h2>Satu</h2>\n<h4>Lima</h4>\n"


def test_ordinary_text_keeps_its_shape() -> None:
    html = render("**Tebal**, *miring* dan [tautan](https://contoh.example/a).\n\n- satu\n- dua")

    assert html == (
        '<p><strong>Tebal</strong>, <em>miring</em> dan <a href="https://contoh.example/a" '
        'rel="noopener noreferrer">tautan</a>.</p>\n<ul>\n<li>satu</li>\n<li>dua</li>\n</ul>\n'
    )


def test_a_table_is_kept_and_a_picture_is_not() -> None:
    html = render("| a | b |\n|---|---|\n| 1 | 2 |\n\n![foto](https://contoh.example/foto.jpg)")

    assert "<td>1</td>" in html
    assert "<img" not in html


def test_signs_that_hide_or_turn_text_are_taken_out() -> None:
    assert tidy_source("312\u202e123\u200b\r\nx\x07 ") == "312123\nx"


def test_own_paths_may_be_linked() -> None:
    assert 'href="/prisons/contoh/"' in render("[beranda](/prisons/contoh/)")
