"""The files of recordings: a folder for each day, and names that hold the call's numbers."""

import os
import re
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

WAV_HEADER_BYTES = 44  # bytes of a WAV file before the sound
# As core.asterisk.dialplan.recording names them: time, caller, called number, and a unique part that begins with the
# Unix time.
NAME = re.compile(r"[0-9]{6}_([0-9*#+]{0,32})_([0-9*#+]{1,32})_(([0-9]{1,11})-[0-9.]{1,40})\.wav")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_folders(directory: Path) -> list[str]:
    """Return the names of the folders of days, the newest first."""
    try:
        names = [entry.name for entry in os.scandir(directory) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    return sorted((name for name in names if DAY.fullmatch(name)), reverse=True)


def files_of_day(directory: Path, day: str, text: str = "") -> list[tuple[re.Match[str], Path]]:
    """Return a day's files with this text in the name, also those without sound, with their parsed names."""
    try:
        entries = [entry for entry in os.scandir(directory / day) if text in entry.name]
    except OSError:
        return []
    files = (entry for entry in entries if entry.is_file(follow_symlinks=False))
    return [(match, Path(entry.path)) for entry in files if (match := NAME.fullmatch(entry.name))]


def parse_day(day: str) -> date:
    """Return the date of a folder; date.max for a day that does not exist, such as 2026-02-31."""
    try:
        return date.fromisoformat(day)
    except ValueError:
        return date.max


def mark(directory: Path, host: str, started_at: datetime) -> None:
    """Write into the folder of a host since when it runs, so that another host sees whether they share the folder."""
    with suppress(OSError):  # it does not exist yet or can't be written: then the host is asked for its recordings
        _marker(directory, host).write_text(started_at.isoformat())


def is_marked(directory: Path, host: str, started_at: datetime) -> bool:
    """Return whether this is the folder of a host that runs since then."""
    try:
        return _marker(directory, host).read_text() == started_at.isoformat()
    except OSError:
        return False


def _marker(directory: Path, host: str) -> Path:
    return directory / f".sipweb-host-{host}"
