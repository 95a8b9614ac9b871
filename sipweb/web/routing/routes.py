"""The list of outbound routes, in the order in which they are tried."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core import feature_codes
from ...core.errors import N_, Invalid, NotFound
from ...core.rights import Right
from ...services import routes as service
from ...services import trunks
from ...services.errors import StaleEdit
from ...services.routes import RouteView
from ...services.state import current_state
from .. import htmx
from ..access import current_actor, current_context, requires
from ..forms import parse_id
from ..inline_list import InlineList, Message
from ..list_query import changed_argument, query_args, read_query
from ..list_search import ListSearch
from ..messages import added_message, saved_message
from ..undo import read
from . import dial_test
from .forms import RouteForm

bp = Blueprint("routes", __name__)
STEPS = {"up": -1, "down": 1}


class ListQuery(NamedTuple):
    """Search of the list, as in its address."""

    q: str = ""


def _query() -> ListQuery:
    return read_query(ListQuery, "routes.index")


def _args() -> Mapping[str, Any]:
    return query_args(_query())


def _search() -> ListSearch:
    return ListSearch(_query().q, service.FILTERS)


def _list_context(*, rows: Sequence[RouteView] | None, **values: object) -> dict[str, object]:
    current, search = current_state(current_context()), _search()
    return {
        "search": search,
        "list_args": _args(),
        "found": (found := service.select_routes(search.search)),
        "count": len(service.list_routes()),
        "changed_argument": changed_argument({"q": ""}),
        "rows": found if rows is None else rows,
        "current_state": lambda: current,
        "has_trunks": bool(trunks.list_trunks()),
        "feature_codes": feature_codes.feature_codes(current_context().pbx_settings),
        "codes_before_rule": codes_before_rule,
        "moved": None,
        "previous_id": None,
        **dial_test.context(),
        **values,
    }


def codes_before_rule(route: RouteView) -> tuple[str, ...]:
    """Return the feature codes that an active rule matches but never gets."""
    settings = current_context().pbx_settings
    return feature_codes.codes_before_rule(route.pattern, settings) if route.active else ()


LIST: InlineList[RouteView] = InlineList(
    "routes/index.html", "routes.index", "route", context=_list_context, args=_args, added_blocks=("added_row",)
)


@bp.get("/routes")
def index() -> ResponseReturnValue:
    """The whole list."""
    if not current_actor().can(Right.EDIT):
        return LIST.page()
    route_id = parse_id(request.args.get("edit"))
    forms = {route.id: _form(route) for route in service.list_routes() if route.id == route_id}
    add_form = _form() if "add" in request.args else None
    focus = request.args.get("moved", "")
    return LIST.page(forms=forms, add_form=add_form, focus=focus, status=_search().status)


@bp.get("/routes/new")
@requires(Right.EDIT)
def new() -> ResponseReturnValue:
    """The add form."""
    return LIST.add_form(_form())


@bp.get("/routes/new/cancel")
@requires(Right.EDIT)
def cancel_new() -> ResponseReturnValue:
    """The empty place of the add form."""
    return LIST.add_form(None)


@bp.get("/routes/<int:route_id>/edit")
@requires(Right.EDIT)
def edit(route_id: int) -> ResponseReturnValue:
    """One row as its form."""
    route = _route(route_id)
    return LIST.form(route, _form(route))


@bp.get("/routes/<int:route_id>/row")
def show_row(route_id: int) -> ResponseReturnValue:
    """One row as it is read."""
    return LIST.read(_route(route_id))


@bp.post("/routes")
@requires(Right.EDIT)
def create() -> ResponseReturnValue:
    """Save a new route as the last one."""
    form = _form(submitted=True)
    if form.validate():
        try:
            route = _route(service.create_route(current_actor(), form.values))
            return LIST.saved(route, _message(added_message, route), added=True)
        except Invalid as error:
            form.add_error(error)
    return LIST.add_refused(form)


@bp.post("/routes/<int:route_id>")
@requires(Right.EDIT)
def update(route_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    route = _route(route_id)
    form = _form(route, submitted=True)
    if form.validate():
        try:
            undoable = service.update_route(current_actor(), route_id, form.version_number, form.values)
            route = _route(route_id)
            return LIST.saved(route, _message(saved_message, route), undo=undoable)
        except StaleEdit as error:
            return LIST.stale(_route(route_id), form, error)
        except Invalid as error:
            form.add_error(error)
    return LIST.refused(route, form)


@bp.post("/routes/undo")
@requires(Right.EDIT)
def undo() -> ResponseReturnValue:
    """Restore the values that an edit replaced, unless somebody changed the route since."""
    [edit] = read(request.form.get("undo", ""), bp.name)
    try:
        service.undo(current_actor(), edit)
    except StaleEdit as error:
        return LIST.stale_switch(_route(edit.id), error)
    route = _route(edit.id)
    return LIST.saved(route, gettext("Change of %(name)s undone.", name=route.name))


@bp.route("/routes/<int:route_id>/delete", methods=["GET", "POST"])
@requires(Right.EDIT)
def delete(route_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    route = _route(route_id)
    if request.method != "POST":
        cancel = url_for(".index", _anchor=f"route-{route_id}", **_args())
        return render_template("components/confirm_delete.html", name=route.name, cancel=cancel)
    service.delete_route(current_actor(), route_id)
    flash(gettext("%(name)s deleted.", name=route.name))
    return redirect(url_for(".index", **_args()), 303)


@bp.post("/routes/<int:route_id>/move")
@requires(Right.EDIT)
def move(route_id: int) -> ResponseReturnValue:
    """Move a route in the order: `direction` up or down, behind the route `after`, or to a `position`."""
    direction = request.form.get("direction", "")
    previous_id = service.move_route(current_actor(), route_id, _target_position(_route(route_id), direction))
    focus = f"move-{direction}-{route_id}" if direction in STEPS else ""
    if not htmx.is_htmx():  # no anchor: it would take the focus
        return redirect(url_for(".index", moved=focus or None, **_args()), 303)
    moved = _route(route_id)
    message = Message(gettext("%(name)s moved to position %(position)s.", name=moved.name, position=moved.position))
    return LIST.blocks(
        "moved_row", "announcement", moved=moved, previous_id=previous_id, focus=focus, message=message, changed=True
    )


def _target_position(route: RouteView, direction: str) -> int:
    """Return the position to move a route to. Raises NotFound where the route `after` does not exist any more.

    A dragged route names the one before it, because positions may have changed since the page was loaded.
    """
    if direction in STEPS:
        return route.position + STEPS[direction]
    after = request.form.get("after")
    if after:
        previous = _route(parse_id(after) or 0).position
        return previous + (previous < route.position)  # all later ones move up when the route leaves its place
    position = 1 if after == "" else parse_id(request.form.get("position"))
    return route.position if position is None else position


def _form(route: RouteView | None = None, *, submitted: bool = False) -> RouteForm:
    form = RouteForm(route, formdata=request.form if submitted else None)
    form.trunk_id.choices = [(trunk.id, trunk.name) for trunk in trunks.list_trunks()]
    return form


def _route(route_id: int) -> RouteView:
    route = next((route for route in service.list_routes() if route.id == route_id), None)
    if route is None:
        raise NotFound(N_("This item no longer exists."))
    return route


def _message(message: Callable[..., str], route: RouteView) -> str:
    return message(route.name, is_pending=current_state(current_context()).plan.has_routing_change("route", route.id))
