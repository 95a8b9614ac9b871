"""Outbound routing as dialplan; it must agree with core.outbound_routing.

Only digits and parsed patterns are written. A dialled number is filtered first; before that, expressions only see its
length, and one REGEX its characters. A number with separators is then looked up again without them. `REGEX` returns 1
or 0. The operator `=~` would return the captured group, and a captured 0 counts as no match (measured on Asterisk 22).

What happens after `Dial` (see `_OUTCOME`):

| result of Dial                                             | what happens                                            |
|------------------------------------------------------------|---------------------------------------------------------|
| the called party answered                                  | the call goes on; the dialplan ends with it             |
| any failure of an emergency call                           | the next trunk is tried                                 |
| a SIP status of the called party (CALLEE_RESPONSES)        | the call ends with the cause of the status,             |
|                                                            | or with "no answer" (19) if DIALSTATUS is NOANSWER      |
| another SIP status from 300 on                             | the trunk failed: the next route is tried               |
| no such status, and the call never even rang               | the trunk failed: the next route is tried               |
|   (after PROGRESS_TIMEOUT at the latest)                   |                                                         |
| no such status, it rang and DIALSTATUS is NOANSWER         | the call ends with "no answer" (19)                     |
| no such status, it rang and DIALSTATUS is something else   | the trunk failed: the next route is tried               |
"""

from ...dial_patterns import MAX_NUMBER_LENGTH
from ...numbers import SEPARATORS
from ...outbound_routing import (
    HANGUP_CAUSES,
    INVALID_NUMBER,
    LEVEL,
    NO_RULE,
    NO_TRUNK,
    compile_pattern,
    route_call,
    shown_caller_id,
)
from ...snapshot import PbxSettings, Route, Snapshot, Trunk
from ..conf import Line, Lines, Section, extension_lines, flatten
from .call_record import SAVE_CALL, begin_call, save_outcome
from .privacy import CALLEE_CHANNEL

# seconds until a trunk that neither rings nor plays anything has failed (Dial's second time-out)
PROGRESS_TIMEOUT, EMERGENCY_PROGRESS_TIMEOUT = 5, 4
ONLY_TRUNK_PROGRESS_TIMEOUT = 30  # the same where there is no other trunk to try
# SIP statuses about the called party: not found, gone, unavailable, incomplete, busy, cancelled, all global failures.
# Any other status is about the provider, so the trunk failed: 403 comes from one that rejects our account.
CALLEE_RESPONSES = "404|410|480|484|486|487|6[0-9][0-9]"
# Asterisk makes cause 21 of a declined call (603), and 403 of that, as for a level that is too low.
DECLINE = (
    save_outcome("21"),
    "GotoIf(${LEN(${BLINDTRANSFER})}?sipweb-hangup,021,1)",
    "PJSIPHangup(603)",
    "Goto(sipweb-hangup,021,1)",
)


def outbound_contexts(snapshot: Snapshot) -> tuple[Section, ...]:
    """Return `sipweb-outgoing`, `sipweb-emergency` and the contexts that they use."""
    outgoing = _prepare_call(f"{snapshot.settings.ring_seconds}^{_progress_timeout(snapshot, PROGRESS_TIMEOUT)}")
    return (
        Section(
            "sipweb-emergency", flatten(_emergency(number, snapshot) for number in snapshot.settings.emergency_numbers)
        ),
        Section("sipweb-outgoing", (*outgoing, *(_match_route(route) for route in snapshot.routes), *_NO_ROUTE_LEFT)),
        Section("sipweb-route", flatten(_route(route) for route in snapshot.routes)),
        Section("sipweb-trunk", flatten(_trunk(trunk, snapshot.settings) for trunk in snapshot.trunks)),
        Section("sipweb-callee-channel", CALLEE_CHANNEL),
        Section("sipweb-reject", _REJECT),
    )


def trunk_name(trunk_id: int) -> str:
    """Return the trunk's name on the PBX."""
    return f"sipweb-trunk-{trunk_id}"


def trunk_address(trunk: Trunk) -> str:
    """Return the provider's address: what follows `sip:` and `@`."""
    return f"{trunk.host}:{trunk.port};transport={trunk.transport}"


_OUTSIDE_NUMBER = "_[0-9*#+( .]!"  # the extension of any dialled number that is not internal, or has separators
# "0" and the number of the account that transfers the call; only "0" without a transfer
TRANSFERRER = "0${FILTER(0-9,${CUT(BLINDTRANSFER,-,1)})}"

