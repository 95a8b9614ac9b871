"""The dialplan: who rings when a number is dialled. Numbers only: a user's text would be code here."""

from collections.abc import Iterator

from ..snapshot import Account, Snapshot
from .conf import Section

INTERNAL, OUTGOING = "sipweb-internal", "sipweb-outgoing"  # may be used by an existing dialplan
DIAL, MARKER = "sipweb-dial", "sipweb-marker"
CONTEXTS = (INTERNAL, OUTGOING, DIAL, MARKER)
RING_SECONDS = 60

# Q.850 causes; Asterisk 22 answers a PJSIP caller with the SIP code behind each
_BUSY, _NO_ANSWER, _ABSENT, _NO_CIRCUIT, _NO_ROUTE = 17, 19, 20, 34, 3  # 486, 480, 480, 503, 404


def sections(snapshot: Snapshot) -> tuple[Section, ...]:
    """The contexts; a number that is in none of them is answered with 404 by Asterisk itself."""
    emergency = sorted(snapshot.settings.emergency)
    accounts = sorted(snapshot.accounts, key=lambda account: account.number)
    return (
        Section(INTERNAL, (*_emergency(emergency), *_accounts(accounts, emergency))),
        Section(DIAL, tuple(_exten("s", steps=_DIAL))),
        Section(OUTGOING, tuple(_outgoing(emergency))),
        Section(MARKER, tuple(_exten(snapshot.digest, steps=(f"Hangup({_NO_ROUTE})",)))),
    )


_DIAL = (  # ARG1 number, ARG2 level, ARG3 recording
    f"Dial(PJSIP/${{ARG1}},{RING_SECONDS})",
    'GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
    'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?silent)',
    f"Hangup({_ABSENT})",
    f"(busy),Hangup({_BUSY})",
    f"(silent),Hangup({_NO_ANSWER})",
)


def _emergency(numbers: list[str]) -> Iterator[tuple[str, str]]:
    for number in numbers:
        yield from _exten(number, steps=(f"Goto({OUTGOING},{number},1)",))


def _accounts(accounts: list[Account], emergency: list[str]) -> Iterator[tuple[str, str]]:
    """Level and recording are arguments, so that ShowDialPlan tells what Asterisk took over."""
    for account in accounts:
        if str(account.number) not in emergency:
            arguments = f"{account.number},{account.level:d},{account.recording:d}"
            yield from _exten(str(account.number), steps=(f"Gosub({DIAL},s,1({arguments}))",))


def _outgoing(emergency: list[str]) -> Iterator[tuple[str, str]]:
    """No trunks yet: an emergency call finds no circuit, any other number no route."""
    for number in emergency:
        yield from _exten(number, steps=(f"Hangup({_NO_CIRCUIT})",))
    yield from _exten("_[0-9+*#]!", steps=(f"Hangup({_NO_ROUTE})",))


def _exten(name: str, steps: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for priority, step in enumerate(steps, 1):
        label, _, application = step.rpartition(",") if step.startswith("(") else ("", "", step)
        yield "exten", f"{name},{priority}{label},{application}"
