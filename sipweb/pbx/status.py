"""What Asterisk reports now: registered phones, trunks, calls and recordings."""

import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace

from ..core.asterisk.dialplan.outbound import trunk_name
from .ami import AmiClient, AmiError, Message

# channel variables that hold the id of a recording; the second one is that of a dialplan generated before version 8
MIXMONITOR_IDS = ("SIPWEB_MIXMONITOR_ID", "SIPWEB_MONITOR")
MAX_USER_AGENT = 80
REGISTRATIONS = ("registration", "PJSIPShowRegistrationsOutbound")


@dataclass(frozen=True, slots=True)
class Contact:
    """Where an account's phone is registered, and whether it answers Asterisk there.

    Of several `phones` it is one that answers. `reachable` is False only if Asterisk asked in vain. `websocket`: it
    registered over WebSocket, like the built-in phone. `expires` is when the registration ends. Contacts that differ in
    it alone are equal; a renewal is no change. `user_agent` is the phone's name for itself, `round_trip` the
    milliseconds in which it answers (0 if unknown), and `since` when it registered at this address, ceased to answer or
    answered again (Unix time; 0 if unknown). `host` is the PBX host; "" if there is only one.
    """

    address: str
    reachable: bool = True
    websocket: bool = False
    expires: int = field(default=0, compare=False)
    phones: int = 1
    user_agent: str = ""
    round_trip: int = 0
    since: int = 0
    host: str = ""


def registered_phones(ami: AmiClient) -> dict[int, Contact]:
    """Return number → contact of the registered accounts."""
    named = [
        (item.get("Endpoint", item.get("Aor", "")), item) for item in ami.events("PJSIPShowContacts") if "Uri" in item
    ]
    contacts: dict[int, list[Contact]] = {}
    for name, item in named:
        if name.isdecimal():
            contacts.setdefault(int(name), []).append(_contact(item))
    return {number: _one_of(found) if len(found) > 1 else found[0] for number, found in contacts.items()}


def contact_hosts(ami: AmiClient) -> set[str]:
    """Return the addresses of all registered phones, without ports."""
    uris = [item["Uri"] for item in ami.events("PJSIPShowContacts") if item.get("Endpoint", "").isdecimal()]
    return {host_part(_address(uri)) for uri in uris}


def host_part(address: str) -> str:
    """Return an address without its port, and an IPv6 one without brackets."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.rpartition(":")[0] or address


def _contact(item: Message) -> Contact:
    return Contact(
        _address(item["Uri"]),
        reachable=item.get("Status") != "Unreachable",
        websocket=";transport=ws" in item["Uri"].lower(),
        expires=int(item.get("ExpirationTime", 0)),
        user_agent="".join(filter(str.isprintable, item.get("UserAgent", "")))[:MAX_USER_AGENT].strip(),
        round_trip=_milliseconds(item.get("RoundtripUsec", "")),
    )


def _milliseconds(microseconds: str) -> int:
    """Return the time rounded up, so that 0 means unknown; Asterisk has "N/A" for a phone that does not answer."""
    return -(-int(microseconds) // 1000) if microseconds.isdecimal() else 0


def _one_of(contacts: Collection[Contact]) -> Contact:
    """Return one contact for all phones of an account, the same however Asterisk orders them."""
    shown = min(contacts, key=lambda contact: (not contact.reachable, contact.address))
    return replace(shown, phones=len(contacts), expires=max(contact.expires for contact in contacts))


def active_call_ids(ami: AmiClient) -> frozenset[str]:
    """Return the unique ids of the active channels.

    They consist of digits and dots, as in the names of recordings.
    """
    return frozenset(re.sub("[^0-9.]", "", item.get("Uniqueid", "")) for item in ami.events("CoreShowChannels"))


def calls_in_progress(ami: AmiClient) -> tuple[int, frozenset[int]]:
    """Return the number of calls, and the numbers of the accounts that are in one."""
    items = ami.events("CoreShowChannels")
    names = map(_endpoint_of, items)
    return len({item.get("Linkedid") for item in items}), frozenset(int(name) for name in names if name.isdecimal())


def account_call_ids(ami: AmiClient) -> frozenset[str]:
    """Return the unique ids of the accounts' channels."""
    items = ami.events("CoreShowChannels")
    return frozenset(item.get("Uniqueid", "") for item in items if _endpoint_of(item).isdecimal())


