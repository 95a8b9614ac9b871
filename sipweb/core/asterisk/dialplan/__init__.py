"""The dialplan: feature codes, internal calls, call forwarding, outbound calls, recording and call records.

No user's text stands where Asterisk evaluates it.
"""

from ...snapshot import Snapshot
from ..conf import Section, extension_lines, flatten
from ..renderer import other_hosts
from .call_record import CALL_RECORD
from .features import feature_contexts
from .forwarding import forwarding_contexts
from .hosts import host_contexts
from .internal import (
    CALLER_NAME,
    CHANNEL_ACCOUNT,
    DIAL_AGENT,
    HANGUP,
    HINTS,
    HINTS_CONTEXT,
    account_extension,
    dial_account,
    inactive_extension,
)
from .outbound import outbound_contexts
from .privacy import WITHHOLD
from .recording import recording_contexts
from .test_call import test_call_contexts

_INCLUDED = ("emergency", "features", "accounts", "inactive", "outgoing")


def dialplan_contexts(snapshot: Snapshot, host: str) -> tuple[Section, ...]:
    """Return all contexts. `host` is the name of this PBX host.

    `sipweb-internal` is for calls from accounts, `sipweb-outgoing` for outside calls.

    Emergency numbers are included first, so that an account with the same number never shadows them. Feature codes and
    numbers of inactive accounts come before the routes.
    """
    hosts = other_hosts(snapshot.settings, host)
    return (
        Section("sipweb-internal", tuple(("include", f"sipweb-{name}") for name in _INCLUDED)),
        *feature_contexts(snapshot),
        Section("sipweb-accounts", flatten(account_extension(account) for account in snapshot.accounts)),
        Section("sipweb-inactive", flatten(inactive_extension(account.number) for account in snapshot.inactive)),
        Section("sipweb-channel-account", CHANNEL_ACCOUNT),
        Section("sipweb-dial-agent", DIAL_AGENT),
        Section("sipweb-dial-account", dial_account(hosts)),
        *forwarding_contexts(snapshot),
        Section("sipweb-caller-name", CALLER_NAME),
        Section(HINTS_CONTEXT, HINTS),
        Section("sipweb-hangup", HANGUP),
        Section("sipweb-privacy", WITHHOLD),
        *outbound_contexts(snapshot),
        *recording_contexts(hosts, host),
        *test_call_contexts(hosts),
        *host_contexts(hosts),
        CALL_RECORD,
        Section("sipweb-marker", extension_lines(snapshot.digest, "NoOp()")),
    )
