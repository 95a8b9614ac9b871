"""The PBX hosts that share a database: each one's monitor reports about itself every few seconds.

An SQLite database belongs to one host, which has no row.
"""

from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Update, and_, case, exists, literal, not_, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from ..core.errors import N_, NotFound, OperationRefused, SipwebError
from ..core.rights import Right
from ..core.snapshot import RENDERER_VERSION, HostAddress, PbxSettings
from ..db import db, transaction
from ..models import Drift, DriftCheck, Host
from ..version import VERSION
from . import audit
from .context import Actor, ServiceContext
from .database_clock import NOW, can_have_several
from .errors import DatabaseFailure
from .machine_id import machine_id, make_machine_id
from .recording_files import mark

AWAY_AFTER = timedelta(seconds=10)  # a host that was not heard of for so long is not waited for
WATCHED_FOR = timedelta(seconds=7)  # if another host was present for so long since; else the database was away
GAP = timedelta(seconds=5)  # a host that was not heard of for so long has not been present all the time
CHANNEL = "sipweb"  # of PostgreSQL's notifications
_OTHER_SETTINGS = (
    "audit_days", "event_days", "call_days", "recording_days", "require_two_factor", "trusted_networks",
)  # fmt: skip
_SEEN = {"present_since": case((Host.seen_at > NOW - GAP, Host.present_since), else_=NOW), "seen_at": NOW}
_Other = aliased(Host)
_ANOTHER = exists().where(_Other.seen_at > NOW - AWAY_AFTER)
_WATCHED_SINCE = _Other.seen_at - literal(WATCHED_FOR, Interval)
_WATCHED = _ANOTHER.where(_Other.present_since <= _WATCHED_SINCE, Host.seen_at <= _WATCHED_SINCE)
WAS_SEEN = or_(Host.seen_at > NOW - AWAY_AFTER, and_(_ANOTHER, not_(_WATCHED))).label("was_seen")


@dataclass(frozen=True, slots=True)
class HostView:
    """One PBX host.

    `generation` and `digest` are what it runs, verified; `problem` is why it does not run what it should: a message
    id and its values. `settings` are those that should be the same on all hosts, by their names. `was_seen`: it was
    heard of within the last seconds, or that can't be told yet, right after an outage of the database; `is_present`:
    its Asterisk answers too. `stamp` changes with what its Asterisk reports.
    """

    name: str
    sip_host: str
    sip_port: int
    sip_transport: str
    websocket: str
    web_address: str
    version: str
    renderer_version: int
    settings: dict[str, Any]
    seen_at: datetime
    started_at: datetime
    was_seen: bool
    is_present: bool
    generation: int
    digest: str
    problem: dict[str, Any] | None
    stamp: int


_COLUMNS = (
    Host.name, Host.sip_host, Host.sip_port, Host.sip_transport, Host.websocket, Host.web_address, Host.version,
    Host.renderer_version, Host.settings, Host.seen_at, Host.started_at, Host.generation, Host.digest, Host.problem,
    Host.stamp, WAS_SEEN,
)  # fmt: skip
_HOSTS = select(*_COLUMNS).order_by(Host.name)


def report_still_seen(ctx: ServiceContext) -> None:
    """Store that this host is present while it does something that may take long; the database may be away.

    Nothing is stored if another machine has this host's name meanwhile: `report_present` says so.
    """
    if can_have_several() and ctx.pbx.writes_files:
        with suppress(*DatabaseFailure), transaction(bump_revision=False) as session:
            session.execute(_update_own(ctx).values(**_SEEN))


def report_seen(session: Session, ctx: ServiceContext) -> None:
    """Store in the caller's transaction that this host is present.

    Raises:
        OperationRefused: another machine has this host's name.
    """
    if can_have_several() and ctx.pbx.writes_files:
        check_name(ctx)
        session.execute(_update_own(ctx).values(**_SEEN))


