"""Errors as HTTP responses: a message on a page of its own, in the page's alert for htmx, or as JSON."""

import logging
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, make_response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from ..core.csv_files import TOO_LARGE
from ..core.errors import N_, Forbidden, Invalid, NotFound, OperationRefused, SipwebError, StorageFailed, Throttled
from ..logs import FailureLog
from ..services.errors import (
    DatabaseFailure,
    StaleEdit,
    WrongStatement,
    failure_reason,
    is_programming_error,
    storage_failed,
)
from ..services.startup_checks import schema_problem
from ..services.state import rollback
from . import htmx
from .locale import is_api_request, is_provisioning_request, translate
from .security import max_file_size

logger = logging.getLogger(__name__)
RETRY_AFTER = 10  # seconds after which a program may repeat a request that the database failed
DATABASE_LOG = "database_log"  # our extension of the application
OTHER_SCHEMA = StorageFailed(
    N_("The database has the schema of another version of sipweb. Nothing was saved. /healthz tells what to do.")
)
STATUS = (
    (Throttled, 429),
    (Forbidden, 403),
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
    app.extensions[DATABASE_LOG] = FailureLog(logger, "The database")
    for failure in (*DatabaseFailure, WrongStatement):
        app.register_error_handler(failure, _database_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected_error)


def status_of(error: SipwebError) -> int:
    """Return the HTTP status of one of our errors."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def error_response(message: str, status: int) -> Response:
    """Return a message as a page, as JSON, or for htmx to show in the page's alert."""
    response = _response(message, status)
    if status == 503:
        response.retry_after = RETRY_AFTER
    return response


def log_database_failure(error: Exception) -> None:
    """Log a failure of the database, at most once a minute; roll back."""
    current_app.extensions[DATABASE_LOG].failed(failure_reason(error))
    rollback()


def _response(message: str, status: int) -> Response:
    if is_api_request():
        return make_response({"error": message}, 400 if status == 413 else status)
    if is_provisioning_request():
        return make_response(f"{message}\n", status, {"Content-Type": "text/plain; charset=utf-8"})
    if not htmx.is_htmx():
        may_have_input = status == 503 and request.method == "POST"
        page = render_template(
            "errors/error.html", title=_title(status), message=message, back=_previous_page(),
            may_have_input=may_have_input,
        )  # fmt: skip
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


def _database_error(error: Exception) -> ResponseReturnValue:
    rollback()
    is_wrong_schema = is_programming_error(error)
    if is_wrong_schema and not _has_other_schema():
        return _unexpected_error(error)
    log_database_failure(error)
    return _sipweb_error(OTHER_SCHEMA if is_wrong_schema else storage_failed(error))


def _has_other_schema() -> bool:
    try:
        return schema_problem() is not None
    except DatabaseFailure:
        return False


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return error_response(gettext("This page is out of date. Reload it and try again."), 400)


def _http_error(error: HTTPException) -> ResponseReturnValue:
    messages = {
        403: gettext("Your role doesn't allow you to view this page."),
        404: gettext("There is no page at this address."),
        405: gettext("This action isn't available at this address."),
        413: _too_large_message(),
    }
    code = error.code or 500
    if code < 400:
        return error
    return error_response(messages.get(code, gettext("The request was invalid.")), code)


def _too_large_message() -> str:
    if size := max_file_size():
        return gettext(TOO_LARGE, size=size // 1024 // 1024)
    return gettext("The request is too large.")


def _unexpected_error(error: Exception) -> ResponseReturnValue:
    current_app.logger.error("unexpected %s", type(error).__name__, exc_info=error)
    if current_app.testing:
        raise error
    rollback()
    return error_response(gettext("Server error. The details are in the server log."), 500)
