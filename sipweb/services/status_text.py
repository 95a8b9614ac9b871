"""The status that a monitor stores, as text: in a file for its own host, in the database for the others."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from ..pbx.status import Contact, TrunkState
from .state_records import Attack, PbxProblem, PbxStatus, Refusal

_LARGE = ("registrations", "since", "refusals", "ended")
_NAMES = {kind: {one.name for one in fields(kind)} for kind in (Attack, Contact, PbxStatus, Refusal, TrunkState)}


def to_text(status: PbxStatus) -> str:
    """Return two lines of JSON. The second one has what is large and, but for `expires`, changes with the stamp only.

    A process that knows the stamp need not read it.
    """
    values = {one.name: getattr(status, one.name) for one in fields(status)}
    lines = [{name: value for name, value in values.items() if (name in _LARGE) is large} for large in (False, True)]
    return "\n".join(json.dumps(line, default=_as_json) for line in lines)


def from_lines(lines: Iterable[str], known: PbxStatus | None = None) -> PbxStatus:
    """Read a status; the second line only if it can differ from what is `known`.

    Names that another version added are left out.
    """
    remaining: Iterator[str] = iter(lines)
    try:
        small = json.loads(next(remaining, ""))
        if known and known.stamp == small["stamp"]:
            large = {name: getattr(known, name) for name in _LARGE}
        else:
            large = _parse_large(json.loads(next(remaining, "{}")))
        return PbxStatus(**_parse_small(small), **large)
    except (ValueError, TypeError, KeyError):  # truncated by a power failure, or written by another version
        return PbxStatus()


def _as_json(value: Any) -> Any:
    """Return a dataclass as a dictionary, several times as fast as asdict(), and numbers as a list."""
    if isinstance(value, frozenset):
        return sorted(value)
    return {one.name: getattr(value, one.name) for one in fields(value)}


def _parse_small(stored: dict[str, Any]) -> dict[str, Any]:
    small = {name: value for name, value in stored.items() if name not in _LARGE and name in _NAMES[PbxStatus]}
    problem = PbxProblem(**stored["problem"]) if stored.get("problem") else None
    attacks = tuple(_record(Attack, attack) for attack in stored.get("attacks", ()))
    on_call = frozenset(stored.get("on_call", ()))
    trunks = _by_number(stored, "trunks", TrunkState)
    return small | {"problem": problem, "attacks": attacks, "on_call": on_call, "trunks": trunks}


def _parse_large(stored: dict[str, Any]) -> dict[str, Any]:
    return {
        "registrations": _by_number(stored, "registrations", Contact),
        "refusals": _by_number(stored, "refusals", Refusal),
        "since": {int(number): stamp for number, stamp in stored["since"].items()},
        "ended": {int(number): at for number, at in stored["ended"].items()},
    }


def _by_number(stored: dict[str, Any], name: str, kind: type[Any]) -> dict[int, Any]:
    return {int(number): _record(kind, values) for number, values in stored[name].items()}  # JSON has keys of text


def _record(kind: type[Any], values: dict[str, Any]) -> Any:
    names = _NAMES[kind]
    if not values.keys() <= names:
        values = {name: value for name, value in values.items() if name in names}
    return kind(**values)
