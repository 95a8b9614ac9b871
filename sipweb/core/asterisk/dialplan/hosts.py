"""Calls between PBX hosts: to phones that are registered at another one.

The caller's host decides about level, forwarding and recording, and has the call in its list. The phone's host only
rings the phone and answers what the phone answered, so a call never passes through more than two hosts.
"""

from collections.abc import Collection

from ...snapshot import HostAddress
from ..conf import Section, extension_lines
from .phones import IS_IN_A_CALL, dial_phones

HOST_PREFIX = "sipweb-host-"
FROM_HOST, _TO_HOST = "sipweb-from-host", "sipweb-to-host"
IS_RECORDED = "SIPWEB_IS_RECORDED_ELSEWHERE"  # 1 on a channel from a host that records the call
_RECORDED_HEADER = "X-Sipweb-Recorded"
_RING_TIMEOUT = 65  # seconds; the caller's host gives up earlier, unless it has died


def host_endpoint(name: str) -> str:
    """Return the name of a PBX host's endpoint, which is also what the host authenticates as."""
    return f"{HOST_PREFIX}{name}"


def at_hosts(hosts: Collection[HostAddress]) -> str:
    """Return what reaches the phones of the account, the extension, at these hosts; "" without hosts."""
    return "&".join(f"PJSIP/${{EXTEN}}@{host_endpoint(host.name)}" for host in hosts)


def to_hosts(hosts: Collection[HostAddress]) -> str:
    """Return the option of Dial that prepares the channels to these hosts; "" without hosts."""
    return f"b({_TO_HOST}^s^1(${{LEN(${{SIPWEB_CALL_RECORDING}})}}))" if hosts else ""


def host_contexts(hosts: Collection[HostAddress]) -> tuple[Section, ...]:
    """Return the contexts of calls from and to these hosts; none without hosts."""
    contexts = (Section(FROM_HOST, _RING), Section(_TO_HOST, _PREPARE))
    return contexts if hosts else ()


# Calls from other hosts. This context leads nowhere else: it neither forwards nor records, and reaches no trunk. Where
# the phone is not registered it answers 404, because Dial on the caller's host takes 480 for "no answer".
_RING = extension_lines(
    "_XXX",
    f"Set({IS_RECORDED}=${{FILTER(1,${{PJSIP_HEADER(read,{_RECORDED_HEADER})}})}})",
    "GotoIf($[${DIALPLAN_EXISTS(sipweb-accounts,${EXTEN},1)} = 0]?not_here)",
    "GotoIf($[${LEN(${PJSIP_DIAL_CONTACTS(${EXTEN})})} = 0]?not_here)",
    "Set(SIPWEB_LOOKUP_ONLY=1)",
    "Gosub(sipweb-accounts,${EXTEN},1)",  # sets SIPWEB_CALL_WAITING
    "Set(SIPWEB_LOOKUP_ONLY=0)",
    "GotoIf(${SIPWEB_CALL_WAITING}?ring)",
    f"GotoIf({IS_IN_A_CALL}?busy)",
    "ring: NoOp()",
    *dial_phones(f"{_RING_TIMEOUT},i"),
    'GotoIf($["${DIALSTATUS}" = "BUSY"]?busy)',
    'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?no_answer)',
    'GotoIf($["${HANGUPCAUSE}" = "21"]?declined)',
    "not_here: Hangup(1)",
    "busy: Hangup(17)",
    "no_answer: Hangup(19)",
    "declined: PJSIPHangup(603)",
    "Hangup(21)",
)
# Let the other host know (ARG1 is not 0) that this one records the call: after a transfer it might record, too.
_PREPARE = extension_lines(
    "s",
    f'GotoIf($["${{CHANNEL(endpoint):0:{len(HOST_PREFIX)}}}" != "{HOST_PREFIX}" | 0${{ARG1}} = 0]?end)',
    f"Set(PJSIP_HEADER(add,{_RECORDED_HEADER})=1)",
    "end: Return()",
)
