"""Registered phones and trunk states, as the monitor last read them from Asterisk."""

import json
import os
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..core.errors import OperationRefused, SipwebError
from ..pbx import status
from ..pbx.status import Contact, TrunkState
from .context import ServiceContext
from .state_records import Attack, PbxProblem, PbxStatus, Refusal

MAX_AGE = 30.0  # seconds after which the file is too old
REFUSAL_AGE = 86400  # seconds after which a phone that tries no more is forgotten
ROUND_TRIP_CHANGE = 50  # milliseconds; a smaller change is not shown, or each phone would change every 30 seconds
_LARGE = ("registrations", "since", "refusals", "ended")


def registered_phones(ctx: ServiceContext) -> dict[int, Contact]:
    """Return number → contact of registered phones; empty without a monitor."""
    return current_status(ctx).registrations


def current_status(ctx: ServiceContext) -> PbxStatus:
    """Return the present status; nothing is registered in it if Asterisk did not answer, or if the file is too old."""
    path = _path(ctx)
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return PbxStatus()
    if time.time() - stat.st_mtime > MAX_AGE:
        return PbxStatus()
    cached, version = ctx.cache.pbx_status, (stat.st_mtime_ns, stat.st_ino)
    if cached is None or cached[0] != version:
        status_read = _read(path, cached[1] if cached else None)
        if status_read.problem:
            ended = dict.fromkeys(status_read.registrations, 0) | status_read.ended
            refusals = {n: one for n, one in status_read.refusals.items() if n not in status_read.registrations}
            status_read = replace(
                status_read, registrations={}, refusals=refusals, trunks={}, attacks=(), blocking_problem="",
                ended=ended,
            )  # fmt: skip
        cached = ctx.cache.pbx_status = version, status_read
    return cached[1]


def has_lease_credentials(ctx: ServiceContext) -> bool:
    """Return whether a lease has a credential of its own: not without an Asterisk, or where sorcery.conf lacks lines.

    Until the monitor has asked Asterisk, the lines are taken to be there.
    """
    return ctx.pbx.has_asterisk and current_status(ctx).reads_leases


def numbers_changed_since(ctx: ServiceContext, stamp: int) -> set[int]:
    """Return numbers whose registration changed since a stamp; when the monitor started or stopped, all it knows."""
    current = current_status(ctx)
    if current.stamp == stamp:
        return set()
    if is_start_or_stop(current, stamp):
        path = _path(ctx)
        known = current if current.stamp or not path.is_file() else _read(path)
        return {*known.registrations, *known.refusals, *known.ended}
    return {number for number, changed_at in current.since.items() if changed_at > stamp}


def is_start_or_stop(current: PbxStatus, stamp: int) -> bool:
    """Return whether the monitor started or stopped since a stamp: what is known of no phone is then told otherwise."""
    return current.stamp != stamp and not (stamp and current.stamp)


def numbers_on_call(ctx: ServiceContext) -> frozenset[int]:
    """Return the numbers of accounts in a call; empty if Asterisk cannot be queried."""
    try:
        if ctx.pbx.has_asterisk:
            with ctx.pbx.open() as ami:
                return status.numbers_on_call(ami)
    except OperationRefused:
        pass
    return frozenset()


def is_asterisk_up(ctx: ServiceContext) -> bool:
    """Return whether Asterisk answered the monitor, which asks every few seconds."""
    current = current_status(ctx)
    return current.stamp > 0 and current.problem is None


def write_status(
    ctx: ServiceContext,
    contacts: dict[int, Contact],
    trunks: dict[int, TrunkState] | None = None,
    *,
    reads_leases: bool = True,
    calls: int = 0,
    attacks: tuple[Attack, ...] = (),
    blocking_problem: str = "",
    passwords: Mapping[int, str] = MappingProxyType({}),
    accounts: Collection[int] = (),
) -> tuple[PbxStatus, PbxStatus]:
    """Write the status file atomically, with the time of each number's last change; return the old and the new status.

    `passwords` is what phones tried (EventListener.take_passwords); those for other numbers than those of `accounts`
    are ignored. The stamp grows with each change of a registration, a refusal or a trunk, and when Asterisk answers
    again.
    """
    before, trunks, now = _last_status(ctx), trunks or {}, int(time.time())
    began = now if before.stamp else 0
    contacts = {number: _continued(before.registrations.get(number), new, began) for number, new in contacts.items()}
    refusals = _refusals(before.refusals, passwords, accounts, now)
    ended = before.ended | dict.fromkeys(before.registrations, now)
    ended = {number: at for number, at in ended.items() if number not in contacts}
    numbers = before.registrations.keys() | contacts.keys() | before.refusals.keys() | refusals.keys()
    shown = PbxStatus(registrations=contacts, refusals=refusals)
    changed = {number for number in numbers if before.problem or _differs(number, before, shown)}
    is_same = before.stamp and not changed and not before.problem and before.trunks == trunks
    stamp = before.stamp if is_same else _next_stamp(before)
    since = before.since | dict.fromkeys(changed, stamp)
    current = PbxStatus(
        stamp, contacts, since, trunks, reads_leases=reads_leases, calls=calls, attacks=attacks,
        blocking_problem=blocking_problem, refusals=refusals, ended=ended,
    )  # fmt: skip
    _write(ctx, current)
    return before, current


def _differs(number: int, before: PbxStatus, after: PbxStatus) -> bool:
    contacts = before.registrations.get(number), after.registrations.get(number)
    return contacts[0] != contacts[1] or before.refusal(number) != after.refusal(number)


