"""Generations on disk: a directory each, made whole before it has its name, and one symlink switched atomically."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Release:
    """`directory` is ASTERISK_DIR/sipweb. The files hold digests of secrets: mode 0640."""

    directory: Path

    def path(self, number: int) -> Path:
        """Where generation `number` stands, or would."""
        return self.directory / f"generation-{number:06d}"

    def current(self) -> int:
        """The generation that Asterisk would read now; 0 for none."""
        link = self.directory / "current"
        return int(os.readlink(link).rpartition("-")[2]) if link.is_symlink() else 0

    def write(self, number: int, files: Mapping[str, str]) -> None:
        """Put a generation beside the others, durable before it is visible. What a dead attempt left is replaced."""
        self.directory.mkdir(parents=True, exist_ok=True)
        draft = self.directory / f".draft-{number:06d}"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o750)
        for name, text in files.items():
            with os.fdopen(os.open(draft / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640), "w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
        _sync(draft)
        shutil.rmtree(self.path(number), ignore_errors=True)
        draft.rename(self.path(number))
        _sync(self.directory)

    def switch(self, number: int) -> None:
        """From now on Asterisk reads this generation, in one step."""
        draft = self.directory / ".current"
        draft.unlink(missing_ok=True)
        draft.symlink_to(self.path(number).name)
        draft.rename(self.directory / "current")
        _sync(self.directory)

    def read(self, number: int) -> dict[str, str]:
        """File name → text of one generation; empty when its directory was pruned."""
        path = self.path(number)
        return {file.name: file.read_text() for file in sorted(path.glob("*.conf"))} if path.is_dir() else {}

    def prune(self, keep: int = 20) -> None:
        """Remove all but the newest directories; the one in use stays in any case."""
        for path in sorted(self.directory.glob("generation-*"))[:-keep]:
            if path.name != self.path(self.current()).name:
                shutil.rmtree(path)


def _sync(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
