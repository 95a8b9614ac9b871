"""Copy leases to Asterisk, whose dialplan decides which calls are recorded.

Each lease is written with the time at which it expires. If sipweb or the connection fails for that long, the lease
counts as ended, and calls are recorded by the accounts' switches.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select

from ..core.errors import OperationRefused
from ..db import db
from ..models import Lease
from ..pbx import astdb
from ..pbx.ami import AmiClient
from .context import ServiceContext, utc_now

HEARTBEAT_TIMEOUT = timedelta(seconds=90)  # a lease without a heartbeat ends
SYNC_TIMEOUT = 1.0  # seconds; a hanging Asterisk must not delay a login, and the monitor repeats the update


def sync_leases(ctx: ServiceContext, numbers: Iterable[int]) -> None:
    """Write the leases of these numbers to Asterisk. Call it after their transaction."""
    numbers = set(numbers)
    if not (numbers and ctx.pbx.has_asterisk):
        return
    expiry = _expiry_by_number()
    with suppress(OperationRefused), replace(ctx.pbx, timeout=SYNC_TIMEOUT).open() as ami:
        astdb.write_leases(ami, {number: expiry.get(number) for number in numbers})


def sync_all_leases(ami: AmiClient) -> None:
    """Make Asterisk's entries equal to the leases, also after a restart or a lost connection."""
    expiry, written = _expiry_by_number(), astdb.read_leases(ami)
    changed = {number for number in expiry.keys() | written.keys() if expiry.get(number) != written.get(number)}
    astdb.write_leases(ami, {number: expiry.get(number) for number in changed})


def leased_numbers() -> Collection[int]:
    """Return the numbers of the accounts in use."""
    return _expiry_by_number().keys()


def _expiry_by_number() -> dict[int, int]:
    """Return number → Unix time at which its lease expires."""
    rows = db.session.execute(
        select(Lease.number, Lease.last_seen_at).where(Lease.last_seen_at >= utc_now() - HEARTBEAT_TIMEOUT)
    )
    return {number: int((seen + HEARTBEAT_TIMEOUT).timestamp()) for number, seen in rows}
