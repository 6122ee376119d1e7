"""There is no other way in than those that `docs/accounts.md` lists (ASVS 6.1.3, 6.3.4)."""

from __future__ import annotations

import ast
from pathlib import Path

WAYS = {
    "portal/accounts/login.py": {"login_user"},
    "portal/accounts/views/sign_in.py": {"let_in"},  # password and a second factor; or none yet
    "portal/accounts/views/own.py": {"let_in"},  # a factor was just set up
    "portal/accounts/views/demo.py": {"let_in"},  # the demo's door
}


def _called(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            names.add(
                called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            )
    return names & {"login_user", "let_in", "change_token"}


def test_sessions_are_made_where_the_list_says() -> None:
    found = {
        str(path): called - {"change_token"}
        for path in sorted(Path("portal").rglob("*.py"))
        if (called := _called(ast.parse(path.read_text("utf-8"))))
    }
    assert found == WAYS


def test_no_model_asks_a_secret_question() -> None:
    words = ("question", "hint", "pertanyaan", "petunjuk")
    columns = Path("portal/accounts/models.py").read_text("utf-8").casefold()
    assert [word for word in words if word in columns] == []
