"""Rules are plain: they import without the frameworks, and never know today."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {"flask", "sqlalchemy", "celery", "redis", "wtforms", "jinja2", "werkzeug", "babel"}
RULES = sorted(Path("portal").glob("*/rules/*.py")) + sorted(Path("portal/domain").glob("*.py"))


@pytest.mark.parametrize("file", RULES, ids=str)
def test_rules_and_domain_never_ask_for_the_time(file: Path) -> None:
    called = {
        node.func.attr
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert called & {"today", "now", "utcnow"} == set(), "the day is an argument"


def test_rules_and_domain_import_without_any_framework() -> None:
    names = [str(file.with_suffix("")).replace("/", ".") for file in RULES]
    names = [name.removesuffix(".__init__") for name in names]
    code = (
        f"import sys\nfor name in {names!r}: __import__(name)\n"
        f"print(*sorted({HEAVY!r} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout.split() == []


def test_only_the_demo_and_the_tests_start_embedded_servers() -> None:
    users = [
        str(file)
        for file in Path("portal").rglob("*.py")
        if "portal.embedded" in file.read_text() or "import embedded" in file.read_text()
    ]
    assert set(users) <= {"portal/demo.py", "portal/embedded.py"}


def test_a_package_says_in_its_docstring_what_it_is_and_nothing_else() -> None:
    odd = [
        str(file)
        for file in Path("portal").rglob("__init__.py")
        if len(ast.parse(file.read_text()).body) != 1
        or not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert odd == []
