"""What Asterisk runs, asked of Asterisk: "Success" to a reload says nothing (measured on Asterisk 22)."""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..core.asterisk.conf import Section
from ..core.asterisk.dialplan import contexts
from ..core.asterisk.outgoing import trunk_name
from ..core.asterisk.pjsip import Decrypt, endpoint, sections, trunk_endpoint
from ..core.errors import N_, Refused
from ..core.snapshot import Snapshot
from .ami import Ami, AmiRefused, Message

MODULES = ("res_pjsip.so", "pbx_config.so")
LISTS = (("endpoint", "PJSIPShowEndpoints"), ("auth", "PJSIPShowAuths"), ("aor", "PJSIPShowAors"))
REGISTRATIONS = ("registration", "PJSIPShowRegistrationsOutbound")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that Asterisk runs otherwise than written. A secret's values are empty: only that it differs is said."""

    name: str
    field: str
    wanted: str = ""
    found: str = ""


def check_started(ami: Ami) -> None:
    """Raises Refused while Asterisk is still loading: a reload would do nothing, and answers would be half."""
    try:
        for module in MODULES:
            ami.action("ModuleCheck", Module=module)
    except AmiRefused:
        raise Refused(N_("Asterisk is still starting. Try again in a moment.")) from None


def reload(ami: Ami) -> None:
    """Have Asterisk read its accounts and its dialplan again, and nothing else. Calls go on."""
    for module in MODULES:
        ami.action("Reload", Module=module)


def registered(ami: Ami) -> dict[int, str]:
    """Number → address of the registered accounts."""
    contacts = ami.events("PJSIPShowContacts")
    pairs = ((item.get("Endpoint", item.get("Aor", "")), item.get("Uri", "")) for item in contacts)
    return {int(name): _address(uri) for name, uri in pairs if name.isdecimal()}


def forget(ami: Ami, numbers: Collection[int]) -> None:
    """Have Asterisk forget where these numbers registered from.

    Contacts outlive their account (measured on 22.10, up to 300 s): whoever gets the number next would ring there, and
    so would a phone whose password was replaced. Calls in progress go on; the right phone registers again.
    """
    for item in ami.events("PJSIPShowContacts") if numbers else ():
        name, place = item.get("ObjectName", ""), item.get("Endpoint") or item.get("Aor", "")
        if place.isdecimal() and int(place) in numbers:
            with suppress(AmiRefused):  # it ended by itself meanwhile
                ami.action("DBDel", Family="registrar/contact", Key=name)


def calls(ami: Ami) -> frozenset[str]:
    """Asterisk's unique ids of the channels that are up now, as a recording's name has them: without the system's name."""
    return frozenset(re.sub("[^0-9.]", "", item.get("Uniqueid", "")) for item in ami.events("CoreShowChannels"))


def on_call(ami: Ami) -> frozenset[int]:
    """Numbers of the accounts that are in a call now."""
    names = map(_speaker, ami.events("CoreShowChannels"))
    return frozenset(int(name) for name in names if name.isdecimal())


@dataclass(frozen=True, slots=True)
class Monitor:
    """A recording of ours that goes on: its channel, its file's name, and what it is stopped by."""

    channel: str
    file: str
    id: str


def monitors_outside(ami: Ami, numbers: Collection[int]) -> list[Monitor]:
    """What is recorded on the channels of these accounts that are connected with somebody outside now."""
    bridged = [
        (item["BridgeId"], _speaker(item), item) for item in ami.events("CoreShowChannels") if item.get("BridgeId")
    ]
    outside = {bridge for bridge, name, _item in bridged if name.startswith(trunk_name(0)[:-1])}
    ours = set(map(str, numbers))
    channels = [item["Channel"] for bridge, name, item in bridged if bridge in outside and name in ours]
    found = []
    for channel in channels:
        with suppress(AmiRefused):  # it ended a moment ago
            file, monitor = (
                ami.action("Getvar", Channel=channel, Variable=name).get("Value", "")
                for name in ("MIXMONITOR_FILENAME", "SIPWEB_MONITOR")
            )
            if monitor:
                found.append(Monitor(channel, file.rpartition("/")[2], monitor))
    return found


