"""The list of users."""

from collections.abc import Sequence

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core import user_file
from ...core.errors import N_, Invalid, NotFound
from ...core.rights import Right, right_to_edit_user
from ...services import second_factor
from ...services import users as service
from ...services.assignment import preview_assignment
from ...services.errors import StaleEdit
from ...services.expected_numbers import pool_shortage
from ...services.lease_end import ReleasedNumber
from ...services.state import current_state
from ...services.user_list import UserView, list_users
from ...services.users import AddedUser
from .. import htmx
from ..access import current_actor, current_context, recent_sign_in, recent_sign_in_if, requires
from ..compression import do_not_compress
from ..csv_response import csv_response
from ..forms import parse_id
from ..labels import phone_name
from ..list_query import read_query
from ..locale import language
from ..messages import released_message
from ..undo import read
from .forms import UserForm
from .listing import LIST, ListQuery, UserList, may_edit
from .sign_in_details import sign_in_details

bp = Blueprint("users", __name__)


@bp.get("/users")
def index() -> ResponseReturnValue:
    """The whole list, with the forms that the address opens and the role allows."""
    forms = {}
    if (user_id := parse_id(request.args.get("edit"))) and may_edit(user := _user(user_id)):
        forms[user_id] = UserForm(user)
    adds = "add" in request.args and current_actor().can(Right.EDIT)
    return LIST.page(forms=forms, add_form=_add_form() if adds else None, status=UserList().search.status)


@bp.get("/users/export")
def export() -> ResponseReturnValue:
    """Send the rows that the address shows as CSV."""
    users = UserList(read_query(ListQuery, "users.export")).rows
    return csv_response("users", user_file.export_rows(users, language(), phone_name("builtin")))


@bp.get("/users/new")
@requires(Right.EDIT)
def new() -> ResponseReturnValue:
    """The add form."""
    return LIST.add_form(_add_form())


@bp.get("/users/new/cancel")
@requires(Right.EDIT)
def cancel_new() -> ResponseReturnValue:
    """The empty place of the add form."""
    return LIST.add_form(None)


@bp.get("/users/<int:user_id>/edit")
@requires(Right.EDIT)
def edit(user_id: int) -> ResponseReturnValue:
    """One row as its form."""
    user = _user_to_edit(user_id)
    return LIST.form(user, UserForm(user))


@bp.get("/users/<int:user_id>/row")
def show_row(user_id: int) -> ResponseReturnValue:
    """One row as it is read."""
    return LIST.read(_user(user_id))


@bp.post("/users")
@requires(Right.EDIT)
@recent_sign_in
@do_not_compress
def create() -> ResponseReturnValue:
    """Save a new user, with a SIP account if the form asks for one, and show the sign-in details once."""
    form = UserForm(formdata=request.form)
    if form.validate():
        try:
            added = service.add_user(current_context(), current_actor(), form.values, account=form.account.data)
            return _added_response(added)
        except Invalid as error:
            form.add_error(error)
    return LIST.add_refused(form)


def _changes_access(user_id: int) -> bool:
    """Return whether the form changes what the user may do, or what the user signs in with."""
    user = _user(user_id)
    values = UserForm(user, formdata=request.form).values
    return bool(values.password) or (values.role, values.active) != (user.role, user.active)


def _restores_access() -> bool:
    """Return whether undoing does."""
    [edit] = read(request.form.get("undo", ""), bp.name)
    return not edit.values.keys().isdisjoint({"role", "active"})


