"""Who is registered: asked of Asterisk every few seconds by the background process, read here from its file."""

import json
import os
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from ..core.errors import Refused
from ..pbx import state as pbx_state
from ..pbx.state import TrunkState
from .site import Site
from .state import state

FRESH = 30.0  # seconds after which nobody knows any more


@dataclass(frozen=True, slots=True)
class Watch:
    """What Asterisk said last: number → address of registered phones, and number → when that last changed; trunk id → how
    it stands.

    `stamp` is the newest of these moments (milliseconds, and ever growing); 0 while nobody keeps watch.
    """

    stamp: int = 0
    phones: dict[int, str] = field(default_factory=dict)
    since: dict[int, int] = field(default_factory=dict)
    trunks: dict[int, TrunkState] = field(default_factory=dict)


_cache: dict[str, tuple[object, Watch]] = {}


def registered(site: Site) -> dict[int, str]:
    """Number → address of registered phones; empty when nobody keeps watch."""
    return watch(site).phones


def watch(site: Site) -> Watch:
    """What is known now; the empty one when what was said is too old to be believed."""
    path = _path(site)
    try:
        stat = os.stat(path)
    except FileNotFoundError:
        return Watch()
    if time.time() - stat.st_mtime > FRESH:
        return Watch()
    known, version = _cache.get(str(path)), (stat.st_mtime_ns, stat.st_ino)
    if known is None or known[0] != version:
        known = _cache[str(path)] = version, _read(path)
    return known[1]


def changed(site: Site, seen: int) -> set[int]:
    """The numbers that were registered, or are no more, since the stamp `seen`; those that were lost from sight too."""
    current = watch(site)
    if current.stamp == seen:
        return set()
    if not seen or not current.stamp:  # the watch began, or ended: everything that was or is registered
        path = _path(site)
        return set((current if current.stamp or not path.is_file() else _read(path)).phones)
    return {number for number, moment in current.since.items() if moment > seen}


def on_call(site: Site) -> frozenset[int]:
    """Numbers of the accounts that are in a call at this moment; empty when nobody can be asked."""
    try:
        if site.link.asks:
            with site.link.open() as ami:
                return pbx_state.on_call(ami)
    except Refused:
        pass
    return frozenset()


def health(site: Site) -> dict[str, object]:
    """How database and PBX stand, for monitoring."""
    said: dict[str, object] = {"database": "ok", "pbx": site.link.mode}
    try:
        current = state(site)
        said |= {"generation": current.generation, "pending": len(current.plan)}
    except SQLAlchemyError:
        said["database"] = "down"
    if site.link.asks:
        said["asterisk"] = "ok" if reachable(site) else "down"
    return said


def reachable(site: Site) -> bool:
    """Whether Asterisk lets us in within a second and has started: from then on it can be generated for."""
    try:
        with replace(site.link, timeout=1.0).open() as ami:
            pbx_state.check_started(ami)
            return True
    except Refused:
        return False


def store(site: Site, contacts: dict[int, str], trunks: dict[int, TrunkState] | None = None) -> None:
    """Write what Asterisk said, whole or not at all, and since when each number is as it is."""
    site.run.mkdir(parents=True, exist_ok=True)
    path = _path(site)
    before = _read(path) if path.is_file() else Watch()
    differ = {n for n in before.phones.keys() | contacts.keys() if before.phones.get(n) != contacts.get(n)}
    stamp = before.stamp
    if differ or not stamp:
        stamp = max(stamp + 1, int(time.time() * 1000))
    draft = site.run / ".registered.json"
    seen = Watch(stamp, contacts, before.since | dict.fromkeys(differ, stamp), trunks or {})
    draft.write_text(json.dumps(asdict(seen)))
    draft.replace(path)


def _path(site: Site) -> Path:
    return site.run / "registered.json"


def _read(path: Path) -> Watch:
    try:
        return _parse(json.loads(path.read_text()))
    except (ValueError, TypeError):  # cut short by a power failure, or of another version
        return Watch()


def _parse(said: dict[str, Any]) -> Watch:
    phones, since = ({int(n): value for n, value in said.get(name, {}).items()} for name in ("phones", "since"))
    trunks = {int(trunk_id): TrunkState(**found) for trunk_id, found in said.get("trunks", {}).items()}
    return Watch(said.get("stamp", 0), phones, since, trunks)
