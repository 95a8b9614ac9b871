"""Call forwarding as dialplan; it must agree with core.outbound_routing.

SIPWEB_FORWARDING is the number of the account whose forwarding leads to the next call of the channel. The beginning of
that call (`begin_call`) takes it, so that a later call of the channel, for example after a transfer, is not affected.
"""

from ...forwarding import MAX_FORWARDS, RULES, forward_target
from ...snapshot import Account, PbxSettings, Snapshot
from ..conf import Lines, Section, extension_lines, flatten

# What can be reached by forwarding: no emergency numbers, no feature codes.
_REACHABLE = ("accounts", "inactive", "outgoing")


def forwarding_contexts(snapshot: Snapshot) -> tuple[Section, ...]:
    """Return `sipweb-forward`, with an extension for each forwarding of an account, and the targets' context."""
    accounts = (account for account in snapshot.accounts if account.forwards)
    return (
        Section("sipweb-forward", flatten(_forwards(account, snapshot.settings) for account in accounts)),
        Section("sipweb-forward-targets", tuple(("include", f"sipweb-{name}") for name in _REACHABLE)),
    )


def _forwards(account: Account, settings: PbxSettings) -> Lines:
    targets = ((rule, forward_target(account, rule, settings)) for rule in RULES)
    return flatten(
        extension_lines(
            f"{rule}_{account.number}",
            f"Set(SIPWEB_FORWARDING={account.number})",
            f"Goto(sipweb-forward-targets,{target},1)",
        )
        for rule, target in targets
        if target
    )


def is_forwarded(rule: str) -> str:
    """Return an expression that is 1 where the called account, the extension, forwards this call by a rule."""
    return f"$[0${{SIPWEB_FORWARDS}} < {MAX_FORWARDS} & ${{DIALPLAN_EXISTS(sipweb-forward,{rule}_${{EXTEN}},1)}}]"


def forward(rule: str) -> str:
    """Return the application that forwards the call by a rule of the called account, if it has one."""
    return f"GotoIf({is_forwarded(rule)}?sipweb-forward,{rule}_${{EXTEN}},1)"
