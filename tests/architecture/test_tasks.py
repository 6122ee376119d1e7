"""Each task that is named exists, and the queue is set up to lose nothing."""

import ast
from pathlib import Path

from flask import Flask

from portal.kernel.jobs import LONGEST, VISIBILITY, celery_app

FILES = sorted(Path("portal").rglob("*.py"))


def _asked() -> set[str]:
    return {
        node.args[0].value
        for file in FILES
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "ask"
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    }


def test_each_task_asked_for_or_scheduled_is_registered(app: Flask) -> None:
    scheduled = {entry["task"] for entry in celery_app.conf.beat_schedule.values()}
    assert (_asked() | scheduled) - set(celery_app.tasks) == set()


def test_every_task_is_redone_if_its_worker_dies(app: Flask) -> None:
    ours = {name: t for name, t in celery_app.tasks.items() if not name.startswith("celery.")}
    assert ours
    assert [n for n, t in ours.items() if not (t.acks_late and t.reject_on_worker_lost)] == []


def test_the_visibility_timeout_is_twice_the_longest_task_in_all_three_places(app: Flask) -> None:
    conf = celery_app.conf
    assert conf.visibility_timeout == VISIBILITY == 2 * LONGEST
    assert conf.broker_transport_options["visibility_timeout"] == VISIBILITY
    assert conf.result_backend_transport_options["visibility_timeout"] == VISIBILITY
    assert conf.task_time_limit == LONGEST


def test_the_queue_speaks_json_alone_and_in_utc(app: Flask) -> None:
    assert list(celery_app.conf.accept_content) == ["json"]
    assert celery_app.conf.timezone == "UTC"
