"""The design system: contrast, weight, and what the macros promise."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Blueprint, Flask, render_template_string
from lxml import html
from werkzeug.datastructures import MultiDict

from portal.kernel import assets, text
from portal.kernel.pages import SampleForm

TOKENS = (assets.OWN / "tokens.css").read_text("utf-8")
LIGHT = re.search(r":root \{(.*?)\n\}", TOKENS, re.DOTALL)
DARK = re.search(r"scheme: dark\) \{\s*:root \{(.*?)\n  \}", TOKENS, re.DOTALL)
TEMPLATES = sorted(Path("portal").rglob("*.html"))
GROUNDS = ("page", "surface")
TINTED = ("positive", "caution", "negative", "info")
FIELDS = '{% from "components/form.html" import error_summary, field %}'


def colours(scheme: str) -> dict[str, str]:
    assert LIGHT
    assert DARK
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", LIGHT[1]))
    if scheme == "dark":
        found |= dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", DARK[1]))
    return found


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def too_close(pairs: list[tuple[str, str]], least: float, scheme: str) -> list[str]:
    value = colours(scheme)
    return [
        f"{front} on {back}: {contrast(value[front], value[back]):.2f}"
        for front, back in pairs
        if contrast(value[front], value[back]) < least
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read_on_every_ground_it_stands_on(scheme: str) -> None:
    pairs = [(role, ground) for role in (*TINTED, "brand", "brand-strong") for ground in GROUNDS]
    pairs += [(role, f"{role}-tint") for role in TINTED]
    pairs += [("text", f"{role}-tint") for role in (*TINTED, "brand")]
    pairs += [("brand", "brand-tint"), ("brand-strong", "brand-tint"), ("brand", "sunk")]
    pairs += [("text-muted", "sunk"), ("text", "sunk"), ("text-muted", "brand-tint")]
    pairs += [("surface", "negative"), ("on-brand", "brand-strong")]

    assert too_close(pairs, 4.5, scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_the_kiosk_says_has_seven_to_one(scheme: str) -> None:
    pairs = [(role, ground) for role in ("text", "text-muted", "brand") for ground in GROUNDS]
    pairs += [("on-brand", "brand"), ("on-banner", "banner"), ("brand-strong", "brand-tint")]
    pairs += [("text", f"{role}-tint") for role in TINTED]

    assert too_close(pairs, 7, scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_borders_icons_and_focus_stand_out(scheme: str) -> None:
    pairs = [(role, ground) for role in ("border", "focus") for ground in (*GROUNDS, "sunk")]
    pairs += [(role, f"{role}-tint") for role in (*TINTED, "brand")]

    assert too_close(pairs, 3, scheme) == []


@pytest.mark.parametrize(("build", "most"), [("staff", 12), ("kiosk", 8), ("press", 8)])
def test_a_build_weighs_no_more_than_a_phone_in_the_block_can_bear(build: str, most: int) -> None:
    assert len(gzip.compress(assets.css(f"{build}.css").encode(), 9)) <= most * 1000


def test_the_icons_are_one_small_sprite() -> None:
    assert (assets.OWN / "icons.svg").stat().st_size <= 6000
    assert {"positive", "caution", "negative", "info", "neutral"} <= assets.drawings().keys()


def test_targets_are_as_large_as_a_finger() -> None:
    assert "--target: 44px" in TOKENS
    assert "--target: 120px" in assets.css("kiosk.css")


@pytest.mark.parametrize("build", sorted(assets.BUILDS))
def test_a_build_uses_no_token_that_does_not_exist(build: str) -> None:
    sheet = assets.css(build)

    assert set(re.findall(r"var\(--([\w-]+)", sheet)) <= set(re.findall(r"--([\w-]+):", sheet))


@pytest.mark.parametrize("build", sorted(assets.BUILDS))
def test_a_build_asks_no_other_host_for_anything(build: str) -> None:
    assert not re.search(r"url\(|@import|https?:", assets.css(build))


@pytest.mark.parametrize("path", TEMPLATES, ids=str)
def test_a_template_has_no_style_and_no_script_of_its_own(path: Path) -> None:
    source = path.read_text("utf-8")

    assert not re.search(r"\sstyle\s*=", source)
    assert not re.search(r"<[^>{]*\son[a-z]+\s*=", source)
    scripts = re.findall(r"<script\b([^>]*)>", source)
    assert all("src=" in script or 'json"' in script for script in scripts)


# --- Macros ---------------------------------------------------------------------------------------


@pytest.fixture
def bare() -> Flask:
    app = Flask("portal", static_folder=None, template_folder="kernel/templates")
    text.init_app(app)
    assets.init_app(app)
    stand_ins = Blueprint("web", __name__)
    stand_ins.add_url_rule("/desk", "desk")
    stand_ins.add_url_rule("/language", "language", methods=["POST"])
    app.register_blueprint(stand_ins)
    for address, endpoint in (("/help", "help.show"), ("/sign-out", "accounts.sign_out")):
        app.add_url_rule(address, endpoint)
    app.jinja_env.globals.update(
        actor=lambda: None,
        menu=list,
        facility_name=lambda: "",
        demo_mode=lambda: False,
        submission_key=lambda: "0" * 32,
    )
    app.secret_key = "only for the flashes of this test"
    return app


def rendered(app: Flask, source: str, **values: object) -> html.HtmlElement:
    with app.test_request_context("/", headers={"Cookie": "portal-language=en"}):
        return html.fromstring(f"<div>{render_template_string(source, **values)}</div>")


def filled(**answers: str) -> SampleForm:
    form = SampleForm(MultiDict(answers))
    form.validate()
    return form


def test_label_hint_error_and_control_come_in_this_order(bare: Flask) -> None:
    with bare.test_request_context():
        form = filled(room="")

    page = rendered(bare, FIELDS + "{{ field(form.room) }}", form=form)

    (group,) = page.find_class("field")
    assert [child.tag for child in group] == ["label", "p", "p", "input"]
    control = group[-1]
    assert control.get("aria-describedby") == "room-hint room-error"
    assert control.get("aria-invalid") == "true"
    assert group[0].get("for") == control.get("id") == "room"
    assert page.get_element_by_id("room-error")[0].text_content().strip() == "Error:"


def test_describedby_names_only_what_exists(bare: Flask) -> None:
    with bare.test_request_context():
        untouched = SampleForm()
        wrong = filled(name="")

    page = rendered(bare, FIELDS + "{{ field(a.name) }}{{ field(b.name) }}", a=untouched, b=wrong)

    first, second = page.xpath("//input")
    assert first.get("aria-describedby") is None
    assert first.get("aria-invalid") is None
    assert second.get("aria-describedby") == "name-error"


def test_no_field_asks_the_browser_to_check(bare: Flask) -> None:
    with bare.test_request_context():
        form = SampleForm()

    page = rendered(bare, FIELDS + "{% for f in form %}{{ field(f) }}{% endfor %}", form=form)

    unwanted = "//*[@required or @placeholder or @maxlength or @min or @max or @pattern]"
    assert page.xpath(unwanted) == []


@pytest.mark.parametrize("name", ["topic", "wants", "born"])
def test_a_group_has_a_legend_and_its_hint_and_error(bare: Flask, name: str) -> None:
    with bare.test_request_context():
        form = filled()
        form[name].errors = ["Choose one"]

    page = rendered(bare, FIELDS + "{{ field(form[name], hint='A hint') }}", form=form, name=name)

    (group,) = page.xpath("//fieldset")
    assert group[0].tag == "legend"
    assert group.get("aria-describedby") == f"{name}-hint {name}-error"
    controls = group.xpath(".//input")
    assert len(controls) >= 2
    assert all(one.get("aria-invalid") == "true" for one in controls)
    assert {one.get("id") for one in controls} == set(group.xpath(".//label/@for"))


def test_what_was_typed_stays_with_its_error(bare: Flask) -> None:
    answers = MultiDict(
        [("room", "twelve"), ("born", "31"), ("born", "2"), ("born", "1990"), ("remark", "Leaks")]
    )
    with bare.test_request_context():
        form = SampleForm(answers)
        form.validate()

    page = rendered(bare, FIELDS + "{% for f in form %}{{ field(f) }}{% endfor %}", form=form)

    assert page.get_element_by_id("room").get("value") == "twelve"
    assert page.xpath("//input[@name='born']/@value") == ["31", "2", "1990"]
    assert page.get_element_by_id("remark").text.strip() == "Leaks"


def test_a_day_in_three_parts_is_understood(bare: Flask) -> None:
    with bare.test_request_context():
        form = SampleForm(MultiDict([("born", "27"), ("born", "3"), ("born", "1988")]))

    assert form.born.data is not None
    assert form.born.data.isoformat() == "1988-03-27"


def test_the_summary_comes_focused_and_leads_to_each_first_control(bare: Flask) -> None:
    with bare.test_request_context():
        form = filled(block="a")
        form.form_errors.append("The tour is already closed.")

    page = rendered(
        bare,
        FIELDS + "{{ error_summary(form) }}{% for f in form %}{{ field(f) }}{% endfor %}",
        form=form,
    )

    (summary,) = page.xpath("//*[@role='alert']")
    assert summary.get("tabindex") == "-1"
    assert "autofocus" in summary.attrib
    assert summary.xpath(".//li")[0].text_content() == "The tour is already closed."
    for link in summary.xpath(".//a"):
        target = page.get_element_by_id(link.get("href")[1:])
        assert target.tag in {"input", "select", "textarea"}
        field_id = re.sub(r"-\d+$", "", target.get("id"))
        said = page.get_element_by_id(f"{field_id}-error").text_content()
        assert said == f"Error: {link.text_content()}"


def test_there_is_no_summary_without_errors(bare: Flask) -> None:
    with bare.test_request_context():
        form = SampleForm()

    assert rendered(bare, FIELDS + "{{ error_summary(form) }}", form=form).xpath(".//*") == []


def test_only_fields_that_may_stay_empty_say_so(bare: Flask) -> None:
    with bare.test_request_context():
        form = SampleForm()

    page = rendered(bare, FIELDS + "{% for f in form %}{{ field(f) }}{% endfor %}", form=form)

    free = {span.getparent().text.strip() for span in page.find_class("optional")}
    assert free == {"Since", "What is still missing?", "Remark", "Scanned paper"}


@pytest.mark.parametrize("base", ["base.html", "plain.html", "press.html", "kiosk.html"])
def test_the_title_begins_with_the_prefix_only_when_something_is_wrong(
    bare: Flask, base: str
) -> None:
    page = "{% extends base %}{% block title %}Close the tour{% endblock %}"
    with bare.test_request_context(headers={"Cookie": "portal-language=en"}):
        form = filled()

        wrong = render_template_string(page, base=base, form=form)
        fine = render_template_string(page, base=base, form=SampleForm())
        formless = render_template_string(page, base=base)

    assert "<title>Fix: Close the tour – " in wrong
    assert "<title>Close the tour – " in fine
    assert "<title>Close the tour – " in formless


def test_a_press_page_has_no_script_and_names_its_style_in_the_policy(bare: Flask) -> None:
    bare.add_url_rule("/p", "p", lambda: render_template_string("{% extends 'press.html' %}"))

    page = bare.test_client().get("/p").text

    assert "<script" not in page
    assert 'rel="stylesheet"' not in page
    inside = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert inside
    assert inside[1] == assets.css("press.css")


def test_a_state_is_a_word_and_a_shape(bare: Flask) -> None:
    page = rendered(
        bare, '{% from "components/parts.html" import status %}{{ status("Overdue", "negative") }}'
    )

    (chip,) = page.find_class("status")
    assert chip.text_content() == "Overdue"
    assert chip[0].tag == "svg"
    assert chip[0].get("aria-hidden") == "true"


def test_a_table_tells_its_caption_its_headings_and_that_it_is_empty(bare: Flask) -> None:
    source = (
        '{% from "components/table.html" import table %}'
        '{% call(row) table("Cases", ["Number", ("Day", "descending", "/x")], rows) %}'
        '<td data-label="Number">{{ row }}</td><td data-label="Day">x</td>{% endcall %}'
    )

    full = rendered(bare, source, rows=[1, 2])
    empty = rendered(bare, source, rows=[])

    assert full.xpath("string(//caption)") == "Cases"
    assert full.xpath("//th/@scope") == ["col", "col"]
    assert full.xpath("//th/@aria-sort") == ["descending"]
    assert len(full.xpath("//tbody/tr")) == 2
    assert empty.xpath("string(//tbody/tr/td)") == "Nothing here yet."


def test_the_pager_keeps_the_rest_of_the_address(bare: Flask) -> None:
    source = '{% from "components/parts.html" import pager %}{{ pager(2, 3) }}'
    bare.add_url_rule("/list", "list", lambda: render_template_string(source))

    page = html.fromstring(bare.test_client().get("/list?kind=food&page=2").text)

    assert page.xpath("//a/@href") == ["/list?kind=food&page=1", "/list?kind=food&page=3"]


def test_a_question_to_change_an_answer_says_which(bare: Flask) -> None:
    source = (
        '{% from "components/parts.html" import summary_list %}'
        '{{ summary_list([("Block", "C", "/block"), ("Remark", "")]) }}'
    )

    page = rendered(bare, source)

    assert page.xpath("string(//a)") == "Change Block"
    assert page.xpath("string(//div[2]/dd)") == "Not filled in"


def test_the_menu_marks_the_one_door_the_page_lies_behind(bare: Flask) -> None:
    doors = [
        SimpleNamespace(label="Cases", href="/cases", current=True, icon=""),
        SimpleNamespace(label="Board", href="/cases/board", current=True, icon=""),
    ]
    bare.jinja_env.globals.update(actor=lambda: SimpleNamespace(name="Rina"), menu=lambda: doors)
    bare.add_url_rule("/accounts/factors", "accounts.factors")
    page = "{% extends 'base.html' %}"
    for address in ("/cases", "/cases/<int:number>", "/cases/board", "/else"):
        bare.add_url_rule(address, address, lambda **_: render_template_string(page))
    client = bare.test_client()

    marked = {
        address: [
            door.text_content().strip()
            for door in html.fromstring(client.get(address).text).xpath("//nav//*[@aria-current]")
        ]
        for address in ("/cases", "/cases/7", "/cases/board", "/else")
    }

    assert marked == {
        "/cases": ["Cases"],
        "/cases/7": ["Cases"],
        "/cases/board": ["Board"],
        "/else": ["Cases"],
    }
