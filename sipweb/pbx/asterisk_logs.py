"""Rotates the log files of the Asterisk of PBX=local: by itself Asterisk limits neither their size nor their number.

See docs/decisions/048-asterisks-log.md.
"""

from contextlib import suppress
from pathlib import Path

from .ami import AmiClient

LOGGER_CONF = """[general]
dateformat=%F %T.%3q%z
rotatestrategy=rotate
queue_log=no

[logfiles]
messages.log => notice,warning,error
security.log => security
"""
NAMES = ("messages.log", "security.log")
MAX_BYTES = 10 * 1024 * 1024  # from which a file is rotated; Asterisk then rotates all of them
MAX_ROTATED_BYTES = 40 * 1024 * 1024  # of all rotated files of one name; the oldest are deleted
MAX_ROTATED = 50  # files


def rotate(ami: AmiClient, directory: Path) -> None:
    """Have Asterisk begin new files if one has grown too large, and delete the oldest of the rotated ones."""
    if not any(_size(directory / name) > MAX_BYTES for name in NAMES):
        return
    ami.action("LoggerRotate")
    for name in NAMES:
        _delete_oldest(directory, name)


def _delete_oldest(directory: Path, name: str) -> None:
    """Delete what exceeds the limits. With the strategy `rotate` the newest rotated file is NAME.0."""
    suffixes = ((path.suffix[1:], path) for path in directory.glob(f"{name}.*"))
    rotated = sorted((int(suffix), path) for suffix, path in suffixes if suffix.isdecimal())
    total = 0
    for count, (_number, path) in enumerate(rotated, 1):
        total += _size(path)
        if total > MAX_ROTATED_BYTES or count > MAX_ROTATED:
            with suppress(OSError):
                path.unlink()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
