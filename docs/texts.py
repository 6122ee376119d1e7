"""Brings both catalogues up to date with the code: make texts.

Run twice it changes nothing: no dates, no line numbers, sorted by id.  The English words are the
ids; the Indonesian ones are written by hand, and what is missing is told at the end.
"""

from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

PORTAL = Path(__file__).parent.parent / "portal"
KEYWORDS = DEFAULT_KEYWORDS | {"_l": None, "message": None, "ngettext": (1, 2), "messages": (1, 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**/templates/**.txt", "jinja2")]


def wanted() -> Catalog:
    """Collect every text in code and templates."""
    found = Catalog()
    for _, _, text, comments, context in extract_from_dir(
        PORTAL, METHODS, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        found.add(text, auto_comments=comments, context=context)
    return found


def english(message: Message, plurals: int) -> str | tuple[str, ...]:
    """Say a text in English: as its id says it."""
    if isinstance(message.id, tuple):
        return tuple(message.id[min(form, 1)] for form in range(plurals))
    return str(message.id)


def main() -> None:
    """Update both catalogues and tell what has no words."""
    template = wanted()
    for language in ("id", "en"):
        place = PORTAL / "translations" / language / "LC_MESSAGES" / "messages.po"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.touch()
        with place.open("rb") as file:
            catalogue = read_po(file, locale=language)
        catalogue.update(template, no_fuzzy_matching=True)
        for message in catalogue:
            if message.id and language == "en":
                message.string = english(message, catalogue.num_plurals)
        with place.open("wb") as file:
            write_po(
                file,
                catalogue,
                no_location=True,
                omit_header=True,
                sort_output=True,
                ignore_obsolete=True,
            )
        silent = [m.id for m in catalogue if m.id and not (m.string and all(m.string))]
        print(f"{language}: {len(catalogue)} texts, {len(silent)} without words")
        for text in silent:
            print(f"   {text!r}")


if __name__ == "__main__":
    main()
