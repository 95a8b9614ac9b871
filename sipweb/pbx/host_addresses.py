"""The addresses of host names, without waiting long for a DNS server that does not answer."""

import socket
import threading
from collections.abc import Iterable
from contextlib import suppress

TIMEOUT = 2.0  # seconds
_known: dict[str, frozenset[str]] = {}  # the last answer for each name: a provider that can't be resolved keeps it


def resolve(hosts: Iterable[str]) -> set[str]:
    """Return the addresses of these hosts, as far as they are known within TIMEOUT."""
    names = {*hosts}
    threads = [threading.Thread(target=_resolve, args=[name], daemon=True) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT / len(threads))
    return {address for name in names for address in _known.get(name, ())}


def _resolve(name: str) -> None:
    with suppress(OSError, UnicodeError):
        _known[name] = frozenset(str(found[4][0]) for found in socket.getaddrinfo(name, None))
