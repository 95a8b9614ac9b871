"""Administration → Sign-in attempts: failed sign-ins, and the addresses that are blocked."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..core.blocking import FIRST_BLOCK, LIMIT, LONGEST_BLOCK
from ..services import blocking
from ..services import sign_in_attempts as service
from ..services.sign_in_attempts import SOURCES
from .access import current_actor
from .forms import parse_id
from .list_query import changed_argument

bp = Blueprint("attempts", __name__)


@bp.get("/attempts")
def index() -> ResponseReturnValue:
    """Show the blocked addresses and the newest failed sign-ins, or those of one address, number or login."""
    search = request.args.get("q", "").strip()[:80]
    source = next((one for one in SOURCES if one == request.args.get("show")), SOURCES[0])
    attempts, more = service.failed_sign_ins(source, search, parse_id(request.args.get("before")) or 0)
    return render_template(
        "attempts/index.html", blocks=blocking.active_blocks(), attempts=attempts, more=more, search=search,
        source=source, sources=SOURCES, limit=LIMIT, shortest=FIRST_BLOCK, longest=LONGEST_BLOCK,
        changed_argument=changed_argument({"q": ""}),
    )  # fmt: skip


@bp.post("/attempts/blocks/<int:block_id>/end")
def unblock(block_id: int) -> ResponseReturnValue:
    """Unblock an address."""
    address = blocking.unblock(current_actor(), block_id)
    flash(gettext("%(address)s unblocked. Asterisk accepts it within a few seconds.", address=address))
    return redirect(url_for(".index"), 303)
