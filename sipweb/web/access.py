"""Who makes a request, and who may use which view: its mark names the right that it needs."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask, current_app, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, UserMixin, current_user

from ..core.rights import Right
from ..services import sessions
from ..services.context import Actor, ServiceContext, utc_now
from ..services.errors import DatabaseFailure
from ..services.sessions import SignedIn
from . import htmx
from .errors import log_database_failure
from .sessions import SessionInterface

END_ANNOUNCED = timedelta(minutes=10)  # before the session's end
LOGOUT = "auth.logout"
PUBLIC = {
    "static",
    "health.healthz",
    "health.live",
    "metrics.metrics",
    "provisioning.file",
    "internal.recordings",
}  # the same for everybody: no user is loaded from the database
View = Callable[..., ResponseReturnValue]


def public(view: View) -> View:
    """Mark a view that is shown without a login."""
    view.access = "public"  # type: ignore[attr-defined]  # read by _guard
    return view


def any_user(view: View) -> View:
    """Mark a view for every user who is logged in, agents too."""
    view.access = "any_user"  # type: ignore[attr-defined]  # read by _guard
    return view


def requires(right: Right) -> Callable[[View], View]:
    """Mark a view for users whose role has this right.

    Without a mark, a view needs VIEW to read and ADMINISTER for everything else.
    """

    def mark(view: View) -> View:
        view.access = right  # type: ignore[attr-defined]  # read by _guard
        return view

    return mark


def background(view: View) -> View:
    """Mark a view that open pages ask by themselves: it does not count as a use of the session."""
    view.is_background = True  # type: ignore[attr-defined]  # read by _record_use
    return view


def recent_sign_in(view: View) -> View:
    """Mark a view that needs the password, entered in this session a short time ago."""
    return recent_sign_in_if(_always)(view)


def recent_sign_in_if(condition: Callable[..., bool]) -> Callable[[View], View]:
    """Mark a view that needs a recent sign-in for some requests only.

    `condition` gets the view's arguments and reads the form.
    """

    def mark(view: View) -> View:
        view.needs_recent_sign_in = condition  # type: ignore[attr-defined]  # read by the module confirmation
        return view

    return mark


def _always(**_arguments: object) -> bool:
    return True


class SessionUser(UserMixin):
    """Flask-Login's user; it holds our actor. The id is the session's identifier, which the cookie has."""

    def __init__(self, token: str, signed_in: SignedIn) -> None:
        self.id, self.signed_in, self.actor = token, signed_in, signed_in.actor


def init_app(app: Flask) -> None:
    """Check the access before every request."""
    app.session_interface = SessionInterface()
    manager = LoginManager()
    manager.init_app(app, add_context_processor=False)  # an error page must not load the user from the database
    manager.session_protection = None  # it would bind sessions to the address and the browser's name

    @manager.user_loader
    def load(token: str) -> SessionUser | None:
        signed_in = sessions.load(current_context(), token, request.remote_addr or "")
        return SessionUser(token, signed_in) if signed_in else None

    app.before_request(_guard)


def current_actor() -> Actor:
    """Return who makes this request."""
    actor: Actor = g.actor
    return actor


def can(right: str) -> bool:
    """Return whether who makes this request has this right: what would be refused is not offered."""
    actor: Actor | None = g.get("actor")
    return actor is not None and actor.can(Right(right))


def current_session() -> SignedIn:
    """Return the session that this request belongs to."""
    signed_in: SignedIn = current_user.signed_in
    return signed_in


def session_ends_at() -> datetime | None:
    """Return when this session ends, if that is soon."""
    ends_at = current_session().ends_at
    return ends_at if ends_at - utc_now() <= END_ANNOUNCED else None


def session_fingerprint() -> str:
    """Return what changes with session and role, and before the end: then an open page renews its banners."""
    facts = session.get("csrf_token", ""), session_ends_at(), current_actor().role
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:8]


def current_context() -> ServiceContext:
    """Return what the services need."""
    context: ServiceContext = current_app.extensions["sipweb"]
    return context


def _guard() -> ResponseReturnValue | None:
    g.actor = None
    if request.endpoint in PUBLIC or not _load_actor():
        return None
    if request.endpoint is None:  # the error page has the user's menu and language
        return None
    access = _needed_access(request.endpoint)
    if access == "public":
        return None
    if g.actor is None:
        return _redirect_to_login()
    _record_use()
    if required_url := _required_page():
        return htmx.redirect_browser(required_url) if htmx.is_htmx() else redirect(required_url)
    if access != "any_user":
        g.actor.require(Right(access))
    return None


def _required_page() -> str:
    """Return the address of what the user must do before anything else: a new password, then a second factor."""
    if request.endpoint in (LOGOUT, "profile.language"):
        return ""
    if g.actor.must_change:
        return "" if request.endpoint == "profile.password" else url_for("profile.password")
    must_set_up = g.actor.must_set_up_second_factor and request.blueprint not in ("second_factor", "confirmation")
    return url_for("second_factor.index") if must_set_up else ""


def _needed_access(endpoint: str) -> str:
    """Return a right, "public" or "any_user"."""
    unmarked = Right.VIEW if request.method in ("GET", "HEAD") else Right.ADMINISTER
    access: str = getattr(current_app.view_functions[endpoint], "access", unmarked)
    return access


def _load_actor() -> bool:
    """Load who makes the request. Return False for a sign-out without the database: it must end the session."""
    try:
        g.actor = current_user.actor if current_user.is_authenticated else None
    except DatabaseFailure as error:
        if request.endpoint != LOGOUT:
            raise
        log_database_failure(error)
        return False
    return True


def _record_use() -> None:
    view = current_app.view_functions[request.endpoint or ""]
    if getattr(view, "is_background", False) or request.endpoint == LOGOUT:
        return
    try:
        sessions.record_use(current_session(), request.remote_addr or "")
    except DatabaseFailure as error:
        if request.method != "GET":  # it would wait for the database as long again
            raise
        log_database_failure(error)  # pages are still shown while nothing can be saved


def _redirect_to_login() -> ResponseReturnValue:
    """Redirect to the login, and from there back to this page; from an edit, back to the open row."""
    account = (request.view_args or {}).get("account_id")
    if account:
        back = f"/accounts?edit={account}#account-{account}"
    else:
        back = htmx.current_path() if htmx.is_htmx() else request.full_path.rstrip("?")
    login_url = url_for("auth.login", next=back if request.method == "GET" or htmx.is_htmx() else "/")
    if not htmx.is_htmx():
        return redirect(login_url)
    # A message instead of the login: what is typed on the page stays.
    response = make_response(render_template("auth/_session_expired.html", login_url=login_url), 401)
    return htmx.retarget(response, "#alert", "innerHTML")
