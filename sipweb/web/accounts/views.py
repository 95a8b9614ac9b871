"""Administration → Telecommunication → SIP accounts."""

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import escape

from ...core.errors import N_, Invalid, NotFound
from ...core.rights import Right
from ...services import account_import, lease_end
from ...services import accounts as service
from ...services.account_list import FILTERS
from ...services.account_owners import offered_owners
from ...services.accounts import NumberTaken
from ...services.errors import StaleEdit
from ...services.state import current_state
from ...services.state_records import AccountView, State
from .. import htmx
from ..access import any_user, current_actor, current_context, recent_sign_in_if, requires
from ..csv_response import csv_response
from ..forms import parse_id
from ..labels import phone_name
from ..list_query import query_args, read_query
from ..list_search import ListSearch
from ..locale import language
from ..messages import allowed_routes_message, released_message
from . import listing, ranges
from .context import ListContext, ListQuery, list_query
from .forms import AccountForm, AddForm
from .listing import LIST
from .messages import added_message, deleted_message, saved_message, switched_message

bp = Blueprint("accounts", __name__)


@bp.get("/")
@any_user  # each role has its own start page
def home() -> ResponseReturnValue:
    """Redirect to the list, or agents to their page."""
    return redirect(url_for(".index" if current_actor().can(Right.VIEW) else "agent.index"))


@bp.get("/accounts")
def index() -> ResponseReturnValue:
    """Show the list, with the forms that the address opens."""
    status = ListSearch(list_query().q, FILTERS).status
    if not current_actor().can(Right.EDIT):
        return LIST.page(status=status)
    account_id = parse_id(request.args.get("edit"))
    account = current_state(current_context()).by_id.get(account_id) if account_id else None
    forms = {account.id: listing.form(account)} if account else {}  # a deleted account has no form
    add_form = listing.add_form(_choices(request.args)) if "add" in request.args else None
    return LIST.page(forms=forms, add_form=add_form, status=status)


@bp.get("/accounts/export")
def export() -> ResponseReturnValue:
    """Send the rows that the address shows as CSV."""
    page = ListContext(query=read_query(ListQuery, "accounts.export"))
    rows = account_import.export(page.state, page.selected, language(), phone_name("builtin"))
    return csv_response("accounts", rows)


@bp.get("/accounts/new")
@requires(Right.EDIT)
def new() -> ResponseReturnValue:
    """Show the add form."""
    return LIST.add_form(listing.add_form())


@bp.get("/accounts/new/cancel")
@requires(Right.EDIT)
def cancel_new() -> ResponseReturnValue:
    """Show the empty place of the add form."""
    return LIST.add_form(None)


@bp.get("/accounts/<int:account_id>/edit")
@requires(Right.EDIT)
def edit(account_id: int) -> ResponseReturnValue:
    """Show one row as its form."""
    account = get_account(account_id)
    if account.deleted:
        raise NotFound(N_("This account no longer exists."))
    return LIST.form(account, listing.form(account))


@bp.get("/accounts/<int:account_id>/row")
def show_row(account_id: int) -> ResponseReturnValue:
    """Show one row as it is read."""
    return LIST.read(get_account(account_id))


@bp.get("/accounts/owners")
@requires(Right.EDIT)
def owners() -> ResponseReturnValue:
    """List the users whom the field of the owner offers."""
    offered = offered_owners(current_state(current_context()))
    return render_template("accounts/_owner_options.html", owners=offered)


@bp.get("/accounts/allowed-routes")
@requires(Right.EDIT)
def allowed_routes() -> ResponseReturnValue:
    """Tell which routes a level allows, and what differs from the level that the account has."""
    level, saved_level = (parse_id(request.args.get(name, "").strip()) for name in ("level", "was"))
    return str(escape(allowed_routes_message(current_state(current_context()).saved.routes, level, saved_level)))


def _sets_secret(**_arguments: object) -> bool:
    """Return whether the form has a password for the account."""
    return bool(request.form.get("secret"))


