"""The state of the database, the monitor and the PBX, for monitoring: nobody waits for Asterisk here."""

import shutil
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from ..crypto import KEYS_FILE
from ..db import check_writable
from . import phone_server, recording_cleanup
from .context import ServiceContext
from .drift import last_checks
from .errors import failure_cause
from .host_views import HostState, HostSummary, host_summaries
from .pbx_status import is_asterisk_up, own_status
from .recordings import MIN_FREE_BYTES
from .startup_checks import exposed_files, keys_problem, newer_schema, schema_problem
from .state import current_state, rollback

MAX_SILENCE = 60.0  # seconds without a sign of life of the monitor
LOCK_TIMEOUT = 3.0  # seconds that the check waits for somebody else's transaction
FULL_BYTES = 10 * 1024 * 1024  # free bytes of the instance's disk below which edits fail, or soon will
ALIVE = "monitor.alive"  # the monitor touches it in INSTANCE/run
_CAUSES = {
    "full": "The disk with the database is full.",
    "locked": "The database is locked by another program.",
    "read_only": "The database can't be written.",
    "down": "The database doesn't answer.",
}


@dataclass(frozen=True, slots=True)
class Health:
    """What /healthz shows; `serves` is False if requests would fail. `hosts` are the PBX hosts if there are several."""

    values: dict[str, object]
    serves: bool
    hosts: tuple[HostSummary, ...] = ()


def health(ctx: ServiceContext) -> Health:
    """Return the state of database, monitor and PBX. It names no user, no number and no secret."""
    values: dict[str, object] = {"database": "ok", "pbx": ctx.pbx.mode}
    hosts: tuple[HostSummary, ...] = ()
    serious = []
    try:
        if problem := schema_problem():
            serious.append(problem)
        else:
            check_writable(LOCK_TIMEOUT)
            serious += filter(None, [keys_problem(ctx.cipher)])
            hosts = host_summaries(ctx, current_state(ctx))
            values |= _configuration(ctx, hosts)
            if schema := newer_schema():
                values["newer_schema"] = schema
    except SQLAlchemyError as error:
        rollback()
        values["database"] = "down"
        serious.append(_CAUSES[failure_cause(error)])  # the database's own message may have names
    serious += [*_full_disk(ctx), *_monitor_problem(ctx)]
    if ctx.pbx.has_asterisk:
        values["asterisk"] = "ok" if is_asterisk_up(ctx) else "down"
    if certificate := phone_server.certificate(ctx):
        values["tls_expires"] = certificate.not_after.isoformat() if certificate.not_after else None
    values["problems"] = [*serious, *_other_problems(ctx, values), *_host_problems(hosts)]
    return Health(values, not serious, hosts)


def monitor_seen_at(ctx: ServiceContext) -> float | None:
    """Return when the monitor last gave a sign of life (Unix time); None before the first."""
    try:
        return (ctx.runtime_dir / ALIVE).stat().st_mtime
    except OSError:
        return None


def report_alive(ctx: ServiceContext) -> None:
    """Give a sign of life of the monitor."""
    ctx.runtime_dir.mkdir(parents=True, exist_ok=True)
    (ctx.runtime_dir / ALIVE).touch()


def free_bytes(folder: Path) -> int:
    """Return the free bytes of the disk with a folder, which may not exist yet."""
    return shutil.disk_usage(next(path for path in (folder, *folder.parents) if path.exists())).free


def _configuration(ctx: ServiceContext, hosts: Collection[HostSummary]) -> dict[str, object]:
    state, checked = current_state(ctx), last_checks()
    drift = len(state.drift) if checked else None
    values: dict[str, object] = {"generation": state.generation, "pending": len(state.plan), "drift": drift}
    if hosts:
        values["hosts"] = {host.name: _host_values(host, is_checked=host.name in checked) for host in hosts}
    return values


def _host_values(host: HostSummary, *, is_checked: bool) -> dict[str, object]:
    view = host.view
    asterisk = ("ok" if view.is_present else "down") if view.was_seen else None
    drift = host.differences if is_checked else None
    return {"present": view.was_seen, "generation": view.generation, "asterisk": asterisk, "drift": drift}


def _host_problems(hosts: Collection[HostSummary]) -> Iterator[str]:
    yield from filter(None, map(_host_problem, hosts))
    for host in hosts:
        if host.other_settings:
            names = ", ".join(host.other_settings)
            yield f"PBX host {host.name} has other settings than {host.compared_with}: {names}."


def _host_problem(host: HostSummary) -> str:
    """Return what is wrong with one of several hosts; "" if nothing is."""
    if host.state == HostState.AWAY:
        return f"PBX host {host.name} is away since {host.view.seen_at.isoformat(timespec='seconds')}."
    if host.state == HostState.ASTERISK_DOWN:
        return f"Asterisk doesn't answer on PBX host {host.name}."
    if host.has_warning:
        return f"PBX host {host.name} doesn't run the live configuration."
    if host.differences:
        return f"PBX host {host.name} differs from the live configuration: {host.differences} differences."
    return ""


def _full_disk(ctx: ServiceContext) -> Iterator[str]:
    if free_bytes(ctx.runtime_dir) < FULL_BYTES:
        yield "The disk with sipweb's data is full."


def _monitor_problem(ctx: ServiceContext) -> Iterator[str]:
    """Yield that the monitor is silent. After this process's start it has as long as later to give a sign of life."""
    silence = time.time() - max(monitor_seen_at(ctx) or 0.0, ctx.created_at)
    if silence > MAX_SILENCE:
        yield "The background process doesn't run: unused numbers aren't released, and Asterisk isn't watched."


def _other_problems(ctx: ServiceContext, values: dict[str, object]) -> Iterator[str]:
    if values.get("asterisk") == "down":
        yield "Asterisk doesn't answer."
    if not own_status(ctx).reads_leases:
        yield "sorcery.conf lacks sipweb's lines: softphones register with the passwords of their accounts."
    if own_status(ctx).blocking_problem:
        yield "Addresses that guess SIP passwords can't be blocked: see the administration pages."
    if (drift := values.get("drift")) and "hosts" not in values:
        yield f"Asterisk or its files differ from the live configuration: {drift} differences."
    if not (ctx.runtime_dir.parent / KEYS_FILE).is_file():
        yield f"{KEYS_FILE} is missing. Put it back: sipweb can't start without it."
    yield from exposed_files(ctx.runtime_dir.parent)
    if count := recording_cleanup.undeletable(ctx):
        yield f"Recordings that are too old couldn't be deleted: {count}."
    disks = {"sipweb's data": ctx.runtime_dir, "the recordings": ctx.recordings_dir}
    for content, folder in disks.items():
        free = free_bytes(folder)
        if FULL_BYTES <= free < MIN_FREE_BYTES:
            yield f"The disk with {content} has only {free // 2**20} MB free."
    yield from map(str, phone_server.problems(ctx))
