"""Administration → Audit log."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from ..services import audit as service
from .forms import parse_id
from .list_query import changed_argument

bp = Blueprint("audit", __name__)


@bp.get("/audit")
def index() -> ResponseReturnValue:
    """Show the newest entries, or those of one account or one action, or older ones."""
    account, action = request.args.get("account", "").strip(), request.args.get("action", "")
    entries = service.entries(account, parse_id(request.args.get("before")), action)
    return render_template(
        "audit/index.html",
        entries=entries,
        account=account,
        action=action,
        more=len(entries) == service.PAGE,
        changed_argument=changed_argument({"account": "", "action": ""}),
    )
