"""Time-based codes: which step a code belongs to, and that each step counts once (RFC 6238)."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime

from portal.accounts.rules.limits import TABLE

STEP_SECONDS: int = TABLE["totp"]["step_seconds"]
DRIFT: int = TABLE["totp"]["drift_steps"]
DIGITS: int = TABLE["totp"]["digits"]


def read_code(text: str) -> str | None:
    """Return the digits of a typed code without its spaces, or None if it is no code."""
    code = text.replace(" ", "")
    return code if len(code) == DIGITS and code.isascii() and code.isdecimal() else None


def accepted_step(
    code_of: Callable[[int], str], typed: str, now: datetime, last: int | None
) -> int | None:
    """Return the step a typed code belongs to, or None if it fits none or one already used.

    ``code_of`` gives the code of a step; ``last`` is the newest step that was used. Every step in
    reach is compared, so that the time taken tells nothing.
    """
    code = read_code(typed)
    if code is None:
        return None
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if hmac.compare_digest(code_of(step), code) and (last is None or step > last):
            found = step
    return found
