"""What stands above the pages: acknowledge a warning, dismiss the first steps, and see what others changed."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..core.rights import Right
from ..services import first_steps
from ..services import warnings as service
from ..services.state import current_state
from . import htmx
from .access import background, current_actor, current_context, requires
from .auth import safe_redirect_target
from .banners import banner_fingerprint
from .inline_list import Message

bp = Blueprint("warnings", __name__)


@bp.get("/warnings/updates")
@background
def updates() -> ResponseReturnValue:
    """Send what stands above the page; 204 when the page shows it already."""
    if not htmx.is_htmx():
        return redirect(url_for("accounts.index"))
    state = current_state(current_context())
    if request.args.get("seen") == banner_fingerprint(state):
        return "", 204
    return render_template("components/banners.html", state=state, message=None)


@bp.post("/warnings/acknowledge")
@requires(Right.EDIT)
def acknowledge() -> ResponseReturnValue:
    """Hide a warning on all administrators' pages until its facts change."""
    service.acknowledge(current_context(), current_actor(), request.form.get("warning", ""))
    return _done(gettext("Warning acknowledged. It will appear again if the situation changes."))


@bp.post("/first-steps/dismiss")
@requires(Right.EDIT)
def dismiss_first_steps() -> ResponseReturnValue:
    """Hide the first steps on all administrators' pages."""
    first_steps.dismiss(current_context(), current_actor())
    return _done(gettext("Getting started dismissed."))


def _done(text: str) -> ResponseReturnValue:
    """Return what the page shows now, or to the page."""
    if not htmx.is_htmx():
        flash(text)
        return redirect(safe_redirect_target(request.form.get("next", "/")), 303)
    return render_template("components/banners.html", state=current_state(current_context()), message=Message(text))
