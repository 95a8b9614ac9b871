"""Figures for Prometheus, read from the database and from what the monitor stored: any worker can answer."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import select

from ..db import db
from ..models import Generation
from ..version import VERSION
from . import health, recording_cleanup
from .context import ServiceContext
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


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"sipweb_{name}", text, value)
