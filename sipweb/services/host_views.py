"""The PBX hosts as pages, monitoring and commands show them: whether each one runs the live generation."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, type_coerce

from ..core.sip_transports import SipAddress
from ..db import db
from ..models import Host, UTCDateTime
from .context import ServiceContext
from .database_clock import database_time
from .generation_history import generated_at, newest_generation
from .hosts import HostView, all_hosts
from .state_records import PbxStatus, State
from .status_text import from_lines

CATCH_UP_TIME = timedelta(seconds=10)  # in which a host that answers should run a new generation


class HostState(StrEnum):
    """How a host stands to the live generation."""

    RUNNING = "running"  # it runs it
    CATCHING_UP = "catching_up"  # it has just been generated, or the host has just started
    BEHIND = "behind"  # it still does not run it
    DIFFERS = "differs"  # its Asterisk or its files differ from it, or it can't run it
    ASTERISK_DOWN = "asterisk_down"  # its Asterisk does not answer
    AWAY = "away"  # nothing was heard of it


@dataclass(frozen=True, slots=True)
class HostSummary:
    """A host and its state. `since` is when it should have begun to catch up; `differences` is how many are stored.

    `other_settings` are the names of settings that it has otherwise than the host `compared_with`, the first by name.
    """

    view: HostView
    state: HostState
    since: datetime
    differences: int
    compared_with: str
    other_settings: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name of the host."""
        return self.view.name

    @property
    def sip_address(self) -> str:
        """Where phones and other hosts reach it."""
        return str(SipAddress(self.view.sip_host, self.view.sip_port, self.view.sip_transport))

    @property
    def has_warning(self) -> bool:
        """Whether pages warn of it: it is away, or could not run the live generation in time.

        Stored differences have a warning of their own.
        """
        has_drift = self.state == HostState.DIFFERS and not self.view.problem
        return self.state not in (HostState.RUNNING, HostState.CATCHING_UP) and not has_drift


def host_summaries(ctx: ServiceContext, state: State) -> tuple[HostSummary, ...]:
    """Return the hosts by name; none if there is only one, which is this server's own."""
    hosts = all_hosts()
    if len(hosts) < 2 and ctx.pbx.writes_files:
        return ()
    digest = state.live.digest if state.generation else ""
    now = began = None
    if any(host.digest != digest for host in hosts):
        now = _database_now()
        began = _changed_at(now)
    counts = Counter(difference.host for difference in state.drift)
    found = []
    for host in hosts:
        since = max(began or host.started_at, host.started_at)
        host_state = _state(host, digest, now, since, counts[host.name])
        found.append(_summary(host, host_state, since, counts[host.name], hosts[0]))
    return tuple(found)


def host_status(view: HostView) -> PbxStatus | None:
    """Return what the host's Asterisk reported last; None if that is not known now."""
    if not view.is_present:
        return None
    text = db.session.scalar(select(Host.status).where(Host.name == view.name)) or ""
    status = from_lines(text.split("\n"))
    return status if status.stamp and not status.problem else None


def host_figures(view: HostView) -> tuple[int, int] | None:
    """Return the numbers of registered phones and of calls; None if they are not known now."""
    status = host_status(view)
    return (len(status.registrations), status.calls) if status else None


def _summary(host: HostView, state: HostState, since: datetime, differences: int, first: HostView) -> HostSummary:
    both = host.settings.keys() & first.settings.keys()  # another version may have more
    other_settings = tuple(sorted(name for name in both if host.settings[name] != first.settings[name]))
    return HostSummary(host, state, since, differences, first.name, other_settings)


def _state(host: HostView, digest: str, now: datetime | None, since: datetime, differences: int) -> HostState:
    if not host.was_seen:
        return HostState.AWAY
    if not host.is_present:
        return HostState.ASTERISK_DOWN
    if host.digest == digest:
        return HostState.DIFFERS if host.problem or differences else HostState.RUNNING
    if now and now - since < CATCH_UP_TIME:
        return HostState.CATCHING_UP
    return HostState.DIFFERS if host.problem else HostState.BEHIND


def _database_now() -> datetime:
    """Return the time by the database's clock, as all times of hosts are."""
    return db.session.scalars(select(type_coerce(database_time(), UTCDateTime))).one()


def _changed_at(now: datetime) -> datetime | None:
    """Return when hosts last got something else to run: now while a generation runs, because some are ahead then."""
    number, state = newest_generation()
    return now if state == "running" else generated_at(number)
