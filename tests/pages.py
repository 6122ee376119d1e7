"""A client that checks every page it fetches."""

from __future__ import annotations

from typing import Any

import lxml.html
from flask import g, has_app_context
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SKIPPED = {"hidden", "submit", "button"}


class PageClient(FlaskClient):
    """Fetches like any client, and refuses a page that is not as pages must be."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Fetch, then look."""
        _forget_the_last_request()
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.status_code not in {301, 302, 303}:
            check_page(answer.get_data(as_text=True))
        return answer


def _forget_the_last_request() -> None:
    """Empty ``g``: the test's own context holds it, and with it who was there before."""
    if has_app_context():
        for name in list(g):
            g.pop(name)


def check_page(text: str) -> None:
    """Look at one page: its heading, title, ids, labels, forms and scripts."""
    page = lxml.html.document_fromstring(text)
    headings = page.xpath("//h1")
    assert len(headings) == 1, "a page has one h1"
    heading = " ".join(headings[0].text_content().split())
    title = " ".join("".join(page.xpath("//title/text()")).split())
    assert heading in title, f"the h1 {heading!r} stands in the title {title!r}"
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids)), f"ids twice: {[i for i in ids if ids.count(i) > 1]}"
    assert page.get("lang") in {"id", "en"}
    assert not page.xpath("//*[@style]"), "no style attributes"
    handlers = page.xpath("//@*[starts-with(name(), 'on')]")
    assert not handlers, f"no handlers in attributes: {handlers}"
    scripts = page.xpath("//script[not(@src)][not(contains(@type, 'json'))]")
    assert not scripts, "no script inside the page"
    _check_forms(page, set(ids))


def _check_forms(page: lxml.html.HtmlElement, ids: set[str]) -> None:
    for form in page.xpath("//form"):
        assert form.get("method"), "a form says its method"
        assert form.get("action") is not None, "a form says its action"
    labelled = set(page.xpath("//label/@for"))
    assert labelled <= ids, f"labels of nothing: {labelled - ids}"
    for control in page.xpath("//input|//select|//textarea"):
        if control.tag == "input" and control.get("type") in SKIPPED:
            continue
        named = control.get("id") in labelled or control.get("aria-label")
        assert named or control.get("aria-labelledby"), f"no label: {control.get('name')}"
        assert control.get("required") is None, "no required: the server says what is missing"
    for described in page.xpath("//@aria-describedby"):
        assert set(described.split()) <= ids, f"described by nothing: {described}"
