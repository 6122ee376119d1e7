"""What every form stands on."""

from __future__ import annotations

import unicodedata
from typing import Any

import flask_babel
from wtforms import Form

from portal.domain.text import message, messages

# What WTForms itself may say. Its texts stand in no code of ours, and it has no Indonesian: marked
# here, they get their words in our catalogues like all others.
OF_WTFORMS = (
    message("Field must be equal to %(other_name)s."),
    messages(
        "Field must be at least %(min)d character long.",
        "Field must be at least %(min)d characters long.",
    ),
    messages(
        "Field cannot be longer than %(max)d character.",
        "Field cannot be longer than %(max)d characters.",
    ),
    message("Field must be between %(min)d and %(max)d characters long."),
    message("Number must be at least %(min)s."),
    message("Number must be at most %(max)s."),
    message("Number must be between %(min)s and %(max)s."),
    message("This field is required."),
    message("Invalid input."),
    message("Invalid email address."),
    message("Invalid Choice: could not coerce."),
    message("Not a valid choice."),
    message("Not a valid datetime value."),
    message("Not a valid date value."),
    message("Not a valid time value."),
    message("Not a valid integer value."),
    message("Not a valid decimal value."),
)
# Control signs, and signs that no reader sees but that hide words or turn their direction.
UNSEEN = (*range(9), *range(11, 13), *range(14, 32), *range(127, 160), 0xAD, 0xFEFF)
TURNING = (*range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070))
CONTROL = dict.fromkeys((*UNSEEN, *TURNING))


def tidy(value: str | None) -> str:
    """Strip, normalise to NFC, drop unseen signs and lone surrogates, and make nothing empty."""
    text = unicodedata.normalize("NFC", (value or "").translate(CONTROL)).strip()
    return text.encode("utf-8", "ignore").decode("utf-8")


class PortalForm(Form):
    """A form whose own texts come from our catalogues: WTForms has none in Indonesian."""

    class Meta:
        """How WTForms finds its words."""

        def get_translations(self, _form: Form) -> Any:  # Any: Babel's own class
            """Return the catalogue of the reader's language."""
            return flask_babel.get_translations()
