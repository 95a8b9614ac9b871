"""What the monitor does with recordings: deletes old and empty ones, stops those that may not go on."""

import errno
import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from ..core.asterisk.dialplan.recording import host_suffix
from ..db import transaction
from ..pbx import control, status
from ..pbx.ami import AmiClient
from . import audit
from .context import SYSTEM_ACTOR, ServiceContext, utc_now
from .recording_files import NAME, WAV_HEADER_BYTES, day_folders, files_of_day, parse_day
from .state import live_generation

RING_WINDOW = timedelta(hours=6)  # longer than any phone rings
MAX_DELETIONS = 1000  # files deleted at once, because the monitor has other work


@dataclass(frozen=True, slots=True)
class Deletion:
    """What one run did: how many files it deleted, how many it could not, and why not (of the first one)."""

    deleted: int = 0
    undeletable: int = 0
    reason: str = ""
    more: bool = False


def delete_expired(ctx: ServiceContext) -> Deletion:
    """Delete at most MAX_DELETIONS recordings older than `recording_days`, file by file; `more` if some are left.

    A file that can't be deleted stops no other. How many there are is kept for `undeletable`.
    """
    if not ctx.recording_days:
        _write_undeletable(ctx, 0)
        return Deletion()
    oldest = (utc_now() - timedelta(days=ctx.recording_days)).date()
    total = Deletion()
    for day in reversed(day_folders(ctx.recordings_dir)):
        if parse_day(day) < oldest and not total.more:
            one = _delete_day(ctx.recordings_dir / day, MAX_DELETIONS - total.deleted)
            total = Deletion(
                total.deleted + one.deleted, total.undeletable + one.undeletable, total.reason or one.reason, one.more
            )
    if total.deleted:
        with transaction() as session:
            changes = {"count": [None, total.deleted]}
            audit.record(session, SYSTEM_ACTOR, "recording.expired", oldest.isoformat(), changes=changes)
    if not total.more:  # else later days were not looked at
        _write_undeletable(ctx, total.undeletable)
    return total


def undeletable(ctx: ServiceContext) -> int:
    """Return how many expired recordings the monitor could not delete when it last tried.

    A folder that can't be read counts as one.
    """
    try:
        return int(_undeletable_file(ctx).read_text())
    except (OSError, ValueError):  # there was no attempt yet
        return 0


def _undeletable_file(ctx: ServiceContext) -> Path:
    return ctx.runtime_dir / "undeletable-recordings"


def _write_undeletable(ctx: ServiceContext, count: int) -> None:
    ctx.runtime_dir.mkdir(parents=True, exist_ok=True)
    draft = ctx.runtime_dir / ".undeletable-recordings"
    draft.write_text(f"{count}\n")
    draft.replace(_undeletable_file(ctx))


def _delete_day(folder: Path, limit: int) -> Deletion:
    """Delete a day's recordings, and its folder unless it contains anything else."""
    if not os.access(folder, os.R_OK | os.X_OK):
        return Deletion(undeletable=1, reason=f"{folder}: {os.strerror(errno.EACCES)}")
    files = files_of_day(folder.parent, folder.name)
    deleted = 0
    failures: list[str] = []
    for _match, path in files:
        if deleted == limit:
            return Deletion(deleted, len(failures), next(iter(failures), ""), more=True)
        try:
            path.unlink()
            deleted += 1
        except FileNotFoundError:  # by another host that shares the folder
            continue
        except OSError as error:
            failures.append(f"{path}: {error.strerror}")
    with suppress(OSError):  # it contains other files, or belongs to Asterisk: an empty folder tells nothing
        folder.rmdir()
    return Deletion(deleted, len(failures), next(iter(failures), ""))


def find_empty_recordings(ctx: ServiceContext) -> dict[Path, str]:
    """Return the last hours' files without sound, and the unique id of each call.

    With several hosts only those of this host: the folder may be shared, and another host's phone may be ringing. A
    host that was removed counts until the next generation, because the dialplan is still that of several hosts.
    """
    since = str(int((utc_now() - RING_WINDOW).timestamp()))
    own = host_suffix(ctx.host)
    suffix = own if live_generation(ctx)[1].settings.hosts else ""
    call_ids = {}
    for day in day_folders(ctx.recordings_dir)[:2]:
        with suppress(OSError):
            for entry in os.scandir(ctx.recordings_dir / day):
                timestamp, _, call_id = entry.name.rpartition("_")[2].removesuffix(".wav").partition("-")
                is_ours = timestamp > since and call_id.endswith(suffix) and NAME.fullmatch(entry.name)
                if is_ours and entry.stat().st_size <= WAV_HEADER_BYTES:
                    call_ids[Path(entry.path)] = call_id.removesuffix(own)  # also of a call from before that generation
    return call_ids


def delete_empty_recordings(call_ids: Mapping[Path, str], active_call_ids: Collection[str]) -> None:
    """Delete empty files whose calls are over; list the files before the calls."""
    for path, call_id in call_ids.items():
        if call_id not in active_call_ids:
            with suppress(OSError):  # read-only files stay; they are not listed
                path.unlink()


def stop_outside_recordings(ami: AmiClient, leased: Collection[int], numbers: Collection[int]) -> None:
    """Stop recordings of internal calls that are now connected to the outside.

    After an attended transfer no dialplan runs that could stop them. `leased` are the numbers of accounts in use,
    `numbers` those of all accounts.
    """
    internal = set(map(str, numbers))
    for recording in status.outside_recordings(ami, leased) if leased else ():
        if (match := NAME.fullmatch(recording.file)) and {match[1], match[2]} <= internal:
            control.stop_recording(ami, recording)
