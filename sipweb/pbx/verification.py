"""Compares what Asterisk runs with what was written.

Asterisk 22 answers "Success" to a reload that it refused.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType

from ..core.asterisk import Configuration
from ..core.asterisk.conf import Lines, Section
from ..core.asterisk.dialplan.hosts import HOST_PREFIX, host_endpoint
from ..core.asterisk.dialplan.outbound import trunk_name
from ..core.asterisk.pjsip import (
    SIP_DOMAIN,
    endpoint_options,
    host_endpoint_options,
    trunk_endpoint_options,
)
from ..core.asterisk.renderer import other_hosts
from ..core.snapshot import Snapshot
from .ami import Action, AmiClient, AmiError, Message
from .status import REGISTRATIONS, objects_by_name

_AOR_FIELDS = (
    ("max_contacts", "MaxContacts"), ("remove_existing", "RemoveExisting"),
    ("maximum_expiration", "MaximumExpiration"), ("qualify_frequency", "QualifyFrequency"),
)  # fmt: skip
_ACCOUNT_VALUE = re.compile(r"Set\(SIPWEB_CALLED_(LEVEL|RECORDING)=(\d+)\)")  # in the lines of an account
AUTH_FIELDS = frozenset({"username", "realm", "secret"})  # of differences
_PREFIXES = (trunk_name(0)[:-1], HOST_PREFIX)  # of the names of objects that are sipweb's only
HINT = "hint"  # stands where other lines have their priority
ALL_NUMBERS = range(100, 1000)
LISTS = (("endpoint", "PJSIPShowEndpoints"), ("auth", "PJSIPShowAuths"), ("aor", "PJSIPShowAors"))
OBJECTS = (*LISTS, REGISTRATIONS)
Endpoints = list[tuple[str, Lines]]  # names and options
Response = list[Message] | AmiError
Place = tuple[str, str]  # extension and priority of a line of the dialplan


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between what Asterisk runs and what was written.

    For a secret both values are empty.
    """

    name: str
    field: str
    expected: str = ""
    actual: str = ""


def differences(
    ami: AmiClient,
    configuration: Configuration,
    changed: Collection[int] = (),
    previous: Collection[int] = (),
    *,
    lease_digests: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Difference, ...]:
    """Compare what Asterisk runs with what it should; empty if they are equal.

    Endpoints, auths with digests, AORs and extensions are compared for all accounts. Accounts with a number in
    `changed` are compared option by option. A number of `previous` that still runs but should not is a difference too.
    `lease_digests` (number → digest) are the credentials of leases, which Asterisk uses before those of the accounts.
    """
    snapshot, renderer, contexts = configuration.snapshot, configuration.renderer, configuration.contexts
    hosts = other_hosts(snapshot.settings, renderer.host)
    endpoints = [
        (str(a.number), endpoint_options(a, snapshot.settings)) for a in snapshot.accounts if a.number in changed
    ]
    endpoints += [(trunk_name(trunk.id), trunk_endpoint_options(trunk)) for trunk in snapshot.trunks]
    endpoints += [
        (host_endpoint(host.name), host_endpoint_options(host, snapshot.settings, renderer)) for host in hosts
    ]
    responses = ami.iterate_responses(_questions(contexts, endpoints))
    numbers = {str(account.number) for account in snapshot.accounts}
    should_be_gone = {str(number) for number in previous} - numbers
    objects = tuple(_objects(islice(responses, len(OBJECTS)), configuration.sections, should_be_gone, lease_digests))
    missing = {difference.name for difference in objects if difference.field == "endpoint"}
    dialplan = tuple(_dialplan(contexts, islice(responses, len(contexts))))
    return (*objects, *_details(endpoints, responses, missing), *dialplan)


def _questions(contexts: Collection[Section], endpoints: Endpoints) -> Iterator[Action]:
    """Yield what is asked: the lists, these contexts, and these endpoints.

    It is asked at once, so that Asterisk makes a response while the one before is compared.
    """
    yield from ((action, {}) for _kind, action in OBJECTS)
    yield from (("ShowDialPlan", {"Context": context.name}) for context in contexts)
    yield from (("PJSIPShowEndpoint", {"Endpoint": name}) for name, _options in endpoints)


def conflicts(ami: AmiClient, snapshot: Snapshot, live_marker: str) -> tuple[str, ...]:
    """Return the accounts' numbers that Asterisk already has as sections outside sipweb's files.

    Asterisk runs them, but none of sipweb's marker sections. It usually runs `live_marker`, that of the live
    generation.
    """
    with suppress(AmiError):
        if len(ami.events("PJSIPShowEndpoint", Endpoint=live_marker)):
            return ()
    running = {name for kind, action in LISTS for name in objects_by_name(ami.events(action), kind)}
    has_marker = any(name.startswith("sipweb-") for name in running)
    return () if has_marker else tuple(sorted({str(account.number) for account in snapshot.accounts} & running))


def _objects(
    lists: Iterable[Response],
    wanted: tuple[Section, ...],
    should_be_gone: set[str],
    lease_digests: Mapping[str, str],
) -> Iterator[Difference]:
    for (kind, _action), response in zip(OBJECTS, lists, strict=True):
        lacks_module = kind == "registration" and isinstance(response, AmiError)
        running = {} if lacks_module else objects_by_name(_messages(response), kind)
        ours = {name for name in running if name.startswith(_PREFIXES) or name.endswith(f"@{SIP_DOMAIN}")}
        expected = {section.name: dict(section.options) for section in wanted if ("type", kind) in section.options}
        for name in sorted(expected.keys() - running.keys()):
            yield Difference(name, kind, expected="present", actual="missing")
        for name in sorted((should_be_gone & running.keys()) | (ours - expected.keys())):
            yield Difference(name, kind, expected="absent", actual="present")
        if kind == "auth":
            of_leases = {name for name, digest in lease_digests.items() if _has_secret(running.get(name, {}), digest)}
            yield from _auths({name: options for name, options in expected.items() if name not in of_leases}, running)
        if kind == "registration":
            yield from _fields(expected, running, (("server_uri", "ServerUri"), ("client_uri", "ClientUri")))
        if kind == "aor":
            contacts = {name: options for name, options in expected.items() if "contact" in options}
            yield from _fields(contacts, running, (("contact", "Contacts"),))
            accounts = {name: options for name, options in expected.items() if "remove_existing" in options}
            yield from _fields(accounts, running, _AOR_FIELDS)


