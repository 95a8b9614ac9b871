"""Feature codes as dialplan; it must agree with core.feature_codes."""

from ...feature_codes import Feature, feature_codes
from ...outbound_routing import HANGUP_CAUSES, INVALID_NUMBER, NO_RULE
from ...snapshot import Snapshot
from ..conf import Lines, Section, extension_lines, flatten

ECHO_SECONDS = 60  # then a phone that was forgotten in the echo test is hung up


def feature_contexts(snapshot: Snapshot) -> tuple[Section, ...]:
    """Return `sipweb-features`: an extension for each code that is turned on."""
    codes = feature_codes(snapshot.settings)
    return (Section("sipweb-features", flatten(_EXTENSIONS[feature](code) for feature, code in codes.items())),)


def _echo_test(code: str) -> Lines:
    """Return the sound to the caller, after a beep where it is installed (`demo-echotest` would take 22 seconds)."""
    return extension_lines(
        code, "Answer()", f"Set(TIMEOUT(absolute)={ECHO_SECONDS})", "Playback(beep)", "Echo()", "Hangup()"
    )


def _pickup(code: str) -> Lines:
    """Answer a call that rings in the caller's pickup group."""
    return extension_lines(code, "Pickup()", f"Goto(sipweb-reject,0{HANGUP_CAUSES[NO_RULE]},1)")


def _withhold(code: str) -> Lines:
    """Withhold the caller's number from everybody but emergency services, and dial what follows.

    A number with separators comes back without them from `sipweb-outgoing`, which rejects other characters.
    """
    return (
        *extension_lines(code, f"Goto(sipweb-reject,0{HANGUP_CAUSES[INVALID_NUMBER]},1)"),
        *extension_lines(
            f"_{code}.",
            "GotoIf($[${LEN(${FILTER(0-9*#+,${EXTEN})})} != ${LEN(${EXTEN})}]?sipweb-outgoing,${EXTEN},1)",
            "Set(SIPWEB_WITHHELD=1)",
            f"Goto(sipweb-internal,${{EXTEN:{len(code)}}},1)",
        ),
    )


_EXTENSIONS = {Feature.ECHO_TEST: _echo_test, Feature.PICKUP: _pickup, Feature.WITHHOLD: _withhold}
