"""Deny by default: every view is an administrator's, unless it is marked here, visibly."""

from collections.abc import Callable
from contextlib import suppress

from flask import Blueprint, Flask, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from ..core.errors import Throttled
from ..services import agents
from ..services import login as service
from ..services.site import Actor, Site
from . import htmx
from .forms import LoginForm
from .words import say

pages = Blueprint("auth", __name__)
DESK = "desk"  # in the session: the token of the number that this browser works with
PUBLIC = {"static"}  # files that are the same for everybody
View = Callable[..., ResponseReturnValue]


def public(view: View) -> View:
    """Mark a view that strangers may see."""
    view.access = "public"  # type: ignore[attr-defined]  # read by _guard
    return view


def everybody(view: View) -> View:
    """Mark a view that every logged-in person may see, agents too."""
    view.access = "everybody"  # type: ignore[attr-defined]  # read by _guard
    return view


class _Session(UserMixin):
    """Flask-Login's idea of a user around our actor."""

    def __init__(self, key: str, actor: Actor) -> None:
        self.id, self.actor = key, actor


def init_app(app: Flask) -> None:
    """The guard stands before every request."""
    manager = LoginManager(app)
    manager.session_protection = None  # it would bind sessions to the address and the browser's name

    @manager.user_loader
    def load(key: str) -> _Session | None:
        actor = service.actor(key, request.remote_addr or "")
        return _Session(key, actor) if actor else None

    app.before_request(_guard)


def me() -> Actor:
    """The acting person."""
    actor: Actor = g.actor
    return actor


def site() -> Site:
    """What services work with."""
    found: Site = current_app.extensions["sipweb"]
    return found


def _guard() -> ResponseReturnValue | None:
    g.actor = None
    if request.endpoint is None or request.endpoint in PUBLIC:
        return None
    access = getattr(current_app.view_functions[request.endpoint], "access", "administrator")
    g.actor = current_user.actor if current_user.is_authenticated else None
    if access == "public":
        return None
    if g.actor is None:
        return _to_login()
    if g.actor.must_change and request.endpoint not in ("own.account", "auth.logout", "own.language"):
        return htmx.leave(url_for("own.account")) if htmx.asked() else redirect(url_for("own.account"))
    if access == "administrator" and not g.actor.is_administrator:
        abort(403)
    return None


def _to_login() -> ResponseReturnValue:
    """To the login and back; from inside an edit, back to the open row."""
    account = (request.view_args or {}).get("account_id")
    if account:
        back = f"/accounts?edit={account}#account-{account}"
    else:
        back = htmx.current_path() if htmx.asked() else request.full_path.rstrip("?")
    where = url_for("auth.login", next=back if request.method == "GET" or htmx.asked() else "/")
    if not htmx.asked():
        return redirect(where)
    response = htmx.leave(where)
    response.set_data(render_template("expired.html", where=where))  # for a page that asks by itself (sipweb.js)
    return response


def safe_path(target: str) -> str:
    """A path of this site, or the start: `next` comes from outside."""
    ok = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if ok else "/"


@pages.route("/login", methods=["GET", "POST"])
@public  # a stranger has to come in somewhere
def login() -> ResponseReturnValue:
    """The login form."""
    form = LoginForm()
    status = 200
    if form.validate_on_submit():
        try:
            key = service.authenticate(form.login.data, form.password.data, request.remote_addr or "")
            actor = service.actor(key, "")
            assert actor is not None  # the password was right
            session.clear()
            login_user(_Session(key, actor))
            return redirect(safe_path(request.values.get("next", "/")), 303)
        except (service.WrongPassword, Throttled) as error:
            form.password.errors = [say(error)]
            status = 429 if isinstance(error, Throttled) else 422
    elif request.method == "POST":
        status = 422
    return render_template("login.html", form=form, next=safe_path(request.values.get("next", "/"))), status


@pages.post("/logout")
@everybody  # whoever is in may leave
def logout() -> ResponseReturnValue:
    """End this session."""
    give_back()
    service.logout(me())
    logout_user()
    session.clear()
    flash(gettext("You are logged out."))
    return redirect(url_for("auth.login"), 303)


def give_back() -> None:
    """Give back the number that this browser works with, if it does."""
    with suppress(agents.NoLease):
        agents.logout(site(), session.pop(DESK, ""), request.remote_addr or "")


def renew(key: str) -> None:
    """Go on with a new session key: the password was changed. So does the work with a number."""
    login_user(_Session(key, me()))
    agents.keep(session.get(DESK, ""))