def stop(ami: Ami, monitor: Monitor) -> None:
    """End a recording, and nothing else of the call."""
    with suppress(AmiRefused):  # it is over already
        ami.action("StopMixMonitor", Channel=monitor.channel, MixMonitorID=monitor.id)


def _speaker(item: Message) -> str:
    """The endpoint of a channel."""
    return item.get("Channel", "").removeprefix("PJSIP/").rpartition("-")[0]


def differences(
    ami: Ami, snapshot: Snapshot, decrypt: Decrypt, changed: Collection[int] = (), previous: Collection[int] = ()
) -> tuple[Difference, ...]:
    """How what runs differs from what `render(snapshot)` says: nothing, when it was taken over.

    All endpoints, auths with their digests, AORs and extensions are compared, and every account numbered in `changed`
    option by option. A number of `previous` that still runs without being wanted is a difference too.
    """
    wanted = sections(snapshot, decrypt)
    numbers = {str(account.number) for account in snapshot.accounts}
    left = {str(number) for number in previous} - numbers
    objects = tuple(_objects(ami, wanted, left))
    missing = {difference.name for difference in objects if difference.field == "endpoint"}
    asked = [(str(a.number), endpoint(a)) for a in snapshot.accounts if a.number in changed]
    asked += [(trunk_name(trunk.id), trunk_endpoint(trunk)) for trunk in snapshot.trunks]
    details = _details(ami, [(name, options) for name, options in asked if name not in missing])
    return (*objects, *details, *_dialplan(ami, contexts(snapshot)))


def conflicts(ami: Ami, snapshot: Snapshot) -> tuple[str, ...]:
    """Names of our accounts that Asterisk runs already although nothing of ours was taken over yet."""
    running = {name for kind, action in LISTS for name in _names(ami.events(action), kind)}
    ours = any(name.startswith("sipweb-") for name in running)
    return () if ours else tuple(sorted({str(account.number) for account in snapshot.accounts} & running))


@dataclass(frozen=True, slots=True)
class TrunkState:
    """How a trunk stands: its registration ("" when it has none) and whether the provider answers."""

    registration: str = ""
    reachable: bool = False


def trunks(ami: Ami) -> dict[int, TrunkState]:
    """Trunk id → its state, of all trunks that run.

    By their contacts: the device's state is "in use" while a provider that does not answer OPTIONS carries a call.
    """
    prefix = trunk_name(0)[:-1]
    registrations = _names(_registrations(ami), "registration")
    names = [name for name in _names(ami.events("PJSIPShowEndpoints"), "endpoint") if name.startswith(prefix)]
    found = {}
    for name, answer in zip(names, ami.many(("PJSIPShowEndpoint", {"Endpoint": name}) for name in names), strict=True):
        reachable = any(
            item.get("Status") == "Reachable" for item in answer if item.get("Event") == "ContactStatusDetail"
        )
        said = registrations.get(name, {}).get("Status", "")
        found[int(name.removeprefix(prefix))] = TrunkState(said, reachable)
    return found


def _registrations(ami: Ami) -> list[Message]:
    try:
        return ami.events(REGISTRATIONS[1])
    except AmiRefused:  # an Asterisk without that module
        return []


def _objects(ami: Ami, wanted: tuple[Section, ...], left: set[str]) -> Iterator[Difference]:
    for kind, action in (*LISTS, REGISTRATIONS):
        running = _names(_registrations(ami) if kind == "registration" else ami.events(action), kind)
        gone = {name for name in running if name.startswith(trunk_name(0)[:-1])}
        expected = {section.name: dict(section.options) for section in wanted if ("type", kind) in section.options}
        for name in sorted(expected.keys() - running.keys()):
            yield Difference(name, kind, wanted="present", found="missing")
        for name in sorted((left & running.keys()) | (gone - expected.keys())):
            yield Difference(name, kind, wanted="absent", found="present")
        if kind == "auth":
            yield from _auths(expected, running)
        if kind == "registration":
            yield from _fields(expected, running, (("server_uri", "ServerUri"), ("client_uri", "ClientUri")))
        if kind == "aor":
            contacts = {name: options for name, options in expected.items() if "contact" in options}
            yield from _fields(contacts, running, (("contact", "Contacts"),))


