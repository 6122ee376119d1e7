"""One line of JSON an event, the same for web, worker and beat; no personal data, no secrets."""

from __future__ import annotations

import json
import logging
import socket
import traceback
from datetime import UTC, datetime

HOST = socket.gethostname()
OWN = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime"}


class JsonLines(logging.Formatter):
    """Write a record as one line; control signs are escaped, values of arguments left out."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "host": HOST,
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        extra = {key: value for key, value in vars(record).items() if key not in OWN}
        line |= {key: value for key, value in extra.items() if isinstance(value, (str, int, float))}
        if record.exc_info and record.exc_info[0]:
            # The type and the places alone: a message may quote what somebody wrote.
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-12:]
            ]
        return json.dumps(line, ensure_ascii=True)


def set_up(level: int = logging.INFO) -> None:
    """Send the portal's own log to standard error, once."""
    logger = logging.getLogger("portal")
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonLines())
        logger.addHandler(handler)
        logger.setLevel(level)
        logger.propagate = False
