"""What a typed password must be: long enough for a SIP account that the whole network may try."""

from .errors import N_, Invalid

SHORTEST, LONGEST = 12, 64


def check_secret(text: str, shortest: int = SHORTEST) -> str:
    """`text` itself. Raises Invalid unless it has `shortest` to 64 printable ASCII characters, without outer blanks."""
    if len(text) < shortest:
        raise Invalid(N_("A password has at least %(shortest)s characters."), "secret", shortest=shortest)
    if len(text) > LONGEST:
        raise Invalid(N_("A password has at most %(longest)s characters."), "secret", longest=LONGEST)
    if not (text.isascii() and text.isprintable()) or text != text.strip():
        raise Invalid(N_("A password consists of printable ASCII characters, without blanks around it."), "secret")
    return text
