"""Recordings of other PBX hosts: asked of their web servers, as long as the files are not in the own folder too.

See docs/decisions/081-recordings-of-all-hosts.md.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from http.client import HTTPException, HTTPResponse
from itertools import islice
from typing import Any

from ..core.errors import N_, NotFound, OperationRefused
from ..core.search import Search
from ..core.search_criteria import NumberList, Numbers, Period, Test, Text
from . import hosts, local_recordings
from .context import ServiceContext
from .host_requests import HostRequest, HostUnavailable, ask, ask_all, logger, send
from .hosts import HostView
from .local_recordings import Query, Recording, recording_of_host
from .recording_files import NAME, is_marked

# Bytes of a file that are read at once. waitress keeps smaller pieces in memory, those that were sent too, if the
# client is as fast as the host; from this size on it uses a temporary file (outbuf_overflow).
CHUNK = 1024 * 1024
PASSED_HEADERS = ("Content-Length", "Content-Range", "Accept-Ranges", "Last-Modified")
# Files that a process reads from other hosts at once. Each takes a thread, of which a process has four.
_transfers = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class HostRecordings:
    """What other hosts answered to a search, a list of each. `unavailable` are hosts whose recordings are missing."""

    lists: tuple[list[Recording], ...] = ()
    unavailable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sound:
    """The answer of the host that has a file: an HTTP status, headers and the bytes. Close it.

    What the browser does with the bytes is decided here, not by that host; it only names the file.
    """

    response: HTTPResponse
    host: str
    day: str
    key: str
    as_attachment: bool

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers that belong to the file."""
        match = NAME.search(self.response.headers.get("Content-Disposition", ""))
        name = match[0] if match and match[3] == self.key else f"{self.key}.wav"
        disposition = f"{'attachment' if self.as_attachment else 'inline'}; filename={self.day}_{name}"
        passed = [(name, value) for name in PASSED_HEADERS if (value := self.response.headers.get(name))]
        return [("Content-Type", "audio/wav"), ("Content-Disposition", disposition), *passed]

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes; fewer if the host stops in the middle."""
        try:
            while chunk := self.response.read(CHUNK):
                yield chunk
        except (OSError, HTTPException) as error:
            logger.warning("A recording of the PBX host %s broke off: %s", self.host, error)

    def close(self) -> None:
        """Let another file be read."""
        self.response.close()
        _transfers.release()


def other_hosts(ctx: ServiceContext) -> tuple[HostView, ...]:
    """Return the hosts whose recordings are not in the own folder."""
    return tuple(host for host in hosts.all_hosts() if not is_own_folder(ctx, host))


def search(ctx: ServiceContext, query: Query, count: int) -> Callable[[], HostRecordings]:
    """Ask other hosts for at most `count` recordings each. Return what waits for the answers."""
    others = other_hosts(ctx)
    if not others:
        return HostRecordings
    tests = [[name, _pack(test)] for name, test in query.what.tests]
    answers = ask_all(ctx, others, HostRequest("search", [query.what.words, tests, query[1:], count]))
    return lambda: _collect(others, answers(), count)


def find(ctx: ServiceContext, host: HostView, day: str, key: str) -> Recording | None:
    """Return one recording of another host, if it has such a file.

    Raises:
        HostUnavailable: the host does not answer.
    """
    answer = ask(ctx, host, HostRequest("find", [day, key]))
    try:
        return recording_of_host(host.name, *answer) if answer else None
    except (ValueError, TypeError):
        raise HostUnavailable(host.name) from None


def keys_of_days(
    ctx: ServiceContext, others: Sequence[HostView], days: Iterable[str]
) -> Mapping[str, Mapping[str, Collection[str]]]:
    """Return the keys of the recordings of some days, by host and day. Hosts that do not answer are missing."""
    answers = ask_all(ctx, others, HostRequest("keys", sorted(days)))()
    return {host: content for host, content in answers.items() if _has_keys(content)}


def open_sound(
    ctx: ServiceContext, host: HostView, day: str, key: str, headers: Mapping[str, str], *, as_attachment: bool
) -> Sound:
    """Ask another host for a file. `headers` are those of the request that may ask for a part of it.

    Raises:
        NotFound: it has no such file any more.
        HostUnavailable: it does not answer.
        OperationRefused: too many files are read already.
    """
    if not _transfers.acquire(timeout=3):
        raise OperationRefused(N_("Too many recordings of other PBX hosts are played at once. Try again in a moment."))
    try:
        response = send(ctx, host, HostRequest("sound", [day, key, as_attachment]), headers)
    except BaseException:
        _transfers.release()
        raise
    sound = Sound(response, host.name, day, key, as_attachment)
    if response.status == 404:
        sound.close()
        raise NotFound(N_("This recording no longer exists."))
    return sound


def answer(ctx: ServiceContext, request: HostRequest) -> Any:
    """Return what another host asked for, except a sound."""
    directory = ctx.recordings_dir
    match request:
        case ("search", [words, tests, limits, count]):
            what = Search(tuple(words), tuple((name, _unpack(test)) for name, test in tests))
            found = islice(local_recordings.search(directory, Query(what, *limits)), count)
            here = [host.name for host in hosts.all_hosts() if is_own_folder(ctx, host)]
            return {"hosts": here, "recordings": [_row(recording) for recording in found]}
        case ("find", [day, key]):
            recording = local_recordings.find(directory, day, key)
            return _row(recording) if recording else None
        case ("keys", days):
            return {day: sorted(local_recordings.keys_of_day(directory, day)) for day in days}
    raise NotFound(N_("There is no page at this address."))  # asked by another version


def is_own_folder(ctx: ServiceContext, host: HostView) -> bool:
    """Return whether a host's recordings are in the own folder."""
    is_here = ctx.pbx.writes_files and host.name == ctx.host
    return is_here or is_marked(ctx.recordings_dir, host.name, host.started_at)


def _collect(others: Sequence[HostView], answers: Mapping[str, Any], count: int) -> HostRecordings:
    lists, shown = [], set()
    for host, content in answers.items():
        try:
            if len(content["recordings"]) > count:
                raise ValueError("more than were asked for")
            lists.append([recording_of_host(host, *row) for row in content["recordings"]])
            shown |= {host, *content["hosts"]}
        except (ValueError, TypeError, KeyError):
            logger.warning("The PBX host %s answered something else than recordings", host)
    return HostRecordings(tuple(lists), tuple(host.name for host in others if host.name not in shown))


def _has_keys(content: Any) -> bool:
    return isinstance(content, dict) and all(isinstance(keys, list) for keys in content.values())


def _row(recording: Recording) -> tuple[str, str, int]:
    return recording.day, recording.path.name, recording.seconds


def _pack(test: Test) -> dict[str, Any]:
    match test:
        case Period():
            return {"start": test.start and test.start.isoformat(), "end": test.end and test.end.isoformat()}
        case Numbers() | NumberList():
            return {"ranges": [[part.low, part.high] for part in test.parts]}
        case Text():
            return {"text": test.key}
    raise TypeError(test)


def _unpack(values: Mapping[str, Any]) -> Test:
    if "text" in values:
        return Text(values["text"])
    if "ranges" in values:
        return NumberList(tuple(Numbers(low, high) for low, high in values["ranges"]))
    start, end = (values[name] and datetime.fromisoformat(values[name]) for name in ("start", "end"))
    return Period(start, end)
