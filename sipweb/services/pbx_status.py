"""Registered phones and trunk states, as the hosts' monitors last read them from Asterisk.

A monitor writes them into a file of its own host, and for the other hosts into the database.
"""

import os
import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ..core.errors import OperationRefused, SipwebError
from ..pbx import status
from ..pbx.status import Contact, TrunkState
from . import host_statuses
from .context import ServiceContext
from .state import live_generation
from .state_records import Attack, PbxProblem, PbxStatus, Refusal
from .status_text import from_lines, to_text

MAX_AGE = 30.0  # seconds after which the file is too old
REFUSAL_AGE = 86400  # seconds after which a phone that tries no more is forgotten
ROUND_TRIP_CHANGE = 50  # milliseconds; a smaller change is not shown, or each phone would change every 30 seconds


def registered_phones(ctx: ServiceContext) -> dict[int, Contact]:
    """Return number → contact of the phones that are registered at any host; empty without a monitor."""
    return current_status(ctx).registrations


def current_status(ctx: ServiceContext) -> PbxStatus:
    """Return the present status of all hosts; see own_status."""
    own, others = own_status(ctx), host_statuses.other_hosts(ctx)
    if not others.statuses:
        return own
    cached, now = ctx.cache.merged_status, stamps(ctx)
    merged = host_statuses.merge(ctx.host, own, others, cached[1] if cached and cached[0] == now else None)
    ctx.cache.merged_status = now, merged
    return merged


def own_status(ctx: ServiceContext) -> PbxStatus:
    """Return this host's status; nothing is registered in it if Asterisk did not answer, or if the file is too old."""
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
                ended=ended, on_call=frozenset(),
            )  # fmt: skip
        cached = ctx.cache.pbx_status = version, status_read
    return cached[1]


def stamps(ctx: ServiceContext) -> dict[str, int]:
    """Return host → stamp of its status, without those that are unknown. Stamps of two hosts can't be compared."""
    statuses = {ctx.host: own_status(ctx), **host_statuses.other_hosts(ctx).statuses}
    return {host: one.stamp for host, one in statuses.items() if one.stamp}


def numbers_changed_since(ctx: ServiceContext, seen: Mapping[str, int]) -> set[int]:
    """Return numbers whose registration changed since these stamps; of a host that came or went, all it knows."""
    others, path = host_statuses.other_hosts(ctx), _path(ctx)
    own = own_status(ctx)
    found: set[int] = set()
    for host, current in {ctx.host: own, **others.statuses}.items():
        stamp = seen.get(host, 0)
        if current.stamp and stamp:
            found |= {number for number, changed_at in current.since.items() if changed_at > stamp}
        elif current.stamp != stamp:
            known = current
            if not current.stamp:
                known = others.known[host] if host in others.known else _read(path) if path.is_file() else current
            found |= {*known.registrations, *known.refusals, *known.ended}
    return found


def has_lease_credentials(ctx: ServiceContext) -> bool:
    """Return whether a lease has a credential of its own: not without an Asterisk, or where sorcery.conf lacks lines.

    Until the monitor has asked Asterisk, the lines are taken to be there.
    """
    has_asterisk = ctx.pbx.has_asterisk or not ctx.pbx.writes_files  # then on the other hosts
    return has_asterisk and current_status(ctx).reads_leases


def numbers_on_call(ctx: ServiceContext) -> frozenset[int]:
    """Return the numbers of accounts in a call: at this host now, at others some seconds ago."""
    others = host_statuses.other_hosts(ctx).statuses.values()
    found = frozenset[int]().union(*(one.on_call for one in others))
    try:
        if ctx.pbx.has_asterisk:
            with ctx.pbx.open() as ami:
                return found | status.numbers_on_call(ami)
    except OperationRefused:
        pass
    return found


def is_asterisk_up(ctx: ServiceContext) -> bool:
    """Return whether this host's Asterisk answered the monitor, which asks every few seconds."""
    current = own_status(ctx)
    return current.stamp > 0 and current.problem is None


def moved_away(ctx: ServiceContext, phones: Mapping[int, Contact]) -> set[int]:
    """Return the numbers of phones at this host that have registered at another one since.

    Accounts that may have several phones are left out: they may be at several hosts.
    """
    if not (moved := host_statuses.registered_later(phones, host_statuses.other_hosts(ctx))):
        return set()
    return {one.number for one in live_generation(ctx)[1].accounts if one.number in moved and one.max_contacts == 1}


def status_to_report(ctx: ServiceContext, reported_stamp: int) -> tuple[int, str] | None:
    """Return a new stamp and the text for this host's row; None if the row has all but times of renewals and answers.

    `reported_stamp` is the stamp that the row got last, 0 if it is not known.
    """
    own = own_status(ctx)
    contacts = {number: replace(contact, round_trip=0) for number, contact in own.registrations.items()}
    essence = replace(own, stamp=bool(own.stamp), since={}, registrations=contacts)
    if ctx.cache.reported_status == (reported_stamp, essence):
        return None
    stamp = max(reported_stamp + 1, int(time.time() * 1000))
    ctx.cache.reported_status = stamp, essence
    return stamp, host_statuses.text_of(own)


def write_status(
    ctx: ServiceContext,
    contacts: dict[int, Contact],
    trunks: dict[int, TrunkState] | None = None,
    *,
    reads_leases: bool = True,
    calls: int = 0,
    on_call: frozenset[int] = frozenset(),
    attacks: tuple[Attack, ...] = (),
    blocking_problem: str = "",
    call_problem: str = "",
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
        stamp, contacts, since, trunks, reads_leases=reads_leases, calls=calls, on_call=on_call,
        attacks=attacks, blocking_problem=blocking_problem, refusals=refusals, ended=ended, call_problem=call_problem,
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
    draft.write_text(to_text(current))
    draft.replace(_path(ctx))


def _path(ctx: ServiceContext) -> Path:
    return ctx.runtime_dir / "registered.json"


def _read(path: Path, known: PbxStatus | None = None) -> PbxStatus:
    with path.open() as file:
        return from_lines(file, known)