_IDENTIFY_CALLER = (
    "Set(SIPWEB_NUMBER=${FILTER(0-9*#+,${EXTEN})})",
    "Set(SIPWEB_CALLER_ID=${CALLERID(num)})",
    # the level that counts: that of the account that forwards or transfers, otherwise the caller's; -1 if there is none
    "Gosub(sipweb-channel-account,s,1)",
    "Set(SIPWEB_EFFECTIVE_LEVEL=${SIPWEB_ACCOUNT_LEVEL})",
    "Set(SIPWEB_TRANSFERRER=${SIPWEB_FORWARDING})",
    "GotoIf(${LEN(${SIPWEB_TRANSFERRER})}?other_account)",
    "Set(SIPWEB_TRANSFERRER=${BLINDTRANSFER}${FORWARDERNAME})",
    "GotoIf($[${LEN(${SIPWEB_TRANSFERRER})} = 0]?identified)",
    "other_account: Set(SIPWEB_EFFECTIVE_LEVEL=)",
    "Set(SIPWEB_TRANSFERRER=0${FILTER(0-9,${CUT(SIPWEB_TRANSFERRER,-,1)})})",
    "GotoIf($[${DIALPLAN_EXISTS(sipweb-accounts,${SIPWEB_TRANSFERRER:1},1)} = 0]?identified)",
    "Set(SIPWEB_LOOKUP_ONLY=1)",
    "Gosub(sipweb-accounts,${SIPWEB_TRANSFERRER:1},1)",  # sets SIPWEB_CALLED_LEVEL
    "Set(SIPWEB_LOOKUP_ONLY=0)",
    "Set(SIPWEB_EFFECTIVE_LEVEL=${SIPWEB_CALLED_LEVEL})",
    # a forwarded call, and that of an outside party, who has no level, shows the number of the account that pays
    "GotoIf($[${LEN(${SIPWEB_ACCOUNT_LEVEL})} > 0 & ${LEN(${SIPWEB_FORWARDING})} = 0]?identified)",
    "Set(SIPWEB_CALLER_ID=${SIPWEB_TRANSFERRER:1})",
    "identified: GotoIf(${LEN(${SIPWEB_EFFECTIVE_LEVEL})}?reset)",
    "Set(SIPWEB_EFFECTIVE_LEVEL=-1)",
)
# A transferred channel still has the variables of its previous call.
_RESET = (
    "reset: Gosub(sipweb-privacy,s,1)",
    "Set(SIPWEB_ATTEMPTED=0)",
    "Set(SIPWEB_LEVEL_TOO_LOW=0)",
    "Set(SIPWEB_POSTPONED=)",
    "Set(SIPWEB_SECOND_PASS=0)",
    "Set(SIPWEB_IS_EMERGENCY=0)",
    begin_call("${SIPWEB_NUMBER}"),
    SAVE_CALL,
)
_VALIDATE = (
    f'GotoIf($[${{REGEX("^[0-9*#+{SEPARATORS}]+$" ${{EXTEN}})}} = 0]?invalid)',
    f"GotoIf($[${{LEN(${{SIPWEB_NUMBER}})}} = 0 | ${{LEN(${{SIPWEB_NUMBER}})}} > {MAX_NUMBER_LENGTH}]?invalid)",
    "GotoIf($[${LEN(${EXTEN})} != ${LEN(${SIPWEB_NUMBER})}]?sipweb-internal,${SIPWEB_NUMBER},1)",
    'GotoIf($[${REGEX("^[+]?[0-9*#]+$" ${SIPWEB_NUMBER})} = 0]?invalid)',
)
_NO_ROUTE_LEFT = extension_lines(
    _OUTSIDE_NUMBER,
    "GotoIf($[${LEN(${SIPWEB_POSTPONED})} > 0 & ${SIPWEB_SECOND_PASS} = 0]?second_pass)",
    "GotoIf($[${SIPWEB_ATTEMPTED} = 1]?failed)",
    "GotoIf($[${SIPWEB_LEVEL_TOO_LOW} = 1]?level_too_low)",
    f"Goto(sipweb-reject,0{HANGUP_CAUSES[NO_RULE]},1)",
    f"level_too_low: Goto(sipweb-reject,0{HANGUP_CAUSES[LEVEL]},1)",
    f"failed: Goto(sipweb-reject,0{HANGUP_CAUSES[NO_TRUNK]},1)",
    "second_pass: Set(SIPWEB_SECOND_PASS=1)",
    "Goto(next_pass)",
    f"invalid: Goto(sipweb-reject,0{HANGUP_CAUSES[INVALID_NUMBER]},1)",
    continued=True,
)