def numbers_on_call(ami: AmiClient) -> frozenset[int]:
    """Return the numbers of the accounts that are in a call."""
    return calls_in_progress(ami)[1]


@dataclass(frozen=True, slots=True)
class ActiveRecording:
    """A recording in progress: its channel, file name, and MixMonitor id."""

    channel: str
    file: str
    id: str


def outside_recordings(ami: AmiClient, numbers: Collection[int]) -> list[ActiveRecording]:
    """Return recordings on channels of these accounts that are connected to a trunk."""
    bridged = [
        (item["BridgeId"], _endpoint_of(item), item) for item in ami.events("CoreShowChannels") if item.get("BridgeId")
    ]
    outside = {bridge for bridge, name, _item in bridged if name.startswith(trunk_name(0)[:-1])}
    ours = set(map(str, numbers))
    channels = [item["Channel"] for bridge, name, item in bridged if bridge in outside and name in ours]
    recordings = []
    for channel in channels:
        with suppress(AmiError):  # the channel ended meanwhile
            file, *ids = (
                ami.action("Getvar", Channel=channel, Variable=variable).get("Value", "")
                for variable in ("MIXMONITOR_FILENAME", *MIXMONITOR_IDS)
            )
            name = file.rpartition("/")[2]
            recordings += [ActiveRecording(channel, name, mixmonitor_id) for mixmonitor_id in ids if mixmonitor_id]
    return recordings


def _endpoint_of(item: Message) -> str:
    """Return the endpoint of a channel."""
    return item.get("Channel", "").removeprefix("PJSIP/").rpartition("-")[0]


@dataclass(frozen=True, slots=True)
class TrunkState:
    """A trunk's registration ("" for none) and whether the provider is reachable.

    `reachable` is None until the provider has answered Asterisk or has failed to. `hosts` names the PBX hosts where the
    trunk does not work, if it does at others.
    """

    registration: str = ""
    reachable: bool | None = None
    hosts: str = ""


def trunk_states(ami: AmiClient) -> dict[int, TrunkState]:
    """Return trunk id → state of all trunks that run.

    Reachability comes from the contacts. The device state is "in use" while a provider that does not answer OPTIONS
    carries a call.
    """
    prefix = trunk_name(0)[:-1]
    registrations = objects_by_name(outbound_registrations(ami), "registration")
    names = [name for name in objects_by_name(ami.events("PJSIPShowEndpoints"), "endpoint") if name.startswith(prefix)]
    responses = ami.run_many(("PJSIPShowEndpoint", {"Endpoint": name}) for name in names)
    states = {}
    for name, response in zip(names, responses, strict=True):
        contacts = {item.get("Status") for item in response if item.get("Event") == "ContactStatusDetail"}
        reachable = "Reachable" in contacts or (False if "Unreachable" in contacts else None)
        registration = registrations.get(name, {}).get("Status", "")
        states[int(name.removeprefix(prefix))] = TrunkState(registration, reachable)
    return states


def outbound_registrations(ami: AmiClient) -> list[Message]:
    """Return the registrations at providers; empty if Asterisk lacks the module for them."""
    try:
        return ami.events(REGISTRATIONS[1])
    except AmiError:  # an Asterisk without that module
        return []


def objects_by_name(items: list[Message], kind: str) -> dict[str, Message]:
    """Return name → item of the PJSIP objects of one kind."""
    return {item["ObjectName"]: item for item in items if item.get("ObjectType", kind) == kind and "ObjectName" in item}


def _address(uri: str) -> str:
    return uri.rpartition("@")[2].partition(";")[0].strip("<>")