def _auths(expected: Mapping[str, Mapping[str, str]], running: Mapping[str, Message]) -> Iterator[Difference]:
    known = {name: options for name, options in expected.items() if "realm" in options}
    yield from _fields(expected, running, (("username", "Username"),))
    yield from _fields(known, running, (("realm", "Realm"),))
    for name in sorted(expected.keys() & running.keys()):
        secret = expected[name].get("password_digest", "")[4:] or expected[name]["password"]
        if not any(value and value.endswith(secret) for value in running[name].values()):
            yield Difference(name, "secret")


def _fields(
    expected: Mapping[str, Mapping[str, str]], running: Mapping[str, Message], pairs: tuple[tuple[str, str], ...]
) -> Iterator[Difference]:
    """Options of objects that both have, by what Asterisk calls them."""
    for name in sorted(expected.keys() & running.keys()):
        for key, field in pairs:
            found = running[name].get(field, "").removeprefix(f"{name}/")  # a contact is named by its AOR
            if found != expected[name][key]:
                yield Difference(name, key, expected[name][key], found)


def _details(ami: Ami, wanted: list[tuple[str, tuple[tuple[str, str], ...]]]) -> Iterator[Difference]:
    """Endpoints option by option."""
    answers = ami.many(("PJSIPShowEndpoint", {"Endpoint": name}) for name, _options in wanted)
    for (name, options), answer in zip(wanted, answers, strict=True):
        detail = next((item for item in answer if item.get("Event") == "EndpointDetail"), {})
        found = {key.lower(): value for key, value in detail.items()}
        for option, value in options:
            if (field := option.replace("_", "")) in found and not _same(option, value, found[field]):
                yield Difference(name, option, value, found[field])


def _same(option: str, wanted: str, found: str) -> bool:
    """Whether two spellings of an option's value mean the same."""
    if option == "allow":
        return wanted.split(",") == found.strip("()").replace("|", ",").split(",")
    if option == "callerid":
        return wanted.replace('"', "") == found.replace('"', "")
    return {"yes": "true", "no": "false"}.get(found.lower(), found.lower()) == (
        {"yes": "true", "no": "false"}.get(wanted.lower(), wanted.lower())
    )


def _dialplan(ami: Ami, wanted: tuple[Section, ...]) -> Iterator[Difference]:
    for context in wanted:
        expected = _expected(context)
        try:
            found = set(_lines(ami.events("ShowDialPlan", Context=context.name)))
        except AmiRefused:
            found = set()
        for extension, priority, application in sorted(expected - found):
            yield Difference(extension, "dialplan", wanted=application, found=f"{context.name}, {priority}: otherwise")
        for extension, priority, application in sorted(found - expected):
            yield Difference(extension, "dialplan", wanted=f"{context.name}, {priority}: otherwise", found=application)


def _expected(context: Section) -> set[tuple[str, str, str]]:
    lines, last = set(), 0
    for key, value in context.options:
        if key == "exten":
            extension, priority, application = value.split(",", 2)
            last = last + 1 if priority.startswith("n") else int(priority)
            lines.add((extension, str(last), application))
    return lines


def _lines(items: list[Message]) -> Iterator[tuple[str, str, str]]:
    """Extension, priority, application. Only an extension's first line names it."""
    extension = ""
    for item in items:
        if "Priority" in item:
            extension = item.get("Extension", extension)
            yield extension, item["Priority"], f"{item.get('Application')}({item.get('AppData', '')})"


def _names(items: list[Message], kind: str) -> dict[str, Message]:
    return {item["ObjectName"]: item for item in items if item.get("ObjectType", kind) == kind and "ObjectName" in item}


def _address(uri: str) -> str:
    return uri.rpartition("@")[2].partition(";")[0].strip("<>")
