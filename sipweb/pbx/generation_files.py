"""Generations on disk: a folder each, and a symlink to the active one."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


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
        return int(os.readlink(link).rpartition("-")[2]) if link.is_symlink() else 0

    def write(self, number: int, files: Mapping[str, str]) -> None:
        """Write a generation's files and sync them to disk.

        A folder left by an interrupted attempt is replaced.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        draft = self.directory / f".draft-{number:06d}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o750)
        for name, text in files.items():
            with os.fdopen(os.open(draft / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        _fsync_directory(draft)
        shutil.rmtree(self.path(number), ignore_errors=True)
        draft.rename(self.path(number))
        _fsync_directory(self.directory)

    def activate(self, number: int) -> None:
        """Point the symlink at this generation, atomically."""
        draft = self.directory / ".current"
        draft.unlink(missing_ok=True)
        draft.symlink_to(self.path(number).name)
        draft.rename(self.directory / "current")
        _fsync_directory(self.directory)

    def read(self, number: int) -> dict[str, str]:
        """Return file name → text of one generation; empty if its folder was pruned."""
        path = self.path(number)
        return {file.name: file.read_text() for file in sorted(path.glob("*.conf"))} if path.is_dir() else {}

    def prune(self, keep: int = 20) -> None:
        """Remove all but the newest folders; the active one is always kept."""
        for path in sorted(self.directory.glob("generation-*"))[:-keep]:
            if path.name != self.path(self.current()).name:
                shutil.rmtree(path)


def _fsync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
