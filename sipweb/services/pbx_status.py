"""Registered phones and trunk states, as the monitor last read them from Asterisk."""

import json
import os
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ..core.errors import OperationRefused, SipwebError
from ..pbx import status
from ..pbx.status import Contact, TrunkState
from .context import ServiceContext
from .state_records import Attack, PbxProblem, PbxStatus

MAX_AGE = 30.0  # seconds after which the file is too old


def registered_phones(ctx: ServiceContext) -> dict[int, Contact]:
    """Return number → contact of registered phones; empty without a monitor."""
    return current_status(ctx).registrations


def current_status(ctx: ServiceContext) -> PbxStatus:
    """Return the present status; nothing is registered in it if Asterisk did not answer, or if the file is too old."""
    path = _path(ctx)
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return PbxStatus()
    if time.time() - stat.st_mtime > MAX_AGE:
        return PbxStatus()
    cached, version = ctx.cache.pbx_status, (stat.st_mtime_ns, stat.st_ino)
    if cached is None or cached[0] != version:
        status_read = _read(path)
        if status_read.problem:
            status_read = replace(status_read, registrations={}, trunks={}, attacks=(), blocking_problem="")
        cached = ctx.cache.pbx_status = version, status_read
    return cached[1]


def has_lease_credentials(ctx: ServiceContext) -> bool:
    """Return whether a lease has a credential of its own: not without an Asterisk, or where sorcery.conf lacks lines.

    Until the monitor has asked Asterisk, the lines are taken to be there.
    """
    return ctx.pbx.has_asterisk and current_status(ctx).reads_leases


def numbers_changed_since(ctx: ServiceContext, stamp: int) -> set[int]:
    """Return numbers whose registration changed since a stamp."""
    current = current_status(ctx)
    if current.stamp == stamp:
        return set()
    if not stamp or not current.stamp:  # the monitor started or stopped: everything that was or is registered
        path = _path(ctx)
        return set((current if current.stamp or not path.is_file() else _read(path)).registrations)
    return {number for number, changed_at in current.since.items() if changed_at > stamp}


def numbers_on_call(ctx: ServiceContext) -> frozenset[int]:
    """Return the numbers of accounts in a call; empty if Asterisk cannot be queried."""
    try:
        if ctx.pbx.has_asterisk:
            with ctx.pbx.open() as ami:
                return status.numbers_on_call(ami)
    except OperationRefused:
        pass
    return frozenset()


def is_asterisk_up(ctx: ServiceContext) -> bool:
    """Return whether Asterisk answered the monitor, which asks every few seconds."""
    current = current_status(ctx)
    return current.stamp > 0 and current.problem is None


def write_status(
    ctx: ServiceContext,
    contacts: dict[int, Contact],
    trunks: dict[int, TrunkState] | None = None,
    *,
    reads_leases: bool = True,
    calls: int = 0,
    attacks: tuple[Attack, ...] = (),
    blocking_problem: str = "",
) -> tuple[PbxStatus, PbxStatus]:
    """Write the status file atomically, with the time of each number's last change; return the old and the new status.

    The stamp grows with each change of a registration or of a trunk, and when Asterisk answers again.
    """
    before, trunks = _last_status(ctx), trunks or {}
    numbers = before.registrations.keys() | contacts.keys()
    changed = {
        number for number in numbers if before.problem or before.registrations.get(number) != contacts.get(number)
    }
    is_same = before.stamp and not changed and not before.problem and before.trunks == trunks
    stamp = before.stamp if is_same else _next_stamp(before)
    since = before.since | dict.fromkeys(changed, stamp)
    current = PbxStatus(
        stamp, contacts, since, trunks, reads_leases=reads_leases, calls=calls, attacks=attacks,
        blocking_problem=blocking_problem,
    )  # fmt: skip
    _write(ctx, current)
    return before, current


def returned_phones(before: PbxStatus, after: PbxStatus) -> list[int]:
    """Return the numbers of phones that did not respond but have registered again, such as one that was restarted."""
    both = before.registrations.keys() & after.registrations.keys()
    silent = (number for number in both if not after.registrations[number].reachable)
    return [n for n in silent if after.registrations[n].expires > before.registrations[n].expires]


def write_problem(ctx: ServiceContext, error: SipwebError) -> None:
    """Write why Asterisk does not answer. What was registered is kept for the comparison when it answers again."""
    before = _last_status(ctx)
    problem = PbxProblem(error.message, {name: str(value) for name, value in error.values.items()})
    if before.problem:
        _write(ctx, replace(before, problem=problem))
        return
    stamp = _next_stamp(before)
    since = before.since | dict.fromkeys(before.registrations, stamp)
    _write(ctx, replace(before, stamp=stamp, since=since, problem=problem))


def keep_status(ctx: ServiceContext) -> None:
    """Let the status stay valid while Asterisk answers, but the database does not: nothing can be compared then."""
    if _last_status(ctx).stamp and not _last_status(ctx).problem:
        os.utime(_path(ctx))


def _last_status(ctx: ServiceContext) -> PbxStatus:
    path = _path(ctx)
    return _read(path) if path.is_file() else PbxStatus()


def _next_stamp(before: PbxStatus) -> int:
    return max(before.stamp + 1, int(time.time() * 1000))


def _write(ctx: ServiceContext, current: PbxStatus) -> None:
    ctx.runtime_dir.mkdir(parents=True, exist_ok=True)
    draft = ctx.runtime_dir / ".registered.json"
    draft.write_text(json.dumps(asdict(current)))
    draft.replace(_path(ctx))


def _path(ctx: ServiceContext) -> Path:
    return ctx.runtime_dir / "registered.json"


def _read(path: Path) -> PbxStatus:
    try:
        return _parse(json.loads(path.read_text()))
    except (ValueError, TypeError):  # truncated by a power failure, or written by another version
        return PbxStatus()


def _parse(stored: dict[str, Any]) -> PbxStatus:  # JSON, whose keys are text
    registrations = {int(number): Contact(**values) for number, values in stored.get("registrations", {}).items()}
    since = {int(number): stamp for number, stamp in stored.get("since", {}).items()}
    trunks = {int(trunk_id): TrunkState(**state) for trunk_id, state in stored.get("trunks", {}).items()}
    problem = PbxProblem(**stored["problem"]) if stored.get("problem") else None
    reads_leases = stored.get("reads_leases", True)
    calls = stored.get("calls", 0)
    attacks = tuple(Attack(**attack) for attack in stored.get("attacks", ()))
    return PbxStatus(
        stored.get("stamp", 0), registrations, since, trunks, problem, reads_leases, calls, attacks,
        stored.get("blocking_problem", ""),
    )  # fmt: skip
