"""Who may dial what, asked beside the rules and beside an account's level, before anything is saved or dialled."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import escape

from ..core.errors import Invalid
from ..services import dialling as service
from ..services.state import state
from . import htmx
from .auth import site
from .forms import whole
from .words import opens, say

pages = Blueprint("dialling", __name__)


@pages.get("/routes/may-dial")
def may_dial() -> ResponseReturnValue:
    """The answer to "May this account dial?"."""
    if not htmx.asked():
        asked = _asked()
        place = url_for(
            "ways.page", kind="routes", account=asked["account"], number=asked["number"], _anchor="may-dial"
        )
        return redirect(place)
    return render_template("may_dial.html", **question())


@pages.get("/accounts/opens")
def opened() -> ResponseReturnValue:
    """Which rules a level opens, and what the change adds or takes away."""
    asked = (whole(request.args.get(name, "").strip()) for name in ("level", "was"))
    return str(escape(opens(state(site()).saved.rules, *asked)))


def question() -> dict[str, object]:
    """What was asked, and the answer or why there is none: /routes?account=205&number=0048221234560."""
    asked = _asked()
    if not any(asked.values()):
        return {"asked": asked, "answer": None, "wrong": ""}
    try:
        return {"asked": asked, "answer": service.may_dial(site(), **asked), "wrong": ""}
    except Invalid as error:
        return {"asked": asked, "answer": None, "wrong": say(error)}


def _asked() -> dict[str, str]:
    return {name: request.args.get(name, "").strip() for name in ("account", "number")}
