"""What the numbers and choices of the law are called, and what a choice says."""

from collections.abc import Mapping

from portal.domain.law import Value
from portal.domain.text import message

NAMES: Mapping[str, str] = {
    "count.month": message("A month of the sentence, in days"),
    "count.year": message("A year of the sentence"),
    "count.months_of_year": message("Months that make a year"),
    "count.expiry_day": message("The day a sentence ends"),
    "count.order": message("What is counted first"),
    "count.rounding": message("Fractions of a day in the dates"),
    "count.leap_day": message("29 February in a year without it"),
    "count.consecutive": message("Several sentences one after the other"),
    "fraction.one_third": message("One third of the sentence"),
    "fraction.half": message("Half of the sentence"),
    "fraction.two_thirds": message("Two thirds of the sentence"),
    "detention.credit.house": message("House arrest, credited share"),
    "detention.credit.city": message("City arrest, credited share"),
    "detention.credit.rounding": message("Fractions of a day in the credit"),
    "detention.credit.in_gross": message("The bare expiry holds the credit already"),
    "detention.days_outside": message("Days outside"),
    "remission.month": message("A month of remission, in days"),
    "remission.served": message("Time served is counted from"),
    "remission.ordinal": message("Number of the grant"),
    "remission.edge_days": message("Days near a threshold at which a person looks again"),
    "remission.religions": message("Religions with a day of remission"),
    "decennial.share": message("Ten-year remission, share of the sentence"),
    "decennial.rounding": message("Fractions of a day in the ten-year remission"),
    "decennial.min_days": message("Ten-year remission, least days"),
    "decennial.max_days": message("Ten-year remission, most days"),
    "parole.min_two_thirds_days": message("Parole: least days in two thirds of the sentence"),
    "parole.supervision_years": message("Supervision after parole, years added"),
    "conditional_leave.max_sentence_days": message("Conditional leave: longest sentence, in days"),
    "conditional_leave.max_days": message("Conditional leave: most days"),
    "pre_release_leave.min_two_thirds_days": message(
        "Pre-release leave: least days in two thirds of the sentence"
    ),
    "pre_release_leave.max_days": message("Pre-release leave: most days"),
    "pre_release_leave.max_days_special": message("Pre-release leave: most days, special crimes"),
    "pre_release_leave.last_of_one_day": message("Two remissions on one day: which is the last"),
    "substitute.place": message("The substitute term for a fine"),
    "import.mismatch_stop_percent": message("Differing dates that stop an import, in percent"),
    "remission.general": message("General remission"),
    "remission.religious": message("Religious remission"),
}
CHOICES: Mapping[Value, str] = {
    True: message("Yes"),
    False: message("No"),
    "calendar": message("to the same day of a later year"),
    "anniversary": message("the same day of the month, no day taken off"),
    "full_sentence_first": message(
        "the share of the full sentence, then credit and remission in full"
    ),
    "up": message("rounded up to a whole day"),
    "down": message("rounded down to a whole day"),
    "28_february": message("28 February"),
    "add_then_convert": message("added up, then counted as one"),
    "move_later": message("every date moves later by as many days"),
    "last_detention": message("the first day of the last unbroken detention"),
    "grants_of_type_plus_one": message("earlier grants of the same kind, plus one"),
    "largest": message("the longer one"),
    "after_expiry": message("follows the expiry"),
}


def value(row: Value) -> str:
    """Return the message id of a choice; a number or a name stands for itself."""
    is_choice = isinstance(row, bool | str)
    return CHOICES.get(row, str(row)) if is_choice else str(row)
