"""Forms of the register."""

from __future__ import annotations

from wtforms import DateField, StringField
from wtforms.validators import InputRequired, Length

from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _l


class HolidayForm(PortalForm):
    """A holiday that a person knows of."""

    day = DateField(
        _l("Day"), validators=[InputRequired(_l("Fill in the day, such as 2026-08-17."))]
    )
    name = StringField(
        _l("Name of the holiday"),
        validators=[InputRequired(_l("Fill in the name of the holiday.")), Length(max=120)],
        filters=[tidy],
    )
    source = StringField(
        _l("Source"),
        validators=[InputRequired(_l("Fill in where this is written.")), Length(max=120)],
        filters=[tidy],
        description=_l("For example the number of the joint ministerial decree."),
    )


class FactForm(PortalForm):
    """A fact about the facility, stated by its staff."""

    value = StringField(
        _l("Value"),
        validators=[InputRequired(_l("Fill in the value.")), Length(max=400)],
        filters=[tidy],
    )
    as_of = DateField(
        _l("As of"), validators=[InputRequired(_l("Fill in the day the value stands for."))]
    )
    source = StringField(
        _l("Source"),
        validators=[InputRequired(_l("Fill in where this is written.")), Length(max=200)],
        filters=[tidy],
        description=_l("A decree, a letter, or who confirmed it by office."),
    )
