"""What the services need beyond their arguments, made once by create_app and handed in."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..core.snapshot import PbxSettings, Snapshot
from ..pbx.link import Link
from ..pbx.release import Release
from ..vault import Vault


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where: what the audit log keeps. `id` is None for the command line."""

    id: int | None
    name: str
    role: str = "administrator"
    address: str = ""
    language: str | None = None
    must_change: bool = False

    @property
    def is_administrator(self) -> bool:
        """Whether everything is allowed, or only the agent's own page."""
        return self.role == "administrator"


SIPWEB = Actor(None, "sipweb")  # what happens without anybody's click


@dataclass(slots=True)
class Site:
    """The keys, the PBX, and two caches: the live snapshot by its number, the saved state by the revision.

    `recordings` is where Asterisk's recordings lie, `recording_days` how long they are kept; 0: until somebody deletes them.
    """

    vault: Vault
    settings: PbxSettings
    release: Release
    link: Link
    run: Path
    recordings: Path
    recording_days: int
    live: tuple[int, Snapshot] | None = None
    saved: Any = None


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)