@bp.post("/users/<int:user_id>")
@requires(Right.EDIT)
@recent_sign_in_if(_changes_access)
def update(user_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    user = _user_to_edit(user_id)
    form = UserForm(user, formdata=request.form)
    if form.validate():
        try:
            saved = service.update_user(
                current_context(), current_actor(), user_id, form.version_or_current(user), form.values
            )
            message = _saved_message(form.values.name, saved.released, must_change=bool(form.values.password))
            return LIST.saved(_user(user_id), message, undo=saved.undoable)
        except StaleEdit as error:
            return LIST.stale(_user(user_id), form, error)
        except Invalid as error:
            form.add_error(error)
    return LIST.refused(user, form)


@bp.post("/users/undo")
@requires(Right.EDIT)
@recent_sign_in_if(_restores_access)
def undo() -> ResponseReturnValue:
    """Restore the values that an edit replaced, unless somebody changed the user since."""
    [edit] = read(request.form.get("undo", ""), bp.name)
    try:
        saved = service.undo(current_context(), current_actor(), edit)
    except StaleEdit as error:
        return LIST.stale_switch(_user(edit.id), error)
    user = _user(edit.id)
    undone = gettext("Change of %(name)s undone.", name=user.name)
    return LIST.saved(user, " ".join([undone, *map(released_message, saved.released)]))


@bp.route("/users/<int:user_id>/second-factor", methods=["GET", "POST"])
@requires(Right.ADMINISTER)
@recent_sign_in
def reset_second_factor(user_id: int) -> ResponseReturnValue:
    """Ask whether to remove the second factor of a user who has lost it, or remove it."""
    user = _user(user_id)
    if request.method == "GET":
        return render_template("users/second_factor.html", user=user)
    name = second_factor.reset(current_actor(), user_id)
    flash(gettext("%(name)s no longer has a second factor and was signed out everywhere.", name=name))
    return redirect(url_for(".index", _anchor=f"user-{user_id}"), 303)


@bp.get("/users/<int:user_id>/assignment")
def assignment(user_id: int) -> ResponseReturnValue:
    """Show which number this user would get now, with the number that they ask for or with none. Nothing is taken."""
    number = request.args.get("number", "").strip()
    template = "users/_assignment_preview.html" if htmx.is_htmx() else "users/assignment.html"
    preview = preview_assignment(current_context(), user_id, number)
    return render_template(template, user_id=user_id, number=number, preview=preview)


def _added_response(added: AddedUser) -> ResponseReturnValue:
    """Return the new row and the sign-in details; without htmx a page, because a redirect could not carry a secret."""
    user = _user(added.id)
    message, details = _added_message(user.name, added.number), sign_in_details(user, added.password)
    if not htmx.is_htmx():
        return render_template("users/added.html", message=message, details=details)
    return LIST.saved(user, message, added=True, focus="copy-sign-in-details", details=details)


def _added_message(name: str, number: int | None) -> str:
    """Return the message after an add: the account that was created, and the warning when the pool is too small."""
    messages = [gettext("%(name)s added.", name=name)]
    if number:
        messages.append(gettext("SIP account %(number)s added.", number=number))
    if missing := pool_shortage(current_state(current_context())):
        messages.append(
            gettext("Not enough automatic accounts: %(count)s more needed if all agents work at once.", count=missing)
        )
    return " ".join(messages)


def _saved_message(name: str, released: Sequence[ReleasedNumber], *, must_change: bool) -> str:
    messages = [gettext("%(name)s saved.", name=name), *map(released_message, released)]
    if must_change:
        messages.append(gettext("The new password must be changed at the next sign-in."))
    return " ".join(messages)


def _user(user_id: int) -> UserView:
    user = next((user for user in list_users(current_context()) if user.id == user_id), None)
    if user is None:
        raise NotFound(N_("This user no longer exists."))
    return user


def _user_to_edit(user_id: int) -> UserView:
    """Return a user. Raises Forbidden where only others may change this one."""
    user = _user(user_id)
    current_actor().require(right_to_edit_user(user.role))
    return user


def _add_form() -> UserForm:
    """Return an empty form, which asks for an account where the pool would be too small for one agent more."""
    form = UserForm()
    form.account.data = pool_shortage(current_state(current_context()), more=1) > 0
    return form
