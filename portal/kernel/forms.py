"""What every form stands on."""

from __future__ import annotations

import unicodedata
from typing import Any

import flask_babel
from wtforms import Form

CONTROL = dict.fromkeys((*range(9), *range(11, 13), *range(14, 32), 127))


def tidy(value: str | None) -> str:
    """Strip, normalise to NFC, drop control signs and lone surrogates, and make nothing empty."""
    text = unicodedata.normalize("NFC", (value or "").translate(CONTROL)).strip()
    return text.encode("utf-8", "ignore").decode("utf-8")


class PortalForm(Form):
    """A form whose own texts come from our catalogues: WTForms has none in Indonesian."""

    class Meta:
        """How WTForms finds its words."""

        def get_translations(self, _form: Form) -> Any:  # Any: Babel's own class
            """Return the catalogue of the reader's language."""
            return flask_babel.get_translations()
