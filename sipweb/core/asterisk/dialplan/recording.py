"""Dialplan that decides which calls are recorded.

An internal call is recorded when either side's switch is on. An outside call is recorded when the account's switch is
on and nobody uses the account through the agent application. The recording runs on the channel of the account whose
switch is on. A party that leaves the call takes it along, so nobody is recorded by the switch of a party that has left.

`DB(sipweb/lease/NUMBER)` holds the time (Unix time) until which a lease is valid. sipweb renews it. Once the time has
passed, the account's switch alone decides. `DB(sipweb/name/NUMBER)` is the agent's name.
"""

from collections.abc import Collection
from zlib import crc32

from ...snapshot import HostAddress
from ..conf import Lines, Section, extension_lines
from .hosts import IS_RECORDED

LEASE_FAMILY = "sipweb/lease"  # family in Asterisk's database (AstDB); the key is the account's number
NAME_FAMILY = "sipweb/name"  # the same: the agent's name
RECORDING_FOLDER = "sipweb"  # folder below Asterisk's own folder of recordings


def host_suffix(host: str) -> str:
    """Return what the keys of a host's recordings end with if there are several hosts.

    Unique ids are unique on one Asterisk only, and their system name is not part of a key.
    """
    return f".{crc32(host.encode())}"


def recording_contexts(hosts: Collection[HostAddress], own_host: str) -> tuple[Section, ...]:
    """Return the contexts that start recordings.

    `internal` (called account's switch, its number) and `outside` are called before dialling. With other PBX `hosts`
    a party whose host records the call already is not recorded here after a transfer.

    They set `SIPWEB_DIAL_OPTIONS`, the options of Dial. The option `i` disables forwarding by phones: Asterisk takes
    the user part of a 302's Contact as it comes, and one with a slash as a channel. A phone of level 0 could so name a
    trunk (measured on Asterisk 22.10).
    """
    return (
        Section(
            "sipweb-recording",
            (*_internal(hosts), *_OUTSIDE, *_CHANNEL_ACCOUNT, *_file(host_suffix(own_host) if hosts else "")),
        ),
        Section(
            "sipweb-start-recording", extension_lines("s", "MixMonitor(${ARG1},bi(SIPWEB_MIXMONITOR_ID))", "Return()")
        ),
    )


def not_leased(number: str) -> str:
    """Return an expression that is 1 when no lease of the account is valid."""
    return f"$[0${{FILTER(0-9,${{DB({LEASE_FAMILY}/{number})}})}} < ${{EPOCH}}]"


# For the call history: the recording's day and its unique part.
_NOTE_RECORDING = (
    f"Set(SIPWEB_CALL_RECORDING=${{SIPWEB_RECORDING_FILE:{len(RECORDING_FOLDER) + 1}:10}}/${{SIPWEB_RECORDING_KEY}})"
)
_START_MIXMONITOR = "MixMonitor(${SIPWEB_RECORDING_FILE},bi(SIPWEB_MIXMONITOR_ID))"


def _internal(hosts: Collection[HostAddress]) -> Lines:
    """Return the lines for a caller that is an account, or an outside party whom an account has transferred."""
    unless_recorded = f' & "${{{IS_RECORDED}}}" != "1"' if hosts else ""
    return extension_lines(
        "internal",
        "Gosub(account,1)",
        "GotoIf($[${LEN(${SIPWEB_ACCOUNT})} = 0]?outside_caller)",
        "Gosub(file,1(${SIPWEB_ACCOUNT},${ARG2}))",
        "GotoIf(${SIPWEB_ACCOUNT_RECORDING}?record_caller)",
        "GotoIf(${ARG1}?record_callee)",
        "Return()",
        f"record_caller: {_NOTE_RECORDING}",
        _START_MIXMONITOR,
        "Return()",
        "outside_caller: Gosub(file,1(${FILTER(0-9*#+,${CALLERID(num)})},${ARG2}))",
        f"GotoIf($[${{ARG1}} & {not_leased('${ARG2}')}{unless_recorded}]?record_callee)",
        "Return()",
        f"record_callee: {_NOTE_RECORDING}",
        "Set(SIPWEB_DIAL_OPTIONS=iU(sipweb-start-recording^${SIPWEB_RECORDING_FILE}))",
        "Return()",
    )


_OUTSIDE = extension_lines(
    "outside",
    "Gosub(account,1)",
    "GotoIf($[${LEN(${SIPWEB_ACCOUNT})} = 0]?none)",
    f"GotoIf($[${{SIPWEB_ACCOUNT_RECORDING}} & {not_leased('${SIPWEB_ACCOUNT}')}]?record_caller)",
    "none: Return()",
    "record_caller: Gosub(file,1(${SIPWEB_ACCOUNT},${ARG1}))",
    _NOTE_RECORDING,
    _START_MIXMONITOR,
    "Return()",
)
# Find the account of this channel. An earlier recording on this channel ends here.
_CHANNEL_ACCOUNT = extension_lines(
    "account",
    "Set(SIPWEB_DIAL_OPTIONS=i)",
    "GotoIf($[${LEN(${SIPWEB_MIXMONITOR_ID})} = 0]?find)",
    "StopMixMonitor(${SIPWEB_MIXMONITOR_ID})",
    "Set(SIPWEB_MIXMONITOR_ID=)",
    "find: Gosub(sipweb-channel-account,s,1)",
    "Return()",
)


def _file(suffix: str) -> Lines:
    """Return the extension that names the file: a folder a day; time, caller, called number and a unique part."""
    return extension_lines(
        "file",
        f"Set(SIPWEB_RECORDING_KEY=${{EPOCH}}-${{FILTER(0-9.,${{UNIQUEID}})}}{suffix})",
        f"Set(SIPWEB_RECORDING_FILE=${{STRFTIME(${{EPOCH}},,{RECORDING_FOLDER}/%Y-%m-%d/%H%M%S)}})",
        "Set(SIPWEB_RECORDING_FILE=${SIPWEB_RECORDING_FILE}_${ARG1:0:32}_${ARG2:0:32})",
        "Set(SIPWEB_RECORDING_FILE=${SIPWEB_RECORDING_FILE}_${SIPWEB_RECORDING_KEY}.wav)",
        "Return()",
    )