def _continued(old: Contact | None, new: Contact, began: int) -> Contact:
    """Return the contact with the time since when it is as it is; a round trip that hardly changed stays."""
    if old is None:
        return replace(new, since=began)
    is_same = (old.address, old.reachable) == (new.address, new.reachable)
    limit = max(ROUND_TRIP_CHANGE, old.round_trip // 2)
    keeps_round_trip = is_same and old.round_trip and abs(new.round_trip - old.round_trip) <= limit
    round_trip = old.round_trip if keeps_round_trip else new.round_trip
    return replace(new, since=old.since if is_same else began, round_trip=round_trip)


def _refusals(
    before: Mapping[int, Refusal], passwords: Mapping[int, str], accounts: Collection[int], now: int
) -> dict[int, Refusal]:
    """Return one refusal a number until a password is right."""
    refusals = {n: one for n, one in before.items() if n in accounts and now - one.last < REFUSAL_AGE}
    for number, address in passwords.items():
        if address and number in accounts:
            since = refusals[number].since if number in refusals else now
            refusals[number] = Refusal(address, since, now)
        else:
            refusals.pop(number, None)
    return refusals


def returned_phones(before: PbxStatus, after: PbxStatus) -> list[int]:
    """Return the numbers of phones that did not respond but have registered again, such as one that was restarted."""
    both = before.registrations.keys() & after.registrations.keys()
    silent = (number for number in both if not after.registrations[number].reachable)
    return [n for n in silent if after.registrations[n].expires > before.registrations[n].expires]


def write_problem(ctx: ServiceContext, error: SipwebError) -> None:
    """Write why Asterisk does not answer. What was registered is kept for the comparison when it answers again."""
    before = _last_status(ctx)
    problem = PbxProblem(error.message, {name: str(value) for name, value in error.values.items()})
    if before.problem:
        _write(ctx, replace(before, problem=problem))
        return
    stamp = _next_stamp(before)
    since = before.since | dict.fromkeys(before.registrations, stamp)
    _write(ctx, replace(before, stamp=stamp, since=since, problem=problem))


def keep_status(ctx: ServiceContext) -> None:
    """Let the status stay valid while Asterisk answers, but the database does not: nothing can be compared then."""
    if _last_status(ctx).stamp and not _last_status(ctx).problem:
        os.utime(_path(ctx))


def _last_status(ctx: ServiceContext) -> PbxStatus:
    path = _path(ctx)
    return _read(path) if path.is_file() else PbxStatus()


def _next_stamp(before: PbxStatus) -> int:
    return max(before.stamp + 1, int(time.time() * 1000))


def _write(ctx: ServiceContext, current: PbxStatus) -> None:
    ctx.runtime_dir.mkdir(parents=True, exist_ok=True)
    draft = ctx.runtime_dir / ".registered.json"
    draft.write_text(_text(current))
    draft.replace(_path(ctx))


def _path(ctx: ServiceContext) -> Path:
    return ctx.runtime_dir / "registered.json"


def _text(current: PbxStatus) -> str:
    """Return two lines of JSON. The second one has what is large and, but for `expires`, changes with the stamp only.

    A process that knows the stamp need not read it.
    """
    values = {one.name: getattr(current, one.name) for one in fields(current)}
    lines = [{name: value for name, value in values.items() if (name in _LARGE) is large} for large in (False, True)]
    return "\n".join(json.dumps(line, default=_as_json) for line in lines)


def _as_json(value: Any) -> dict[str, Any]:
    """Return a dataclass as a dictionary, several times as fast as asdict()."""
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _read(path: Path, known: PbxStatus | None = None) -> PbxStatus:
    """Read the file; the second line only if it can differ from what is `known`."""
    try:
        with path.open() as file:
            stored = json.loads(file.readline())
            if known and known.stamp == stored["stamp"]:
                return replace(known, **_parse_small(stored))
            return PbxStatus(**_parse_small(stored), **_parse_large(json.loads(file.readline() or "{}")))
    except (ValueError, TypeError, KeyError):  # truncated by a power failure, or written by another version
        return PbxStatus()


def _parse_small(stored: dict[str, Any]) -> dict[str, Any]:
    small = {name: value for name, value in stored.items() if name not in _LARGE}
    problem = PbxProblem(**stored["problem"]) if stored.get("problem") else None
    attacks = tuple(Attack(**attack) for attack in stored.get("attacks", ()))
    return small | {"problem": problem, "attacks": attacks, "trunks": _by_number(stored, "trunks", TrunkState)}


def _parse_large(stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "registrations": _by_number(stored, "registrations", Contact),
        "refusals": _by_number(stored, "refusals", Refusal),
        "since": {int(number): stamp for number, stamp in stored["since"].items()},
        "ended": {int(number): at for number, at in stored["ended"].items()},
    }


def parse_status(text: str) -> PbxStatus:
    """Return the status that another host stored as text; an empty one if it stored none, or of another version."""
    try:
        small, large = (json.loads(line) for line in text.split("\n"))
        return PbxStatus(**_parse_small(small), **_parse_large(large))
    except (ValueError, TypeError, KeyError):
        return PbxStatus()


def _by_number(stored: dict[str, Any], name: str, kind: Callable[..., Any]) -> dict[int, Any]:
    return {int(number): kind(**values) for number, values in stored[name].items()}  # JSON has keys of text
