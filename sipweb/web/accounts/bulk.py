"""Changes of all selected accounts: the preview, the change, and the undo of an edit of one account or of many."""

from collections.abc import Collection

from flask import make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from ...core.bulk_changes import Action, BulkChange
from ...core.errors import N_, Invalid, NotFound
from ...core.rights import Right
from ...services import accounts, bulk_changes
from ...services.errors import ChangedSincePreview, StaleEdit
from ...services.state import current_state
from .. import htmx
from ..access import current_actor, current_context, requires
from ..forms import parse_id
from ..list_query import query_args
from ..locale import translate
from ..undo import read
from . import listing
from .bulk_page import BulkPage
from .context import list_query
from .forms import BulkForm
from .listing import LIST
from .selection import MAX_SELECTED, selected_ids
from .views import bp

MAX_SHOWN = 200  # groups of accounts that a preview shows
OUT_OF_DATE = N_("This page is out of date. Reload it and try again.")


@bp.post("/accounts/bulk")
@requires(Right.EDIT)
def preview_bulk() -> ResponseReturnValue:
    """Show what a change of the selected accounts would do."""
    ids = selected_ids()
    if not ids:
        raise Invalid(N_("Select at least one account."))
    return _preview(ids)


@bp.post("/accounts/bulk/apply")
@requires(Right.EDIT)
def apply_bulk() -> ResponseReturnValue:
    """Change the accounts as the preview showed it, or show the preview again."""
    ctx, seen, form = current_context(), _seen(request.form.get("seen", "")), _form()
    change = BulkChange(_action(), form.values) if form.validate() else None
    if change is None:
        return _preview(seen)
    try:
        result = bulk_changes.change_accounts(ctx, current_actor(), change, seen)
    except (ChangedSincePreview, Invalid) as error:
        return _preview(seen, translate(error), 409 if isinstance(error, ChangedSincePreview) else 422)
    message = _done(change.action, result.ids)
    return listing.many_saved(result.ids, message, result.undo, entry_id=result.entry_id)


@bp.post("/accounts/undo")
@requires(Right.EDIT)
def undo() -> ResponseReturnValue:
    """Restore the values that an edit replaced, unless somebody changed one of the accounts since."""
    edits = read(request.form.get("undo", ""), bp.name)
    if len(edits) > 1 or not edits[0].version:  # version 0: a deletion
        entry_id = bulk_changes.undo(current_context(), current_actor(), edits)
        count = len(edits)
        if edits[0].version:
            text = ngettext("Change of %(num)s SIP account undone.", "Change of %(num)s SIP accounts undone.", count)
        else:
            text = ngettext("%(num)s deleted SIP account restored as it is live.",
                            "%(num)s deleted SIP accounts restored as they are live.", count)  # fmt: skip
        # A row that the page does not have any more, after another search, comes with the page's next poll.
        return listing.many_saved([edit.id for edit in edits], text, entry_id=0 if list_query().q else entry_id)
    account_id = edits[0].id
    try:
        accounts.undo(current_context(), current_actor(), edits[0])
    except StaleEdit as error:
        account = current_state(current_context()).account(account_id)
        if account is None:
            raise NotFound(N_("This account no longer exists.")) from None
        return LIST.stale_switch(account, error)
    number = current_state(current_context()).by_id[account_id].number
    return listing.saved(account_id, gettext("Change of %(number)s undone.", number=number))


def _preview(ids: Collection[int], error: str = "", status: int = 200) -> ResponseReturnValue:
    """Return the preview of what the form says; without new values, or with wrong ones, the form to correct them."""
    state, action, form = current_state(current_context()), _action(), _form()
    lines = []
    if form.validate():
        try:
            lines = bulk_changes.preview(current_context(), ids, BulkChange(action, form.values))
        except Invalid as invalid:
            error = error or translate(invalid)
        if action is Action.EDIT and not form.values:
            lines, error = [], gettext("Enter at least one new value.")
    if not lines and not error and not form.errors:
        error = gettext("The selected accounts no longer exist.")
    page = BulkPage(action=action, form=form, ids=ids, state=state, lines=lines, error=error)
    template = "accounts/_bulk_preview.html" if htmx.is_htmx() else "accounts/bulk.html"
    text = render_template(
        template, page=page, in_dialog=htmx.is_htmx(), max_shown=MAX_SHOWN, list_args=query_args(list_query())
    )
    response = make_response(text, status if lines else 422)
    return htmx.retarget(response, "#bulk-preview", "innerHTML") if htmx.is_htmx() else response


def _form() -> BulkForm:
    """Return the form with the new values; without any for what has none."""
    return BulkForm(current_state(current_context()), formdata=request.form if _action() is Action.EDIT else None)


def _action() -> Action:
    try:
        return Action(request.form.get("action", ""))
    except ValueError:
        raise Invalid(OUT_OF_DATE) from None


def _seen(text: str) -> dict[int, int]:
    """Return the versions that the form's preview showed."""
    seen: dict[int, int] = {}
    pairs = text.split(",")
    if len(pairs) > MAX_SELECTED:
        raise Invalid(OUT_OF_DATE)
    for pair in pairs:
        account_id, version = map(parse_id, pair.partition("-")[::2])
        if account_id is None or version is None:
            raise Invalid(OUT_OF_DATE)
        seen[account_id] = version
    return seen


def _done(action: Action, ids: Collection[int]) -> str:
    """Return the message for a change of so many accounts, and what the PBX does until the next generation."""
    count, state = len(ids), current_state(current_context())
    is_pending = any((account := state.account(one)) and account.pending for one in ids)
    if action is Action.DELETE:
        done = ngettext("%(num)s SIP account deleted.", "%(num)s SIP accounts deleted.", count)
        pending = gettext("Pending: what is live keeps working until the configuration is generated.")
    elif action is Action.SECRETS:
        done = ngettext(
            "New password generated for %(num)s SIP account.", "New passwords generated for %(num)s SIP accounts.",
            count,
        )  # fmt: skip
        pending = gettext("Pending: phones need them once the configuration is generated.")
    else:
        done = ngettext("%(num)s SIP account changed.", "%(num)s SIP accounts changed.", count)
        pending = gettext("Pending: the PBX works as before until the configuration is generated.")
    return f"{done} {pending}" if is_pending else done
