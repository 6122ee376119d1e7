"""Words for a calculation: message ids with their values; the catalogues hold the sentences."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from portal.domain.text import message
from portal.remissions.rules.tenor import Tenor
from portal.remissions.rules.trace import Plain, Step

NOTICE = message("This is a calculation, not a decision.")
NOT_UTF8 = message("The file is not UTF-8 text.")
LENGTHS = (
    ("years", message("%(count)s years")),
    ("months", message("%(count)s months")),
    ("days", message("%(count)s days")),
)
MILESTONES: Mapping[str, str] = {
    "expiry_gross": message("Expiry of the bare sentence"),
    "expiry_net": message("Expiry after credit and remission"),
    "one_third": message("One third of the sentence"),
    "half": message("Half of the sentence"),
    "two_thirds": message("Two thirds of the sentence"),
    "one_third_gross": message("One third, before credit and remission"),
    "half_gross": message("Half, before credit and remission"),
    "two_thirds_gross": message("Two thirds, before credit and remission"),
    "custody_end": message("End of custody, substitute term included"),
    "supervision_end": message("End of supervision after parole"),
    "conditional_leave_from": message("Conditional leave from"),
    "conditional_leave_until": message("Conditional leave until"),
    "conditional_leave_days": message("Conditional leave, days"),
    "pre_release_leave_from": message("Pre-release leave from"),
    "pre_release_leave_until": message("Pre-release leave until"),
    "pre_release_leave_days": message("Pre-release leave, days"),
}
# What a date was counted from, in the order it was counted.
UPON: Mapping[str, tuple[str, ...]] = {
    "expiry_net": ("expiry_gross",),
    "one_third": ("one_third_gross",),
    "half": ("half_gross",),
    "two_thirds": ("two_thirds_gross",),
    "custody_end": ("expiry_gross", "expiry_net"),
    "supervision_end": ("expiry_gross", "expiry_net"),
    "conditional_leave_from": ("two_thirds", "expiry_net"),
    "pre_release_leave_from": ("two_thirds", "custody_end"),
}
CERTAINTIES: Mapping[str, str] = {
    "text": message("Text of the law"),
    "secondary": message("Second-hand source"),
    "practice": message("Practice of the registers"),
    "assumption": message("Assumption, to be confirmed"),
}
MISSING: Mapping[str, str] = {
    "start_date": message("The detention date is missing."),
    "sentence": message("The length of the sentence is missing."),
    "sentences": message("The length of the sentence is missing."),
    "credit_days": message("The credited detention is not known."),
    "days_outside": message("The days outside are not known."),
    "remission_days": message("The remission granted so far is not known."),
    "remissions": message("The earlier remissions are not listed."),
    "last_remission_days": message("The length of the last remission is not known."),
    "substitute": message("The substitute term is not known."),
    "substitute.paid": message("It is not known whether the fine is paid."),
    "remission_category": message("The legal group of the sentence is not known."),
    "no_law_for_day": message("The portal holds no rule for that day."),
}
REASONS: Mapping[str, str] = {
    "two_thirds_too_short": message("Two thirds of the sentence are less than nine months."),
    "sentence_too_long": message("The sentence is longer than one year and six months."),
    "no_remission": message("No remission was granted so far."),
    "served_too_short": message("Less than six months served on that day."),
    "event_before_start": message("The day lies before the detention."),
    "event_after_expiry": message("The sentence has ended by that day."),
    "no_law_for_day": message("The portal holds no rule for that day."),
}
FINDINGS: Mapping[str, str] = {
    "sentence_zero": message("The sentence has no length. Check the verdict."),
    "remission_days_differ": message(
        "The remissions listed come to %(listed)s days, but the sum given is %(given)s."
    ),
    "remission_exhausts_sentence": message("The remission of %(day)s uses up the sentence."),
    "event_before_start": message("%(day)s lies before the detention."),
    "event_after_expiry": message("%(day)s lies after the expiry: no remission."),
    "threshold_near": message(
        "On %(day)s the days served are near %(threshold)s. Check the detention date."
    ),
    "earlier_grants_not_listed": message("The earlier remissions are not listed."),
    "fine_state_unknown": message("It is not known whether the fine is paid."),
    "substitute_unpaid": message(
        "The fine is not paid: check the dates of parole and conditional leave."
    ),
    "religion_without_day": message("This religion has no fixed holy day: a person decides."),
    "start_date_missing": message("The detention date is missing."),
    "deductions_exceed_sentence": message("Credit and remission exceed the sentence. Check them."),
    "no_law_for_day": message("The portal holds no rule for leave that ends on %(day)s."),
}
_GROSS = message("Counted from %(start_date)s: %(part)s of %(sentence)s is reached on %(value)s.")
_NET = message(
    "%(gross)s, less %(credit_days)s days of credit and %(remission_days)s days of remission, "
    "plus %(days_outside)s days outside: %(value)s."
)
STEPS: Mapping[str, str] = {
    "sentence.expiry_gross": message("%(start_date)s plus %(sentence)s: %(value)s."),
    "sentence.one_third_gross": _GROSS,
    "sentence.half_gross": _GROSS,
    "sentence.two_thirds_gross": _GROSS,
    "sentence.expiry_net": _NET,
    "sentence.one_third": _NET,
    "sentence.half": _NET,
    "sentence.two_thirds": _NET,
    "sentence.custody_end": message("Net expiry %(expiry_net)s, no substitute term to serve."),
    "sentence.custody_end.unpaid": message(
        "Net expiry %(expiry_net)s plus the unpaid substitute term of %(substitute)s: %(value)s."
    ),
    "detention.credit.house": message(
        "House arrest of %(house_arrest_days)s days counts %(value)s days."
    ),
    "detention.credit.city": message(
        "City arrest of %(city_arrest_days)s days counts %(value)s days."
    ),
    "parole.supervision_end": message("One year after the net expiry %(expiry_net)s: %(value)s."),
    "conditional_leave.from": message(
        "From two thirds (%(two_thirds)s), at most %(most)s days before %(expiry_net)s: %(value)s."
    ),
    "conditional_leave.until": message("Until the net expiry: %(value)s."),
    "conditional_leave.days": message("That is %(value)s days."),
    "pre_release_leave.from": message(
        "As long as the last remission (%(last_remission_days)s days), up to %(custody_end)s, "
        "never before two thirds: %(value)s."
    ),
    "pre_release_leave.until": message("Until the end of custody: %(value)s."),
    "pre_release_leave.days": message("That is %(value)s days."),
    "remission.general": message(
        "General remission on %(event_date)s, grant %(grant_number)s after %(served_days)s days "
        "served: %(value)s days."
    ),
    "remission.religious": message(
        "Religious remission on %(event_date)s, grant %(grant_number)s after %(served_days)s days "
        "served: %(value)s days."
    ),
    "remission.decennial": message(
        "Ten-year remission on %(event_date)s, a twelfth of %(sentence)s: %(value)s days."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the arithmetic: a message id with values, and the step it tells."""

    text: str
    values: Mapping[str, Plain]
    step: Step


def line(step: Step) -> Line:
    """Return the line that tells a step."""
    values: dict[str, Plain] = {name: given for name, given, _ in step.inputs}
    values["value"] = step.value
    kind = step.rule.removeprefix("sentence.")
    if f"{kind}_gross" in values or kind == "expiry_net":
        values["gross"] = values.get(f"{kind}_gross", values.get("expiry_gross"))
    values["part"] = next(
        (str(row.value) for name, row in step.params if name.startswith("fraction.")), ""
    )
    text = STEPS.get(f"{step.rule}.{step.branch}") or STEPS[step.rule]
    return Line(text, values, step)


def words(
    text: str,
    values: Mapping[str, Plain],
    say: Callable[[str], str],
    day: Callable[[date], str],
) -> str:
    """Return a message in words: ``say`` translates, ``day`` writes a day."""

    def told(value: Plain) -> str:
        if isinstance(value, Tenor):
            spoken = [(text, getattr(value, name)) for name, text in LENGTHS]
            filled = [each for each in spoken if each[1]] or spoken[-1:]
            return " ".join(say(text) % {"count": number} for text, number in filled)
        return day(value) if isinstance(value, date) else str(value)

    return say(text) % {name: told(value) for name, value in values.items()}
