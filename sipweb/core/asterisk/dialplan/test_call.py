"""The call with which an administrator tries a phone (services.test_call): it never leaves the PBX."""

from collections.abc import Collection

from ...snapshot import HostAddress
from ..conf import Section, extension_lines
from .hosts import at_hosts

TEST_CALL, ANSWERED = "sipweb-test-call", "sipweb-test-call-answered"
RING_SECONDS, TALK_SECONDS = 30, 30


def test_call_contexts(hosts: Collection[HostAddress]) -> tuple[Section, ...]:
    """Return the contexts of a call to a phone, which may be registered here or at these other PBX hosts.

    A phone that redirects the call (302) is not followed: option i.
    """
    call: tuple[str, ...] = (f"Dial(PJSIP/${{EXTEN}},{RING_SECONDS},i)", "Hangup()")
    if hosts:
        is_here = "GotoIf($[${LEN(${PJSIP_DIAL_CONTACTS(${EXTEN})})} > 0]?here)"
        call = (is_here, f"Dial({at_hosts(hosts)},{RING_SECONDS},i)", "Hangup()", f"here: {call[0]}", call[1])
    return Section(TEST_CALL, extension_lines("_XXX", *call)), Section(ANSWERED, _ANSWERED)


# The called party hears the number of the phone, and then itself.
_ANSWERED = extension_lines(
    "_XXX",
    "Answer()",
    f"Set(TIMEOUT(absolute)={TALK_SECONDS})",
    "Wait(1)",
    "SayDigits(${EXTEN})",
    "Playback(beep)",
    "Echo()",
    "Hangup()",
)
