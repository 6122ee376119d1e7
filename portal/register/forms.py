"""Forms of the register."""

from __future__ import annotations

from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _l


class BlockForm(PortalForm):
    """A block and its cells."""

    code = StringField(
        _l("Code of the block"),
        validators=[
            InputRequired(_l("Fill in the code, such as C.")),
            Regexp(r"^[A-Z0-9]{1,10}$", message=_l("Use capital letters and digits, such as C2.")),
        ],
        filters=[tidy, str.upper],
    )
    name = StringField(
        _l("Name of the block"),
        validators=[InputRequired(_l("Fill in the name of the block.")), Length(max=60)],
        filters=[tidy],
    )
    cells = IntegerField(
        _l("How many cells"),
        validators=[InputRequired(_l("Fill in how many cells there are.")), NumberRange(1, 200)],
        render_kw={"inputmode": "numeric"},
    )
    places = IntegerField(
        _l("Places in each cell"),
        validators=[InputRequired(_l("Fill in how many places.")), NumberRange(1, 100)],
        render_kw={"inputmode": "numeric"},
    )


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
