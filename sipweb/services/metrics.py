"""Figures for Prometheus, read from the database and from what the monitor stored: any worker can answer."""

from collections.abc import Iterator, Sequence

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import select

from ..db import db
from ..models import Generation
from ..version import VERSION
from . import health, recording_cleanup
from .context import ServiceContext
from .host_views import HostSummary, host_figures
from .pbx_status import is_asterisk_up, own_status
from .state import current_state

Metric = GaugeMetricFamily | InfoMetricFamily


def render(ctx: ServiceContext) -> bytes:
    """Return all figures in Prometheus' text format. What is not known now is left out."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(ctx))
    return generate_latest(registry)


class _Figures(Collector):
    def __init__(self, ctx: ServiceContext) -> None:
        self._ctx = ctx

    def collect(self) -> Iterator[Metric]:
        """Yield each figure."""
        ctx = self._ctx
        yield InfoMetricFamily("sipweb", "The version of sipweb", {"version": VERSION})
        state = health.health(ctx)
        problems = state.values["problems"]
        yield _gauge("up", "Whether requests succeed", int(state.serves))
        yield _gauge("database_up", "Whether the database can be written", int(state.values["database"] == "ok"))
        yield _gauge("problems", "Problems that /healthz names", len(problems) if isinstance(problems, list) else 0)
        if "generation" in state.values:
            yield from _configuration(ctx, state.values["drift"])
        if seen := health.monitor_seen_at(ctx):
            yield _gauge("monitor_last_seen_timestamp_seconds", "Last sign of life of the background process", seen)
        if ctx.pbx.has_asterisk:
            yield from _asterisk(ctx)
        yield from _hosts(state.hosts)
        yield _gauge(
            "undeletable_recordings", "Old recordings that couldn't be deleted", recording_cleanup.undeletable(ctx)
        )
        disks = GaugeMetricFamily("sipweb_disk_free_bytes", "Free bytes of the disk", labels=["content"])
        disks.add_metric(["instance"], health.free_bytes(ctx.runtime_dir))
        disks.add_metric(["recordings"], health.free_bytes(ctx.recordings_dir))
        yield disks


def _configuration(ctx: ServiceContext, drift: object) -> Iterator[Metric]:
    current = current_state(ctx)
    yield _gauge("accounts", "SIP accounts, as saved", len(current.by_id))
    yield _gauge("accounts_active", "Active SIP accounts", sum(view.active for view in current.by_id.values()))
    yield _gauge("accounts_free", "Accounts that an agent without a number could get now", len(current.free))
    yield _gauge("accounts_in_use", "Accounts that an agent uses", len(current.leases))
    yield _gauge("pending_changes", "Changes that the PBX does not have yet", len(current.plan))
    yield _gauge("generation", "Number of the live generation", current.generation)
    finished = db.session.scalar(select(Generation.finished_at).where(Generation.number == current.generation))
    if finished:
        yield _gauge("generation_timestamp_seconds", "When the live generation was made", finished.timestamp())
    if isinstance(drift, int):
        yield _gauge("drift", "Differences between the PBX and the live generation", drift)


def _asterisk(ctx: ServiceContext) -> Iterator[Metric]:
    is_up = is_asterisk_up(ctx)
    yield _gauge("asterisk_up", "Whether Asterisk answers", int(is_up))
    if is_up:
        status = own_status(ctx)
        yield _gauge("registered_phones", "Accounts with a registered phone", len(status.registrations))
        yield _gauge("calls", "Calls in progress", status.calls)


def _hosts(hosts: Sequence[HostSummary]) -> Iterator[Metric]:
    """Yield the figures of each host, if there are several; what its Asterisk reports only while it is there."""
    if not hosts:
        return
    up = _host_gauge("up", "Whether the PBX host reports that it is there")
    asterisk_up = _host_gauge("asterisk_up", "Whether the Asterisk of the PBX host answers")
    generation = _host_gauge("generation", "Number of the generation that the PBX host runs")
    drift = _host_gauge("drift", "Differences between the PBX host and the live generation")
    phones = _host_gauge("registered_phones", "Accounts with a phone registered at the PBX host")
    calls = _host_gauge("calls", "Calls in progress on the PBX host")
    for host in hosts:
        up.add_metric([host.name], host.view.was_seen)
        asterisk_up.add_metric([host.name], host.view.is_present)
        generation.add_metric([host.name], host.view.generation)
        drift.add_metric([host.name], host.differences)
        if figures := host_figures(host.view):
            phones.add_metric([host.name], figures[0])
            calls.add_metric([host.name], figures[1])
    yield from (up, asterisk_up, generation, drift, phones, calls)


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sipweb_{name}", text, value)


def _host_gauge(name: str, text: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sipweb_host_{name}", text, labels=["host"])