def all_hosts() -> tuple[HostView, ...]:
    """Return the hosts by name: the first one that is present tries a generation before the others."""
    if not can_have_several():
        return ()
    return tuple(_view(row) for row in db.session.execute(_HOSTS))


def longest_days(ctx: ServiceContext, setting: str) -> int:
    """Return the largest value of a setting in days, such as "call_days", on this machine and the PBX hosts.

    0 means for ever. So a server with another setting deletes nothing that a host keeps.
    """
    others = [host for host in all_hosts() if host.name != ctx.host or not ctx.pbx.writes_files]
    days = [getattr(ctx, setting), *(host.settings.get(setting.upper(), 1) for host in others)]
    return 0 if 0 in days else max(days)


def present_hosts(ctx: ServiceContext) -> tuple[str, ...]:
    """Return the names of the hosts that answer; the own one is among them, unless its Asterisk does not answer."""
    hosts = all_hosts()
    names = {host.name for host in hosts if host.is_present}
    if ctx.pbx.writes_files and not any(host.name == ctx.host and _is_asterisk_down(host.problem) for host in hosts):
        names.add(ctx.host)
    return tuple(sorted(names))


def addresses() -> tuple[HostAddress, ...]:
    """Return the hosts as each of them knows the others; empty if there is only one."""
    if not can_have_several():
        return ()
    query = select(Host.name, Host.sip_host, Host.sip_port, Host.sip_transport).order_by(Host.name)
    found = tuple(HostAddress(*row) for row in db.session.execute(query))
    return found if len(found) > 1 else ()


def check_name(ctx: ServiceContext) -> None:
    """Check that no other machine is the PBX host of this name.

    Raises:
        OperationRefused: another one is.
    """
    if not can_have_several() or not ctx.pbx.writes_files:
        return
    known = db.session.scalar(select(Host.machine_id).where(Host.name == ctx.host))
    if known not in (None, machine_id(ctx)):
        raise OperationRefused(
            N_(
                "Another machine is the PBX host %(name)s already. Set SIPWEB_PBX_HOST to another name. If that "
                "machine is gone for good and this one takes its place, run 'flask remove-host %(name)s' first."
            ),
            name=ctx.host,
        )


def join(ctx: ServiceContext) -> None:
    """Add this host, or its present addresses: the others know them after the next generation.

    The folder of recordings is marked as this host's.

    Raises:
        OperationRefused: another machine has this name.
    """
    if not can_have_several() or not ctx.pbx.writes_files:
        return
    check_name(ctx)
    server = ctx.phone_server
    transport, port = next(iter(server.ports.items()))
    values: dict[str, Any] = {
        "sip_host": server.host, "sip_port": port, "sip_transport": transport, "websocket": ctx.websocket,
        "web_address": ctx.web_address, "version": VERSION, "renderer_version": RENDERER_VERSION,
        "settings": _settings(ctx),
    }  # fmt: skip
    row = db.session.get(Host, ctx.host)
    is_new = row is None or (row.sip_host, row.sip_port, row.sip_transport) != (server.host, port, transport)
    values |= dict.fromkeys(("seen_at", "present_since", "started_at"), NOW)
    with transaction(bump_revision=is_new) as session:
        if row is None:
            session.add(Host(name=ctx.host, machine_id=make_machine_id(ctx), **values))
        else:
            session.execute(_update_own(ctx).values(**values))
    mark(ctx.recordings_dir, ctx.host, db.session.scalars(select(Host.started_at).where(Host.name == ctx.host)).one())


def report_present(
    ctx: ServiceContext, generation: int, digest: str, problem: dict[str, Any] | None, status: tuple[int, str] | None
) -> bool:
    """Report that this host is alive, and what it runs. `status` is the new stamp and text, None if nothing changed.

    Return whether the row existed: it does not if the host was removed while it was away, which then joins again.

    Raises:
        OperationRefused: another machine has taken this host's place.
    """
    values: dict[str, Any] = {"generation": generation, "digest": digest, "problem": problem, **_SEEN}
    if status:
        values |= {"stamp": status[0], "status": status[1]}
    with transaction(bump_revision=False) as session:
        updated = session.execute(_update_own(ctx).values(**values))
    is_known = bool(updated.rowcount)  # type: ignore[attr-defined]
    if not is_known:
        join(ctx)
    return is_known


