"""What services need beyond their arguments, built once by create_app."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..core.asterisk import Renderer
from ..core.errors import Forbidden
from ..core.phone_server import PhoneServer
from ..core.rights import ADMINISTRATOR, REFUSALS, Right, has_right
from ..core.snapshot import PbxSettings
from ..crypto import SecretCipher
from ..pbx.connection import PbxConnection
from ..pbx.generation_files import GenerationFiles
from .state_records import StateCache


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where, for the audit log. `id` is None for the command line."""

    id: int | None
    name: str
    role: str = ADMINISTRATOR
    address: str = ""
    language: str | None = None
    must_change: bool = False
    must_set_up_second_factor: bool = False

    def can(self, right: Right) -> bool:
        """Return whether the role has this right."""
        return has_right(self.role, right)

    def require(self, right: Right) -> None:
        """Raise Forbidden unless the role has this right."""
        if not self.can(right):
            raise Forbidden(REFUSALS[right])


SYSTEM_ACTOR = Actor(None, "sipweb")  # the actor of what happens without a user


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """When a session ends: unused for `idle`, and `lifetime` after the sign-in."""

    idle: timedelta = timedelta(minutes=30)
    lifetime: timedelta = timedelta(minutes=720)


@dataclass(frozen=True, slots=True)
class ServiceContext:
    """Keys, paths, the PBX and the cache; a changed copy shares the cache.

    `recordings_dir` is the folder of Asterisk's recordings. `recording_days` is how long they are kept; 0 means until
    somebody deletes them. `event_days` is the same for events, `call_days` for calls, `audit_days` for the audit log.
    `drift_interval` is the seconds between two searches for drift; 0 means none. `spool_dir` is where Asterisk looks
    for call files, in `outgoing`. `asterisk_logs` is the folder of the log of an Asterisk that sipweb runs itself.
    `require_two_factor`: everybody but agents must have a second factor. Addresses of `trusted_networks` are never
    blocked. `host` is the name of this PBX host, `websocket` the address of its WebSocket, and `web_address` that of
    its web server. `created_at` is when this process began (Unix time).
    """

    cipher: SecretCipher
    pbx_settings: PbxSettings
    generation_files: GenerationFiles
    pbx: PbxConnection
    runtime_dir: Path
    recordings_dir: Path
    recording_days: int
    audit_days: int
    event_days: int
    call_days: int
    drift_interval: int
    spool_dir: Path
    phone_server: PhoneServer = field(default_factory=PhoneServer)
    asterisk_logs: Path | None = None
    session_limits: SessionLimits = SessionLimits()
    require_two_factor: bool = False
    trusted_networks: tuple[str, ...] = ()
    cache: StateCache = field(default_factory=StateCache, compare=False, repr=False)
    host: str = "pbx"
    websocket: str = ""
    web_address: str = ""
    created_at: float = field(default_factory=time.time, compare=False, repr=False)

    @property
    def renderer(self) -> Renderer:
        """What the files of this PBX host are rendered with."""
        return Renderer(self.cipher.decrypt, self.host, self.cipher.hosts_key)


CLOCKS_DIFFER = timedelta(minutes=1)  # at most, between hosts; what is later was stored before a clock was set back


def utc_now() -> datetime:
    """Return the current time, aware, in UTC."""
    return datetime.now(UTC)
