"""What files are made with besides the snapshot: the PBX host that runs them, and its keys."""

from collections.abc import Callable
from dataclasses import dataclass

from ..snapshot import HostAddress, PbxSettings

Decrypt = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Renderer:
    """`host` is the name of this PBX host, `hosts_key` the secret with which the hosts authenticate to each other."""

    decrypt: Decrypt
    host: str = "pbx"
    hosts_key: str = ""


def other_hosts(settings: PbxSettings, host: str) -> tuple[HostAddress, ...]:
    """Return the other PBX hosts; none for a host that is not among them, because they would refuse its calls."""
    others = tuple(one for one in settings.hosts if one.name != host)
    return others if len(others) < len(settings.hosts) else ()