def _auths(expected: Mapping[str, Mapping[str, str]], running: Mapping[str, Message]) -> Iterator[Difference]:
    with_realm = {name: options for name, options in expected.items() if "realm" in options}
    yield from _fields(expected, running, (("username", "Username"),))
    yield from _fields(with_realm, running, (("realm", "Realm"),))
    for name in sorted(expected.keys() & running.keys()):
        secret = expected[name].get("password_digest", "")[4:] or expected[name]["password"]
        if not _has_secret(running[name], secret):
            yield Difference(name, "secret")


def _has_secret(auth: Message, secret: str) -> bool:
    return any(value and value.endswith(secret) for value in auth.values())


def _fields(
    expected: Mapping[str, Mapping[str, str]], running: Mapping[str, Message], pairs: tuple[tuple[str, str], ...]
) -> Iterator[Difference]:
    """Yield differing options of objects that exist on both sides."""
    for name in sorted(expected.keys() & running.keys()):
        for key, field in pairs:
            found = running[name].get(field, "").removeprefix(f"{name}/")  # Asterisk prefixes a contact with its AOR
            if not _same(key, expected[name][key], found):
                yield Difference(name, key, expected[name][key], found)


def _messages(response: Response) -> list[Message]:
    if isinstance(response, AmiError):
        raise response
    return response


def _details(endpoints: Endpoints, responses: Iterable[Response], missing: Collection[str]) -> Iterator[Difference]:
    """Compare endpoints that run option by option."""
    keys: dict[str, str] = {}  # by the option's name; those of all endpoints are the same
    for (name, options), response in zip(endpoints, responses, strict=True):
        if name in missing:
            continue
        detail = next((item for item in _messages(response) if item.get("Event") == "EndpointDetail"), {})
        keys = keys or {key.lower(): key for key in detail}
        for option, value in options:
            actual = detail.get(keys.get(option.replace("_", ""), ""))
            if actual is not None and not _same(option, value, actual):
                yield Difference(name, option, value, actual)


def _same(option: str, expected: str, actual: str) -> bool:
    """Return whether two spellings of an option's value mean the same."""
    if expected == actual:
        return True
    if option == "allow":
        return expected.split(",") == actual.strip("()").replace("|", ",").split(",")
    if option == "callerid":
        return expected.replace('"', "") == actual.replace('"', "")
    return _boolean_spelling(expected) == _boolean_spelling(actual)


def _boolean_spelling(value: str) -> str:
    """Return the value in lower case, with true for yes and false for no."""
    return {"yes": "true", "no": "false"}.get(value.lower(), value.lower())


def _dialplan(contexts: tuple[Section, ...], responses: Iterable[Response]) -> Iterator[Difference]:
    """Compare the included contexts in their order, and the lines."""
    for context, items in zip(contexts, responses, strict=True):
        if isinstance(items, AmiError):
            yield Difference(context.name, "context", expected="present", actual="missing")
            continue
        expected = [value for key, value in context.options if key == "include"]
        found = [item["IncludeContext"] for item in items if "IncludeContext" in item]
        if expected != found:
            yield Difference(context.name, "include", ", ".join(expected), ", ".join(found))
        yield from _compare_lines(context.name, _expected(context), dict(_lines(items)))


def _compare_lines(context: str, expected: Mapping[Place, str], found: Mapping[Place, str]) -> Iterator[Difference]:
    """Yield lines that differ. Where an account's level or recording does, only that value is given."""
    for place in sorted(expected.keys() | found.keys()):
        line, actual = expected.get(place, ""), found.get(place, "")
        if line == actual:
            continue
        extension, priority = place
        ours, theirs = _ACCOUNT_VALUE.fullmatch(line), _ACCOUNT_VALUE.fullmatch(actual)
        if ours and theirs and ours[1] == theirs[1]:
            yield Difference(extension, ours[1].lower(), ours[2], theirs[2])
        else:
            yield Difference(extension, f"{context}, {priority}", line, actual)


def _expected(context: Section) -> dict[Place, str]:
    """Return extension and priority → application, as Asterisk numbers the lines."""
    lines, last = {}, 0
    for key, value in context.options:
        if key == "exten":
            extension, priority, application = value.split(",", 2)
            if priority == HINT:
                lines[extension, HINT] = application
                continue
            last = last + 1 if priority.startswith("n") else int(priority)
            lines[extension, str(last)] = application
    return lines


def _lines(items: list[Message]) -> Iterator[tuple[Place, str]]:
    """Yield extension, priority and application. Only an extension's first line names it."""
    extension = ""
    for item in items:
        if "Priority" in item:
            extension = item.get("Extension", extension)
            if item["Priority"] == HINT:
                if extension.startswith("_"):  # the others are those that Asterisk makes of a pattern
                    yield (extension, HINT), item.get("Application", "")
                continue
            yield (extension, item["Priority"]), f"{item.get('Application')}({item.get('AppData', '')})"
