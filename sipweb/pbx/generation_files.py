"""Generations on disk: a folder each, and a symlink to the active one."""

import hashlib
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

FileState = Literal["present", "missing", "changed", "link", "not a file"]
KEPT = "kept-"  # begins the name of a file that was changed by hand


def file_digests(files: Mapping[str, str]) -> dict[str, str]:
    """Return the SHA-256 of each file's text, by its name."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}


@dataclass(frozen=True, slots=True)
class GenerationFiles:
    """`directory` is ASTERISK_DIR/sipweb.

    The files contain digests of secrets: mode 0640.
    """

    directory: Path

    def path(self, number: int) -> Path:
        """Return the folder of generation `number`, whether it exists or not."""
        return self.directory / f"generation-{number:06d}"

    def current(self) -> int:
        """Return the generation that the symlink selects; 0 for none."""
        link = self.directory / "current"
        match = re.fullmatch(r"generation-(\d{1,9})", os.readlink(link)) if link.is_symlink() else None
        return int(match[1]) if match else 0

    def write(self, number: int, files: Mapping[str, str]) -> None:
        """Write a generation's files and sync them to disk.

        A folder left by an interrupted attempt is replaced.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        draft = self.directory / f".draft-{number:06d}"
        shutil.rmtree(draft, ignore_errors=True)
        try:
            draft.mkdir(mode=0o750)
            for name, text in files.items():
                _write(draft / name, text)
            fsync_directory(draft)
            shutil.rmtree(self.path(number), ignore_errors=True)
            draft.rename(self.path(number))
        except OSError:
            shutil.rmtree(draft, ignore_errors=True)
            raise
        fsync_directory(self.directory)

    def repair(self, number: int, files: Mapping[str, str], now: datetime) -> list[str]:
        """Write the files of a generation that differ from these texts, and keep what stood there instead.

        Return the names of what was kept: `kept-TIMESTAMP-NAME` in the generation's folder.
        """
        path, stamp = self.path(number), f"{KEPT}{now.astimezone(UTC):%Y%m%dT%H%M%S%fZ}"
        kept = []
        if path.is_symlink() or path.is_file():  # something else in place of the folder
            kept.append(f"{stamp}-{path.name}")
            path.rename(self.directory / kept[0])
            path.mkdir(mode=0o750)
            (self.directory / kept[0]).rename(path / kept[0])
        path.mkdir(mode=0o750, parents=True, exist_ok=True)
        for name, state in self.states(number, file_digests(files)):
            if state != "missing":
                (path / name).rename(path / f"{stamp}-{name}")
                kept.append(f"{stamp}-{name}")
            _write(draft := path / f".{name}", files[name])
            draft.rename(path / name)
        fsync_directory(path)
        return kept

    def states(self, number: int, digests: Mapping[str, str]) -> Iterator[tuple[str, FileState]]:
        """Yield name and state of each file that is not as it was written; `digests` are those of `file_digests`."""
        for name, digest in digests.items():
            state = _state(self.path(number) / name, digest)
            if state != "present":
                yield name, state

    def activate(self, number: int) -> list[str]:
        """Point the symlink at this generation, atomically.

        Something else in its place is kept in the generation's folder; return its name there.
        """
        link, draft = self.directory / "current", self.directory / ".current"
        draft.unlink(missing_ok=True)
        draft.symlink_to(self.path(number).name)
        kept = []
        if link.exists() and not link.is_symlink():
            kept.append(f"{KEPT}{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}-current")
            link.rename(self.path(number) / kept[0])
        draft.rename(link)
        fsync_directory(self.directory)
        return kept

    def read(self, number: int) -> dict[str, str]:
        """Return file name → text of one generation; empty if its folder was pruned."""
        path = self.path(number)
        files = sorted(path.glob("*.conf")) if path.is_dir() else []
        return {file.name: file.read_text() for file in files if not file.name.startswith(KEPT)}

    def prune(self, keep: int = 20) -> list[str]:
        """Remove all but the newest folders; the active one is always kept.

        Return the names of folders that could not be removed, because they belong to another user.
        """
        left = []
        for path in sorted(self.directory.glob("generation-*"))[:-keep]:
            if path.name != self.path(self.current()).name:
                try:
                    shutil.rmtree(path)
                except OSError:
                    left.append(path.name)
        return left


def _write(path: Path, text: str) -> None:
    """Write a new file and sync it to disk."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _state(path: Path, digest: str) -> FileState:
    """Compare a file with the digest of what was written."""
    try:
        mode = path.lstat().st_mode
        if stat.S_ISLNK(mode):
            return "link"
        if not stat.S_ISREG(mode):
            return "not a file"
        return "present" if hashlib.sha256(path.read_bytes()).hexdigest() == digest else "changed"
    except FileNotFoundError:
        return "missing"
    except OSError:  # unreadable: not as it was written
        return "changed"


def fsync_directory(directory: Path) -> None:
    """Sync the names in a folder to disk."""
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
