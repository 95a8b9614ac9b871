"""The words of the files that are exported, in both languages.

They are a file format: a file that was exported years ago, in either language, can still be imported. So they are here
and not among the translations of the pages.
"""

from collections.abc import Mapping

from .accounts import BUILTIN, OTHER
from .errors import N_, Invalid

Words = Mapping[str, Mapping[str, str]]  # language → value → word
YES_NO: Words = {"en": {"yes": "yes", "no": "no"}, "pl": {"yes": "tak", "no": "nie"}}
PHONES: Words = {
    "en": {BUILTIN: "Thulium Softphone", OTHER: "Other softphone"},
    "pl": {BUILTIN: "Thulium Softphone", OTHER: "Inny softphone"},
}
_YES = frozenset(("yes", "tak", "true", "t", "on", "y", "1", "x", "enabled"))
_NO = frozenset(("no", "nie", "false", "f", "off", "n", "0", "-", "disabled"))


def yes_or_no(value: object, language: str) -> str:
    """Return a switch as a word."""
    return YES_NO[language]["yes" if value else "no"]


def parse_yes_or_no(text: str) -> bool:
    """Parse a switch in either language.

    Raises:
        Invalid: neither yes nor no.
    """
    word = text.casefold()
    if word not in _YES and word not in _NO:
        raise Invalid(N_("Enter yes or no."))
    return word in _YES


def parse_choice(text: str, words: Words) -> str:
    """Return the value of a word in either language; the value itself is a word too.

    Raises:
        Invalid: no value has this word; the message names those of the first language.
    """
    wanted = " ".join(text.casefold().split())
    for of_language in words.values():
        for value, word in of_language.items():
            if wanted in (value.casefold(), word.casefold()):
                return value
    choices = ", ".join(next(iter(words.values())).values())
    raise Invalid(N_("Enter one of: %(choices)s."), choices=choices)


def parse_phone(text: str, softphone: str) -> str:
    """Return the phone that a word means; `softphone` is the name of the built-in one.

    Raises:
        Invalid: no phone has this name.
    """
    try:
        return parse_choice(text, PHONES)  # files that were exported before the softphone was renamed
    except Invalid:
        return parse_choice(text, {language: {**words, BUILTIN: softphone} for language, words in PHONES.items()})


def phone_words(language: str, softphone: str) -> dict[str, str]:
    """Return the word for each phone."""
    return {**PHONES[language], BUILTIN: softphone}
