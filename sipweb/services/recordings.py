"""The recordings that Asterisk made, on all PBX hosts."""

import heapq
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice

from ..core.errors import N_, Invalid, NotFound
from ..core.rights import Right
from ..core.search import EVERYTHING, Search
from ..core.search_filters import CHANGED, NUMBER, TEXT, Filter, Term
from ..core.search_filters import DAY as DAYS
from ..db import transaction
from . import audit, local_recordings, remote_recordings
from .context import Actor, ServiceContext
from .hosts import HostView
from .local_recordings import Query, Recording
from .recording_files import DAY, parse_day
from .remote_recordings import Sound

PAGE = 100
MIN_FREE_BYTES = 500 * 1024 * 1024  # free bytes below which a warning is shown
FILTERS = (
    Filter(Term("caller", "dzwoniący"), TEXT, N_("Caller"), ("205",)),
    Filter(Term("called", "wybrany"), TEXT, N_("Called number"), ("48",)),
    Filter(Term("duration", "długość"), NUMBER, N_("Duration (seconds)"), (">60", "10-30")),
    Filter(Term("date", "data"), DAYS, N_("Time"), CHANGED.examples),
)


@dataclass(frozen=True, slots=True)
class RecordingPage:
    """One page of search results; `more` if there are older ones. `unavailable` are hosts that did not answer."""

    recordings: tuple[Recording, ...]
    more: bool
    unavailable: tuple[str, ...] = ()


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
    query = Query(what, first, last, before)
    answers = remote_recordings.search(ctx, query, PAGE + 1)
    here = list(islice(local_recordings.search(ctx.recordings_dir, query), PAGE + 1))
    others = answers()
    page = tuple(islice(_merged(here, *others.lists), PAGE + 1))
    return RecordingPage(page[:PAGE], len(page) > PAGE, others.unavailable)


def get_recording(ctx: ServiceContext, day: str, key: str, host: str = "") -> Recording:
    """Return one recording, of another host if one is named.

    Raises:
        NotFound: there is no such file.
        HostUnavailable: the host does not answer.
    """
    found = local_recordings.find(ctx.recordings_dir, day, key)
    if found is None and host and (other := _other_host(ctx, host)):
        found = remote_recordings.find(ctx, other, day, key)
    if found is None:
        raise NotFound(N_("This recording no longer exists."))
    return found


def open_sound(
    ctx: ServiceContext, day: str, key: str, host: str, headers: Mapping[str, str], *, as_attachment: bool
) -> Recording | Sound:
    """Return a recording in the own folder, or the answer of the host that has it; see remote_recordings.open_sound."""
    if found := local_recordings.find(ctx.recordings_dir, day, key):
        return found
    if other := _other_host(ctx, host):
        return remote_recordings.open_sound(ctx, other, day, key, headers, as_attachment=as_attachment)
    raise NotFound(N_("This recording no longer exists."))


def log_access(ctx: ServiceContext, actor: Actor, day: str, key: str, host: str = "", *, action: str) -> Recording:
    """Return a recording and record that somebody listens to it or downloads it."""
    actor.require(Right.LISTEN)
    recording = get_recording(ctx, day, key, host)
    subject = f"{recording.caller} → {recording.called}"
    with transaction() as session:
        audit.record(session, actor, action, subject, changes={"file": [None, recording.path.name]})
    return recording


def storage_problem(ctx: ServiceContext) -> str:
    """Return "missing", "full", "kept" or "".

    missing: the folder cannot be read; full: little space is left; kept: old files can't be deleted because the folder
    can't be written. A web server without a PBX needs no folder.
    """
    if not (ctx.pbx.writes_files or ctx.recordings_dir.is_dir()):
        return ""
    if not ctx.recordings_dir.is_dir() or not os.access(ctx.recordings_dir, os.R_OK | os.X_OK):
        return "missing"
    if shutil.disk_usage(ctx.recordings_dir).free < MIN_FREE_BYTES:
        return "full"
    return "kept" if ctx.recording_days and not os.access(ctx.recordings_dir, os.W_OK) else ""


def _other_host(ctx: ServiceContext, name: str) -> HostView | None:
    return next((host for host in remote_recordings.other_hosts(ctx) if host.name == name), None)


def _merged(*lists: list[Recording]) -> Iterator[Recording]:
    """Yield the recordings of several folders, the newest first, each file once: some hosts may share a folder."""
    seen = set()
    for recording in heapq.merge(*lists, key=lambda recording: recording.order, reverse=True):
        file = recording.day, recording.path.name
        if file not in seen:
            seen.add(file)
            yield recording
