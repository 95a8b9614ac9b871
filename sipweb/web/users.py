"""Administration → Users, in the manner of the accounts."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from jinja2_fragments.flask import render_blocks

from ..core.errors import N_, Invalid, NotFound
from ..services import users as service
from ..services.login import session_key
from ..services.state import state
from ..services.users import StaleUser, UserView
from . import htmx
from .auth import me, renew, site
from .forms import UserForm, whole
from .words import free_again, say

pages = Blueprint("users", __name__)
PAGE = "users.html"


@pages.get("/users")
def page() -> ResponseReturnValue:
    """The whole list."""
    forms = {}
    if wanted := whole(request.args.get("edit")):
        user = _user(wanted)
        forms[user.id] = UserForm(user, formdata=None)
    return _page(forms=forms, adding=_add_form() if "add" in request.args else None)


@pages.get("/users/new")
def new() -> ResponseReturnValue:
    """The add form."""
    return _blocks(["add"], adding=_add_form()) if htmx.asked() else redirect(url_for(".page", add=1))


@pages.get("/users/new/close")
def close() -> ResponseReturnValue:
    """The place of the add form, empty."""
    return _blocks(["add"]) if htmx.asked() else redirect(url_for(".page"))


@pages.get("/users/<int:user_id>/edit")
def edit(user_id: int) -> ResponseReturnValue:
    """One row as its form."""
    if not htmx.asked():
        return redirect(url_for(".page", edit=user_id, _anchor=f"user-{user_id}"))
    user = _user(user_id)
    return _blocks(["rows"], users=[user], forms={user_id: UserForm(user, formdata=None)})


@pages.get("/users/<int:user_id>/row")
def row(user_id: int) -> ResponseReturnValue:
    """One row as it is read."""
    if not htmx.asked():
        return redirect(url_for(".page", _anchor=f"user-{user_id}"))
    return _blocks(["rows"], users=[_user(user_id)], focus=True)


@pages.post("/users")
def add() -> ResponseReturnValue:
    """Save a new user, and an account for them when asked for."""
    form = UserForm(formdata=request.form)
    if form.validate():
        try:
            user_id, number = service.add_user(site(), me(), form.draft, account=form.account.data)
            return _saved(user_id, _welcome(form.draft.name, number), ["add", "rows", "said"], "#add")
        except Invalid as error:
            form.refuse(error)
    return _blocks(["add"], status=422, adding=form) if htmx.asked() else _page(adding=form, status=422)


@pages.post("/users/<int:user_id>")
def save(user_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    user = _user(user_id)
    form = UserForm(user, formdata=request.form)
    stale = ""
    if form.validate():
        try:
            version = int(form.version.data or user.version)
            freed = service.change_user(site(), me(), user_id, version, form.draft)
            if user_id == me().id and form.draft.password:
                renew(session_key(user_id))
            sentences = [gettext("%(name)s was saved.", name=form.draft.name), *map(free_again, freed)]
            return _saved(user_id, " ".join(sentences), ["rows", "said"], f"#user-{user_id}")
        except StaleUser as error:
            form.version.raw_data, form.version.data = None, str(error.theirs.version)
            stale = say(error)
        except Invalid as error:
            form.refuse(error)
    status = 409 if stale else 422
    found: dict[str, Any] = {"forms": {user_id: form}, "stale": {user_id} if stale else set(), "sentence": stale}
    if not htmx.asked():
        return _page(status=status, **found)
    return htmx.into(_blocks(["rows", "said"], status=status, users=[user], **found), f"#user-{user_id}", "outerHTML")


def _welcome(name: str, number: int | None) -> str:
    """The sentence after an add: the account that was made, and the warning when accounts do not suffice."""
    sentences = [gettext("%(name)s was added.", name=name)]
    if number:
        sentences.append(gettext("SIP account %(number)s was added.", number=number))
    if short := service.shortage(state(site())):
        sentences.append(gettext("Automatic accounts do not suffice: %(count)s more would be needed.", count=short))
    return " ".join(sentences)


def _saved(user_id: int, sentence: str, blocks: list[str], target: str) -> ResponseReturnValue:
    if not htmx.asked():
        flash(sentence)
        return redirect(url_for(".page", _anchor=f"user-{user_id}"), 303)
    response = _blocks(blocks, users=[_user(user_id)], focus=True, sentence=sentence, changed=True)
    return htmx.into(response, target, "outerHTML")


def _user(user_id: int) -> UserView:
    user = next((user for user in service.listed(site()) if user.id == user_id), None)
    if user is None:
        raise NotFound(N_("This user does not exist any more."))
    return user


def _add_form() -> UserForm:
    """An empty one, which asks for an account where accounts would not suffice with one agent more."""
    form = UserForm(formdata=None)
    form.active.data = True
    form.account.data = service.shortage(state(site()), more=1) > 0
    return form


def _context(**given: object) -> dict[str, object]:
    empty: dict[str, object] = {
        "users": [],
        "forms": {},
        "stale": set(),
        "adding": None,
        "focus": False,
        "sentence": "",
        "changed": False,
    }
    current = state(site())
    return {**empty, "pending": lambda: current, "short": partial(service.shortage, current), **given}


def _blocks(names: list[str], *, status: int = 200, **given: object) -> Response:
    return make_response(render_blocks(PAGE, names, **_context(**given)), status)


def _page(*, status: int = 200, sentence: str = "", **given: object) -> ResponseReturnValue:
    if sentence:
        flash(sentence)
    return render_template(PAGE, **_context(users=service.listed(site()), **given)), status
