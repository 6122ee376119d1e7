"""A public function tells in its docstring which errors it raises; no log line tells a secret."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FILES = sorted(Path("portal").rglob("*.py"))
# Fields that hold words of people; their names may not stand in a log call.
LEVELS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
TELLING = {"name", "words", "text", "body", "password", "token", "code", "email", "answer", "alias"}


def _public(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    classes = [n for n in tree.body if isinstance(n, ast.ClassDef) and not n.name.startswith("_")]
    for body in (tree.body, *(one.body for one in classes)):
        for node in body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                yield node


def _raised(function: ast.FunctionDef) -> set[str]:
    inner = {
        node
        for nested in ast.walk(function)
        if isinstance(nested, (ast.FunctionDef, ast.Lambda)) and nested is not function
        for node in ast.walk(nested)
    }
    names = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Raise) and node.exc is not None and node not in inner:
            what = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = getattr(what, "id", getattr(what, "attr", ""))
            if name[:1].isupper():
                names.add(name)
    return names


# Views and forms are called by the framework and their errors answered by one handler.
CALLED = [
    file
    for file in FILES
    if file.name not in {"views.py", "forms.py", "commands.py", "demo.py", "home.py"}
    and "views" not in file.parts
]


@pytest.mark.parametrize("file", CALLED, ids=str)
def test_each_error_a_public_function_raises_stands_in_its_docstring(file: Path) -> None:
    silent = [
        f"{file}:{function.lineno} {function.name}: {name}"
        for function in _public(ast.parse(file.read_text()))
        for name in sorted(_raised(function))
        if f":raise {name}:" not in (ast.get_docstring(function) or "")
    ]
    assert silent == [], "say when, as :raise Name: if …"


@pytest.mark.parametrize("file", FILES, ids=str)
def test_no_log_call_passes_a_model_or_words_of_people(file: Path) -> None:
    telling = []
    for node in ast.walk(ast.parse(file.read_text())):
        if not (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
            and node.func.value.id in {"log", "logger", "logging"}
            and node.func.attr in LEVELS
        ):
            continue
        assert all(isinstance(arg, ast.Constant) for arg in node.args[:1]), (
            f"{file}:{node.lineno}: the event is a constant; values go into extra"
        )
        for part in ast.walk(node):
            if isinstance(part, ast.Attribute) and part.attr in TELLING:
                if isinstance(part.value, ast.Name) and part.value.id == "self":
                    continue  # a task's own name
                telling.append(f"{file}:{node.lineno} {part.attr}")
    assert telling == []
