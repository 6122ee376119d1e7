"""Files are named by their content and kept for a year."""

from __future__ import annotations

import base64
import gzip
import hashlib

import pytest
from flask import Flask

from portal.domain.errors import NotFound
from portal.kernel import assets


@pytest.fixture
def bare() -> Flask:
    app = Flask("portal", static_folder=None)
    assets.init_app(app)
    app.register_error_handler(NotFound, lambda _error: ("missing", 404))
    return app


def test_an_address_names_the_content(bare: Flask) -> None:
    content = assets.css("staff.css").encode()

    with bare.test_request_context():
        address = assets.asset("staff.css")

    assert address == f"/static/staff.{hashlib.sha256(content).hexdigest()[:8]}.css"


def test_a_file_under_its_own_hash_is_kept_for_a_year(bare: Flask) -> None:
    with bare.test_request_context():
        address = assets.asset("staff.css")

    answer = bare.test_client().get(address)

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"
    assert answer.text == assets.css("staff.css")


@pytest.mark.parametrize("name", ["staff.00000000.css", "staff.css"])
def test_an_older_address_gives_the_present_file_and_is_not_kept(bare: Flask, name: str) -> None:
    answer = bare.test_client().get(f"/static/{name}")

    assert answer.status_code == 200
    assert answer.text == assets.css("staff.css")
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_known_file_is_not_sent_twice(bare: Flask) -> None:
    client = bare.test_client()
    mark = client.get("/static/staff.css").headers["ETag"]

    again = client.get("/static/staff.css", headers={"If-None-Match": mark})

    assert again.status_code == 304


def test_a_browser_that_unpacks_gets_it_packed(bare: Flask) -> None:
    client = bare.test_client()

    packed = client.get("/static/staff.css", headers={"Accept-Encoding": "br, gzip"})
    plain = client.get("/static/staff.css", headers={"Accept-Encoding": "gzip;q=0"})

    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data).decode() == assets.css("staff.css")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "name",
    ["nothing.css", "../web.py", "tokens.css", "kernel/staff.css", "staff.0000000.css", "%2e%2e/x"],
)
def test_nothing_but_the_known_files_is_served(bare: Flask, name: str) -> None:
    assert bare.test_client().get(f"/static/{name}").status_code == 404


def test_a_name_without_a_file_is_a_mistake_seen_at_once(bare: Flask) -> None:
    with bare.test_request_context(), pytest.raises(NotFound):
        assets.asset("survey/nothing.js")


def test_the_files_of_a_module_carry_its_name() -> None:
    for name, asset in assets.assets().items():
        module, _, rest = name.partition("/")
        if rest:
            assert (assets.PORTAL / module / "static" / rest).read_bytes() == asset.content


def test_the_hash_of_the_press_sheet_is_what_a_browser_counts(bare: Flask) -> None:
    with bare.test_request_context():
        element = str(assets.press_style())

    inside = element.removeprefix("<style>").removesuffix("</style>").encode()
    assert base64.b64encode(hashlib.sha256(inside).digest()).decode() == assets.style_hash()


def test_an_icon_is_hidden_from_screen_readers_and_an_unknown_one_is_nothing() -> None:
    assert 'aria-hidden="true"' in assets.icon("home")
    assert 'class="icon mark"' in assets.icon("mark", "mark")
    assert assets.icon("unknown") == ""
