"""The way out, as core.routing decides it: rules in order, trunks, emergency calls. Digits and checked patterns only.

A number is checked before anything looks at it: only the lengths of what was dialled reach an expression. `REGEX` tells
1 or 0; the operator `=~` would give what a group caught, and a caught 0 is no match (measured on 22).
"""

from ..patterns import parse
from ..routing import CAUSES, LEVEL, NO_RULE, NO_TRUNK, STRANGE, decide
from ..snapshot import Rule, Snapshot, Trunk
from .conf import Line, Lines, Section, each, extension

RING = 60  # seconds until "nobody answers"
# What the called party, not the trunk, says: declined (as other Asterisks say it), not found, gone, away, incomplete,
# busy, cancelled, and all final refusals. All else is the trunk's: congestion, no answer to the call, a wrong password.
PARTY = "403|404|410|480|484|486|487|6[0-9][0-9]"


def outgoing(snapshot: Snapshot) -> tuple[Section, ...]:
    """`sipweb-outgoing`, and what it calls; `sipweb-emergency` stands before the accounts, so none shadows it."""
    return (
        Section("sipweb-emergency", each(_emergency(number, snapshot) for number in snapshot.settings.emergency)),
        Section("sipweb-outgoing", (*_CHECK, *(_question(rule) for rule in snapshot.rules), *_NO_WAY)),
        Section("sipweb-rule", each(_rule(rule) for rule in snapshot.rules)),
        Section("sipweb-trunk", each(_trunk(trunk) for trunk in snapshot.trunks)),
        Section("sipweb-far", extension("s", "Set(CALLERID(num)=${ARG1})", "Return()")),
        Section("sipweb-refusal", _REFUSAL),
    )


def trunk_name(trunk_id: int) -> str:
    """A trunk's name on the PBX."""
    return f"sipweb-trunk-{trunk_id}"


def there(trunk: Trunk) -> str:
    """Where the provider is: what stands after `sip:` and `@`."""
    return f"{trunk.host}:{trunk.port};transport={trunk.transport}"


TRANSFERS = "0${FILTER(0-9,${CUT(BLINDTRANSFER,-,1)})}"  # the account that transfers the call, after a 0; else 0 alone

# Who is judged: the one who transfers (the account of that channel), else the caller. Unknown is nobody: -1. Whoever is
# transferred from outside is shown to the next one outside by the number of the account that does it.
_CHECK = extension(
    "_[0-9*#+]!",
    "Set(SIPWEB_NUMBER=${FILTER(0-9*#+,${EXTEN})})",
    "Set(SIPWEB_CALLER=${CALLERID(num)})",
    "Set(SIPWEB_JUDGED=${SIPWEB_LEVEL})",
    "Set(SIPWEB_BY=${BLINDTRANSFER}${FORWARDERNAME})",
    "GotoIf($[${LEN(${SIPWEB_BY})} = 0]?known)",
    "Set(SIPWEB_JUDGED=)",
    "Set(SIPWEB_BY=0${FILTER(0-9,${CUT(SIPWEB_BY,-,1)})})",
    "GotoIf($[${DIALPLAN_EXISTS(sipweb-accounts,${SIPWEB_BY:1},1)} = 0]?known)",
    "Set(SIPWEB_ASKED=1)",
    "Gosub(sipweb-accounts,${SIPWEB_BY:1},1)",
    "Set(SIPWEB_ASKED=0)",
    "Set(SIPWEB_JUDGED=${SIPWEB_CALLED_LEVEL})",
    "GotoIf(${LEN(${SIPWEB_LEVEL})}?known)",
    "Set(SIPWEB_CALLER=${SIPWEB_BY:1})",
    "known: Set(SIPWEB_JUDGED=${IF($[${LEN(${SIPWEB_JUDGED})} > 0]?${SIPWEB_JUDGED}:-1)})",
    "Set(SIPWEB_TRIED=0)",
    "Set(SIPWEB_LOW=0)",
    "Set(SIPWEB_OVER=)",
    "Set(SIPWEB_LAST=0)",
    "Set(SIPWEB_HELP=0)",
    "GotoIf($[${LEN(${EXTEN})} != ${LEN(${SIPWEB_NUMBER})} | ${LEN(${EXTEN})} > 32]?strange)",
    'GotoIf($[${REGEX("^[+]?[0-9*#]+$" ${SIPWEB_NUMBER})} = 0]?strange)',
    "again: NoOp()",
)
_NO_WAY = tuple(
    ("exten", f"_[0-9*#+]!,n{line}")
    for line in (
        ",GotoIf($[${LEN(${SIPWEB_OVER})} > 0 & ${SIPWEB_LAST} = 0]?last)",
        ",GotoIf($[${SIPWEB_TRIED} = 1]?failed)",
        ",GotoIf($[${SIPWEB_LOW} = 1]?low)",
        f",Goto(sipweb-refusal,0{CAUSES[NO_RULE]},1)",
        f"(low),Goto(sipweb-refusal,0{CAUSES[LEVEL]},1)",
        f"(failed),Goto(sipweb-refusal,0{CAUSES[NO_TRUNK]},1)",
        "(last),Set(SIPWEB_LAST=1)",
        ",Goto(again)",
        f"(strange),Goto(sipweb-refusal,0{CAUSES[STRANGE]},1)",
    )
)


