"""Call forwarding of an account: always, when busy, and when nobody answers.

A target is an internal number, or an outside one that the level of the forwarding account allows. Emergency numbers,
feature codes and the account's own number are refused when they are saved. Where one is in a snapshot nevertheless, for
example because the emergency numbers were changed, the account does not forward.
"""

from .accounts import AccountFields
from .dial_patterns import MAX_NUMBER_LENGTH, is_dialable
from .errors import N_, Invalid
from .feature_codes import dialled_feature
from .numbers import normalize_dialled_number
from .snapshot import PbxSettings

ALWAYS, BUSY, NO_ANSWER = RULES = ("forward_always", "forward_busy", "forward_no_answer")
MAX_FORWARDS = 3  # of one call; then an account is called as if it did not forward
NO_ANSWER_SECONDS = 20  # how long the phone rings where calls that are not answered are forwarded


def parse_forward_target(text: str) -> str:
    """Return the number without separators, or "".

    Raises:
        Invalid: it cannot be dialled.
    """
    number = normalize_dialled_number(text)
    if number and not is_dialable(number):
        message = N_("Enter a phone number of up to %(count)s digits, * or #, or nothing.")
        raise Invalid(message, count=MAX_NUMBER_LENGTH)
    return number


def check_forwarding(account: AccountFields, settings: PbxSettings) -> None:
    """Check the targets of an account.

    Raises:
        Invalid: a target is its own number, an emergency number or a feature code.
    """
    for rule in RULES:
        if refusal := _refusal(account.number, getattr(account, rule), settings):
            raise Invalid(refusal, rule)


def forward_target(account: AccountFields, rule: str, settings: PbxSettings) -> str:
    """Return the number to which an account forwards calls by a rule; "" if it does not."""
    target: str = getattr(account, rule)
    return target if is_dialable(target) and not _refusal(account.number, target, settings) else ""


def _refusal(number: int, target: str, settings: PbxSettings) -> str:
    if target == str(number):
        return N_("An account can't forward calls to its own number.")
    if target in settings.emergency_numbers:
        return N_("Calls can't be forwarded to an emergency number.")
    if dialled_feature(target, settings):
        return N_("Calls can't be forwarded to a feature code.")
    return ""
