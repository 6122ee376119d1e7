"""A builder of its own process that is killed at a marked point; run by test_faults.py."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from portal.app import create_app
from portal.domain.actor import PORTAL
from portal.kernel.facility import everywhere
from portal.kernel.storage import FolderStorage
from portal.reports import services
from portal.settings import Settings


def dies_at(call: int, act: Callable[..., Any]) -> Callable[..., Any]:
    """Return the act, after whose n-th call the process is killed."""
    calls = iter(range(1, 1000))

    def acting(*args: Any, **kwargs: Any) -> Any:
        result = act(*args, **kwargs)
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    return acting


def main(told: dict[str, Any]) -> None:
    """Build the report and die on the way."""
    app = create_app(
        Settings(
            database_url=told["database_url"],
            owner_url=told["owner_url"],
            redis_url=told["redis_url"],
            secret_key="t" * 40,
            seal_keys=((1, b"k" * 32),),
            storage_root=Path(told["storage_root"]),
        )
    )
    name, call = told["point"]
    owner = FolderStorage if name == "put" else services
    setattr(owner, name, dies_at(call, getattr(owner, name)))
    with app.app_context(), everywhere():
        services.build(PORTAL, told["report_id"])


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
