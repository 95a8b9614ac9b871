"""Signing in and out, and the web session that begins and ends with it."""

from contextlib import suppress
from dataclasses import astuple

from flask import (
    Blueprint,
    Response,
    after_this_request,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user, login_user, logout_user

from ..core.errors import N_, Throttled
from ..services import authentication as service
from ..services import leases, sessions
from ..services.errors import DatabaseFailure
from ..services.pending_sign_in import SecondFactorRequired
from .access import SessionUser, any_user, current_actor, current_context, current_session, public
from .devices import known_devices, remember_device
from .errors import log_database_failure
from .forms import LoginForm
from .locale import translate

bp = Blueprint("auth", __name__)
# The session's key for the token of the number that this browser works with.
LEASE_TOKEN = "lease_token"  # noqa: S105
PENDING_SIGN_IN = "pending_sign_in"  # the session's key for a services.pending_sign_in.PendingSignIn


def safe_redirect_target(target: str) -> str:
    """Return a path of this site, or "/": `next` may come from another site."""
    is_safe = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if is_safe else "/"


@bp.route("/login", methods=["GET", "POST"])
@public  # nobody is logged in here
def login() -> ResponseReturnValue:
    """Show the login form, or log in."""
    form, target = LoginForm(), safe_redirect_target(request.values.get("next", "/"))
    status, headers = 422 if request.method == "POST" else 200, {}
    if form.validate_on_submit():
        try:
            authenticated = service.authenticate(
                form.login.data, form.password.data, request.remote_addr or "", known_devices()
            )  # fmt: skip
            return complete_sign_in(authenticated, target)
        except SecondFactorRequired as error:
            session[PENDING_SIGN_IN] = astuple(error.pending)
            return redirect(url_for("second_factor.sign_in", next=target), 303)
        except service.WrongPassword as error:
            form.password.errors = [translate(error)]
        except Throttled as error:
            form.password.errors, status = [translate(error)], 429
            headers["Retry-After"] = str(error.seconds)
    return render_template("auth/login.html", form=form, next=target), status, headers


@bp.post("/logout")
@any_user  # every session can be ended
def logout() -> ResponseReturnValue:
    """Release the number and end this session."""
    token, actor, signed_in = session.get(LEASE_TOKEN, ""), g.actor, current_session() if g.actor else None
    session.clear()  # first: it needs no database
    try:
        if actor and signed_in:
            logout_user()
            sessions.end(signed_in.session_id)
            _release(token)
            service.record_logout(actor)
    except DatabaseFailure as error:  # full, locked or away: the lease ends without heartbeats
        log_database_failure(error)
    return signed_out(gettext("You've been signed out."))


def signed_out(message: str) -> Response:
    """Return to the login with a message, and have the browser delete what pages stored in it: the list of calls."""
    flash(message)
    response = make_response(redirect(url_for("auth.login"), 303))
    response.headers["Clear-Site-Data"] = '"storage"'
    return response


def complete_sign_in(authenticated: service.Authenticated, target: str) -> Response:
    """Begin the session of a user who has given everything that a sign-in needs, and redirect to the target.

    Raises:
        WrongPassword: the user has been changed meanwhile.
    """
    _start_session(authenticated)
    response = make_response(redirect(target, 303))
    remember_device(response, authenticated.user_id, authenticated.epoch)
    return response


def _start_session(authenticated: service.Authenticated) -> None:
    address = request.remote_addr or ""
    token = sessions.start(
        authenticated.user_id, address, request.user_agent.string, epoch=authenticated.epoch
    )  # fmt: skip
    signed_in = sessions.load(current_context(), token, address)
    if signed_in is None:  # the password was replaced, or the user deactivated, while it was checked
        raise service.WrongPassword(N_("Incorrect login or password."))
    if current_user.is_authenticated:  # nobody can sign out of the earlier session any more
        sessions.end(current_session().session_id)
    session.clear()
    login_user(SessionUser(token, signed_in))
    if signed_in.actor.language:
        session["language"] = signed_in.actor.language  # for pages that can't ask the database


def release_number() -> None:
    """Release the number that this browser works with, if there is one."""
    _release(session.pop(LEASE_TOKEN, ""))


def _release(token: str) -> None:
    with suppress(leases.LeaseExpired):
        leases.release(current_context(), token, request.remote_addr or "")


def keep_session(*, is_confirmed: bool = True) -> None:
    """Keep this session, the lease of its number, and the browser known, after a change that has ended all others.

    `is_confirmed`: the user has entered the password for it.
    """
    signed_in = current_session()
    login_user(SessionUser(sessions.renew(signed_in.session_id, is_confirmed=is_confirmed), signed_in))
    leases.renew_epoch(session.get(LEASE_TOKEN, ""))

    @after_this_request
    def keep_device(response: Response) -> Response:
        remember_device(response, signed_in.actor.id or 0, signed_in.epoch + 1)
        return response


def confirm_session(password: str) -> None:
    """Check the user's password again and keep this session, with another identifier. Raises Throttled or Invalid."""
    signed_in = current_session()
    token = service.confirm_password(current_actor(), signed_in.session_id, password)
    login_user(SessionUser(token, signed_in))
