"""The list of trunks."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, pgettext

from ...core import outbound_routing
from ...core.errors import N_, Invalid, NotFound
from ...core.rights import Right
from ...services import pbx_status
from ...services import trunks as service
from ...services.errors import StaleEdit
from ...services.state import current_state
from ...services.trunks import TrunkView
from .. import htmx
from ..access import background, current_actor, current_context, recent_sign_in_if, requires
from ..banners import banner_fingerprint
from ..forms import parse_id
from ..inline_list import InlineList
from ..labels import REGISTRATIONS
from ..list_query import changed_argument, query_args, read_query
from ..list_search import ListSearch
from ..messages import added_message, saved_message
from ..settings import current_settings
from ..undo import read
from .forms import TrunkForm

bp = Blueprint("trunks", __name__)
STATES = ("down", "not-in-use", "registered", "not-live", "inactive")  # the classes of trunk_status, in their order


class ListQuery(NamedTuple):
    """Search and order of the list, as in its address; without an order the oldest trunk is the first."""

    q: str = ""
    sort: str = ""


@dataclass(frozen=True, slots=True)
class TrunkList:
    """What is searched for; the templates call it `page`."""

    query: ListQuery
    search: ListSearch
    list_args: Mapping[str, Any]
    changed_argument: str


def _page() -> TrunkList:
    query = read_query(ListQuery, "trunks.index")
    search = ListSearch(query.q, service.FILTERS)
    return TrunkList(query, search, query_args(query), changed_argument(ListQuery()._asdict()))


def _selected(page: TrunkList) -> list[TrunkView]:
    """Return the trunks that the page shows, in its order; what needs attention is the first state."""
    trunks = service.select_trunks(page.search.search, page.query.sort)
    if page.query.sort.removeprefix("-") == "state":
        states = {trunk.id: trunk_status(trunk) for trunk in trunks}
        trunks.sort(
            key=lambda trunk: (STATES.index(states[trunk.id][0]), states[trunk.id][1]),
            reverse=page.query.sort.startswith("-"),
        )
    return trunks


def _list_context(*, rows: Sequence[TrunkView] | None, **values: object) -> dict[str, object]:
    current, page = current_state(current_context()), _page()
    return {
        "page": page,
        "found": (found := _selected(page)),
        "count": len(service.list_trunks()),
        "rows": found if rows is None else rows,
        "current_state": lambda: current,
        "trunk_status": trunk_status,
        "shown_caller_id": shown_caller_id,
        "status_fingerprint": _status_fingerprint(),
        "status_changed": False,
        **values,
    }


LIST: InlineList[TrunkView] = InlineList(
    "trunks/index.html",
    "trunks.index",
    "trunk",
    context=_list_context,
    args=lambda: _page().list_args,
    added_blocks=("added_row",),
)


@bp.get("/trunks")
def index() -> ResponseReturnValue:
    """The whole list."""
    if not current_actor().can(Right.EDIT):
        return LIST.page()
    trunk_id = parse_id(request.args.get("edit"))
    forms = {trunk.id: _form(trunk) for trunk in service.list_trunks() if trunk.id == trunk_id}
    add_form = _form() if "add" in request.args else None
    return LIST.page(forms=forms, add_form=add_form, status=_page().search.status)


@bp.get("/trunks/status")
@background
def status() -> ResponseReturnValue:
    """The status of each trunk; 204 when the page shows it already."""
    if not htmx.is_htmx():
        return redirect(url_for(".index"))
    if request.args.get("seen") == _status_fingerprint():
        return "", 204
    return LIST.blocks("polling", rows=service.list_trunks(), status_changed=True)


@bp.get("/trunks/new")
@requires(Right.EDIT)
def new() -> ResponseReturnValue:
    """The add form."""
    return LIST.add_form(_form())


@bp.get("/trunks/new/cancel")
@requires(Right.EDIT)
def cancel_new() -> ResponseReturnValue:
    """The empty place of the add form."""
    return LIST.add_form(None)


@bp.get("/trunks/<int:trunk_id>/edit")
@requires(Right.EDIT)
def edit(trunk_id: int) -> ResponseReturnValue:
    """One row as its form."""
    trunk = _trunk(trunk_id)
    return LIST.form(trunk, _form(trunk))


@bp.get("/trunks/<int:trunk_id>/row")
def show_row(trunk_id: int) -> ResponseReturnValue:
    """One row as it is read."""
    return LIST.read(_trunk(trunk_id))


def _sets_secret(**_arguments: object) -> bool:
    """Return whether the form has a password for the trunk."""
    return bool(request.form.get("secret"))


@bp.post("/trunks")
@requires(Right.EDIT)
@recent_sign_in_if(_sets_secret)
def create() -> ResponseReturnValue:
    """Save a new trunk."""
    form = _form(submitted=True)
    if form.validate():
        try:
            trunk = _trunk(service.create_trunk(current_context(), current_actor(), form.values))
            return LIST.saved(trunk, _message(added_message, trunk), added=True)
        except Invalid as error:
            form.add_error(error)
    return LIST.add_refused(form)


@bp.post("/trunks/<int:trunk_id>")
@requires(Right.EDIT)
@recent_sign_in_if(_sets_secret)
def update(trunk_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    trunk = _trunk(trunk_id)
    form = _form(trunk, submitted=True)
    if form.validate():
        try:
            undoable = service.update_trunk(
                current_context(), current_actor(), trunk_id, form.version_number, form.values
            )
            trunk = _trunk(trunk_id)
            return LIST.saved(trunk, _message(saved_message, trunk), undo=undoable)
        except StaleEdit as error:
            return LIST.stale(_trunk(trunk_id), form, error)
        except Invalid as error:
            form.add_error(error)
    return LIST.refused(trunk, form)


@bp.post("/trunks/undo")
@requires(Right.EDIT)
def undo() -> ResponseReturnValue:
    """Restore the values that an edit replaced, unless somebody changed the trunk since."""
    [edit] = read(request.form.get("undo", ""), bp.name)
    try:
        service.undo(current_context(), current_actor(), edit)
    except StaleEdit as error:
        return LIST.stale_switch(_trunk(edit.id), error)
    trunk = _trunk(edit.id)
    return LIST.saved(trunk, gettext("Change of %(name)s undone.", name=trunk.name))


@bp.route("/trunks/<int:trunk_id>/delete", methods=["GET", "POST"])
@requires(Right.EDIT)
def delete(trunk_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    trunk = _trunk(trunk_id)
    if request.method != "POST":
        cancel = url_for(".index", _anchor=f"trunk-{trunk_id}", **_page().list_args)
        return render_template("components/confirm_delete.html", name=trunk.name, cancel=cancel)
    service.delete_trunk(current_actor(), trunk_id)
    flash(gettext("%(name)s deleted.", name=trunk.name))
    return redirect(url_for(".index", **_page().list_args), 303)


def trunk_status(trunk: TrunkView) -> tuple[str, str]:
    """Return a trunk's status as a CSS class and as text: what Asterisk reported a few seconds ago."""
    if all(live_trunk.id != trunk.id for live_trunk in current_state(current_context()).live.trunks):
        if trunk.active:
            return "not-live", gettext("Not live yet")
        return "inactive", pgettext("trunk", "Inactive")
    reported = pbx_status.current_status(current_context()).trunks.get(trunk.id)
    if reported is None or reported.reachable is None:
        return "not-in-use", gettext("Unknown")
    texts = [gettext("Reachable") if reported.reachable else gettext("Unreachable")]
    if reported.registration:
        texts.append(str(REGISTRATIONS.get(reported.registration, reported.registration)))
    works = reported.reachable and reported.registration in ("", "Registered")
    text = ", ".join(texts)
    return "registered" if works else "down", f"{text} ({reported.hosts})" if reported.hosts else text


