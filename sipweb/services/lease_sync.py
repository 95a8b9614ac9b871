"""Copy leases to Asterisk: its dialplan decides which calls are recorded, and phones register with their credentials.

Each lease is written with the time at which it expires. If sipweb or the connection fails for that long, the lease
counts as ended, and calls are recorded by the accounts' switches. A credential works until sipweb removes it.
Asterisk compares that time with the clock of its host, which is this one.
"""

import logging
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select, update

from ..core.accounts import BUILTIN
from ..core.asterisk.pjsip import digest
from ..core.errors import OperationRefused
from ..db import db, transaction
from ..models import Lease, User
from ..pbx import astdb, control
from ..pbx.ami import AmiClient
from ..pbx.verification import AUTH_FIELDS, Difference
from . import hosts
from .context import ServiceContext
from .database_clock import clock_ahead
from .errors import DatabaseFailure
from .state import live_generation

logger = logging.getLogger(__name__)
HEARTBEAT_TIMEOUT = timedelta(seconds=90)  # a lease without a heartbeat ends
SYNC_TIMEOUT = 1.0  # seconds; a hanging Asterisk must not delay a login, and the monitor repeats the update


def sync_leases(ctx: ServiceContext, numbers: Iterable[int]) -> None:
    """Write the leases of these numbers to all hosts' Asterisk. Call it after their transaction."""
    numbers = set(numbers)
    if not numbers:
        return
    if ctx.pbx.has_asterisk:
        _sync_here(ctx, numbers)
    hosts.notify("leases")


def _sync_here(ctx: ServiceContext, numbers: Collection[int]) -> None:
    with suppress(OperationRefused), replace(ctx.pbx, timeout=SYNC_TIMEOUT).open() as ami:
        written = astdb.read_entries(ami, numbers)
        wanted = {place: value for place, value in _entries(ctx).items() if place[1] in numbers}
        _update(ami, wanted, written)


def sync_all_leases(ctx: ServiceContext, ami: AmiClient) -> None:
    """Make Asterisk's entries equal to the leases, also after a restart or a lost connection."""
    written = astdb.read_entries(ami)
    _update(ami, _entries(ctx), written)


def check_credentials(ctx: ServiceContext, ami: AmiClient) -> bool:
    """Return whether Asterisk reads the credentials of leases. If not, the leases get those of their accounts."""
    reads_leases = astdb.reads_auths(ami)
    if not reads_leases and db.session.scalar(select(Lease.id).where(Lease.secret != "").limit(1)):
        with transaction(bump_revision=False) as session:
            session.execute(update(Lease).values(secret=""))
    if not reads_leases:
        logger.warning("sorcery.conf lacks the lines for leases: agents' phones get the passwords of their accounts")
    return reads_leases


def leased_numbers() -> set[int]:
    """Return the numbers of the accounts in use."""
    return set(db.session.scalars(select(Lease.number)))


def without_leased_auths(differences: Iterable[Difference], leased: Collection[int]) -> tuple[Difference, ...]:
    """Leave out the auths of accounts that are hidden by a credential of a lease, which may have begun or ended.

    `leased` are the numbers that have one in Asterisk's database; they must do while the database is away.
    """
    try:
        begun = leased_numbers()
    except DatabaseFailure:
        db.session.remove()
        begun = set()
    hidden = {str(number) for number in {*leased, *begun}}
    return tuple(one for one in differences if not (one.field in AUTH_FIELDS and one.name in hidden))


def lease_digests(ctx: ServiceContext) -> dict[str, str]:
    """Return number → digest (HA1) of the leases that have a credential of their own."""
    live = live_generation(ctx)[1]
    leases = select(Lease.number, Lease.account_id, Lease.secret).where(Lease.secret != "")
    return {
        str(number): digest(number, live.settings.realm, secret, ctx.cipher.decrypt)
        for number, account_id, secret in db.session.execute(leases)
        if (account := live.by_id.get(account_id)) and account.phone == BUILTIN
    }


def _entries(ctx: ServiceContext) -> astdb.Entries:
    realm, digests = live_generation(ctx)[1].settings.realm, lease_digests(ctx)
    entries: astdb.Entries = {}
    ahead = clock_ahead()
    leases = select(Lease.number, Lease.last_seen_at, User.name).join(User, User.id == Lease.user_id)
    for number, seen, name in db.session.execute(leases):
        until = int((seen + HEARTBEAT_TIMEOUT).timestamp() - ahead)
        entries |= astdb.lease_entries(number, until, name, realm, digests.get(str(number), ""))
    return entries


def _update(ami: AmiClient, wanted: Mapping[tuple[str, int], str], written: astdb.Entries) -> None:
    """Write what differs. Where a credential changed, the phone that registered with another one is removed."""
    changed = {place for place in wanted.keys() | written.keys() if wanted.get(place) != written.get(place)}
    if not changed:
        return
    astdb.write_entries(ami, {place: wanted.get(place) for place in changed})
    control.end_registrations(ami, [number for family, number in changed if family == astdb.AUTH_FAMILY])
