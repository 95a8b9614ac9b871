"""The user's own profile: password and language."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from ..core.errors import N_, Invalid, Throttled
from ..services import authentication as service
from ..version import VERSION
from .auth import any_user, current_actor, public, refresh_session, safe_redirect_target
from .forms import PasswordForm
from .locale import translate

bp = Blueprint("profile", __name__)


@bp.route("/account", methods=["GET", "POST"])
@any_user  # everybody has a password
def password() -> ResponseReturnValue:
    """Change the user's own password."""
    form = PasswordForm()
    if request.method != "POST":
        return render_template("profile/password.html", form=form, version=VERSION)
    status = 422
    if form.validate():
        try:
            refresh_session(service.change_password(current_actor(), form.old.data, form.new.data))
            flash(gettext("Password changed."))
            return redirect(url_for("accounts.home"), 303)
        except Throttled as error:
            form.old.errors, status = [translate(error)], 429
        except Invalid as error:
            form[error.field or "old"].errors = [translate(error)]
    return render_template("profile/password.html", form=form, version=VERSION), status


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
