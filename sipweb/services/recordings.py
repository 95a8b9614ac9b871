"""The recordings that Asterisk made. The files are the only record."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path

from ..core.errors import N_, Invalid, NotFound
from ..core.numbers import normalize_dialled_number
from ..core.rights import Right
from ..core.search import CHANGED, EVERYTHING, NUMBER, TEXT, Filter, NumberList, Numbers, Period, Search, Term, Text
from ..core.search import DAY as DAYS
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


FILTERS = (
    Filter(Term("caller", "dzwoniący"), TEXT, N_("Caller"), ("205",)),
    Filter(Term("called", "wybrany"), TEXT, N_("Called number"), ("48",)),
    Filter(Term("duration", "długość"), NUMBER, N_("Duration (seconds)"), (">60", "10-30")),
    Filter(Term("date", "data"), DAYS, N_("Time"), CHANGED.examples),
)
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """One page of search results; `more` if there are older ones."""

    recordings: tuple[Recording, ...]
    more: bool


def search(
    ctx: ServiceContext, what: Search = EVERYTHING, first: str = "", last: str = "", before: str = ""
) -> RecordingPage:
    """Return the newest recordings that a search shows; words are parts of the caller's or the called number.

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
        for recording in _newest_first(ctx, _text_of_names(what), first, last, before)
        if _matches(recording, what)
    )
    page = tuple(islice(matching, PAGE + 1))
    return RecordingPage(page[:PAGE], len(page) > PAGE)


def _text_of_names(what: Search) -> str:
    """Return a text that the names of all matching files have."""
    return normalize_dialled_number(what.words[0]) if len(what.words) == 1 else ""


def _matches(recording: Recording, what: Search) -> bool:
    """Return whether a search shows a recording. Words may also be one number: 22 123-45."""
    parties = recording.caller, recording.called
    words = [normalize_dialled_number(word) for word in what.words]
    has_words = all(any(word in party for party in parties) for word in words)
    if not has_words and not any("".join(words) in party for party in parties):
        return False
    for name, test in what.tests:
        match test:
            case Period():
                if not (test.start or recording.at) <= recording.at < (test.end or _LATEST):
                    return False
            case Numbers() | NumberList():
                if not test.matches(recording.seconds):
                    return False
            case Text():
                number = recording.caller if name == "caller" else recording.called
                if normalize_dialled_number(test.key) not in number:
                    return False
    return True


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
