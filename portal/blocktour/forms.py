"""Forms of the block tour: the three screens at the cell, the desk, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields import SelectMultipleField
from wtforms.validators import AnyOf, DataRequired, InputRequired, Length, Optional, ValidationError

from portal.blocktour.rules.categories import ClockClass
from portal.blocktour.rules.closing import (
    ATTEMPT_NAMES,
    FACE_NAMES,
    MARK_NAMES,
    UNDERSTOOD_NAMES,
)
from portal.blocktour.rules.deciding import REFUSAL_NAMES, RULING_NAMES
from portal.blocktour.rules.severity import TRIGGER_NAMES
from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _, _l

WORDS = 4000
TOO_LONG = _l("This is too long. Write at most %(max)d characters.")
PICK = _l("Choose one of the answers.")
KEY = r"[0-9a-f]{32}"

Choices = list[tuple[str, str]]
Code = TypeVar("Code", bound=StrEnum)


def _said(names: Mapping[Code, str]) -> Choices:
    """Turn marked names into choices in the reader's language, when the form is made."""
    return [(str(code), _(name)) for code, name in names.items()]


class WhereForm(PortalForm):
    """First screen: block, cell, and perhaps a name."""

    block = RadioField(_l("Block"), coerce=int, validators=[InputRequired(_l("Choose the block."))])
    cell = IntegerField(
        _l("Room"),
        validators=[InputRequired(_l("Fill in the room number."))],
        render_kw={"inputmode": "numeric", "autocomplete": "off"},
    )
    who = StringField(
        _l("Name or registration number"),
        validators=[Length(max=120, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Ask first: may the name be used?"),
        render_kw={"autocomplete": "off"},
    )
    nameless = BooleanField(_l("No name"))

    rooms: Mapping[int, tuple[str, Mapping[int, int]]]
    """Block number to its code and to its cells: room number to cell number."""

    def set_rooms(self, rooms: Mapping[int, tuple[str, Mapping[int, int]]]) -> None:
        self.rooms = rooms
        self.block.choices = [(block, code) for block, (code, _cells) in rooms.items()]

    def validate_cell(self, cell: IntegerField) -> None:
        code, cells = self.rooms.get(self.block.data, ("", {}))
        if cells and cell.data is not None and cell.data not in cells:
            raise ValidationError(
                _(
                    "Block %(block)s has rooms %(first)d to %(last)d.",
                    block=code,
                    first=min(cells),
                    last=max(cells),
                )
            )

    @property
    def cell_id(self) -> int:
        return self.rooms[self.block.data][1][self.cell.data]

    @property
    def place(self) -> str:
        return f"{self.rooms[self.block.data][0]}-{self.cell.data}"


class WhatForm(PortalForm):
    """Second screen: what it is about, in the person's own words."""

    category = RadioField(
        _l("What is it about?"), validators=[InputRequired(_l("Choose what it is about."))]
    )
    words = TextAreaField(
        _l("What was said"),
        validators=[
            DataRequired(_l("Write what was said.")),
            Length(max=WORDS, message=TOO_LONG),
        ],
        filters=[tidy],
        description=_l("In the person's own words. You can speak with the keyboard's microphone."),
    )
    urgent = BooleanField(_l("Needs handling today"))
    hurt = RadioField(
        _l("Is anyone hurt, forced or in danger?"),
        validators=[InputRequired(_l("Choose whether anyone is hurt."))],
    )
    safe = RadioField(
        _l("Are you safe tonight?"),
        validators=[InputRequired(_l("Choose whether it is safe tonight."))],
    )

    def set_choices(self, categories: Choices) -> None:
        self.category.choices = categories
        answers = [("yes", _("Yes")), ("no", _("No")), ("not_asked", _("Not asked"))]
        self.hurt.choices = self.safe.choices = answers


class ConfidentialForm(PortalForm):
    """Between second and third screen: about whom, if it is about an officer."""

    about = TextAreaField(
        _l("About whom?"),
        validators=[Length(max=500, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Name, post, shift or what he looks like, as it was told."),
        render_kw={"rows": 2},
    )


class TriageForm(PortalForm):
    """How a case is sorted."""

    kind = SelectField(
        _l("Category"), validators=[InputRequired(_l("Choose a category from the list."))]
    )
    clock_class = RadioField(_l("Time limit"), validators=[Optional()])
    triggers = SelectMultipleField(
        _l("What makes it serious"),
        description=_l("Tick what was told. A serious case stays serious."),
    )

    def set_choices(self, kinds: Choices, classes: Choices) -> None:
        self.kind.choices = kinds
        self.clock_class.choices = [("", _("As the category says")), *classes]
        self.triggers.choices = _said(TRIGGER_NAMES)


class DraftForm(PortalForm):
    """An answer, to be decided by another person."""

    ruling = RadioField(_l("Ruling"), validators=[InputRequired(PICK)])
    sentence = TextAreaField(
        _l("Answer in plain words"),
        validators=[Length(max=1500, message=TOO_LONG)],
        filters=[tidy],
        description=_l("It is read aloud at the cell. Short sentences."),
    )
    article = StringField(
        _l("Article of the rule"),
        validators=[Length(max=300, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Needed when not everything is granted."),
    )
    would_change = StringField(
        _l("What would change the answer"),
        validators=[Length(max=500, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Needed when not everything is granted."),
    )
    next_door = StringField(
        _l("Where the person can go next"),
        validators=[Length(max=300, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Needed unless everything is granted. For example the regional office."),
    )
    reason = RadioField(
        _l("Reason, if it is not processed"),
        validators=[Optional()],
        description=_l("There are only these three. A second person reads each."),
    )

    def set_choices(self, *, refusable: bool) -> None:
        names = _said(RULING_NAMES)
        self.ruling.choices = names if refusable else names[:-1]
        self.reason.choices = [("", _("None")), *_said(REFUSAL_NAMES)]


class DecisionForm(PortalForm):
    """Decide as drafted, or send back with a word."""

    go = StringField(validators=[AnyOf(["agree", "return"], message=PICK)])
    reason = TextAreaField(
        _l("What should be changed"),
        validators=[Length(max=500, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Only if you send it back."),
        render_kw={"rows": 3},
    )


class DeliveryForm(PortalForm):
    """One visit to bring an answer."""

    outcome = RadioField(_l("What happened?"), validators=[InputRequired(PICK)])
    understood = RadioField(
        _l("Did the person understand?"),
        validators=[Optional()],
        description=_l("Needed when the person was met. Ask: please say it in your own words."),
    )
    mark = RadioField(
        _l("How was it acknowledged?"),
        validators=[Optional()],
        description=_l("Needed when the person was met."),
    )
    witness = StringField(
        _l("Witness"),
        validators=[Length(max=120, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Needed when it was spoken or not signed."),
        render_kw={"autocomplete": "off"},
    )
    satisfaction = RadioField(_l("Is the person content?"), validators=[Optional()])
    objection = TextAreaField(
        _l("Objection"),
        validators=[Length(max=WORDS, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Ask: do you object to this answer? Write the person's own words."),
        render_kw={"rows": 3},
    )

    def set_choices(self) -> None:
        self.outcome.choices = _said(ATTEMPT_NAMES)
        self.understood.choices = _said(UNDERSTOOD_NAMES)
        self.mark.choices = _said(MARK_NAMES)
        self.satisfaction.choices = _said(FACE_NAMES)


class ObjectionForm(PortalForm):
    """A person objects to an answer told earlier."""

    number = StringField(
        _l("Number of the complaint"),
        validators=[DataRequired(_l("Fill in the number, such as KEL-4F7K-92QD."))],
        filters=[tidy],
        render_kw={"autocomplete": "off", "autocapitalize": "characters"},
    )
    words = TextAreaField(
        _l("What was said"),
        validators=[
            DataRequired(_l("Write what was said.")),
            Length(max=WORDS, message=TOO_LONG),
        ],
        filters=[tidy],
    )


class WaitForm(PortalForm):
    """What a case waits for, or what came back."""

    reason = StringField(
        _l("What is asked, passed on, or came back"),
        validators=[
            DataRequired(_l("Write what is asked, to whom it goes, or what came back.")),
            Length(max=500, message=TOO_LONG),
        ],
        filters=[tidy],
        description=_l("Name the office and its reference number. No names of people."),
        render_kw={"autocomplete": "off"},
    )


class ExcludeForm(PortalForm):
    """Keep a colleague from a case."""

    person = SelectField(
        _l("Person"),
        coerce=int,
        validators=[InputRequired(_l("Choose a person from the list."))],
        description=_l("From now on the case does not exist for this person. Nobody is told."),
    )


class StartTourForm(PortalForm):
    """Begin a tour of a block."""

    block = RadioField(_l("Block"), coerce=int, validators=[InputRequired(_l("Choose the block."))])
    partner = StringField(
        _l("Second officer"),
        validators=[Length(max=120, message=TOO_LONG)],
        filters=[tidy],
        render_kw={"autocomplete": "off"},
    )


class StopForm(PortalForm):
    """What happened at one cell."""

    outcome = StringField(validators=[InputRequired(PICK)])
    reason = StringField(
        _l("Reason"),
        validators=[Length(max=200, message=TOO_LONG)],
        filters=[tidy],
        description=_l("Needed if the cell was not reached. No names."),
        render_kw={"autocomplete": "off"},
    )


CLASS_ORDER = tuple(ClockClass)