def _question(rule: Rule) -> Line:
    asked = f'${{REGEX("^({parse(rule.pattern).posix})$" ${{SIPWEB_NUMBER}})}}'
    return ("exten", f"_[0-9*#+]!,n,GosubIf({asked}?sipweb-rule,{rule.id},1)")


def _rule(rule: Rule) -> Lines:
    return extension(
        str(rule.id),
        f"GotoIf($[${{SIPWEB_JUDGED}} < {rule.level}]?low)",
        f"Set(SIPWEB_SENT={rule.prepend}${{SIPWEB_NUMBER:{rule.strip}}})",
        f"GosubIf(${{LEN(${{SIPWEB_SENT}})}}?sipweb-trunk,{rule.trunk_id},1)",
        "Return()",
        "low: Set(SIPWEB_LOW=1)",
        "Return()",
    )


def _trunk(trunk: Trunk) -> Lines:
    """Returns when the trunk failed. What the called party says ends the call with its cause; not a call for help, which
    tries every way (SIPWEB_HELP). Whether to record is asked before the first try, so that no refused call is recorded.

    A trunk that Asterisk believes to be down is passed over at first. When no other helped, SIPWEB_LAST is 1 and those
    that were passed over, SIPWEB_OVER, are tried: providers exist that do not answer when asked whether they live. Then by
    the address, as Asterisk dials no contact that it believes to be down (measured on 22). The contacts are asked beside
    the device's state: that is "in use" while such a provider carries another call.
    """
    name = trunk_name(trunk.id)
    return extension(
        str(trunk.id),
        "GotoIf(${SIPWEB_LAST}?last)",
        f'Set(SIPWEB_STATE=$["${{DEVICE_STATE(PJSIP/{name})}}" = "UNAVAILABLE"])',
        f"GotoIf($[${{SIPWEB_STATE}} = 0 & ${{LEN(${{PJSIP_DIAL_CONTACTS({name})}})}} > 0]?try)",
        f"Set(SIPWEB_OVER=${{SIPWEB_OVER}}+{trunk.id}+)",
        "Return()",
        f'last: GotoIf($[${{REGEX("[+]{trunk.id}[+]" ${{SIPWEB_OVER}})}} = 0]?failed)',
        "try: GosubIf($[${SIPWEB_TRIED} = 0]?sipweb-recording,outside,1(${SIPWEB_NUMBER}))",
        "Set(SIPWEB_TRIED=1)",
        f"Set(CALLERID(num)={trunk.caller or '${SIPWEB_CALLER}'})",
        "Set(CALLERID(name)=)",
        f"Set(SIPWEB_TO=${{SIPWEB_SENT}}@{name})",
        "GotoIf($[${SIPWEB_LAST} = 0]?dial)",
        f"Set(SIPWEB_TO={name}/sip:${{URIENCODE(${{SIPWEB_SENT}})}}@{there(trunk)})",
        "dial: HangupCauseClear()",  # an earlier try's answer would stand beside this one's
        f"Dial(PJSIP/${{SIPWEB_TO}},{RING},ib(sipweb-far^s^1(${{SIPWEB_NUMBER}})))",  # who is there, should it call on
        "GotoIf(${SIPWEB_HELP}?failed)",
        "Set(SIPWEB_KEY=${HANGUPCAUSE_KEYS()})",
        "GotoIf($[${LEN(${SIPWEB_KEY})} = 0]?unsaid)",
        "Set(SIPWEB_SAID=${HANGUPCAUSE(${SIPWEB_KEY},tech)})",
        f'GotoIf(${{REGEX("^SIP ({PARTY})" ${{SIPWEB_SAID}})}}?said)',
        'GotoIf(${REGEX("^SIP [3-6]" ${SIPWEB_SAID})}?failed)',
        "unsaid: GotoIf($[${LEN(${RINGTIME})} + ${LEN(${PROGRESSTIME})} = 0]?failed)",  # it never even rang
        'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?silent)',
        "failed: Return()",
        "said: Set(SIPWEB_CAUSE=${HANGUPCAUSE})",
        'GotoIf($["${DIALSTATUS}" = "NOANSWER"]?silent)',
        "Goto(sipweb-end,0${SIPWEB_CAUSE},1)",
        "silent: Goto(sipweb-end,019,1)",
    )