@bp.post("/accounts")
@requires(Right.EDIT)
@recent_sign_in_if(_sets_secret)
def create() -> ResponseReturnValue:
    """Save a new account, or several after a preview."""
    form = AddForm(current_state(current_context()), formdata=request.form)
    if form.validate():
        values = form.values
        try:
            if len(form.numbers) > 1:
                return ranges.preview_or_add(form)
            account_id = service.create(current_context(), current_actor(), values)
            if "another" in request.form:
                return listing.added_before_another(account_id, _choices(request.form))
            return listing.saved(account_id, added_message, added=True)
        except Invalid as error:
            form.add_error(error)
            if isinstance(error, NumberTaken) and error.suggestion:  # the message names the number that is taken
                form.number.raw_data, form.number.data = None, error.suggestion
    return LIST.add_refused(form)


@bp.post("/accounts/undo-addition")
@requires(Right.EDIT)
def undo_addition() -> ResponseReturnValue:
    """Delete the accounts that were added together."""
    return ranges.undo(parse_id(request.form.get("undo")) or 0)


@bp.post("/accounts/<int:account_id>")
@requires(Right.EDIT)
@recent_sign_in_if(_sets_secret)
def update(account_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    current = current_state(current_context())
    account = get_account(account_id, current)
    form = AccountForm(current, account, formdata=request.form)
    if form.validate():
        values = form.values
        try:
            version = form.version_or_current(account)
            undoable = service.update(current_context(), current_actor(), account_id, version, values)
            return listing.saved(account_id, saved_message, undo=undoable)
        except StaleEdit as error:
            return LIST.stale(get_account(account_id), form, error)
        except Invalid as error:
            form.add_error(error)
    return LIST.refused(account, form)


@bp.post("/accounts/<int:account_id>/active")
@requires(Right.EDIT)
def active(account_id: int) -> ResponseReturnValue:
    """Switch "Account active"."""
    return _switch(account_id, "active")


@bp.post("/accounts/<int:account_id>/recording")
@requires(Right.EDIT)
def recording(account_id: int) -> ResponseReturnValue:
    """Switch "Call recording"."""
    return _switch(account_id, "recording")


@bp.route("/accounts/<int:account_id>/delete", methods=["GET", "POST"])
@requires(Right.EDIT)
def delete(account_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    account = get_account(account_id)
    if request.method != "POST":
        return render_template("accounts/delete.html", account=account, list_args=query_args(list_query()))
    service.delete(current_context(), current_actor(), account_id)
    deleted = gettext("SIP account %(number)s deleted.", number=account.number)
    return listing.saved(account_id, deleted_message if account.live else deleted)


@bp.post("/accounts/<int:account_id>/undo")
@requires(Right.EDIT)
def restore_deleted(account_id: int) -> ResponseReturnValue:
    """Save a deleted account again that is still live."""
    service.restore_deleted(current_context(), current_actor(), account_id)
    return listing.saved(account_id, gettext("SIP account %(number)s restored.", number=get_account(account_id).number))


@bp.post("/accounts/<int:account_id>/release")
@requires(Right.EDIT)
def release(account_id: int) -> ResponseReturnValue:
    """Take the account from the agent who uses it."""
    released = lease_end.release_by_admin(current_context(), current_actor(), account_id)
    message, account = released_message(released), get_account(account_id)
    if account.deleted or not htmx.is_htmx():
        return listing.saved(account_id, message)
    return listing.details_response(account, released=message, replaced=released.replaced, message=message)


def get_account(account_id: int, current: State | None = None) -> AccountView:
    """Return an account, also a deleted one that is still live. Raises NotFound if there is none."""
    account = (current or current_state(current_context())).account(account_id)
    if account is None:
        raise NotFound(N_("This account no longer exists."))
    return account


def _choices(values: Mapping[str, str]) -> dict[str, str]:
    """Return what stays the same when one account after another is added."""
    return {name: values[name] for name in ("user", "phone", "recording", "level") if name in values}


def _switch(account_id: int, name: str) -> ResponseReturnValue:
    version, value = parse_id(request.values.get("version")), request.values.get("value")
    if value not in ("on", "off") or version is None:
        raise Invalid(N_("Invalid request. Reload the page and try again."))
    try:
        undoable = service.set_flag(
            current_context(), current_actor(), account_id, version, name=name, value=value == "on"
        )
    except StaleEdit as error:
        return LIST.stale_switch(get_account(account_id), error)
    message = partial(switched_message, name=name)
    return listing.saved(account_id, message, focus=f"{name}-{account_id}", undo=undoable)
