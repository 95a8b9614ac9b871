"""Outbound routes: list, create, update, delete, and their order."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from operator import attrgetter
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..core.dial_patterns import parse
from ..core.errors import N_, Invalid
from ..core.rights import Right
from ..core.search import Search
from ..core.search_filters import CHANGED, NUMBER, ON_OFF, TEXT, ChoiceValue, Filter, Term, on_off
from ..core.text import clean_display_name, search_key
from ..db import db, transaction
from ..models import OutboundRoute, Trunk
from . import audit, records
from .context import Actor
from .edits import Replaced, replaced
from .errors import StaleEdit
from .list_search import matching

NUMBER_PATTERN = re.compile(r"\+?[0-9*#]{0,31}")


@dataclass(frozen=True, slots=True)
class RouteInput:
    """A route as it shall be saved."""

    name: str
    pattern: str
    level: int
    trunk_id: int
    strip_digits: int
    prepend_digits: str
    emergency: bool
    active: bool


@dataclass(frozen=True, slots=True)
class RouteView(RouteInput):
    """A route as saved. `trunk` is its trunk's name; no call uses a route whose trunk is inactive."""

    id: int = 0
    position: int = 0
    version: int = 0
    trunk: str = ""
    trunk_active: bool = True


def list_routes() -> tuple[RouteView, ...]:
    """Return all routes in their order."""
    rows = db.session.execute(
        select(OutboundRoute, Trunk).join(Trunk, Trunk.id == OutboundRoute.trunk_id).order_by(OutboundRoute.position)
    )
    return tuple(_view(route, trunk) for route, trunk in rows)


FILTERS = (
    Filter(Term("level", "poziom"), NUMBER, N_("Minimum level"), (">10", "10-20")),
    Filter(Term("pattern", "wzorzec"), TEXT, N_("Dial pattern"), ("48",)),
    Filter(Term("trunk", "trunk"), TEXT, N_("Trunk"), ("provider",)),
    Filter(Term("emergency", "alarmowe"), ChoiceValue(ON_OFF), N_("Use for emergency calls")),
    Filter(Term("active", "aktywne", ("aktywna",)), ChoiceValue(ON_OFF), N_("Rule active")),
    CHANGED,
)
_SEARCHED: Mapping[str, Callable[[RouteView], Any]] = {
    **{name: attrgetter(name) for name in ("level", "pattern", "trunk")},
    "emergency": lambda route: on_off(route.emergency),
    "active": lambda route: on_off(route.active),
}


def select_routes(search: Search) -> list[RouteView]:
    """Return the routes that a search shows, in their order; words are looked for in name, pattern and trunk."""
    return matching(list_routes(), search, kind="route", text=_search_text, values=_SEARCHED)


def _search_text(route: RouteView) -> str:
    return search_key(f"{route.name} {route.pattern} {route.trunk}")


def create_route(actor: Actor, values: RouteInput) -> int:
    """Save a new route as the last one and return its id. Raises Invalid."""
    actor.require(Right.EDIT)
    values = _checked(values)
    with transaction() as session:
        _check_trunk(session, values.trunk_id)
        columns = asdict(values) | {"position": (session.scalar(select(func.max(OutboundRoute.position))) or 0) + 1}
        route = OutboundRoute(**columns)
        session.add(route)
        session.flush()
        changes = _with_trunk_names(session, {name: [None, value] for name, value in columns.items()})
        audit.record(session, actor, "route.add", route.name, route_id=route.id, changes=changes)
        return route.id


def update_route(actor: Actor, route_id: int, version: int, values: RouteInput) -> Replaced | None:
    """Save a route's form. Returns what can be undone. Raises Invalid, StaleEdit or NotFound."""
    actor.require(Right.EDIT)
    values = _checked(values)
    with transaction() as session:
        _check_trunk(session, values.trunk_id)
        route = records.get_or_raise(session, OutboundRoute, route_id)
        if route.version != version:
            raise StaleEdit(_view(route, session.get_one(Trunk, route.trunk_id)))
        changes = records.update(route, asdict(values))
        if changes:
            named = _with_trunk_names(session, changes)
            audit.record(session, actor, "route.edit", route.name, route_id=route.id, changes=named)
        return replaced(route.id, route.version, changes)


