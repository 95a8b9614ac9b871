"""Errors as HTTP responses: a message on a page of its own, in the page's alert for htmx, or as JSON."""

from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..core.errors import Invalid, NotFound, OperationRefused, SipwebError, StorageFailed, Throttled
from ..services.errors import DatabaseFailure, StaleEdit, is_programming_error, storage_failed
from ..services.state import rollback
from . import htmx
from .locale import is_api_request, translate

STATUS = (
    (Throttled, 429),
    (NotFound, 404),
    (StaleEdit, 409),
    (Invalid, 422),
    (OperationRefused, 409),
    (StorageFailed, 503),
    (SipwebError, 400),
)


def init_app(app: Flask) -> None:
    """Handle all errors."""
    app.register_error_handler(SipwebError, _sipweb_error)
    app.register_error_handler(DatabaseFailure, _database_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def status_of(error: SipwebError) -> int:
    """Return the HTTP status of one of our errors."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def error_response(message: str, status: int) -> Response:
    """Return a message as a page, as JSON, or for htmx to show in the page's alert."""
    if is_api_request():
        return make_response({"error": message}, 400 if status == 413 else status)
    if not htmx.is_htmx():
        page = render_template("errors/error.html", title=_title(status), message=message, back=_previous_page())
        return make_response(page, status)
    fragment = make_response(render_template("components/alert.html", message=message), status)
    return htmx.retarget(fragment, "#alert", "innerHTML")


def _title(status: int) -> str:
    """Return the heading of an error page."""
    if status >= 500:
        return gettext("Something went wrong")
    titles = {403: gettext("Access denied"), 404: gettext("Page not found")}
    return titles.get(status, gettext("Request failed"))


def _previous_page() -> str:
    """Return the address of our page that led here, or ""."""
    try:
        previous = urlsplit(request.referrer or "")
    except ValueError:
        return ""
    address = f"{previous.path}?{previous.query}".rstrip("?")
    is_this_page = request.method == "GET" and address == request.full_path.rstrip("?")
    is_ours = previous.netloc == request.host and previous.path.startswith("/") and not previous.path.startswith("//")
    return address if is_ours and not is_this_page and previous.path != "/login" else ""


def _sipweb_error(error: SipwebError) -> ResponseReturnValue:
    return error_response(translate(error), status_of(error))


def _database_error(error: DatabaseFailure) -> ResponseReturnValue:
    if is_programming_error(error):
        return _unexpected_error(error)
    rollback()
    return _sipweb_error(storage_failed(error))


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return error_response(gettext("This page is out of date. Reload it and try again."), 400)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    messages = {
        403: gettext("You need administrator rights to view this page."),
        404: gettext("There is no page at this address."),
        405: gettext("This action isn't available at this address."),
        413: gettext("The request is too large."),
    }
    code = error.code or 500
    if code < 400:
        return error
    return error_response(messages.get(code, gettext("The request was invalid.")), code)


def _unexpected_error(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("unexpected %s", type(error).__name__, exc_info=error)
    if current_app.testing:
        raise error
    rollback()
    return error_response(gettext("Server error. The details are in the server log."), 500)
