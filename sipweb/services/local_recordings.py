"""The recordings in the folder of this host. The files are the only record."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from ..core.numbers import normalize_dialled_number
from ..core.search import Search
from ..core.search_criteria import NumberList, Numbers, Period, Text
from .recording_files import DAY, NAME, WAV_HEADER_BYTES, day_folders, files_of_day

BYTES_PER_SECOND = 16000  # bytes: 8,000 samples of 16 bits, one channel
_LATEST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded call.

    `day` and `key` identify it, `at` is when dialling began, `caller` is "" for a hidden number. `host` is the PBX host
    that has the file, and `host_seconds` its length as that host told; "" and 0 for a file in the own folder.
    """

    day: str
    key: str
    at: datetime
    caller: str
    called: str
    path: Path
    host: str = ""
    host_seconds: int = 0

    @property
    def seconds(self) -> int:
        """Length of the sound in seconds, rounded up; a call in progress grows."""
        if self.host:
            return self.host_seconds
        try:
            return -(-max(0, self.path.stat().st_size - WAV_HEADER_BYTES) // BYTES_PER_SECOND)
        except FileNotFoundError:  # deleted meanwhile
            return 0

    @property
    def order(self) -> tuple[str, tuple[int, str]]:
        """What recordings are sorted by."""
        return self.day, _sort_key(self.key)


class Query(NamedTuple):
    """What is searched for: the days from `first` to `last`, and what is older than "day/key"; "" for anything."""

    what: Search
    first: str = ""
    last: str = ""
    before: str = ""


def search(directory: Path, query: Query) -> Iterator[Recording]:
    """Yield what a search shows, the newest first; see recordings.search."""
    lengths = [test for _name, test in query.what.tests if isinstance(test, Numbers | NumberList)]
    for recording in _newest_first(directory, query):
        seconds = recording.seconds if _matches(recording, query.what) else 0
        if seconds and all(test.matches(seconds) for test in lengths):  # 0 too: nobody has answered
            yield recording


def find(directory: Path, day: str, key: str) -> Recording | None:
    """Return one recording, if there is such a file, and a sound in it."""
    days = _recordings_of_day(directory, day) if DAY.fullmatch(day) else ()
    return next((recording for recording in days if recording.key == key and recording.seconds), None)


def keys_of_day(directory: Path, day: str) -> set[str]:
    """Return the keys of a day's recordings."""
    return {match[3] for match, _path in files_of_day(directory, day)} if DAY.fullmatch(day) else set()


def recording_of_host(host: str, day: str, name: str, seconds: int) -> Recording:
    """Return the recording that another host tells of.

    Raises:
        ValueError, TypeError: no recording has such a name or length.
    """
    match = NAME.fullmatch(name)
    if not match or not DAY.fullmatch(day) or not isinstance(seconds, int):
        raise ValueError("not a recording")
    return _recording(day, match, Path(name), host, seconds)


def _text_of_names(what: Search) -> str:
    """Return a text that the names of all matching files have."""
    return normalize_dialled_number(what.words[0]) if len(what.words) == 1 else ""


def _matches(recording: Recording, what: Search) -> bool:
    """Return whether a search shows a recording, as far as its name tells. Words may also be one number: 22 123-45."""
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
            case Text():
                number = recording.caller if name == "caller" else recording.called
                if normalize_dialled_number(test.key) not in number:
                    return False
    return True


def _newest_first(directory: Path, query: Query) -> Iterator[Recording]:
    """Yield the recordings of the query's days whose names may match."""
    before_day, _, before_key = query.before.partition("/")
    text = _text_of_names(query.what)
    for day in day_folders(directory):
        if not query.first <= day <= (query.last or "9") or (before_day and day > before_day):
            continue
        for recording in _recordings_of_day(directory, day, text):
            if day != before_day or _sort_key(recording.key) < _sort_key(before_key):
                yield recording


def _recordings_of_day(directory: Path, day: str, text: str = "") -> Iterator[Recording]:
    """Yield one day's files with this text in the name, the newest first."""
    files = files_of_day(directory, day, text)
    for match, path in sorted(files, key=lambda file: _sort_key(file[0][3]), reverse=True):
        yield _recording(day, match, path)


def _recording(day: str, match: re.Match[str], path: Path, host: str = "", seconds: int = 0) -> Recording:
    caller, called, key, timestamp = match.groups()
    return Recording(day, key, datetime.fromtimestamp(int(timestamp), UTC), caller, called, path, host, seconds)


def _sort_key(key: str) -> tuple[int, str]:
    timestamp, _, rest = key.partition("-")
    is_time = timestamp.isdecimal() and len(timestamp) <= 11  # else it is no key of ours
    return int(timestamp) if is_time else 0, rest
