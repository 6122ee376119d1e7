"""Milestones of the programs: the end of parole's supervision, conditional and pre-release leave.

A program that the sentence does not allow still has its days; they carry the reason, and no list
offers them.
"""

from portal.remissions.rules.facts import Category
from portal.remissions.rules.found import Found, Rows, found, joined
from portal.remissions.rules.ruleset import Ruleset
from portal.remissions.rules.sentence import Term, two_thirds_scale_days
from portal.remissions.rules.tenor import anniversary, days_between, later, scale_days
from portal.remissions.rules.trace import Recorder, Step

TOO_SHORT = "two_thirds_too_short"
TOO_LONG = "sentence_too_long"
NO_REMISSION = "no_remission"


def parole(term: Term, net: Found, law: Ruleset, rec: Recorder) -> dict[str, Found]:
    """Return the day supervision ends: one year after the net expiry.

    Offered only if two thirds of the full sentence are long enough (KUHP 72(1), decision 18).
    """
    day = net.day
    how = law.piece(day).convention
    until = anniversary(day, law.whole("parole.supervision_years", day), how)
    least = law.whole("parole.min_two_thirds_days", day)
    reason = TOO_SHORT if two_thirds_scale_days(term, law, day) < least else ""
    names = ("parole.supervision_years", "parole.min_two_thirds_days")
    rows = tuple((name, law.row(name, day)) for name in names)
    inputs = (("expiry_net", day, ""),)
    step = Step("parole.supervision_end", rows, inputs, until, reason)
    return {"supervision_end": found(rec, step, net.rests, reason)}


def conditional_leave(
    term: Term, net: Found, two_thirds: Found, law: Ruleset, rec: Recorder
) -> dict[str, Found]:
    """Return the leave from two thirds, at most the last days before the net expiry.

    :raise NotInForce: if the expiry lies before the first row.
    """
    day = net.day
    most = law.whole("conditional_leave.max_days", day)
    since = max(two_thirds.day, later(day, -most))
    length = scale_days(term.tenor, law.piece(day).convention)
    limit = law.whole("conditional_leave.max_sentence_days", day)
    reason = TOO_LONG if length > limit else ""
    names = ("conditional_leave.max_days", "conditional_leave.max_sentence_days")
    rows = tuple((name, law.row(name, day)) for name in names)
    upon = joined(net.rests, two_thirds.rests)
    inputs = (("two_thirds", two_thirds.day, ""), ("expiry_net", day, ""), ("most", most, ""))
    first = found(rec, Step("conditional_leave.from", rows, inputs, since, reason), upon, reason)
    last = found(rec, Step("conditional_leave.until", (), inputs, day, reason), upon, reason)
    days = days_between(since, day)
    number = found(rec, Step("conditional_leave.days", rows, inputs, days, reason), upon, reason)
    return {
        "conditional_leave_from": first,
        "conditional_leave_until": last,
        "conditional_leave_days": number,
    }


def pre_release_leave(
    term: Term,
    ends: tuple[Found, Found, Found],
    last_remission: int,
    category: Category,
    law: Ruleset,
    rec: Recorder,
) -> dict[str, Found]:
    """Return the leave as long as the last remission, up to the end of custody.

    ``ends`` are two thirds, net expiry and end of custody. An unpaid substitute term is served
    first, the leave last; it never begins before two thirds.

    :raise NotInForce: if the expiry lies before the first row.
    """
    two_thirds, net, custody = ends
    day = net.day
    special = category is not Category.NORMAL
    name = "pre_release_leave.max_days_special" if special else "pre_release_leave.max_days"
    wanted = min(last_remission, law.whole(name, day))
    since = max(two_thirds.day, later(custody.day, -wanted))
    least = law.whole("pre_release_leave.min_two_thirds_days", day)
    reason = TOO_SHORT if two_thirds_scale_days(term, law, day) < least else ""
    reason = reason if last_remission else NO_REMISSION
    names = (name, "pre_release_leave.min_two_thirds_days")
    rows: Rows = tuple((each, law.row(each, day)) for each in names)
    inputs = (
        ("last_remission_days", last_remission, "last_remission_days"),
        ("custody_end", custody.day, ""),
        ("two_thirds", two_thirds.day, ""),
        ("remission_category", category.value, "remission_category"),
    )
    upon = joined(custody.rests, two_thirds.rests)
    first = found(rec, Step("pre_release_leave.from", rows, inputs, since, reason), upon, reason)
    last = found(
        rec, Step("pre_release_leave.until", (), inputs, custody.day, reason), upon, reason
    )
    days = days_between(since, custody.day)
    number = found(rec, Step("pre_release_leave.days", rows, inputs, days, reason), upon, reason)
    return {
        "pre_release_leave_from": first,
        "pre_release_leave_until": last,
        "pre_release_leave_days": number,
    }
