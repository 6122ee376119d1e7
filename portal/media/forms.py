"""The forms of the newsroom."""

from wtforms import DateField, RadioField, StringField, TextAreaField, TimeField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from portal.kernel.forms import PortalForm, tidy
from portal.kernel.text import _l
from portal.media.rules.workflow import Kind, Language, NoticedBy, Reason

KINDS = (
    SelectChoice(Kind.RELEASE.value, _l("Press release")),
    SelectChoice(Kind.ACTIVITY.value, _l("Activity")),
    SelectChoice(Kind.INCIDENT.value, _l("Incident")),
    SelectChoice(Kind.REMISSION.value, _l("Remission")),
    SelectChoice(Kind.STATEMENT.value, _l("Statement")),
    SelectChoice(Kind.HOLDING.value, _l("First statement")),
)
LANGUAGES = (
    SelectChoice(Language.INDONESIAN.value, _l("Indonesian")),
    SelectChoice(Language.ENGLISH.value, _l("English")),
)
REASONS = (
    SelectChoice(Reason.PUBLISHED_IN_ERROR.value, _l("Published in error")),
    SelectChoice(Reason.SOURCE_WITHDREW_NUMBER.value, _l("The source took its figure back")),
    SelectChoice(Reason.PERSONAL_DATA.value, _l("Holds personal data")),
    SelectChoice(Reason.CHILD_FUTURE.value, _l("Touches the future of a child")),
    SelectChoice(Reason.TRAUMA.value, _l("Hurts a person again")),
    SelectChoice(Reason.SARA.value, _l("Offends ethnicity, religion, race or group")),
    SelectChoice(Reason.DECENCY.value, _l("Offends decency")),
    SelectChoice(Reason.DEWAN_PERS.value, _l("Decided by the Press Council")),
)
NOTICED = (
    SelectChoice(NoticedBy.JOURNALIST.value, _l("A journalist")),
    SelectChoice(NoticedBy.PUBLIC.value, _l("Somebody from the public")),
    SelectChoice(NoticedBy.STAFF.value, _l("Our own staff")),
    SelectChoice(NoticedBy.GATE.value, _l("A check by the portal")),
    SelectChoice(NoticedBy.SOURCE.value, _l("The source of the figure")),
)


class TextForm(PortalForm):
    """The words of an item, and when they may be public."""

    title = StringField(
        _l("Title"),
        filters=[tidy],
        validators=[InputRequired(_l("Write the title.")), Length(min=5, max=160)],
        description=_l("One sentence that says what happened."),
    )
    place = StringField(
        _l("Place"),
        filters=[tidy],
        validators=[InputRequired(_l("Write the place.")), Length(max=80)],
    )
    summary = TextAreaField(
        _l("Summary"),
        filters=[tidy],
        validators=[InputRequired(_l("Write the summary.")), Length(max=500)],
        description=_l("At most three lines: what, where, when, how many."),
        render_kw={"rows": 3},
    )
    body = TextAreaField(
        _l("Text"),
        filters=[tidy],
        validators=[InputRequired(_l("Write the text.")), Length(max=20_000)],
        description=_l("No names of inmates or children. Markdown: **bold**, - list, ## heading."),
        render_kw={"rows": 16},
    )
    day = DateField(
        _l("Public from: date"),
        validators=[Optional()],
        description=_l("Leave empty to publish as soon as it is approved."),
    )
    hour = TimeField(
        _l("Public from: hour"),
        validators=[Optional()],
        description=_l("Local time. Without an hour: at the beginning of the day."),
    )


class NewForm(TextForm):
    """A first text: what kind of item it is, and in which language."""

    kind = RadioField(
        _l("Kind"),
        choices=KINDS,
        default=Kind.RELEASE.value,
        validators=[InputRequired(_l("Choose a kind."))],
    )
    language = RadioField(
        _l("Language"),
        choices=LANGUAGES,
        default=Language.INDONESIAN.value,
        validators=[InputRequired(_l("Choose a language."))],
    )


class CorrectionForm(TextForm):
    """The next text of what is public already, and what was wrong with it."""

    wrong = TextAreaField(
        _l("What was wrong"),
        filters=[tidy],
        validators=[InputRequired(_l("Write what was wrong.")), Length(max=500)],
        render_kw={"rows": 2},
    )
    right = TextAreaField(
        _l("What is right"),
        filters=[tidy],
        validators=[InputRequired(_l("Write what is right.")), Length(max=500)],
        render_kw={"rows": 2},
    )
    noticed_by = RadioField(
        _l("Who noticed it"),
        choices=NOTICED,
        default=NoticedBy.STAFF.value,
        validators=[InputRequired(_l("Choose who noticed it."))],
    )


class ReturnForm(PortalForm):
    """Why a text goes back to its writer."""

    reason = TextAreaField(
        _l("What must change"),
        filters=[tidy],
        validators=[InputRequired(_l("Write what must change.")), Length(max=500)],
        render_kw={"rows": 3},
    )


class WithdrawForm(PortalForm):
    """Why a public text is withdrawn; everyone reads the reason."""

    reason = RadioField(
        _l("Reason everyone will read"),
        choices=REASONS,
        validators=[InputRequired(_l("Choose a reason."))],
    )
    explanation = TextAreaField(
        _l("Note for the newsroom"),
        filters=[tidy],
        validators=[Length(max=500)],
        render_kw={"rows": 2},
    )
