"""Calls between accounts. Level and recording stand here as numbers, so that ShowDialPlan can confirm them."""

from collections.abc import Collection

from ...accounts import BUILTIN
from ...forwarding import ALWAYS, BUSY, NO_ANSWER, NO_ANSWER_SECONDS
from ...outbound_routing import HANGUP_CAUSES, INACTIVE
from ...snapshot import Account, HostAddress
from ..conf import Lines, extension_lines
from .call_record import SAVE_CALL, begin_call, save_outcome
from .forwarding import forward, is_forwarded
from .hosts import at_hosts, to_hosts
from .outbound import DECLINE, TRANSFERRER
from .phones import IS_IN_A_CALL, dial_phones
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

# The state of each account for busy lamps. Asterisk makes a line of its own for each number that is asked for.
HINTS = (("exten", "_XXX,hint,PJSIP/${EXTEN}"),)
# Agents have no call waiting: a call to a built-in phone that rings or is in a call gets "busy".
DIAL_AGENT = (
    ("exten", "_XXX,1,Set(SIPWEB_CALL_WAITING=0)"),
    ("exten", "_XXX,n,Goto(sipweb-dial-account,${EXTEN},call)"),
)
# The hangup causes (Q.850) and the SIP answers that Asterisk makes of them: docs/call-refusals.md. A call that comes
# back from a failed transfer rings, even if the agent's own part of it has not ended yet.
_BEFORE_DIAL = (
    "Set(SIPWEB_CALL_WAITING=1)",
    'call: GotoIf($["${SIPWEB_LOOKUP_ONLY}" = "1"]?lookup)',  # look up the account's level only
    begin_call("${EXTEN}"),
    'GotoIf($["${SIPWEB_RETURNED}" = "1"]?ring)',
    forward(ALWAYS),
    "GotoIf(${SIPWEB_CALL_WAITING}?ring)",
    f"GotoIf({IS_IN_A_CALL}?in_a_call)",
    "ring: Set(SIPWEB_RETURNED=0)",
    "Gosub(sipweb-privacy,s,1)",
    "Gosub(sipweb-recording,internal,1(${SIPWEB_CALLED_RECORDING},${EXTEN}))",
    SAVE_CALL,
    "GosubIf(${LEN(${SIPWEB_ACCOUNT})}?sipweb-caller-name,s,1)",
    f"Set(SIPWEB_RING_SECONDS=$[{is_forwarded(NO_ANSWER)} ? {NO_ANSWER_SECONDS}::{RING_TIMEOUT}])",
)
_NOT_ANSWERED = (
    'GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
    'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?no_answer)',
    'GotoIf($["${HANGUPCAUSE}" = "21"]?declined)',
    save_outcome("20"),
    forward(NO_ANSWER),
    "Goto(sipweb-hangup,020,1)",
    "in_a_call: Gosub(sipweb-channel-account,s,1)",
    f"busy: {save_outcome('17')}",
    forward(BUSY),
    "Goto(sipweb-hangup,017,1)",
    f"declined: {save_outcome('21')}",
    forward(BUSY),  # to decline a call means to be busy for it, as on a mobile phone
    *DECLINE,
    f"no_answer: {save_outcome('19')}",
    forward(NO_ANSWER),
    "Goto(sipweb-hangup,019,1)",
    "lookup: Return()",
)


def dial_account(hosts: Collection[HostAddress]) -> Lines:
    """Return the lines that call an account, whose phones may be registered here or at these other PBX hosts."""
    options = f"${{SIPWEB_RING_SECONDS}},${{SIPWEB_DIAL_OPTIONS}}{to_hosts(hosts)}"
    return extension_lines("_XXX", *_BEFORE_DIAL, *dial_phones(options, at_hosts(hosts)), *_NOT_ANSWERED)


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