def _emergency(number: str, snapshot: Snapshot) -> Lines:
    """Whatever the level: the ways are known beforehand. If none helps, those that were passed over are tried."""
    tries = decide(0, number, snapshot).tries
    steps = [
        step for way in tries for step in (f"Set(SIPWEB_SENT={way.sent})", f"Gosub(sipweb-trunk,{way.trunk.id},1)")
    ]
    return extension(
        number,
        "Set(SIPWEB_CALLER=${CALLERID(num)})",
        f"Set(SIPWEB_BY={TRANSFERS})",
        "GotoIf($[${LEN(${SIPWEB_LEVEL})} > 0 | ${LEN(${SIPWEB_BY})} = 1]?known)",
        "Set(SIPWEB_CALLER=${SIPWEB_BY:1})",
        f"known: Set(SIPWEB_NUMBER={number})",
        "Set(SIPWEB_TRIED=0)",
        "Set(SIPWEB_OVER=)",
        "Set(SIPWEB_LAST=0)",
        "Set(SIPWEB_HELP=1)",
        "again: NoOp()",
        *steps,
        "GotoIf($[${LEN(${SIPWEB_OVER})} = 0 | ${SIPWEB_LAST} = 1]?failed)",
        "Set(SIPWEB_LAST=1)",
        "Goto(again)",
        f"failed: Goto(sipweb-refusal,0{CAUSES[NO_TRUNK]},1)",
    )


# The cause is the extension. An announcement where the sounds are there, else the tone; neither answers the call.
_REFUSAL = extension(
    "_X.",
    "GotoIf(${LEN(${BLINDTRANSFER})}?sipweb-end,${EXTEN},1)",
    "Progress()",
    "Playback(cannot-complete-as-dialed,noanswer)",
    'GotoIf($["${PLAYBACKSTATUS}" = "SUCCESS"]?end)',
    "PlayTones(congestion)",
    "Wait(2)",
    "end: Goto(sipweb-end,${EXTEN},1)",
)
