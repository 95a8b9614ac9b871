"""Calls between accounts. Level and recording stand here as numbers, so that ShowDialPlan can confirm them."""

from ...accounts import BUILTIN
from ...outbound_routing import HANGUP_CAUSES, INACTIVE
from ...snapshot import Account
from ..conf import Lines, extension_lines
from .call_record import SAVE_CALL, begin_call, save_outcome
from .outbound import DECLINE, TRANSFERRER
from .recording import NAME_FAMILY, not_leased

HINTS_CONTEXT = "sipweb-hints"  # where busy lamps subscribe
RING_TIMEOUT = 60  # seconds until "no answer"


def account_extension(account: Account) -> Lines:
    """Return one account's extension.

    It sets level and recording to numbers, so that ShowDialPlan shows whether a reload applied them.
    """
    return extension_lines(
        str(account.number),
        f"Set(SIPWEB_CALLED_LEVEL={account.level})",
        f"Set(SIPWEB_CALLED_RECORDING={int(account.recording)})",
        # a number dialled digit by digit arrives here too
        f"Goto(sipweb-dial-{'agent' if account.phone == BUILTIN else 'account'},{account.number},1)",
    )


def inactive_extension(number: int) -> Lines:
    """Return the extension of an inactive account's number, which never goes to a provider."""
    return extension_lines(
        str(number),
        "Gosub(sipweb-channel-account,s,1)",
        begin_call(str(number)),
        f"Goto(sipweb-reject,0{HANGUP_CAUSES[INACTIVE]},1)",
    )


# Find the account of this channel by the endpoint's name, because a caller's number can be forged. Level and recording
# are read from the account's lines, which the verification compares; a variable of the endpoint would not be visible.
CHANNEL_ACCOUNT = extension_lines(
    "s",
    "Set(SIPWEB_ACCOUNT=${FILTER(0-9,${CHANNEL(endpoint)})})",
    "GotoIf($[${LEN(${SIPWEB_ACCOUNT})} != ${LEN(${CHANNEL(endpoint)})}]?no_account)",
    "GotoIf($[${LEN(${SIPWEB_ACCOUNT})} = 0]?no_account)",
    "GotoIf($[${DIALPLAN_EXISTS(sipweb-accounts,${SIPWEB_ACCOUNT},1)} = 0]?no_account)",
    "Set(SIPWEB_LOOKUP_ONLY=1)",
    "Gosub(sipweb-accounts,${SIPWEB_ACCOUNT},1)",
    "Set(SIPWEB_LOOKUP_ONLY=0)",
    "Set(SIPWEB_ACCOUNT_LEVEL=${SIPWEB_CALLED_LEVEL})",
    "Set(SIPWEB_ACCOUNT_RECORDING=${SIPWEB_CALLED_RECORDING})",
    "Return()",
    "no_account: Set(SIPWEB_ACCOUNT=)",
    "Set(SIPWEB_ACCOUNT_LEVEL=)",
    "Return()",
)

# Show the agent who uses the caller's account. What DB returns is not evaluated again (measured on Asterisk 22.10). The
# name of an outside party whom an account transferred is removed where this is called for an outside call.
CALLER_NAME = extension_lines(
    "s",
    "GotoIf($[${LEN(${SIPWEB_ACCOUNT})} = 0]?no_account)",
    f"GotoIf($[{not_leased('${SIPWEB_ACCOUNT}')} | ${{LEN(${{DB({NAME_FAMILY}/${{SIPWEB_ACCOUNT}})}})}} = 0]?own)",
    f"Set(CALLERID(name)=${{DB({NAME_FAMILY}/${{SIPWEB_ACCOUNT}})}})",
    "own: Return()",
    "no_account: Set(CALLERID(name)=)",
    "Return()",
)

