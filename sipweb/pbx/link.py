"""How this sipweb reaches its PBX."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from .ami import Ami


@dataclass(frozen=True, slots=True)
class Link:
    """`mode` is local, ami or files; with files there is nobody to ask."""

    mode: str
    host: str = "127.0.0.1"
    port: int = 0
    user: str = ""
    secret: str = ""
    timeout: float = 5.0

    def __repr__(self) -> str:
        return f"Link({self.mode}, {self.host}:{self.port})"

    @property
    def asks(self) -> bool:
        """Whether there is an Asterisk to ask."""
        return self.mode != "files"

    def open(self) -> AbstractContextManager[Ami]:
        """A logged-in connection. Raises AmiDown or AmiRefused."""
        return Ami.connect(self.host, self.port, self.user, self.secret, self.timeout)
