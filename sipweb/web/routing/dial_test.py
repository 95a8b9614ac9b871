"""The dial test below the list of routes."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ...core.errors import Invalid
from ...services import dial_test as service
from .. import htmx
from ..access import current_context
from ..locale import translate

bp = Blueprint("dial_test", __name__)


@bp.get("/routes/dial-test")
def index() -> ResponseReturnValue:
    """Show the result of "May this account dial?"."""
    if not htmx.is_htmx():
        submitted = _submitted()
        address = url_for("routes.index", account=submitted["account"], number=submitted["number"], _anchor="dial-test")
        return redirect(address)
    return render_template("routes/_dial_test.html", **context())


def context() -> dict[str, object]:
    """Return what was submitted and the result or the error: /routes?account=205&number=0048221234560."""
    submitted = _submitted()
    result, error_message = None, ""
    if any(submitted.values()):
        try:
            result = service.test_dial(current_context(), **submitted)
        except Invalid as error:
            error_message = translate(error)
    return {"submitted": submitted, "result": result, "error_message": error_message}


def _submitted() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("account", "number")}
