"""Remove a PBX host that was switched off for good."""

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..core.errors import NotFound, OperationRefused
from ..core.rights import Right
from ..services import hosts as service
from .access import current_actor, current_context, requires
from .errors import status_of
from .locale import translate

bp = Blueprint("hosts", __name__)


@bp.get("/generation/hosts/<name>/remove")
@requires(Right.GENERATE)
def question(name: str) -> ResponseReturnValue:
    """Ask whether to remove the host."""
    return _question(name)


@bp.post("/generation/hosts/<name>/remove")
@requires(Right.GENERATE)
def remove(name: str) -> ResponseReturnValue:
    """Remove the host; the others forget it with the next generation."""
    try:
        service.remove(current_context(), current_actor(), name)
    except NotFound:
        abort(404)
    except OperationRefused as error:
        return _question(name, translate(error), status_of(error))
    flash(gettext("PBX host %(name)s removed. Generate the configuration so that the others forget it.", name=name))
    return redirect(url_for("generations.index"), 303)


def _question(name: str, problem: str = "", status: int = 200) -> ResponseReturnValue:
    host = next((host for host in service.all_hosts() if host.name == name), None)
    if host is None:
        abort(404)
    return render_template("generations/remove_host.html", host=host, problem=problem), status
