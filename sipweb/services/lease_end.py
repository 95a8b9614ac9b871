"""Leases that end against the agent's will: revoked, or their account removed or renumbered by a generation.

And how any lease is ended.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..core.accounts import BUILTIN
from ..core.errors import N_, NotFound
from ..core.rights import Right
from ..core.snapshot import Snapshot
from ..db import transaction
from ..models import Account, Lease
from . import audit
from .account_secrets import replace_secret
from .context import SYSTEM_ACTOR, Actor, ServiceContext
from .lease_sync import sync_leases
from .state import live_generation


class ReleasedNumber(NamedTuple):
    """A revoked number.

    `replaced`: the next generation replaces its password; until then the old phone can register. `keeps_working`: the
    agent's phone is another one than the built-in, and registers with the account's own password as before.
    """

    number: int
    replaced: bool
    keeps_working: bool = False


def release_by_admin(ctx: ServiceContext, actor: Actor, account_id: int) -> ReleasedNumber:
    """Take an account from the agent who uses it.

    Raises:
        NotFound: nobody uses the account.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        lease = session.scalar(select(Lease).where(Lease.account_id == account_id))
        if lease is None:
            raise NotFound(N_("This account isn't in use."))
        released = revoke(session, ctx, actor, lease)
    sync_leases(ctx, [released.number])
    return released


def revoke(session: Session, ctx: ServiceContext, actor: Actor, lease: Lease) -> ReleasedNumber:
    """End a lease against the agent's will, within the caller's transaction.

    The credential of the lease ends with it. If the lease had none of its own, the phone knows the account's secret:
    then a built-in phone's account, live or saved, gets a new one.
    """
    number, account = lease.number, session.get(Account, lease.account_id)
    live_account = live_generation(ctx)[1].by_id.get(lease.account_id)
    is_builtin = any(a is not None and a.phone == BUILTIN for a in (account, live_account))
    has_own = lease.secret and live_account is not None and live_account.phone == BUILTIN
    agent_knows_secret = is_builtin and not has_own
    if account and agent_knows_secret:
        replace_secret(ctx, account)
    changes: Mapping[str, list[Any]] = {"secret": []} if account and agent_knows_secret else {}
    end_lease(session, lease, actor, "lease.revoke", changes)
    return ReleasedNumber(number, agent_knows_secret, not is_builtin)


def end_lease(session: Session, lease: Lease, actor: Actor, action: str, changes: Mapping[str, list[Any]] = {}) -> None:
    """End one lease within the caller's transaction and record the reason."""
    account_id, user_id = lease.account_id, lease.user_id
    audit.record(session, actor, action, lease.number, account_id=account_id, user_id=user_id, changes=changes)
    session.execute(delete(Lease).where(Lease.id == lease.id))


def end_orphaned_leases(session: Session, snapshot: Snapshot) -> None:
    """After a generation, end leases whose account was removed or renumbered."""
    numbers = {account.id: account.number for account in snapshot.accounts}
    for lease in session.scalars(select(Lease)):
        if numbers.get(lease.account_id) != lease.number:
            end_lease(session, lease, SYSTEM_ACTOR, "lease.end")
