"""What people do in the stories, and the twelve things axe does not look at.

The twelve (shared by every form and page): 1 each error is tied to its field; 2 bad fields say so;
3 groups have a legend; 4 the hint stays beside an error; 5 one summary, focused, whose links work;
6 the title begins with what is wrong; 7 what was typed is kept; 8 the browser's own bubbles are
off; 9 controls are large enough; 10 nothing is asked of another host (the fixture `clean`); 11 it
works without JavaScript (the fixture `without_javascript`); 12 by keyboard alone, and at 320 px.
"""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from playwright.sync_api import Page, expect

PHONE = {"width": 360, "height": 740}
NARROW = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}
LEAST_DESK, LEAST_PHONE, LEAST_KIOSK = 24, 44, 120  # px, the shorter side
CATALOGUES = Path(__file__).parents[2] / "portal" / "translations"

GROUPS = """() => [...document.querySelectorAll('input[type=radio]')].filter(i =>
  !i.closest('fieldset')?.querySelector(':scope > legend')?.textContent.trim()).map(i => i.id)"""
BUBBLES = """() => [...document.querySelectorAll('[required]')].map(e => e.id || e.name)
  .concat([...document.forms].filter(f => f.method === 'post' && !f.noValidate
    && f.querySelector('input:not([type=hidden]),select,textarea')).map(f => f.action))"""
SMALL = """least => [...document.querySelectorAll(
    'button, select, textarea, summary, a.button, input:not([type=hidden])')]
  .filter(e => e.checkVisibility({visibilityProperty: true, opacityProperty: true}))
  .map(e => [e, (['checkbox', 'radio'].includes(e.type) && e.labels[0]?.closest('.choice')) || e])
  .map(([e, box]) => [e, box.getBoundingClientRect()])
  .filter(([, r]) => r.width > 1 && r.height > 1 && Math.min(r.width, r.height) + 0.5 < least)
  .map(([e, r]) => `${e.tagName} ${e.id || e.textContent.trim()} ${r.width}x${r.height}`)"""
WIDE = """() => [document.documentElement.scrollWidth - innerWidth,
  ...[...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right
    > innerWidth + 1 && getComputedStyle(e).position !== 'fixed').slice(0, 5)
    .map(e => e.outerHTML.slice(0, 120))]"""
FOCUSED = """() => { const e = document.activeElement;
  if (!e || e === document.body) return null;
  e.__number ??= (window.__count = (window.__count || 0) + 1);
  const all = [...document.querySelectorAll('*')], r = e.getBoundingClientRect(),
    s = getComputedStyle(e), x = r.left + r.width / 2, y = r.top + r.height / 2,
    top = document.elementFromPoint(x, y);
  return {number: e.__number, place: all.indexOf(e), says: e.outerHTML.slice(0, 120),
    outline: s.outlineStyle === 'none' ? 0 : parseFloat(s.outlineWidth),
    covered: !!top && !e.contains(top) && !top.contains(e) && !top.closest('label')}; }"""


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", CATALOGUES, [language], fallback=True)


def words(text: str, language: str = "id") -> str:
    """Say a text of the code as the page says it."""
    return _catalogue(language).gettext(text)


def enter_as(page: Page, role: str) -> None:
    """Sign in through the demo's door as the first person of a role, such as "Head of prison"."""
    page.goto("/demo")
    rows = page.locator("ul.rows li")
    rows.filter(has_text=words(role)).first.get_by_role("button").click()
    expect(page).not_to_have_url("/demo")


def leave(page: Page) -> None:
    """Sign out, by forgetting the session."""
    page.context.clear_cookies()


def check_page(page: Page) -> None:
    """Look at what holds for every page, whatever its size: 3, 8, one heading in the title."""
    heading = page.locator("h1")
    expect(heading).to_have_count(1)
    assert heading.inner_text().strip() in page.title()
    assert page.locator("html").get_attribute("lang") in {"id", "en"}
    assert page.evaluate(GROUPS) == [], "3: a group without fieldset and legend"
    assert page.evaluate(BUBBLES) == [], "8: the browser's own bubbles"


