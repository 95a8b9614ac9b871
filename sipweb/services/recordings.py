"""The recordings that Asterisk made. The files are the record: what is listed is what lies there."""

import os
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from pathlib import Path

from ..core.errors import N_, Invalid, NotFound
from ..db import transaction
from ..pbx import state as pbx_state
from ..pbx.ami import Ami
from . import audit
from .site import SIPWEB, Actor, Site, now

PAGE = 100
SECOND = 16000  # bytes: 8,000 samples of 16 bits, one channel
HEADER = 44  # bytes of a wave file before its sound
RECENT = timedelta(hours=6)  # longer than anybody lets a phone ring
SCARCE = 500 * 1024 * 1024  # bytes free below which somebody should look
# As core.asterisk.recording names them: time, caller, called, and what no other recording has; it begins with the Unix time.
NAME = re.compile(r"[0-9]{6}_([0-9*#+]{0,32})_([0-9*#+]{1,32})_(([0-9]{1,11})-[0-9.]{1,40})\.wav")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Recording:
    """One recorded call. `day` and `key` name it; `at` is when dialling began; `caller` is "" for a number not shown."""

    day: str
    key: str
    at: datetime
    caller: str
    called: str
    path: Path

    @property
    def seconds(self) -> int:
        """How long the sound is, rounded up; a call in progress grows."""
        try:
            return -(-max(0, self.path.stat().st_size - HEADER) // SECOND)
        except FileNotFoundError:  # its time was over a moment ago
            return 0


@dataclass(frozen=True, slots=True)
class Page:
    """The newest of those that were asked for; `more` when there are older ones."""

    recordings: tuple[Recording, ...]
    more: bool


def search(site: Site, number: str = "", first: str = "", last: str = "", before: str = "") -> Page:
    """Recordings whose caller or called number contains `number`, of the days from `first` to `last` (ISO dates, "" for
    any), older than `before` (a recording's "day/key"). Raises Invalid for what is no date."""
    for name, text in (("from", first), ("to", last)):
        if text and (not DAY.fullmatch(text) or _date(text) == date.max):
            raise Invalid(N_("Enter a date as year-month-day, for example 2026-11-24."), name)
    day, _, key = before.partition("/")
    found = (
        one
        for folder in _days(site)
        if first <= folder <= (last or "9") and (not day or folder <= day)
        for one in _of_day(site, folder, number)
        if (number in one.caller or number in one.called) and (folder != day or _order(one.key) < _order(key))
    )
    page = tuple(islice(found, PAGE + 1))
    return Page(page[:PAGE], len(page) > PAGE)


def recording(site: Site, day: str, key: str) -> Recording:
    """One of them, looked up among those that lie there. Raises NotFound."""
    if DAY.fullmatch(day):
        for one in _of_day(site, day):
            if one.key == key:
                return one
    raise NotFound(N_("This recording does not exist any more."))


def take(site: Site, who: Actor, day: str, key: str, *, action: str) -> Recording:
    """Note in the audit log that somebody listens to it ("recording.listen") or takes it along ("recording.download")."""
    found = recording(site, day, key)
    with transaction() as session:
        audit.record(
            session, who, action, f"{found.caller} → {found.called}", changes={"file": [None, found.path.name]}
        )
    return found


def trouble(site: Site) -> str:
    """ "missing" when the folder cannot be read, "kept" when old ones cannot be deleted, "full" when there is little room
    left, else ""."""
    if not site.recordings.is_dir() or not os.access(site.recordings, os.R_OK | os.X_OK):
        return "missing"
    if shutil.disk_usage(site.recordings).free < SCARCE:
        return "full"
    return "kept" if site.recording_days and not os.access(site.recordings, os.W_OK) else ""


def expire(site: Site) -> int:
    """Delete what is older than the days that recordings are kept: how many. Raises OSError when they cannot be."""
    if not site.recording_days:
        return 0
    oldest = (now() - timedelta(days=site.recording_days)).date()
    count = 0
    for day in [day for day in _days(site) if _date(day) < oldest]:
        for _match, path in _files(site, day):
            path.unlink(missing_ok=True)
            count += 1
        if not any((site.recordings / day).iterdir()):
            (site.recordings / day).rmdir()
    if count:
        with transaction() as session:
            changes = {"count": [None, count]}
            audit.record(session, SIPWEB, "recording.expired", oldest.isoformat(), changes=changes)
    return count


def silent(site: Site) -> dict[Path, str]:
    """The last hours' files without any sound, and Asterisk's unique id of the call that made each."""
    since, found = str(int((now() - RECENT).timestamp())), {}
    for day in _days(site)[:2]:
        with suppress(OSError):
            for entry in os.scandir(site.recordings / day):
                moment, _, call = entry.name.rpartition("_")[2].removesuffix(".wav").partition("-")
                if moment > since and NAME.fullmatch(entry.name) and entry.stat().st_size <= HEADER:
                    found[Path(entry.path)] = call
    return found


def forget(files: Mapping[Path, str], calls: Collection[str]) -> None:
    """Delete silent files whose calls are over: nobody answered. To be listed before the calls are: see `silent`."""
    for path, call in files.items():
        if call not in calls:
            with suppress(OSError):  # of an Asterisk that lets nobody delete: they are not shown
                path.unlink()


def end_strays(ami: Ami, leased: Collection[int], numbers: Collection[int]) -> None:
    """End what was begun as an internal call and is one with the outside now, of accounts in use (`leased`).

    After an attended transfer no dialplan runs that could end it. `numbers` are those of all accounts.
    """
    known = set(map(str, numbers))
    for monitor in pbx_state.monitors_outside(ami, leased) if leased else ():
        if (match := NAME.fullmatch(monitor.file)) and {match[1], match[2]} <= known:
            pbx_state.stop(ami, monitor)


def _days(site: Site) -> list[str]:
    """The folders of days, the newest first."""
    try:
        names = [entry.name for entry in os.scandir(site.recordings) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted((name for name in names if DAY.fullmatch(name)), reverse=True)


def _of_day(site: Site, day: str, text: str = "") -> Iterator[Recording]:
    """One day's that have this text in their name, the newest first."""
    for match, path in sorted(_files(site, day, text), key=lambda pair: _order(pair[0][3]), reverse=True):
        caller, called, key, moment = match.groups()
        found = Recording(day, key, datetime.fromtimestamp(int(moment), UTC), caller, called, path)
        if found.seconds:  # else nobody answered yet, or ever
            yield found


def _files(site: Site, day: str, text: str = "") -> list[tuple[re.Match[str], Path]]:
    """What Asterisk made on a day, with sound or without, and what its names say."""
    try:
        entries = [entry for entry in os.scandir(site.recordings / day) if text in entry.name]
    except OSError:
        return []
    files = (entry for entry in entries if entry.is_file(follow_symlinks=False))
    return [(match, Path(entry.path)) for entry in files if (match := NAME.fullmatch(entry.name))]


def _order(key: str) -> tuple[int, str]:
    moment, _, rest = key.partition("-")
    return int(moment) if moment.isdecimal() else 0, rest


def _date(day: str) -> date:
    try:
        return date.fromisoformat(day)
    except ValueError:  # 2026-02-31: not ours
        return date.max
