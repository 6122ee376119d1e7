import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from portal.domain.law import BadLaw, NotInForce
from portal.remissions.rules import ruleset
from portal.remissions.rules.sentence import Term, fraction_gross
from portal.remissions.rules.tenor import Ambiguous, Tenor
from portal.remissions.rules.trace import NULL

LAW = ruleset.load()
Change = Callable[[str, str, str], ruleset.Ruleset]


@pytest.fixture
def changed(tmp_path: Path) -> Change:
    """Load the law with a text replaced in one of its files."""

    def change(file: str, old: str, new: str) -> ruleset.Ruleset:
        folder = tmp_path / "law"
        shutil.copytree(ruleset.HERE, folder)
        path = folder / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return ruleset.load(folder)

    return change


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("parameters.toml", '"kuhp-lama#97"', '"kuhp-lama#98"', "unknown citation kuhp-lama#98"),
        ("parameters.toml", 'axis = "reference"', 'axis = "moon"', "an axis is"),
        ("parameters.toml", '"full_sentence_first"', '"remission_first"', "does not know"),
        ("citations.toml", 'status = "revoked"', 'status = "gone"', "status is one of"),
        ("citations.toml", 'article = "Pasal 97"', 'artikel = "Pasal 97"', "kuhp-lama#97"),
        ("tables.toml", "served_below = 180", "served_below = 179", "0 lines fit"),
        ("tables.toml", "served_below = 180", "served_below = 181", "2 lines fit"),
        ("tables.toml", "since = 1999-12-23", "sinse = 1999-12-23", "since"),
        ("tables.toml", 'certainty = "text"', 'certainty = "sure"', "sure"),
        ("tables.toml", "keppres-174-1999#4.2", "keppres-174-1999#9", "unknown citation"),
    ],
)
def test_law_that_may_not_be_used_is_refused(
    changed: Change, file: str, old: str, new: str, says: str
) -> None:
    with pytest.raises(BadLaw, match=says):
        changed(file, old, new)


def test_another_value_is_another_ruleset(changed: Change) -> None:
    assert changed("parameters.toml", "value = 180", "value = 179").id != LAW.id
    assert ruleset.load().id == LAW.id


def test_the_day_chooses_the_version() -> None:
    assert LAW.table("remission.general", date(2020, 1, 1)).unit == "months"
    assert LAW.piece(date(1900, 1, 1)) is LAW.pieces[0]
    assert LAW.piece(date(2026, 1, 2)).since == date(2026, 1, 2)
    with pytest.raises(NotInForce, match="has no version"):
        LAW.table("remission.general", date(1990, 1, 1))


def test_a_share_that_differs_by_day_is_not_guessed(changed: Change) -> None:
    law = changed(
        "parameters.toml",
        'value = "1/5", cite = ["kuhap-2025#99-111"]',
        'value = "1/4", cite = ["kuhap-2025#99-111"]',
    )
    with pytest.raises(Ambiguous, match="differs by day"):
        law.any_day("detention.credit.city")


def test_a_stricter_law_is_met_later_and_a_milder_one_on_its_first_day(changed: Change) -> None:
    law = changed(
        "parameters.toml",
        'since = 2026-01-02, value = "2/3"',
        'since = 2026-01-02, value = "1/2"',
    )
    waiting = Term(date(2024, 3, 1), (Tenor(3, 0, 0),))  # half on 2025-08-28, two thirds 2026-03-01
    assert fraction_gross(waiting, "two_thirds", law, NULL).day == date(2026, 1, 2)


def test_every_parameter_is_read_by_the_rules() -> None:
    source = "".join(path.read_text() for path in Path(ruleset.__file__).parent.glob("*.py"))
    importing = Path(ruleset.__file__).parents[1] / "services" / "importing.py"
    source += importing.read_text()
    families = ("fraction.", "detention.credit.", "remission.general", "remission.religious")
    named = {name for name in LAW.params if not name.startswith(families)}
    assert {name for name in named if f'"{name}"' not in source} == set()
