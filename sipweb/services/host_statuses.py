"""What the other PBX hosts' monitors reported about phones, calls and trunks, and all hosts' reports in one.

Of a number that is registered at two hosts, the registration that ends later is the newer one: a phone asks all hosts
for the same time, and the one that it left renews nothing. The row of a host need not be written at each renewal, as
one that is behind only makes a registration older than it is. Clocks may differ: in the rows, these times are those of
the database's clock.
"""

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from sqlalchemy import select

from ..db import db
from ..models import Host
from ..pbx.status import Contact, TrunkState
from .context import ServiceContext
from .database_clock import EPOCH, can_have_several, clock_ahead
from .hosts import WAS_SEEN
from .state_records import Attack, PbxStatus, Refusal
from .status_text import from_lines, to_text

_ROWS = select(Host.name, Host.stamp, WAS_SEEN, EPOCH.label("clock"))
_READ = "host_statuses"  # in the session's `info`


@dataclass(frozen=True, slots=True)
class OtherHosts:
    """The status of each other host. That of a host that is away has the stamp 0, and no phone is registered there.

    `known` is what they last reported. `clock_ahead` is by how many seconds the database's clock is ahead of ours.
    """

    statuses: Mapping[str, PbxStatus] = field(default_factory=dict)
    known: Mapping[str, PbxStatus] = field(default_factory=dict)
    clock_ahead: int = 0


NOBODY = OtherHosts()


def other_hosts(ctx: ServiceContext) -> OtherHosts:
    """Return the other hosts' status: one small query in each transaction on PostgreSQL, none on SQLite."""
    if not can_have_several():
        return NOBODY
    session, own = db.session(), ctx.host if ctx.pbx.writes_files else None
    transaction, asked_by, found = session.info.get(_READ, (None, None, NOBODY))
    if transaction is None or transaction is not session.get_transaction() or asked_by != own:
        found = _read(ctx, own)
        session.info[_READ] = session.get_transaction(), own, found
    return cast(OtherHosts, found)


def phones_at_other_hosts(ctx: ServiceContext) -> dict[int, Contact]:
    """Return number → contact of the phones that are registered at another host."""
    found: dict[int, Contact] = {}
    for other in other_hosts(ctx).statuses.values():
        found |= other.registrations
    return found


def _read(ctx: ServiceContext, own: str | None) -> OtherHosts:
    rows = [row for row in db.session.execute(_ROWS) if row.name != own]
    if not rows:
        return NOBODY
    cached = ctx.cache.host_statuses
    if new := [row.name for row in rows if cached.get(row.name, (None,))[0] != row.stamp]:
        cached = ctx.cache.host_statuses = {**cached, **_read_texts(new, cached)}
    known = {row.name: cached[row.name][1] for row in rows if row.name in cached}
    present = {row.name for row in rows if row.was_seen}
    statuses = {name: one if name in present else _absent(one) for name, one in known.items()}
    return OtherHosts(statuses, known, round(float(rows[0].clock) - time.time()))


def _read_texts(names: Collection[str], cached: Mapping[str, tuple[int, PbxStatus]]) -> dict[str, Any]:
    found = {}
    query = select(Host.name, Host.stamp, Host.status).where(Host.name.in_(names))
    for name, stamp, text in db.session.execute(query):
        known = cached[name][1] if name in cached else None
        status = from_lines(text.split("\n"), known)
        if known is None or status.registrations is not known.registrations:
            contacts = {number: replace(contact, host=name) for number, contact in status.registrations.items()}
            status = replace(status, registrations=contacts)
        found[name] = stamp, status
    return found


def _absent(known: PbxStatus) -> PbxStatus:
    return PbxStatus(ended=dict.fromkeys(known.registrations, 0) | known.ended)


def text_of(own: PbxStatus) -> str:
    """Return the text for this host's row."""
    ahead = round(clock_ahead())
    if ahead:
        contacts = {n: replace(one, expires=one.expires + ahead) for n, one in own.registrations.items()}
        own = replace(own, registrations=contacts)
    return to_text(own)


