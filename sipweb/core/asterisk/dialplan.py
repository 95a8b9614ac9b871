"""The dialplan: internal calls between accounts, and the way out. No user's text stands where it is evaluated."""

from collections.abc import Iterable

from ..snapshot import Account, Snapshot
from .conf import Section
from .outgoing import RING, outgoing

Lines = tuple[tuple[str, str], ...]


def contexts(snapshot: Snapshot) -> tuple[Section, ...]:
    """`sipweb-internal` for calls from accounts, `sipweb-outgoing` for what leaves the house, helpers beside them.

    Emergency numbers are included first: an account of the same number never shadows them.
    """
    return (
        Section(
            "sipweb-internal",
            (("include", "sipweb-emergency"), ("include", "sipweb-accounts"), ("include", "sipweb-outgoing")),
        ),
        Section("sipweb-accounts", _each(_account(account) for account in snapshot.accounts)),
        Section("sipweb-call", _CALL),
        *outgoing(snapshot),
        Section("sipweb-marker", _extension(snapshot.digest, "NoOp()")),
    )


def _each(parts: Iterable[Lines]) -> Lines:
    return tuple(line for part in parts for line in part)


def _extension(name: str, *applications: str) -> Lines:
    return tuple(("exten", f"{name},{priority},{application}") for priority, application in enumerate(applications, 1))


def _account(account: Account) -> Lines:
    """Level and recording stand here as numbers, so that ShowDialPlan can tell whether they were taken over."""
    return _extension(
        str(account.number),
        f"Set(SIPWEB_CALLED_LEVEL={account.level})",
        f"Set(SIPWEB_CALLED_RECORDING={int(account.recording)})",
        "Goto(sipweb-call,${EXTEN},1)",
    )


# Causes as telephones know them (Q.850): 17 busy → 486, 20 subscriber absent → 480, 19 no answer → 480, 1 unknown → 404.
_CALL = (
    ("exten", '_XXX,1,GotoIf($["${SIPWEB_ASKED}" = "1"]?told)'),  # only the account's level was asked for
    # Without forwarding (i): Asterisk takes the user of a 302's Contact as it comes, and what has a slash in it as a
    # channel to dial. A phone of level 0 could so name a trunk (measured on 22.10).
    ("exten", f"_XXX,n,Dial(PJSIP/${{EXTEN}},{RING},i)"),
    ("exten", '_XXX,n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)'),
    ("exten", '_XXX,n,GotoIf($["${DIALSTATUS}" = "NOANSWER"]?silent)'),
    ("exten", "_XXX,n,Hangup(20)"),
    ("exten", "_XXX,n(busy),Hangup(17)"),
    ("exten", "_XXX,n(silent),Hangup(19)"),
    ("exten", "_XXX,n(told),Return()"),
)
