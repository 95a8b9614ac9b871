"""How sipweb connects to its PBX."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import N_
from ..logs import StateLog
from .ami import AmiClient, AmiUnavailable

logger = logging.getLogger(__name__)
ASTERISK_FAILURE = "asterisk-failure"  # file in the instance's folder `run`: the last message of an Asterisk that ended
_state_logs: dict[str, StateLog] = {}  # by address, because connections are short


@dataclass(frozen=True, slots=True)
class PbxConnection:
    """The address and credentials.

    `mode` is local, ami, files or none. With files there is no Asterisk to ask; with none there is no PBX on this host.
    `failure_file` has the last message of a local Asterisk that ended as soon as it was started.
    """

    mode: str
    host: str = "127.0.0.1"
    port: int = 0
    user: str = ""
    secret: str = ""
    timeout: float = 5.0
    failure_file: Path | None = None

    def __repr__(self) -> str:
        return f"PbxConnection({self.mode}, {self._address})"

    @property
    def _address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def has_asterisk(self) -> bool:
        """Whether there is an Asterisk to query."""
        return self.mode in ("local", "ami")

    @property
    def writes_files(self) -> bool:
        """Whether generations are written on this host."""
        return self.mode != "none"

    @contextmanager
    def open(self, events: str = "off") -> Iterator[AmiClient]:
        """Open a logged-in connection, which receives events of these classes.

        The log tells when Asterisk becomes unavailable and when it is back.

        Raises:
            AmiUnavailable, AmiError: see AmiClient.connect.
        """
        state_log = _state_logs.setdefault(self._address, StateLog(logger, f"The connection to {self._address}"))
        try:
            with AmiClient.connect(self.host, self.port, self.user, self.secret, self.timeout, events=events) as ami:
                state_log.succeeded()
                yield ami
        except AmiUnavailable as error:
            state_log.failed(str(error))
            if self.failure_file and self.failure_file.is_file():
                line = self.failure_file.read_text(errors="replace")
                raise AmiUnavailable(
                    N_("Asterisk exits right after starting. Its last message: %(line)s"), line=line
                ) from None
            raise