def registered_later(phones: Mapping[int, Contact], others: OtherHosts) -> set[int]:
    """Return the numbers of phones at this host that have registered at another one since."""
    return {
        number
        for status in others.statuses.values()
        for number in phones.keys() & status.registrations.keys()
        if status.registrations[number].expires > phones[number].expires + others.clock_ahead
    }


def merge(host: str, own: PbxStatus, others: OtherHosts, known: PbxStatus | None = None) -> PbxStatus:
    """Return all hosts' status in one; `known` is the last one if no stamp has changed since."""
    statuses = {host: own, **others.statuses}
    answering_hosts = {name: one for name, one in statuses.items() if one.stamp and not one.problem}
    answering = answering_hosts.values()
    problems = [one.problem for one in statuses.values() if one.problem]
    return replace(
        known or _phones(statuses, host if own.stamp else "", others.clock_ahead),
        stamp=max(one.stamp for one in statuses.values()),
        trunks=_trunks({name: one.trunks for name, one in answering_hosts.items()}),
        problem=problems[0] if problems and not answering else None,
        reads_leases=all(one.reads_leases for one in answering),
        calls=sum(one.calls for one in answering),
        attacks=_attacks(attack for one in answering for attack in one.attacks),
        blocking_problem=next((one.blocking_problem for one in answering if one.blocking_problem), ""),
        on_call=frozenset[int]().union(*(one.on_call for one in answering)),
    )


def _phones(statuses: Mapping[str, PbxStatus], own: str, clock_ahead: int) -> PbxStatus:
    """Return what changes with a stamp only."""
    found: dict[int, Contact] = {}
    refusals: dict[int, Refusal] = {}
    ended: dict[int, int] = {}
    for host, status in statuses.items():
        for number, contact in status.registrations.items():
            one = replace(contact, host=host, expires=contact.expires + clock_ahead) if host == own else contact
            found[number] = _newer(found[number], one) if number in found else one
        for number, refusal in status.refusals.items():
            refusals[number] = max(refusal, refusals.get(number, refusal), key=lambda one: one.last)
        for number, at in status.ended.items():
            ended[number] = max(at, ended.get(number, 0))
    ended = {number: at for number, at in ended.items() if number not in found}
    return PbxStatus(registrations=found, refusals=refusals, ended=ended)


def _newer(one: Contact, other: Contact) -> Contact:
    newer = max(one, other, key=lambda contact: (contact.expires, contact.host))
    return replace(newer, phones=one.phones + other.phones)  # an account may have several, at several hosts


def _trunks(hosts: Mapping[str, Mapping[int, TrunkState]]) -> dict[int, TrunkState]:
    """Return the worst state of each trunk: calls from that host fail."""
    found: dict[int, dict[str, TrunkState]] = {}
    for host, trunks in hosts.items():
        for trunk_id, state in trunks.items():
            found.setdefault(trunk_id, {})[host] = state
    return {trunk_id: _worst(states) for trunk_id, states in found.items()}


def _worst(states: Mapping[str, TrunkState]) -> TrunkState:
    """Return the worst of the hosts' states. It names the hosts that have a bad one, unless all are as bad."""
    worst = max(states.values(), key=lambda state: (_problems(state), state.reachable is not None))
    bad = sorted(host for host, state in states.items() if any(_problems(state)))
    return replace(worst, hosts=", ".join(bad)) if 0 < len(bad) < len(states) else worst


def _problems(state: TrunkState) -> tuple[bool, bool]:
    return state.reachable is False, state.registration not in ("", "Registered")


def _attacks(attacks: Iterable[Attack]) -> tuple[Attack, ...]:
    """Return one attack of each address, that with the most attempts: hosts count blocked ones in common."""
    found: dict[str, Attack] = {}
    for attack in sorted(attacks, key=lambda one: (-one.attempts, one.address)):
        found.setdefault(attack.address, attack)
    return tuple(found.values())