def shown_caller_id(trunk: TrunkView) -> tuple[str, bool]:
    """Return the number that the provider is shown, and whether it sees the accounts' internal numbers instead."""
    settings = current_context().pbx_settings
    shows_internal = outbound_routing.shows_internal_numbers(trunk, settings)
    return outbound_routing.shown_caller_id(trunk, settings), trunk.active and shows_internal


def _status_fingerprint() -> str:
    """Return a short text that is another one as soon as any trunk's status is, or what stands above the list."""
    statuses = "".join(f"{trunk.id}{trunk_status(trunk)}" for trunk in service.list_trunks())
    banners = banner_fingerprint(current_state(current_context()))
    return hashlib.sha256(f"{statuses}{banners}".encode()).hexdigest()[:12]


def _form(trunk: TrunkView | None = None, *, submitted: bool = False) -> TrunkForm:
    form = TrunkForm(trunk, formdata=request.form if submitted else None)
    settings = current_settings()
    if settings.pbx == "local":
        form.set_transports(settings.sip_transports, trunk.transport if trunk else "")
    return form


def _trunk(trunk_id: int) -> TrunkView:
    trunk = next((trunk for trunk in service.list_trunks() if trunk.id == trunk_id), None)
    if trunk is None:
        raise NotFound(N_("This item no longer exists."))
    return trunk


def _message(message: Callable[..., str], trunk: TrunkView) -> str:
    return message(trunk.name, is_pending=current_state(current_context()).plan.has_routing_change("trunk", trunk.id))
