"""Everybody's own: password and language."""

from flask import Blueprint, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_login import current_user

from ..core.errors import N_, Invalid, Throttled
from ..services import login as service
from .auth import everybody, me, public, renew, safe_path
from .forms import PasswordForm
from .words import say

pages = Blueprint("own", __name__)


@pages.route("/account", methods=["GET", "POST"])
@everybody  # the own password
def account() -> ResponseReturnValue:
    """Change the own password."""
    form, status = PasswordForm(), 200
    if request.method == "POST":
        status = 422
        if form.validate():
            try:
                renew(service.change_password(me(), form.old.data, form.new.data))
                flash(gettext("Your password was changed."))
                return redirect(url_for("accounts.start"), 303)
            except Throttled as error:
                form.old.errors, status = [say(error)], 429
            except Invalid as error:
                form[error.field or "old"].errors = [say(error)]
    return render_template("account.html", form=form), status


@pages.post("/language")
@public  # the login page has the switch too
def language() -> ResponseReturnValue:
    """Switch between Polish and English."""
    wanted = request.form.get("language", "")
    if wanted not in ("pl", "en"):
        raise Invalid(N_("Choose Polish or English."), "language")
    session["language"] = wanted
    if current_user.is_authenticated:
        g.actor = current_user.actor
        service.set_language(me(), wanted)
    return redirect(safe_path(request.form.get("next", "/")), 303)