def _progress_timeout(snapshot: Snapshot, timeout: int) -> int:
    return timeout if len(snapshot.trunks) > 1 else ONLY_TRUNK_PROGRESS_TIMEOUT


def _prepare_call(timeouts: str) -> Lines:
    """Return the first lines of an outside call. Those of all routes follow; the second pass begins at the label."""
    lines = (*_IDENTIFY_CALLER, *_RESET, f"Set(SIPWEB_TIMEOUTS={timeouts})", *_VALIDATE, "next_pass: NoOp()")
    return extension_lines(_OUTSIDE_NUMBER, *lines)


def _match_route(route: Route) -> Line:
    matches = f'${{REGEX("^({compile_pattern(route.pattern).posix})$" ${{SIPWEB_NUMBER}})}}'
    return ("exten", f"{_OUTSIDE_NUMBER},n,GosubIf({matches}?sipweb-route,{route.id},1)")


def _route(route: Route) -> Lines:
    return extension_lines(
        str(route.id),
        f"GotoIf($[${{SIPWEB_EFFECTIVE_LEVEL}} < {route.level}]?level_too_low)",
        f"Set(SIPWEB_DIALED_NUMBER={route.prepend_digits}${{SIPWEB_NUMBER:{route.strip_digits}}})",
        f"GosubIf(${{LEN(${{SIPWEB_DIALED_NUMBER}})}}?sipweb-trunk,{route.trunk_id},1)",
        "Return()",
        "level_too_low: Set(SIPWEB_LEVEL_TOO_LOW=1)",
        "Return()",
    )


def _trunk(trunk: Trunk, settings: PbxSettings) -> Lines:
    """Dial one trunk.

    Returns when the trunk failed. A response of the called party ends the call with its cause.
    """
    name = trunk_name(trunk.id)
    return extension_lines(
        str(trunk.id), *_reachable(trunk.id, name), *_prepare(trunk, name, settings), *_DIAL, *_OUTCOME
    )


def _reachable(trunk_id: int, name: str) -> tuple[str, ...]:
    """Return the lines that decide whether this pass tries the trunk.

    The first pass postpones a trunk whose contact is unreachable, because some providers do not answer OPTIONS. The
    second pass (SIPWEB_SECOND_PASS) tries only the postponed ones (SIPWEB_POSTPONED). The device state would not do: it
    is "unavailable" after a generation until OPTIONS is answered, and "in use" while such a provider carries a call.
    """
    return (
        "GotoIf(${SIPWEB_SECOND_PASS}?second_pass)",
        f'GotoIf($["${{PJSIP_CONTACT(${{PJSIP_AOR({name},contact)}},status)}}" != "Unreachable"]?try)',
        f"Set(SIPWEB_POSTPONED=${{SIPWEB_POSTPONED}}+{trunk_id}+)",
        "Return()",
        f'second_pass: GotoIf($[${{REGEX("[+]{trunk_id}[+]" ${{SIPWEB_POSTPONED}})}} = 0]?failed)',
    )


def _prepare(trunk: Trunk, name: str, settings: PbxSettings) -> tuple[str, ...]:
    """Return the lines that start the recording and set caller ID and dial target."""
    caller_id = shown_caller_id(trunk, settings) or "${SIPWEB_CALLER_ID}"
    return (
        # recording starts with the first attempt, so a rejected call is never recorded
        "try: GosubIf($[${SIPWEB_ATTEMPTED} = 0]?sipweb-recording,outside,1(${SIPWEB_NUMBER}))",
        "Set(SIPWEB_ATTEMPTED=1)",
        f"Set(CALLERID(num)={caller_id})",
        "Gosub(sipweb-caller-name,s,1)" if settings.caller_name_outside else "Set(CALLERID(name)=)",
        f"Set(SIPWEB_CALL_TRUNKS=${{SIPWEB_CALL_TRUNKS}}+{trunk.id})",
        "Set(SIPWEB_SIP_RESPONSE=)",
        SAVE_CALL,
        f"Set(SIPWEB_DIAL_TARGET=${{SIPWEB_DIALED_NUMBER}}@{name})",
        # Asterisk dials no contact that it considers unreachable, but does dial an address (measured on Asterisk 22)
        "GotoIf($[${SIPWEB_SECOND_PASS} = 0]?dial)",
        f"Set(SIPWEB_DIAL_TARGET={name}/sip:${{URIENCODE(${{SIPWEB_DIALED_NUMBER}})}}@{trunk_address(trunk)})",
    )


