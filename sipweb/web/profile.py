"""The user's own profile: password and language."""

from flask import Blueprint, flash, g, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from ..core.errors import N_, Invalid, Throttled
from ..core.rights import Right
from ..services import authentication as service
from ..services import sessions as session_service
from ..services import sign_out
from ..version import VERSION
from .access import any_user, current_actor, current_context, current_session, public, requires
from .auth import LEASE_TOKEN, keep_session, safe_redirect_target, signed_out
from .forms import PasswordForm
from .locale import translate
from .shortcuts import switch_shortcuts

bp = Blueprint("profile", __name__)


@bp.route("/account", methods=["GET", "POST"])
@any_user  # everybody has a password
def password() -> ResponseReturnValue:
    """Change the user's own password."""
    form = PasswordForm()
    if request.method != "POST":
        return render_template("profile/password.html", form=form, version=VERSION)
    status, headers = 422, {}
    if form.validate():
        try:
            service.change_password(current_actor(), form.old.data, form.new.data)
            keep_session()
            flash(gettext("Password changed."))
            return redirect(url_for("accounts.home"), 303)
        except Throttled as error:
            form.old.errors, status = [translate(error)], 429
            headers["Retry-After"] = str(error.seconds)
        except Invalid as error:
            form[error.field or "old"].errors = [translate(error)]
    return render_template("profile/password.html", form=form, version=VERSION), status, headers


@bp.post("/account/shortcuts")
@requires(Right.VIEW)  # the lists have the keys
def shortcuts() -> ResponseReturnValue:
    """Switch the keyboard shortcuts on or off in this browser."""
    value = request.form.get("value")
    if value not in ("on", "off"):
        raise Invalid(N_("Invalid request. Reload the page and try again."))
    flash(gettext("Keyboard shortcuts on.") if value == "on" else gettext("Keyboard shortcuts off."))
    response = make_response(redirect(url_for(".password"), 303))
    switch_shortcuts(response, on=value == "on")
    return response


@bp.get("/sessions")
@any_user  # everybody has sessions
def sessions() -> ResponseReturnValue:
    """List the browsers in which the user is signed in."""
    context = current_context()
    return render_template(
        "profile/sessions.html", sessions=session_service.list_sessions(context, current_actor().id or 0),
        own_id=current_session().session_id, limits=context.session_limits,
    )  # fmt: skip


@bp.post("/sessions/<int:session_id>/end")
@any_user  # a session of the user's own
def end_session(session_id: int) -> ResponseReturnValue:
    """End another session of the user."""
    token = session.get(LEASE_TOKEN, "")
    messages = [gettext("The browser has been signed out.")]
    if sign_out.end_own(current_context(), current_actor(), session_id, token):
        messages.append(gettext("Your number has been released."))
    flash(" ".join(messages))
    return redirect(url_for(".sessions"), 303)


@bp.post("/sessions/end")
@any_user  # the user's own sessions
def end_all_sessions() -> ResponseReturnValue:
    """Sign the user out everywhere."""
    sign_out.end_all_own(current_context(), current_actor())
    session.clear()
    return signed_out(gettext("You've been signed out everywhere."))


@bp.post("/language")
@public  # the login page has the switch too
def language() -> ResponseReturnValue:
    """Switch between Polish and English."""
    code = request.form.get("language", "")
    if code not in ("pl", "en"):
        raise Invalid(N_("Select Polish or English."), "language")
    session["language"] = code
    if current_user.is_authenticated:
        g.actor = current_user.actor
        service.set_language(current_actor(), code)
    return redirect(safe_redirect_target(request.form.get("next", "/")), 303)
