"""The dialplan: internal calls between accounts, and the way out. No user's text stands where it is evaluated."""

from ..snapshot import Account, Snapshot
from .conf import Lines, Section, each, extension
from .outgoing import RING, TRANSFERS, outgoing
from .recording import recording


def contexts(snapshot: Snapshot) -> tuple[Section, ...]:
    """`sipweb-internal` for calls from accounts, `sipweb-outgoing` for what leaves the house, helpers beside them.

    Emergency numbers are included first: an account of the same number never shadows them.
    """
    return (
        Section(
            "sipweb-internal",
            (("include", "sipweb-emergency"), ("include", "sipweb-accounts"), ("include", "sipweb-outgoing")),
        ),
        Section("sipweb-accounts", each(_account(account) for account in snapshot.accounts)),
        Section("sipweb-call", _CALL),
        Section("sipweb-end", _END),
        *outgoing(snapshot),
        *recording(),
        Section("sipweb-marker", extension(snapshot.digest, "NoOp()")),
    )


def _account(account: Account) -> Lines:
    """Level and recording stand here as numbers, so that ShowDialPlan can tell whether they were taken over."""
    return extension(
        str(account.number),
        f"Set(SIPWEB_CALLED_LEVEL={account.level})",
        f"Set(SIPWEB_CALLED_RECORDING={int(account.recording)})",
        f"Goto(sipweb-call,{account.number},1)",  # who dials 2-0-2 comes here too
    )


# Causes as telephones know them (Q.850): 17 busy → 486, 20 subscriber absent → 480, 19 no answer → 480, 1 unknown → 404.
_CALL = (
    ("exten", '_XXX,1,GotoIf($["${SIPWEB_ASKED}" = "1"]?told)'),  # only the account's level was asked for
    ("exten", "_XXX,n,Gosub(sipweb-recording,internal,1(${SIPWEB_CALLED_RECORDING},${EXTEN}))"),
    ("exten", f"_XXX,n,Dial(PJSIP/${{EXTEN}},{RING},${{SIPWEB_DIAL}})"),
    ("exten", '_XXX,n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)'),
    ("exten", '_XXX,n,GotoIf($["${DIALSTATUS}" = "NOANSWER"]?silent)'),
    ("exten", "_XXX,n,Goto(sipweb-end,020,1)"),
    ("exten", "_XXX,n(busy),Goto(sipweb-end,017,1)"),
    ("exten", "_XXX,n(silent),Goto(sipweb-end,019,1)"),
    ("exten", "_XXX,n(told),Return()"),
)
# The end of a call that did not come about; the cause is the extension. Whoever was transferred in vain goes back to the
# account that did it, once: nobody is lost to a colleague who is busy.
_END = extension(
    "_X.",
    "GotoIf($[${LEN(${BLINDTRANSFER})} = 0]?over)",
    f"Set(SIPWEB_BY={TRANSFERS})",
    "Set(BLINDTRANSFER=)",
    "Set(SIPWEB_ASKED=0)",
    "GotoIf(${DIALPLAN_EXISTS(sipweb-accounts,${SIPWEB_BY:1},1)}?sipweb-accounts,${SIPWEB_BY:1},1)",
    "over: Hangup(${EXTEN:1})",
)
