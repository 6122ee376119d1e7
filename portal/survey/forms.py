"""Forms of the survey."""

from __future__ import annotations

from wtforms import DateField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange

from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _l

MOST_VISITORS = 20_000


class CodeForm(PortalForm):
    """Where the next tablet will stand."""

    place = StringField(
        _l("Place of the tablet"),
        validators=[
            DataRequired(_l("Fill in where the tablet will stand.")),
            Length(max=60, message=_l("At most 60 characters.")),
        ],
        filters=[tidy],
        description=_l("For example: waiting room, counter 2. No names of people."),
    )


class VisitsForm(PortalForm):
    """How many visitors one service received on one day."""

    day = DateField(
        _l("Day"), validators=[InputRequired(_l("Fill in the day, such as 2026-08-17."))]
    )
    service = SelectField(_l("Service"))
    visitors = IntegerField(
        _l("Visitors served"),
        validators=[
            InputRequired(_l("Fill in the number of visitors.")),
            NumberRange(0, MOST_VISITORS, _l("Fill in a number from 0 to 20,000.")),
        ],
        description=_l("Each person counts once a visit. A later entry replaces the earlier one."),
    )
