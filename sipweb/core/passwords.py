"""Rules for typed SIP passwords.

They must be long, because anyone on the network may try them.
"""

from .errors import N_, Invalid

MIN_LENGTH, MAX_LENGTH = 12, 64


def check_sip_password(text: str, shortest: int = MIN_LENGTH) -> str:
    """Return `text`.

    Raises:
        Invalid: not `shortest` to 64 printable ASCII characters, or with surrounding spaces.
    """
    if len(text) < shortest:
        raise Invalid(N_("Use at least %(shortest)s characters."), "secret", shortest=shortest)
    if len(text) > MAX_LENGTH:
        raise Invalid(N_("Use at most %(longest)s characters."), "secret", longest=MAX_LENGTH)
    if not (text.isascii() and text.isprintable()) or text != text.strip():
        raise Invalid(
            N_("Use only printable ASCII characters (no accented letters), with no spaces at the start or end."),
            "secret",
        )
    return text
