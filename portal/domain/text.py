"""A mark for texts that people read, where no catalogue is at hand."""


def message(text: str) -> str:
    """Mark ``text`` for the catalogues and return it as it is.

    The message id is English; ``portal.kernel.text.said`` finds the words when a person reads.
    """
    return text


def messages(one: str, many: str) -> tuple[str, str]:
    """Mark a text with its plural for the catalogues and return both."""
    return one, many
