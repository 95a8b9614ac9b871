"""The rollout of a generation on this host and on the others, as the database has it."""

from datetime import timedelta

from sqlalchemy import func, select

from ..core import rollout
from ..core.rollout import Rollout
from ..db import db
from ..models import Generation, HostReport
from . import host_reports, hosts
from .context import ServiceContext
from .database_clock import can_have_several, database_time
from .state import live_number

ABANDONED_AFTER = timedelta(seconds=60)  # a generation about which no host reports for so long has ended
_RUNNING = select(Generation.number).where(Generation.state == "running").order_by(Generation.number.desc()).limit(1)


def current_rollout(ctx: ServiceContext) -> Rollout:
    """Return the live generation and the running one, with what the hosts have reported about it."""
    running = db.session.scalar(_RUNNING)
    if running is None:
        return Rollout(live_number())
    return Rollout(live_number(), running, hosts.present_hosts(ctx), host_reports.states(running))


def wanted_number(ctx: ServiceContext, current: Rollout) -> int:
    """Return the generation whose files this host should have active; 0 before the first.

    That is the running one only if this host has verified it.
    """
    return current.live if is_part_due(ctx, current) else rollout.wanted(current, ctx.host)


def is_part_due(ctx: ServiceContext, current: Rollout) -> bool:
    """Return whether this host should try the running generation now: not without an Asterisk that answers."""
    return (
        current.running is not None
        and ctx.pbx.writes_files
        and ctx.host in current.present
        and ctx.host not in current.reports
        and rollout.wanted(current, ctx.host) == current.running
    )


def is_abandoned(number: int) -> bool:
    """Return whether no host has reported about a running generation for a minute."""
    if not can_have_several():
        return False  # this host's lock tells
    reported = select(func.max(HostReport.reported_at)).where(HostReport.number == number).scalar_subquery()
    newest = func.coalesce(reported, Generation.started_at)
    query = select(newest < database_time() - ABANDONED_AFTER).where(Generation.number == number)
    return bool(db.session.scalar(query))