def report_asterisk_up(session: Session, ctx: ServiceContext) -> None:
    """Store in the caller's transaction that this host is present and its Asterisk answers."""
    report_seen(session, ctx)
    if can_have_several() and ctx.pbx.writes_files:
        is_down = Host.problem["asterisk_down"].as_boolean()
        session.execute(_update_own(ctx).where(is_down).values(problem=None))


def report_asterisk_down(ctx: ServiceContext, error: SipwebError) -> None:
    """Report that this host's Asterisk does not answer: nobody waits for it until the monitor reports otherwise."""
    values = {"problem": problem_to_json(error, asterisk_down=True), **_SEEN}
    with transaction(bump_revision=False) as session:
        session.execute(_update_own(ctx).values(**values))


def problem_to_json(error: SipwebError, *, asterisk_down: bool) -> dict[str, Any]:
    """Return what the column `problem` stores."""
    values = {name: str(value) for name, value in error.values.items()}
    return {"message": error.message, "values": values, "asterisk_down": asterisk_down}


def remove(ctx: ServiceContext, actor: Actor, name: str) -> None:
    """Remove a host that was switched off for good; the others forget it with the next generation.

    Raises:
        NotFound, OperationRefused: there is no such host, or it still runs.
    """
    actor.require(Right.GENERATE)
    found = next((host for host in all_hosts() if host.name == name), None)
    if found is None:
        raise NotFound(N_("There is no PBX host %(name)s."), name=name)
    if found.was_seen:
        raise OperationRefused(N_("The PBX host %(name)s still runs. Stop sipweb there first."), name=name)
    with transaction() as session:
        session.delete(session.get_one(Host, name))
        for table in (Drift, DriftCheck):
            session.execute(table.__table__.delete().where(table.host == name))  # type: ignore[attr-defined]
        audit.record(session, actor, "host.remove", name)


def notify(about: str) -> None:
    """Wake the monitors of all hosts: a generation was claimed or reported ("generation"), or a lease changed.

    They look every few seconds anyway, so a database that fails now is no error here.
    """
    if can_have_several():
        with suppress(*DatabaseFailure), db.engine.begin() as connection:
            connection.execute(text("SELECT pg_notify(:channel, :about)"), {"channel": CHANNEL, "about": about})


def _view(row: Any) -> HostView:  # the columns of _COLUMNS
    values = {one.name: getattr(row, one.name) for one in fields(HostView) if one.name != "is_present"}
    return HostView(**values, is_present=row.was_seen and not _is_asterisk_down(row.problem))


def _update_own(ctx: ServiceContext) -> Update:
    """Return the update of this machine's row: another one may have the name, if this one was replaced while away."""
    return update(Host).where(Host.name == ctx.host, Host.machine_id == machine_id(ctx))


def _settings(ctx: ServiceContext) -> dict[str, Any]:
    """Return the settings that should be the same on all hosts, by their names in sipweb.env."""
    names = [one.name for one in fields(PbxSettings) if one.name != "hosts"]
    settings = {"SIP_REALM" if name == "realm" else name.upper(): getattr(ctx.pbx_settings, name) for name in names}
    others = {name.upper(): getattr(ctx, name) for name in _OTHER_SETTINGS}
    sessions = {
        "SESSION_IDLE": ctx.session_limits.idle / timedelta(minutes=1),
        "SESSION_LIFETIME": ctx.session_limits.lifetime / timedelta(minutes=1),
    }
    return settings | others | sessions


def _is_asterisk_down(problem: dict[str, Any] | None) -> bool:
    return bool(problem and problem.get("asterisk_down"))
