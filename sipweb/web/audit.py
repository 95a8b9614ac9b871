"""Administration → Audit log."""

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue

from ..services import audit as service
from .forms import parse_id
from .labels import ACTIONS
from .list_query import changed_argument
from .list_search import ListSearch, searched_page

bp = Blueprint("audit", __name__)


@bp.get("/audit")
def index() -> ResponseReturnValue:
    """Show the newest entries, or those that match the search, or older ones."""
    search = ListSearch(request.args.get("q", ""), service.FILTERS)
    names = {action: str(name) for action, name in ACTIONS.items()}
    entries = service.entries(search.search, parse_id(request.args.get("before")), event_names=names)
    return searched_page(
        "audit/index.html",
        url_for(".index", q=search.text or None),
        search.status,
        entries=entries,
        search=search,
        more=len(entries) == service.PAGE,
        changed_argument=changed_argument({"q": ""}),
    )
