"""How journalists reach the prison: doors read out of what the prison wrote, nothing added."""

import re
from dataclasses import dataclass
from typing import Final

_PHONE: Final = re.compile(r"(?<![\w/.-])(?:\+62|\(?0)[\d ()-]{6,18}\d(?![\w/])")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_COUNTRY: Final = "+62"


@dataclass(frozen=True, slots=True)
class Contact:
    """The prison's own words, with the first number and address in them; empty if there is none.

    ``dial`` is the number as a telephone wants it: ``+62811…``.
    """

    words: str
    phone: str = ""
    dial: str = ""
    mail: str = ""


def contact(words: str) -> Contact:
    """Read the contact the prison has written down."""
    phone, mail = _PHONE.search(words), _MAIL.search(words)
    return Contact(
        words=words,
        phone=phone[0] if phone else "",
        dial=_dial(phone[0]) if phone else "",
        mail=mail[0] if mail else "",
    )


def _dial(phone: str) -> str:
    digits = "".join(sign for sign in phone if sign.isdigit())
    return f"{_COUNTRY}{digits[1:]}" if digits.startswith("0") else f"+{digits}"