def undo(actor: Actor, edit: Replaced) -> None:
    """Restore the values that an edit replaced.

    Raises:
        StaleEdit, Invalid, NotFound: nothing was restored. StaleEdit: the route was changed since.
    """
    route = records.get_or_raise(db.session(), OutboundRoute, edit.id)
    values = {field.name: getattr(route, field.name) for field in fields(RouteInput)}
    update_route(actor, edit.id, edit.version, RouteInput(**values | dict(edit.values)))


def delete_route(actor: Actor, route_id: int) -> None:
    """Delete a route and close the gap in the order. Raises NotFound."""
    actor.require(Right.EDIT)
    with transaction() as session:
        route = records.get_or_raise(session, OutboundRoute, route_id)
        session.delete(route)
        session.flush()
        renumber(routes_in_order(session))
        audit.record(session, actor, "route.delete", route.name, route_id=route_id)


def move_route(actor: Actor, route_id: int, position: int) -> int | None:
    """Move a route to this position (from 1 on; a position beyond an end means that end).

    Returns the id of the route before it then, None when it is the first. Raises NotFound.
    """
    actor.require(Right.EDIT)
    with transaction() as session:
        route, routes = records.get_or_raise(session, OutboundRoute, route_id), routes_in_order(session)
        old = routes.index(route)
        new = min(max(position - 1, 0), len(routes) - 1)
        routes.insert(new, routes.pop(old))
        renumber(routes)
        if old != new:
            changes = {"position": [old + 1, new + 1]}
            audit.record(session, actor, "route.move", route.name, route_id=route_id, changes=changes)
        return routes[new - 1].id if new else None


def routes_in_order(session: Session) -> list[OutboundRoute]:
    """Return all rows, inactive ones included, in the order in which they are tried."""
    return list(session.scalars(select(OutboundRoute).order_by(OutboundRoute.position, OutboundRoute.id)))


def renumber(routes: list[OutboundRoute]) -> None:
    """Number the routes from 1 on. Versions stay, so that a move does not make an open form of another route stale."""
    for position, route in enumerate(routes, 1):
        route.position = position


def _checked(values: RouteInput) -> RouteInput:
    """Return the values as they are saved. Raises Invalid."""
    values = replace(
        values,
        name=clean_display_name(values.name),
        pattern=values.pattern.strip(),
        prepend_digits=values.prepend_digits.strip(),
    )
    parse(values.pattern)
    if not NUMBER_PATTERN.fullmatch(values.prepend_digits):
        raise Invalid(N_("Use only digits, * and #, with an optional leading +."), "prepend_digits")
    return values


def _check_trunk(session: Session, trunk_id: int) -> None:
    if session.get(Trunk, trunk_id) is None:
        raise Invalid(N_("Select a trunk. If the list is empty, add a trunk first."), "trunk_id")


def _with_trunk_names(session: Session, changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Return the changes as the audit log keeps them: a trunk by its name."""
    if "trunk_id" in changes:
        names = [trunk_id and session.get_one(Trunk, trunk_id).name for trunk_id in changes["trunk_id"]]
        changes = changes | {"trunk_id": names}
    return changes


def _view(route: OutboundRoute, trunk: Trunk) -> RouteView:
    return RouteView(
        id=route.id,
        position=route.position,
        version=route.version,
        name=route.name,
        pattern=route.pattern,
        level=route.level,
        trunk_id=route.trunk_id,
        strip_digits=route.strip_digits,
        prepend_digits=route.prepend_digits,
        emergency=route.emergency,
        active=route.active,
        trunk=trunk.name,
        trunk_active=trunk.active,
    )
