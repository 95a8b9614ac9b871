"""The history of an account, a trunk or a rule."""

from flask import Blueprint, abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..services import history as service
from ..services.history import KINDS, Cursor
from ..services.state import current_state
from .access import current_context
from .forms import parse_id

bp = Blueprint("history", __name__)
LISTS = {"account": "accounts.index", "trunk": "trunks.index", "route": "routes.index"}


@bp.get("/accounts/<int:record_id>/history", defaults={"kind": "account"})
@bp.get("/trunks/<int:record_id>/history", defaults={"kind": "trunk"})
@bp.get("/routes/<int:record_id>/history", defaults={"kind": "route"})
def show(kind: str, record_id: int) -> ResponseReturnValue:
    """Show what happened, the newest first; deleted accounts, trunks and rules have a history too."""
    name = service.last_known_name((kind, record_id))
    account = current_state(current_context()).account(record_id) if kind == "account" else None
    if account is None and not name:
        abort(404)
    shown = request.args.get("show", "")
    shown = shown if shown in KINDS else ""
    items, older = service.history((kind, record_id), account.number if account else None, shown, _cursor())
    return render_template(
        "history/index.html",
        name=str(account.number) if account else name,
        kind=kind,
        record_id=record_id,
        kinds=KINDS if kind == "account" else ("edits", "generations", "registrations")[: 3 if kind == "trunk" else 2],
        shown=shown,
        items=items,
        older="-".join(map(str, older)) if older else "",
        back=url_for(LISTS[kind], _anchor=f"{kind}-{record_id}"),
    )


def _cursor() -> Cursor:
    places = [parse_id(place) or 0 for place in request.args.get("before", "").split("-")]
    return Cursor(*places[:3])
