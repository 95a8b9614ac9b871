"""Actions on Asterisk: reload, remove and qualify contacts, stop a recording."""

import logging
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress

from ..core.errors import N_, OperationRefused
from .ami import AmiClient, AmiError
from .connection import PbxConnection
from .status import ActiveRecording

logger = logging.getLogger(__name__)
_EXPIRATION = re.compile(r'("expiration_time": ?")\d+')
MODULES = ("res_pjsip.so", "pbx_config.so")


class AsteriskStarting(OperationRefused):
    """Asterisk answers, but it is still starting."""


@contextmanager
def connect(pbx: PbxConnection) -> Iterator[AmiClient | None]:
    """Connect to an Asterisk that has started; None where there is no Asterisk.

    Raises:
        OperationRefused: Asterisk is unreachable or still starting.
    """
    if not pbx.has_asterisk:
        yield None
        return
    with pbx.open() as ami:
        check_ready(ami)
        yield ami


def check_ready(ami: AmiClient) -> None:
    """Check that Asterisk has started.

    While it is loading, a reload has no effect and lists are incomplete.

    Raises:
        OperationRefused: Asterisk is still starting.
    """
    try:
        for module in MODULES:
            ami.action("ModuleCheck", Module=module)
    except AmiError:
        raise AsteriskStarting(N_("Asterisk is still starting. Try again in a moment.")) from None


def reload_accounts(ami: AmiClient) -> None:
    """Reload the accounts only, and what else pjsip.conf includes.

    Raises:
        OperationRefused: Asterisk is still starting.
    """
    check_ready(ami)
    ami.action("Reload", Module=MODULES[0])


def reload(ami: AmiClient) -> None:
    """Reload accounts and dialplan only. Calls in progress go on."""
    _reload(ami, MODULES)


def reload_changed(ami: AmiClient, marker: str) -> bool:
    """Reload the dialplan, and the accounts unless Asterisk has their marker. Return whether they were reloaded."""
    try:
        ami.action("PJSIPShowEndpoint", Endpoint=marker)
    except AmiError:
        _reload(ami, MODULES)
        return True
    _reload(ami, MODULES[1:])
    return False


def _reload(ami: AmiClient, modules: Collection[str]) -> None:
    logger.info("Reloading %s", " and ".join(modules))
    for module in modules:
        ami.action("Reload", Module=module)


def remove_contacts(ami: AmiClient, numbers: Collection[int]) -> None:
    """Remove the contacts of these numbers.

    Contacts outlive their account (measured on Asterisk 22.10, up to 300 s). A call to a reused number would ring the
    old phone, and so would one to a phone whose password was replaced. Calls in progress go on, and the right phone
    registers again.
    """
    _expire_contacts(
        ami,
        [
            (item.get("ObjectName", ""), name)
            for item in (ami.events("PJSIPShowContacts") if numbers else ())
            if (name := item.get("Endpoint") or item.get("Aor", "")).isdecimal() and int(name) in numbers
        ],
    )


def end_registrations(ami: AmiClient, numbers: Collection[int]) -> None:
    """Remove the contacts of these numbers, where few of many phones are concerned: asks only for theirs."""
    responses = ami.try_many([("PJSIPShowEndpoint", {"Endpoint": str(number)}) for number in numbers])
    _expire_contacts(
        ami,
        [
            (item.get("ID", ""), str(number))
            for number, response in zip(numbers, responses, strict=True)
            for item in (() if isinstance(response, AmiError) else response)  # an error: the account is not live
            if item.get("Event") == "ContactStatusDetail"
        ],
    )


def _expire_contacts(ami: AmiClient, names: Collection[tuple[str, str]]) -> None:
    """Make contacts expire, given by their names and their accounts' numbers: Asterisk deletes them when it looks.

    If only their entries in AstDB were deleted, it would send OPTIONS to their addresses until its next start.
    """
    contacts = [({"Family": "registrar/contact", "Key": contact}, number) for contact, number in names]
    entries = ami.try_many([("DBGet", entry) for entry, _name in contacts])
    expired = [
        {**entry, "Val": _EXPIRATION.sub(r"\g<1>1", found[-1].get("Val", ""))}
        for (entry, _name), found in zip(contacts, entries, strict=True)
        if not isinstance(found, AmiError)  # else it is gone
    ]
    ami.try_many([("DBPut", entry) for entry in expired])
    looks = ami.try_many([("PJSIPShowEndpoint", {"Endpoint": name}) for _entry, name in contacts])
    orphans = [entry for (entry, _name), seen in zip(contacts, looks, strict=True) if isinstance(seen, AmiError)]
    ami.try_many([("DBDel", entry) for entry in orphans])  # whose account is gone


def qualify(ami: AmiClient, numbers: Collection[int]) -> None:
    """Let Asterisk ask the phones of these numbers now whether they are there, instead of at its next turn."""
    ami.try_many([("PJSIPQualify", {"Endpoint": str(number)}) for number in numbers])


def stop_recording(ami: AmiClient, recording: ActiveRecording) -> None:
    """Stop a recording; the call goes on."""
    with suppress(AmiError):  # the recording has ended already
        ami.action("StopMixMonitor", Channel=recording.channel, MixMonitorID=recording.id)
