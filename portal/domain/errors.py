"""Refusals: each says why in words for people, and with which status the web answers."""

from __future__ import annotations

from typing import ClassVar

from portal.domain.text import message


class DomainError(Exception):
    """Something was asked that cannot be done, for a reason a person can understand."""

    status: ClassVar[int] = 422
    text: ClassVar[str] = message("This cannot be done.")

    def __init__(self, **values: object) -> None:
        super().__init__(self.text % values if values else self.text)
        self.values = values


class NotFound(DomainError):
    """No such thing, or none that this actor may know of."""

    status = 404
    text = message("There is no such page.")


class NotAllowed(DomainError):
    """The actor's task does not cover this."""

    status = 403
    text = message("This page is not for your task.")


class Conflict(DomainError):
    """Somebody else was first, or the same key came with other content."""

    status = 409
    text = message("This was already sent with other content.")
