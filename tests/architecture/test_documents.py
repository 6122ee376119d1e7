"""Documents and code say the same."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from portal.modules import MODULES
from portal.settings import PREFIX, Settings

DOCS = Path("docs")


def test_every_setting_stands_in_the_table_and_the_reverse() -> None:
    told = set(re.findall(rf"`({PREFIX}[A-Z0-9_]+)`", (DOCS / "settings.md").read_text()))
    known = {f"{PREFIX}{field.name.upper()}" for field in fields(Settings)}
    assert known - told == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda m: m.name)
def test_every_module_has_its_page(module: object) -> None:
    assert (DOCS / f"{module.name}.md").exists()  # type: ignore[attr-defined]


def test_every_decision_has_date_status_context_and_consequences() -> None:
    for file in sorted((DOCS / "adr").glob("*.md")):
        text = file.read_text()
        assert re.match(r"\d{4}-[a-z0-9-]+\.md", file.name), file.name
        for part in ("Date:", "Status:", "## Context", "## Decision", "## Consequences"):
            assert part in text, f"{file.name} lacks {part}"


def test_no_address_of_a_machine_stands_in_the_tree() -> None:
    places = re.compile(r"(?<![\w.])/(?:root|work|home/\w+)/|index-url|extra-index")
    odd = [
        f"{file}: {found[0]}"
        for file in (*DOCS.rglob("*.md"), Path("README.md"), *Path("portal").rglob("*.py"))
        if file.exists()
        and (found := places.search(file.read_text()))
        and "no-emit-index-url" not in file.read_text()
    ]
    assert odd == []
