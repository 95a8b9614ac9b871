"""The call with which an administrator tries a phone (services.test_call): it never leaves the PBX."""

from ..conf import Section, extension_lines

TEST_CALL, ANSWERED = "sipweb-test-call", "sipweb-test-call-answered"
RING_SECONDS, TALK_SECONDS = 30, 30

# A phone that redirects the call (302) is not followed: option i. The called party hears the number of the phone, and
# then itself.
TEST_CALL_CONTEXTS = (
    Section(TEST_CALL, extension_lines("_XXX", f"Dial(PJSIP/${{EXTEN}},{RING_SECONDS},i)", "Hangup()")),
    Section(
        ANSWERED,
        extension_lines(
            "_XXX",
            "Answer()",
            f"Set(TIMEOUT(absolute)={TALK_SECONDS})",
            "Wait(1)",
            "SayDigits(${EXTEN})",
            "Playback(beep)",
            "Echo()",
            "Hangup()",
        ),
    ),
)
