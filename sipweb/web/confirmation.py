"""Views that need a recent sign-in: who entered the password too long ago is asked for it first.

Without JavaScript a page asks, which sends the refused request again, with the password. With htmx the page's alert
asks, and static/confirmation.js sends the request again.
"""

from flask import Blueprint, Flask, current_app, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..core.errors import Invalid, Throttled
from ..services import sessions
from . import htmx
from .access import any_user, current_session
from .auth import confirm_session, safe_redirect_target
from .forms import ConfirmationForm
from .locale import translate

bp = Blueprint("confirmation", __name__)
SECRET_FIELDS = {"old", "new", "again", "password", "secret"}  # put into no page: they must be entered again
_OWN_FIELDS = {"csrf_token", "current_password"}


def init_app(app: Flask) -> None:
    """Check each request. Called after the CSRF check: nobody may be asked to confirm what another site sent."""
    app.before_request(_require_recent_sign_in)


def _require_recent_sign_in() -> ResponseReturnValue | None:
    view = current_app.view_functions.get(request.endpoint or "")
    is_needed = getattr(view, "needs_recent_sign_in", None)
    if is_needed is None or sessions.is_recent(current_session()) or not is_needed(**request.view_args or {}):
        return None
    form = ConfirmationForm()
    if form.current_password.name not in request.form:
        return _question(form, 401)
    return _refusal(form)


@bp.route("/confirm", methods=["GET", "POST"])
@any_user  # everybody has a password
def confirm() -> ResponseReturnValue:
    """Enter the password again."""
    form = ConfirmationForm()
    if request.method != "POST":
        return _question(form, 200)
    if refusal := _refusal(form):
        return refusal
    if htmx.is_htmx():
        return render_template("auth/_confirmed.html")
    return redirect(safe_redirect_target(request.args.get("next", "/")), 303)


def _refusal(form: ConfirmationForm) -> ResponseReturnValue | None:
    """Check the password. Ask again if it is not right."""
    if not form.validate():
        return _question(form, 422)
    field = form.current_password
    try:
        confirm_session(field.data)
    except Invalid as error:
        field.errors = [translate(error)]
        return _question(form, 422)
    except Throttled as error:
        field.errors = [translate(error)]
        return _question(form, 429, retry_after=error.seconds)
    return None


def _question(form: ConfirmationForm, status: int, retry_after: int | None = None) -> ResponseReturnValue:
    """Ask for the password: in the page's alert, or on a page that sends the present request again."""
    if htmx.is_htmx():
        address = url_for("confirmation.confirm", next=htmx.current_path())
        response = make_response(render_template("auth/_confirm.html", form=form, address=address), status)
        htmx.retarget(response, "#alert", "innerHTML")
    else:
        response = make_response(render_template("auth/confirm.html", form=form, **_present_request()), status)
    response.retry_after = retry_after
    return response


def _present_request() -> dict[str, object]:
    """Return the address and the fields of the present request, with names only of fields that hold a secret."""
    address = request.full_path.rstrip("?")
    if request.method != "POST" and request.endpoint != f"{bp.name}.confirm":  # a page, which is shown afterwards
        address = url_for("confirmation.confirm", next=address)
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in _OWN_FIELDS]
    return {
        "address": address,
        "fields": [(name, value) for name, value in fields if name not in SECRET_FIELDS],
        "secrets": [name for name, value in fields if name in SECRET_FIELDS and value],
    }
