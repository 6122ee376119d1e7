"""Small cells: a group below five is not told, neither by its value nor by its parts."""

from dataclasses import replace

from portal.domain.figures import Figure

HIDDEN = "<5"


def hidden(figure: Figure) -> Figure:
    """Return a figure without anything that tells its value.

    The report stores what this returns: what is not stored cannot leak.
    """
    return replace(figure, value=None, numerator=None, denominator=None, note="")
