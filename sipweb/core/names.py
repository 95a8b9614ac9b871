"""What a person or a device may be called: a name ends up as a caller ID on every phone."""

import unicodedata

from .errors import N_, Invalid

LONGEST = 80
FORBIDDEN = '"<>\\;|'  # delimiters of a caller ID or of Asterisk's configuration files


def check_name(text: str) -> str:
    """`text` with its outer blanks gone. Raises Invalid for control and direction marks and FORBIDDEN characters."""
    name = " ".join(text.split(" ")).strip()
    if not name:
        raise Invalid(N_("Enter a name."), "name")
    if len(name) > LONGEST:
        raise Invalid(N_("A name has at most %(longest)s characters."), "name", longest=LONGEST)
    for char in name:
        if char in FORBIDDEN or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
            raise Invalid(N_("A name cannot contain %(char)s."), "name", char=ascii(char))
    return name


def fold(text: str) -> str:
    """For searching and sorting: without case and accents, so that `wisniewska` finds Wiśniewska.

    Databases differ in what they take for a small letter, and in where they put Ł: so names are sorted by this.
    """
    plain = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(char for char in plain if not unicodedata.combining(char))
