"""Dialplan that notes in each call's CDR what the call history shows (services.call_writer).

The user field of a CDR holds the values below, separated by `|`. A CDR that Asterisk begins during the call, for
example for the next trunk, inherits it. A transferred channel begins its next call with `begin`, so SIPWEB_CALL tells
its calls apart.
"""

from ..conf import Section, extension_lines

MARK = "sipweb"  # the first value: this user field is ours
TRANSFERRING_ACCOUNT = "${FILTER(0-9,${CUT(BLINDTRANSFER,-,1)})}"
_VALUES = (
    MARK, "${SIPWEB_CALL}", "${SIPWEB_CALL_STARTED}", "${SIPWEB_ACCOUNT}", "${SIPWEB_CALL_CALLER}",
    "${SIPWEB_CALL_NUMBER}", "${SIPWEB_CALL_TRANSFERRER}", "${FILTER(0-9.,${CHANNEL(linkedid)})}",
    "${SIPWEB_CALL_OUTCOME}", "${SIPWEB_SIP_RESPONSE:4:3}", "${SIPWEB_CALL_PREVIOUS}", "${SIPWEB_CALL_RECORDING}",
    "${SIPWEB_CALL_TRUNKS:0:60}",  # Asterisk keeps 255 characters of a user field
    "${SIPWEB_CALL_FORWARDER}",
)  # fmt: skip


def begin_call(number: str) -> str:
    """Return the application that begins the record of a call to this number, once SIPWEB_ACCOUNT is known."""
    return f"Gosub(sipweb-call-record,begin,1({number}))"


def save_outcome(outcome: str) -> str:
    """Return the application that notes why a call was not established, unless that was noted before.

    It is a cause of Q.850, with an `r` before it if the dialplan itself refused the call.
    """
    return f"Gosub(sipweb-call-record,outcome,1({outcome}))"


SAVE_CALL = "Gosub(sipweb-call-record,save,1)"
CALL_RECORD = Section(
    "sipweb-call-record",
    (
        *extension_lines(
            "begin",
            # Asterisk may not have ended the CDR of the channel's previous call yet, which then loses its outcome
            "Set(SIPWEB_CALL_PREVIOUS=${SIPWEB_CALL_OUTCOME})",
            "Set(SIPWEB_CALL=$[0${SIPWEB_CALL} + 1])",
            "Set(SIPWEB_CALL_STARTED=${EPOCH})",
            "Set(SIPWEB_CALL_NUMBER=${ARG1:0:32})",
            "Set(SIPWEB_CALL_CALLER=${FILTER(0-9*#+,${CALLERID(num)})})",
            "Set(SIPWEB_CALL_CALLER=${SIPWEB_CALL_CALLER:0:32})",
            f"Set(SIPWEB_CALL_TRANSFERRER={TRANSFERRING_ACCOUNT})",
            # how often this call was forwarded, and by which account the last time
            "Set(SIPWEB_FORWARDS=$[(0${SIPWEB_FORWARDS} + 1) * (${LEN(${SIPWEB_FORWARDING})} > 0)])",
            "Set(SIPWEB_CALL_FORWARDER=${SIPWEB_FORWARDING})",
            "Set(SIPWEB_FORWARDING=)",
            "Set(SIPWEB_CALL_OUTCOME=)",
            "Set(SIPWEB_CALL_RECORDING=)",
            "Set(SIPWEB_CALL_TRUNKS=)",
            "Set(SIPWEB_SIP_RESPONSE=)",
            "Return()",
        ),
        *extension_lines(
            "outcome",
            "GotoIf(${LEN(${SIPWEB_CALL_OUTCOME})}?save,1)",
            "Set(SIPWEB_CALL_OUTCOME=${ARG1})",
            "Goto(save,1)",
        ),
        *extension_lines("save", f"Set(CDR(userfield)={'|'.join(_VALUES)})", "Return()"),
    ),
)
