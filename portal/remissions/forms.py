"""Forms of this room: a search, a file, a confirmation, and the short form of a case."""

from __future__ import annotations

from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    FileField,
    IntegerField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
)
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _, _l
from portal.remissions.rules.case import MOST_DAYS, MOST_MONTHS, MOST_YEARS

UNKNOWN, YES, NO = "unknown", "yes", "no"


class Whole(IntegerField):
    """A whole number that may be left out."""

    def __init__(self, label: object, most: int, **given: Any) -> None:  # Any: WTForms' own options
        between = NumberRange(0, most, _l("Fill in a number from 0 to %(max)s.", max=most, min=0))
        super().__init__(label, validators=[Optional(), between], **given)
        self.type = "IntegerField"  # what the macros know

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Fill in a whole number, such as 6.")) from None


class Day(DateField):
    """A day in three parts."""

    def __init__(self, label: object, **given: Any) -> None:  # Any: WTForms' own options
        super().__init__(label, format="%d %m %Y", **given)
        self.type = "DateField"  # what the macros know

    def process_formdata(self, valuelist: list[str]) -> None:
        if not any(part.strip() for part in valuelist):
            return
        try:
            super().process_formdata([part.strip() for part in valuelist])
        except ValueError:
            raise ValueError(_("Fill in day, month and year, such as 17 8 2024.")) from None


class SearchForm(PortalForm):
    """Whom one looks for; sent by POST, since a name in an address stays there."""

    text = StringField(
        _l("Name or inmate number"),
        filters=[tidy],
        validators=[InputRequired(_l("Fill in a name or a number.")), Length(max=120)],
        render_kw={"autocomplete": "off"},
    )


class ImportForm(PortalForm):
    """The export of the national database."""

    file = FileField(
        _l("Export of SDP, Pencarian Kompleks"),
        description=_l("CSV or XLSX, at most 10 MB. Nothing changes until you have looked at it."),
        render_kw={"accept": ".csv,.xlsx"},
    )


class ApplyForm(PortalForm):
    """The word that dates which differ were asked about."""

    confirmed = BooleanField(_l("The registration office has checked the differing dates."))


class CaseForm(PortalForm):
    """One case in the short form; nothing of it is kept."""

    start_date = Day(
        _l("First day of detention"),
        validators=[InputRequired(_l("Fill in the first day of detention."))],
        description=_l("Of the last detention without a break."),
    )
    years = Whole(_l("Sentence: years"), MOST_YEARS)
    months = Whole(_l("Sentence: months"), MOST_MONTHS)
    days = Whole(_l("Sentence: days"), MOST_DAYS)
    remission_days = Whole(
        _l("Remission so far, in days"), MOST_DAYS, description=_l("A month is 30 days.")
    )
    last_remission_days = Whole(_l("Last remission, in days"), MOST_DAYS)
    credit_days = Whole(_l("Credited detention of earlier blocks, in days"), MOST_DAYS)
    house_arrest_days = Whole(_l("House arrest, in days"), MOST_DAYS)
    city_arrest_days = Whole(_l("City arrest, in days"), MOST_DAYS)
    days_outside = Whole(_l("Days outside, such as hospital or escape"), MOST_DAYS)
    substitute_months = Whole(_l("Substitute term: months"), MOST_MONTHS)
    substitute_days = Whole(_l("Substitute term: days"), MOST_DAYS)
    paid = RadioField(
        _l("Is the fine paid?"),
        choices=[
            SelectChoice(UNKNOWN, _l("Not known")),
            SelectChoice(YES, _l("Yes")),
            SelectChoice(NO, _l("No")),
        ],
        default=UNKNOWN,
    )
    remission_category = SelectField(
        _l("Legal group"),
        choices=[
            SelectChoice("normal", _l("General")),
            SelectChoice("pp28", _l("Special, PP 28/2006")),
            SelectChoice("pp99", _l("Special, PP 99/2012")),
            SelectChoice(UNKNOWN, _l("Not known")),
        ],
    )
    event_type = SelectField(
        _l("What would be granted?"),
        choices=[
            SelectChoice("", _l("Do not ask")),
            SelectChoice("general", _l("General remission")),
            SelectChoice("religious", _l("Religious remission")),
            SelectChoice("decennial", _l("Ten-year remission")),
        ],
    )
    event_date = Day(_l("Day of that remission"), validators=[Optional()])

    def case(self) -> dict[str, object]:
        """Return what was typed as the short form of a case; what is empty is left out."""
        plain: dict[str, object] = {
            "start_date": self.start_date.data.isoformat(),
            "sentence": {
                name: self[name].data for name in ("years", "months", "days") if self[name].data
            },
        }
        numbers = ("remission_days", "last_remission_days", "credit_days", "days_outside")
        arrests = ("house_arrest_days", "city_arrest_days")
        for name in (*numbers, *arrests):
            if self[name].data is not None:
                plain[name] = self[name].data
        months, days = self.substitute_months.data or 0, self.substitute_days.data or 0
        if months or days:
            paid = {YES: True, NO: False}.get(self.paid.data)
            plain["substitute"] = {"months": months, "days": days, "paid": paid}
        known = self.remission_category.data
        plain["remission_category"] = None if known == UNKNOWN else known
        if self.event_type.data and self.event_date.data:
            day = self.event_date.data.isoformat()
            plain["events"] = [{"type": self.event_type.data, "event_date": day}]
        return plain
