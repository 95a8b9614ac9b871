"""Which calls are recorded, as the dialplan asks it: the switches of the accounts in the call, and the leases.

Internal calls when either side's switch is on; calls with the outside when the account's switch is on and nobody works
with the account through the agent application. A recording hangs on the channel of the account whose switch wants it:
whoever leaves the call takes it along, so a transferred call is never recorded by the switch of somebody who left.

The lease of an account is `DB(sipweb/lease/NUMBER)`: the moment (Unix time) until which it is known to be in use. It
is renewed while sipweb lives; when that moment has passed nobody knows, and the switch alone decides.
"""

from .conf import Section, extension

LEASES = "sipweb/lease"  # the family in Asterisk's own database; the key is the account's number
FOLDER = "sipweb"  # below Asterisk's folder of recordings


def recording() -> tuple[Section, ...]:
    """`internal` (called account's switch, its number) and `outside`, to be asked before dialling.

    `SIPWEB_DIAL` are the options of Dial afterwards. Without forwarding (i): Asterisk takes the user of a 302's Contact
    as it comes, and what has a slash in it as a channel to dial. A phone of level 0 could so name a trunk (measured on
    22.10).
    """
    return (
        Section("sipweb-recording", (*_INTERNAL, *_OUTSIDE, *_OWN, *_FILE)),
        Section("sipweb-recorded", extension("s", "MixMonitor(${ARG1},bi(SIPWEB_MONITOR))", "Return()")),
    )


def _free(number: str) -> str:
    """1 when nobody is known to use the account."""
    return f"$[0${{FILTER(0-9,${{DB({LEASES}/{number})}})}} < ${{EPOCH}}]"


_HERE = "MixMonitor(${SIPWEB_FILE},bi(SIPWEB_MONITOR))"
# The caller's side may be an account, or somebody outside whom an account has transferred.
_INTERNAL = extension(
    "internal",
    "Gosub(own,1)",
    "GotoIf($[${LEN(${SIPWEB_OWN})} = 0]?guest)",
    "Gosub(file,1(${SIPWEB_OWN},${ARG2}))",
    "GotoIf(${SIPWEB_OWN_RECORDING}?here)",
    "GotoIf(${ARG1}?there)",
    "Return()",
    f"here: {_HERE}",
    "Return()",
    "guest: Gosub(file,1(${FILTER(0-9*#+,${CALLERID(num)})},${ARG2}))",
    f"GotoIf($[${{ARG1}} & {_free('${ARG2}')}]?there)",
    "Return()",
    "there: Set(SIPWEB_DIAL=iU(sipweb-recorded^${SIPWEB_FILE}))",
    "Return()",
)
_OUTSIDE = extension(
    "outside",
    "Gosub(own,1)",
    "GotoIf($[${LEN(${SIPWEB_OWN})} = 0]?none)",
    f"GotoIf($[${{SIPWEB_OWN_RECORDING}} & {_free('${SIPWEB_OWN}')}]?here)",
    "none: Return()",
    "here: Gosub(file,1(${SIPWEB_OWN},${ARG1}))",
    _HERE,
    "Return()",
)
# The account of this channel, by the endpoint's name (a caller's number can be made up), and its switch as the same
# lines say it that are compared after a generation. What an earlier call on this channel began to record ends here.
_OWN = extension(
    "own",
    "Set(SIPWEB_DIAL=i)",
    "GotoIf($[${LEN(${SIPWEB_MONITOR})} = 0]?quiet)",
    "StopMixMonitor(${SIPWEB_MONITOR})",
    "Set(SIPWEB_MONITOR=)",
    "quiet: Set(SIPWEB_OWN=${FILTER(0-9,${CHANNEL(endpoint)})})",
    "GotoIf($[${LEN(${SIPWEB_OWN})} != ${LEN(${CHANNEL(endpoint)})}]?nobody)",
    "GotoIf($[${LEN(${SIPWEB_OWN})} = 0]?nobody)",
    "GotoIf($[${DIALPLAN_EXISTS(sipweb-accounts,${SIPWEB_OWN},1)} = 0]?nobody)",
    "Set(SIPWEB_ASKED=1)",
    "Gosub(sipweb-accounts,${SIPWEB_OWN},1)",
    "Set(SIPWEB_ASKED=0)",
    "Set(SIPWEB_OWN_RECORDING=${SIPWEB_CALLED_RECORDING})",
    "Return()",
    "nobody: Set(SIPWEB_OWN=)",
    "Return()",
)
# A folder a day; in the name the time, who called whom, and what no other recording has.
_FILE = extension(
    "file",
    f"Set(SIPWEB_FILE=${{STRFTIME(${{EPOCH}},,{FOLDER}/%Y-%m-%d/%H%M%S)}}_${{ARG1:0:32}}_${{ARG2:0:32}})",
    "Set(SIPWEB_FILE=${SIPWEB_FILE}_${EPOCH}-${FILTER(0-9.,${UNIQUEID})}.wav)",
    "Return()",
)