def check_sizes(page: Page, *, kiosk: bool = False) -> None:
    """Look at every control's size, 9, and that nothing is wider than a small screen, 12."""
    if kiosk:
        assert page.evaluate(SMALL, LEAST_KIOSK) == [], "9: too small for a kiosk"
        return
    page.set_viewport_size(DESK)
    assert page.evaluate(SMALL, LEAST_DESK) == [], "9: too small"
    page.set_viewport_size(PHONE)
    assert page.evaluate(SMALL, LEAST_PHONE) == [], "9: too small for a thumb"
    page.set_viewport_size(NARROW)
    over, *elements = page.evaluate(WIDE)
    page.set_viewport_size(DESK)
    assert over <= 0, f"12: {over} px wider than the screen: {elements}"


def check_keyboard(page: Page, *, most: int = 150) -> int:
    """Walk through the page by Tab, 12: in its own order, seen, uncovered; return the steps."""
    page.evaluate("() => { document.activeElement?.blur(); scrollTo(0, 0); }")
    seen: list[int] = []
    last = -1
    for _ in range(most):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUSED)
        if at is None or at["number"] in seen:
            break
        assert at["outline"] >= 2, f"12: no outline: {at['says']}"
        assert not at["covered"], f"12: covered: {at['says']}"
        assert at["place"] > last, f"12: out of order: {at['says']}"
        seen.append(at["number"])
        last = at["place"]
    return len(seen)


def check_errors(
    page: Page, *, typed: Mapping[str, str] | None = None, hints: int = 0, focused: bool = True
) -> None:
    """Look at a form that came back with errors: 1, 2, 4, 5, 6, 7.

    ``typed`` maps names of fields to what was typed; ``hints`` is their number before.
    """
    summary = page.locator(".summary-of-errors")
    expect(summary).to_have_count(1)
    if focused:
        expect(summary).to_be_focused()
    assert page.title().startswith(words("Fix:")), "6: the title does not begin with it"
    errors = page.locator("p.error[id]")
    assert errors.count() > 0
    for error in errors.all():
        name = error.get_attribute("id") or ""
        control = page.locator(f"[aria-describedby~='{name}']")
        assert control.count() >= 1, f"1: {name} is tied to nothing"
        bad = page.locator(f"[aria-describedby~='{name}'][aria-invalid=true]").or_(
            page.locator(f"[aria-describedby~='{name}'] [aria-invalid=true]")
        )
        assert bad.count() >= 1, f"2: the field of {name} does not say that it is bad"
    hint_ids = page.locator("p.hint[id]").evaluate_all("all => all.map(e => e.id)")
    assert len(hint_ids) >= hints, "4: a hint has gone"
    for name in hint_ids:
        assert page.locator(f"[aria-describedby~='{name}']").count(), (
            f"4: {name} is tied to nothing"
        )
    _check_summary(page)
    for field, value in (typed or {}).items():
        kept = page.locator(f"[name='{field}']").first
        assert kept.input_value() == value, f"7: {field} lost what was typed"


def _check_summary(page: Page) -> None:
    links = page.locator(".summary-of-errors a")
    for link in links.all():
        target = (link.get_attribute("href") or "").removeprefix("#")
        assert page.locator(f"[id='{target}']").count() == 1, f"5: #{target} leads nowhere"
    if links.count():
        target = (links.first.get_attribute("href") or "").removeprefix("#")
        says = links.first.inner_text().strip()
        links.first.click()
        assert page.evaluate("() => document.activeElement.id") == target, (
            "5: the link does not focus"
        )
        beside = [text.strip() for text in page.locator("p.error[id]").all_inner_texts()]
        assert any(text.endswith(says) for text in beside), "5: other words beside the field"
