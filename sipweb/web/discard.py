"""Discard pending edits: of one account, trunk or rule, or all of them."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from ..core.errors import OperationRefused
from ..core.rights import Right
from ..services import audit_subjects
from ..services import discard as service
from ..services.audit_subjects import Subject
from ..services.state import current_state
from .access import current_actor, current_context, requires
from .errors import status_of
from .forms import parse_id
from .locale import translate
from .plan_view import PlanView, saved_records

bp = Blueprint("discard", __name__)
LISTS = {"account": "accounts.index", "trunk": "trunks.index", "route": "routes.index"}


@bp.route("/generation/discard", methods=["GET", "POST"])
@requires(Right.GENERATE)
def everything() -> ResponseReturnValue:
    """Show all pending edits that can be discarded; POST discards them."""
    return _answer(None)


@bp.route("/accounts/<int:record_id>/discard", methods=["GET", "POST"], defaults={"kind": "account"})
@bp.route("/trunks/<int:record_id>/discard", methods=["GET", "POST"], defaults={"kind": "trunk"})
@bp.route("/routes/<int:record_id>/discard", methods=["GET", "POST"], defaults={"kind": "route"})
@requires(Right.EDIT)
def one(kind: str, record_id: int) -> ResponseReturnValue:
    """Show the pending edits of one account, trunk or rule; POST discards them."""
    return _answer((kind, record_id))


def _answer(subject: Subject | None) -> ResponseReturnValue:
    if request.method == "GET":
        return _page(subject)
    seen = parse_id(request.form.get("seen", "")) or 0
    try:
        count = service.discard(current_context(), current_actor(), seen, subject)
    except OperationRefused as error:
        return _page(subject, translate(error), status_of(error))
    if count:
        flash(ngettext("%(num)s change discarded.", "%(num)s changes discarded.", count))
    else:
        flash(gettext("No changes to discard."))
    return redirect(_list_address(subject), 303)


def _page(subject: Subject | None, problem: str = "", status: int = 200) -> ResponseReturnValue:
    found = service.discardable(current_context(), subject)
    if not found.plan and not problem:
        flash(gettext("No changes to discard."))
        return redirect(_list_address(subject), 303)
    state = current_state(current_context())
    changes = PlanView(found.plan, saved=saved_records(state), authors=audit_subjects.pending_authors(found.plan))
    page = render_template(
        "generations/discard.html",
        changes=changes,
        seen=found.newest_entry,
        generation=state.generation,
        left=len(state.plan) - len(found.plan) if subject is None else 0,
        cancel=_list_address(subject),
        problem=problem,
    )
    return page, status


def _list_address(subject: Subject | None) -> str:
    """Return the page that shows what was discarded."""
    if subject is None:
        return url_for("generations.index")
    kind, record_id = subject
    return url_for(LISTS[kind], _anchor=f"{kind}-{record_id}")
