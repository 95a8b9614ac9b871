"""What the monitor does with recordings: deletes old and empty ones, stops those that may not go on."""

import os
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

from ..db import transaction
from ..pbx import control, status
from ..pbx.ami import AmiClient
from . import audit
from .context import SYSTEM_ACTOR, ServiceContext, utc_now
from .recording_files import NAME, WAV_HEADER_BYTES, day_folders, files_of_day, parse_day

RING_WINDOW = timedelta(hours=6)  # longer than any phone rings


def delete_expired(ctx: ServiceContext) -> int:
    """Delete recordings older than `recording_days`; return how many.

    Raises:
        OSError: a file could not be deleted.
    """
    if not ctx.recording_days:
        return 0
    oldest = (utc_now() - timedelta(days=ctx.recording_days)).date()
    expired = [day for day in day_folders(ctx.recordings_dir) if parse_day(day) < oldest]
    count = sum(_delete_day(ctx.recordings_dir, day) for day in expired)
    if count:
        with transaction() as session:
            changes = {"count": [None, count]}
            audit.record(session, SYSTEM_ACTOR, "recording.expired", oldest.isoformat(), changes=changes)
    return count


def _delete_day(directory: Path, day: str) -> int:
    """Delete a day's recordings, and its folder unless it contains other files; return how many."""
    files = files_of_day(directory, day)
    for _match, path in files:
        path.unlink(missing_ok=True)
    if not any((directory / day).iterdir()):
        (directory / day).rmdir()
    return len(files)


def find_empty_recordings(ctx: ServiceContext) -> dict[Path, str]:
    """Return the last hours' files without sound, and the unique id of each call."""
    since = str(int((utc_now() - RING_WINDOW).timestamp()))
    call_ids = {}
    for day in day_folders(ctx.recordings_dir)[:2]:
        with suppress(OSError):
            for entry in os.scandir(ctx.recordings_dir / day):
                timestamp, _, call_id = entry.name.rpartition("_")[2].removesuffix(".wav").partition("-")
                if timestamp > since and NAME.fullmatch(entry.name) and entry.stat().st_size <= WAV_HEADER_BYTES:
                    call_ids[Path(entry.path)] = call_id
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
