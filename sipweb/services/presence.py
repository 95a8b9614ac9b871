"""Who is registered: asked of Asterisk every few seconds by the background process, read here from its file."""

import json
import os
import time

from ..core.errors import Refused
from ..pbx import state as pbx_state
from .site import Site

FRESH = 30.0  # seconds after which nobody knows any more
_cache: dict[str, tuple[int, dict[int, str]]] = {}


def registered(site: Site) -> dict[int, str]:
    """Number → address of registered phones; empty when nobody keeps watch."""
    path = str(site.run / "registered.json")
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return {}
    if time.time() - stat.st_mtime > FRESH:
        return {}
    cached = _cache.get(path)
    if cached is None or cached[0] != stat.st_mtime_ns:
        with open(path) as file:
            cached = _cache[path] = stat.st_mtime_ns, {int(number): at for number, at in json.load(file).items()}
    return cached[1]


def on_call(site: Site) -> frozenset[int]:
    """Numbers of the accounts that are in a call at this moment; empty when nobody can be asked."""
    try:
        if site.link.asks:
            with site.link.open() as ami:
                return pbx_state.on_call(ami)
    except Refused:
        pass
    return frozenset()


def reachable(site: Site) -> bool:
    """Whether Asterisk lets us in."""
    try:
        with site.link.open():
            return True
    except Refused:
        return False


def store(site: Site, contacts: dict[int, str]) -> None:
    """Write what Asterisk said, whole or not at all."""
    site.run.mkdir(parents=True, exist_ok=True)
    draft = site.run / ".registered.json"
    draft.write_text(json.dumps(contacts))
    draft.replace(site.run / "registered.json")
