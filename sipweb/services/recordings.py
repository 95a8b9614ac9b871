"""The recordings that Asterisk made. The files are the only record."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from ..core.errors import N_, Invalid, NotFound
from ..core.rights import Right
from ..db import transaction
from . import audit
from .context import Actor, ServiceContext
from .recording_files import DAY, WAV_HEADER_BYTES, day_folders, files_of_day, parse_day

PAGE = 100
BYTES_PER_SECOND = 16000  # bytes: 8,000 samples of 16 bits, one channel
MIN_FREE_BYTES = 500 * 1024 * 1024  # free bytes below which a warning is shown


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded call.

    `day` and `key` identify it, `at` is when dialling began, `caller` is "" for a hidden number.
    """

    day: str
    key: str
    at: datetime
    caller: str
    called: str
    path: Path

    @property
    def seconds(self) -> int:
        """Length of the sound in seconds, rounded up; a call in progress grows."""
        try:
            return -(-max(0, self.path.stat().st_size - WAV_HEADER_BYTES) // BYTES_PER_SECOND)
        except FileNotFoundError:  # deleted meanwhile
            return 0


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """One page of search results; `more` if there are older ones."""

    recordings: tuple[Recording, ...]
    more: bool


def search(ctx: ServiceContext, number: str = "", first: str = "", last: str = "", before: str = "") -> RecordingPage:
    """Return recordings of which caller or called number contains `number`.

    `first` and `last` limit the days (ISO dates, "" for any); `before` is the "day/key" of a recording: only older ones
    are returned.

    Raises:
        Invalid: not a date.
    """
    for name, text in (("from", first), ("to", last)):
        if text and (not DAY.fullmatch(text) or parse_day(text) == date.max):
            raise Invalid(N_("Enter the date as YYYY-MM-DD, for example 2026-11-24."), name)
    matching = (
        recording
        for recording in _newest_first(ctx, number, first, last, before)
        if number in recording.caller or number in recording.called
    )
    page = tuple(islice(matching, PAGE + 1))
    return RecordingPage(page[:PAGE], len(page) > PAGE)


def get_recording(ctx: ServiceContext, day: str, key: str) -> Recording:
    """Return one recording.

    Raises:
        NotFound: there is no such file.
    """
    if DAY.fullmatch(day):
        for recording in _recordings_of_day(ctx, day):
            if recording.key == key:
                return recording
    raise NotFound(N_("This recording no longer exists."))


def log_access(ctx: ServiceContext, actor: Actor, day: str, key: str, *, action: str) -> Recording:
    """Return a recording and record that somebody listens to it or downloads it."""
    actor.require(Right.LISTEN)
    recording = get_recording(ctx, day, key)
    subject = f"{recording.caller} → {recording.called}"
    with transaction() as session:
        audit.record(session, actor, action, subject, changes={"file": [None, recording.path.name]})
    return recording


def storage_problem(ctx: ServiceContext) -> str:
    """Return "missing", "full", "kept" or "".

    missing: the folder cannot be read; full: little space is left; kept: old files can't be deleted because the folder
    can't be written.
    """
    if not ctx.recordings_dir.is_dir() or not os.access(ctx.recordings_dir, os.R_OK | os.X_OK):
        return "missing"
    if shutil.disk_usage(ctx.recordings_dir).free < MIN_FREE_BYTES:
        return "full"
    return "kept" if ctx.recording_days and not os.access(ctx.recordings_dir, os.W_OK) else ""


def _newest_first(ctx: ServiceContext, text: str, first: str, last: str, before: str) -> Iterator[Recording]:
    """Yield recordings with this text in the name, within these days and older than "day/key"."""
    before_day, _, before_key = before.partition("/")
    for day in day_folders(ctx.recordings_dir):
        if not first <= day <= (last or "9") or (before_day and day > before_day):
            continue
        for recording in _recordings_of_day(ctx, day, text):
            if day != before_day or _sort_key(recording.key) < _sort_key(before_key):
                yield recording


def _recordings_of_day(ctx: ServiceContext, day: str, text: str = "") -> Iterator[Recording]:
    """Yield one day's recordings with this text in the name, the newest first."""
    files = files_of_day(ctx.recordings_dir, day, text)
    for match, path in sorted(files, key=lambda file: _sort_key(file[0][3]), reverse=True):
        caller, called, key, timestamp = match.groups()
        recording = Recording(day, key, datetime.fromtimestamp(int(timestamp), UTC), caller, called, path)
        if recording.seconds:  # else nobody has answered
            yield recording


def _sort_key(key: str) -> tuple[int, str]:
    timestamp, _, rest = key.partition("-")
    is_time = timestamp.isdecimal() and len(timestamp) <= 11  # else it is no key of ours
    return int(timestamp) if is_time else 0, rest
