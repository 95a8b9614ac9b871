"""Display names and search keys. A display name becomes a caller ID on phones."""

import unicodedata

from .errors import N_, Invalid

MAX_LENGTH = 80
FORBIDDEN_CHARACTERS = '"<>\\;|'  # delimiters of a caller ID or of Asterisk's configuration files


def clean_display_name(text: str, missing: str = N_("Enter a name.")) -> str:
    """Return `text` without surrounding spaces. `missing` is the message for an empty one.

    Raises:
        Invalid: empty, too long, or with control characters, direction marks or FORBIDDEN_CHARACTERS.
    """
    name = " ".join(text.split(" ")).strip()
    if not name:
        raise Invalid(missing, "name")
    if len(name) > MAX_LENGTH:
        raise Invalid(N_("The name can have up to %(longest)s characters."), "name", longest=MAX_LENGTH)
    for char in name:
        if char in FORBIDDEN_CHARACTERS or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise Invalid(N_("The name can't contain %(char)s."), "name", char=ascii(char))
    return name


def search_key(text: str) -> str:
    """Return a key without case and accents for searching and sorting.

    `wisniewska` finds Wiśniewska.

    Databases differ in how they lower-case letters and where they sort Ł, so sorting uses this key.
    """
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKD", text).casefold().replace("ł", "l")  # a bold A becomes A first
    plain = unicodedata.normalize("NFKD", folded)
    return "".join(char for char in plain if not unicodedata.combining(char))
