"""Errors to HTTP, once: a sentence on a page, or, for htmx, in the announcement area."""

from flask import Flask, Response, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..core.errors import Invalid, NotFound, Refused, SipwebError, Throttled
from ..services.accounts import StaleEdit
from ..services.state import let_go
from . import htmx
from .words import for_programs, say

STATUS = ((Throttled, 429), (NotFound, 404), (StaleEdit, 409), (Invalid, 422), (Refused, 409), (SipwebError, 400))


def init_app(app: Flask) -> None:
    """All errors end here."""
    app.register_error_handler(SipwebError, _ours)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)


def status_of(error: SipwebError) -> int:
    """The HTTP status of one of our errors."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def answer(sentence: str, status: int) -> Response:
    """The sentence where it is seen: a page, the announcement area of the page that htmx stands on, or JSON."""
    if for_programs():
        return make_response({"error": sentence}, 400 if status == 413 else status)
    if not htmx.asked():
        return make_response(render_template("error.html", sentence=sentence, status=status), status)
    fragment = make_response(render_template("alert.html", sentence=sentence), status)
    return htmx.into(fragment, "#alert", "innerHTML")


def _ours(error: SipwebError) -> ResponseReturnValue:
    return answer(say(error), status_of(error))


def _csrf(_error: CSRFError) -> ResponseReturnValue:
    return answer(gettext("This page was too old. Reload it and try again."), 400)


def _http(error: HTTPException) -> ResponseReturnValue:
    sentences = {
        403: gettext("This page is for administrators."),
        404: gettext("There is no such page."),
        405: gettext("This address is not used that way."),
        413: gettext("That was too much at once."),
    }
    code = error.code or 500
    if code < 400:
        return error
    return answer(sentences.get(code, gettext("The server could not understand this.")), code)


def _unexpected(error: Exception) -> ResponseReturnValue:
    from flask import current_app

    current_app.logger.error("unexpected %s", type(error).__name__, exc_info=error)
    if current_app.testing:
        raise error
    let_go()
    return answer(gettext("Something went wrong on the server. It has been written to its log."), 500)