_DIAL = (
    "dial: HangupCauseClear()",  # otherwise causes of earlier attempts would be kept too
    "Dial(PJSIP/${SIPWEB_DIAL_TARGET},${SIPWEB_TIMEOUTS},"
    "ib(sipweb-callee-channel^s^1(${SIPWEB_NUMBER}^${SIPWEB_WITHHELD})))",
)
_OUTCOME = (
    "GotoIf(${SIPWEB_IS_EMERGENCY}?failed)",  # an emergency call tries every trunk, whatever the response
    "Set(SIPWEB_CAUSE_CHANNEL=${HANGUPCAUSE_KEYS()})",
    "GotoIf($[${LEN(${SIPWEB_CAUSE_CHANNEL})} = 0]?no_response)",
    "Set(SIPWEB_SIP_RESPONSE=${HANGUPCAUSE(${SIPWEB_CAUSE_CHANNEL},tech)})",
    f'GotoIf(${{REGEX("^SIP ({CALLEE_RESPONSES})" ${{SIPWEB_SIP_RESPONSE}})}}?answered_by_callee)',
    'GotoIf(${REGEX("^SIP [3-6]" ${SIPWEB_SIP_RESPONSE})}?failed)',
    "no_response: GotoIf($[${LEN(${RINGTIME})} + ${LEN(${PROGRESSTIME})} = 0]?failed)",  # the call never even rang
    'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?no_answer)',
    "failed: Return()",
    "answered_by_callee: Set(SIPWEB_CAUSE=${HANGUPCAUSE})",
    'GotoIf($["${SIPWEB_SIP_RESPONSE:4:3}" = "603"]?declined)',
    'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?no_answer)',
    "Goto(sipweb-hangup,0${SIPWEB_CAUSE},1)",
    "no_answer: Goto(sipweb-hangup,019,1)",
    f"declined: {DECLINE[0]}",
    *DECLINE[1:],
)


def _emergency(number: str, snapshot: Snapshot) -> Lines:
    """Dial an emergency number at any level.

    The attempts are known when the dialplan is generated. If none succeeds, the postponed trunks are tried.
    """
    attempts = [
        line
        for attempt in route_call(0, number, snapshot).attempts
        for line in (f"Set(SIPWEB_DIALED_NUMBER={attempt.dialed})", f"Gosub(sipweb-trunk,{attempt.trunk.id},1)")
    ]
    return extension_lines(
        number,
        "Set(SIPWEB_CALLER_ID=${CALLERID(num)})",
        f"Set(SIPWEB_TRANSFERRER={TRANSFERRER})",
        "Gosub(sipweb-channel-account,s,1)",
        "GotoIf($[${LEN(${SIPWEB_ACCOUNT_LEVEL})} > 0 | ${LEN(${SIPWEB_TRANSFERRER})} = 1]?identified)",
        "Set(SIPWEB_CALLER_ID=${SIPWEB_TRANSFERRER:1})",
        f"identified: Set(SIPWEB_NUMBER={number})",
        "Set(SIPWEB_ATTEMPTED=0)",
        "Set(SIPWEB_POSTPONED=)",
        "Set(SIPWEB_SECOND_PASS=0)",
        "Set(SIPWEB_IS_EMERGENCY=1)",
        "Set(SIPWEB_WITHHELD=0)",  # emergency services always see the number
        "Set(CALLERID(pres)=allowed)",
        begin_call(number),
        SAVE_CALL,
        # it rings until the caller hangs up
        f"Set(SIPWEB_TIMEOUTS=^{_progress_timeout(snapshot, EMERGENCY_PROGRESS_TIMEOUT)})",
        "next_pass: NoOp()",
        *attempts,
        "GotoIf($[${LEN(${SIPWEB_POSTPONED})} = 0 | ${SIPWEB_SECOND_PASS} = 1]?failed)",
        "Set(SIPWEB_SECOND_PASS=1)",
        "Goto(next_pass)",
        f"failed: Goto(sipweb-reject,0{HANGUP_CAUSES[NO_TRUNK]},1)",
    )


# Reject a call. The extension is the hangup cause. Plays an announcement if it is installed, otherwise a tone, without
# answering.
_REJECT = extension_lines(
    "_X.",
    save_outcome("r${EXTEN:1}"),
    "GotoIf(${LEN(${BLINDTRANSFER})}?sipweb-hangup,${EXTEN},1)",
    "Progress()",
    "Playback(cannot-complete-as-dialed,noanswer)",
    'GotoIf($["${PLAYBACKSTATUS}" = "SUCCESS"]?hangup)',
    "PlayTones(congestion)",
    "Wait(2)",
    "hangup: Goto(sipweb-hangup,${EXTEN},1)",
)