# One contact of the account, as Dial takes it. A contact comes from the phone, and `&` or a comma in it would name
# another channel or an option.
_CONTACT = "PJSIP/${EXTEN}/sips?:[]A-Za-z0-9@:;=.+_~%[-]+"
# The state of each account for busy lamps. Asterisk makes a line of its own for each number that is asked for.
HINTS = (("exten", "_XXX,hint,PJSIP/${EXTEN}"),)
# Agents have no call waiting: a call to a built-in phone that rings or is in a call gets "busy". A call that comes back
# from a failed transfer arrives here while the agent's own part of it may not have ended yet.
DIAL_AGENT = (
    ("exten", '_XXX,1,GotoIf($["${SIPWEB_LOOKUP_ONLY}" = "1" | "${SIPWEB_RETURNED}" = "1"]?dial)'),
    (
        "exten",
        '_XXX,n,GotoIf(${REGEX("^(BUSY|INUSE|RINGING|RINGINUSE|ONHOLD)$" ${DEVICE_STATE(PJSIP/${EXTEN})})}?busy)',
    ),
    ("exten", "_XXX,n(dial),Set(SIPWEB_RETURNED=0)"),
    ("exten", "_XXX,n,Goto(sipweb-dial-account,${EXTEN},1)"),
    ("exten", "_XXX,n(busy),Gosub(sipweb-channel-account,s,1)"),
    ("exten", f"_XXX,n,{begin_call('${EXTEN}')}"),
    ("exten", "_XXX,n,Goto(sipweb-hangup,017,1)"),
)
# The hangup causes (Q.850) and the SIP answers that Asterisk makes of them: docs/call-refusals.md.
DIAL_ACCOUNT = (
    ("exten", '_XXX,1,GotoIf($["${SIPWEB_LOOKUP_ONLY}" = "1"]?lookup)'),  # look up the account's level only
    ("exten", f"_XXX,n,{begin_call('${EXTEN}')}"),
    ("exten", "_XXX,n,Gosub(sipweb-privacy,s,1)"),
    ("exten", "_XXX,n,Gosub(sipweb-recording,internal,1(${SIPWEB_CALLED_RECORDING},${EXTEN}))"),
    ("exten", f"_XXX,n,{SAVE_CALL}"),
    ("exten", "_XXX,n,GosubIf(${LEN(${SIPWEB_ACCOUNT})}?sipweb-caller-name,s,1)"),
    # all phones of the account ring; without one the name of the endpoint gives the right failure
    ("exten", "_XXX,n,Set(SIPWEB_DIAL_TARGET=${PJSIP_DIAL_CONTACTS(${EXTEN})})"),
    ("exten", f'_XXX,n,GotoIf(${{REGEX("^{_CONTACT}(&{_CONTACT})+$" ${{SIPWEB_DIAL_TARGET}})}}?dial)'),
    ("exten", "_XXX,n,Set(SIPWEB_DIAL_TARGET=PJSIP/${EXTEN})"),
    ("exten", f"_XXX,n(dial),Dial(${{SIPWEB_DIAL_TARGET}},{RING_TIMEOUT},${{SIPWEB_DIAL_OPTIONS}})"),
    ("exten", '_XXX,n,GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)'),
    ("exten", '_XXX,n,GotoIf($["${DIALSTATUS}" = "NOANSWER"]?no_answer)'),
    ("exten", '_XXX,n,GotoIf($["${HANGUPCAUSE}" = "21"]?declined)'),
    ("exten", "_XXX,n,Goto(sipweb-hangup,020,1)"),
    ("exten", "_XXX,n(busy),Goto(sipweb-hangup,017,1)"),
    ("exten", f"_XXX,n(declined),{DECLINE[0]}"),
    *(("exten", f"_XXX,n,{line}") for line in DECLINE[1:]),
    ("exten", "_XXX,n(no_answer),Goto(sipweb-hangup,019,1)"),
    ("exten", "_XXX,n(lookup),Return()"),
)
# End a call that was not established. The extension is the hangup cause. After a failed blind transfer, call the
# account that transferred it, once.
HANGUP = extension_lines(
    "_X.",
    save_outcome("${EXTEN:1}"),
    "GotoIf($[${LEN(${BLINDTRANSFER})} = 0]?hangup)",
    f"Set(SIPWEB_TRANSFERRER={TRANSFERRER})",
    "Set(BLINDTRANSFER=)",
    "Set(SIPWEB_LOOKUP_ONLY=0)",
    "Set(SIPWEB_RETURNED=1)",
    "GotoIf(${DIALPLAN_EXISTS(sipweb-accounts,${SIPWEB_TRANSFERRER:1},1)}?sipweb-accounts,${SIPWEB_TRANSFERRER:1},1)",
    "hangup: Hangup(${EXTEN:1})",
)
