"""The security headers of all responses, and the check of what requests contain."""

import hashlib
from collections.abc import Callable, Iterable

from flask import Flask, Response, abort, current_app, g, request, session
from flask.typing import ResponseReturnValue
from itsdangerous import Signer
from werkzeug.exceptions import BadHost
from werkzeug.routing import IntegerConverter, Map

from .assets import asset_url
from .locale import is_api_request

CONTENT_SECURITY_POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'; connect-src 'self' "
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",  # a page that opens ours gets no hold of its window
    "Cross-Origin-Resource-Policy": "same-origin",  # no other site embeds our pages, sounds and files
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


UPLOAD_OVERHEAD = 1024 * 1024  # what a request may have besides the file
View = Callable[..., ResponseReturnValue]


class DatabaseIdConverter(IntegerConverter):
    """A number in an address that a database column can hold; others are not found."""

    def __init__(self, urls: Map) -> None:
        super().__init__(urls, max=2**31 - 1)


def init_app(app: Flask) -> None:
    """Check all requests and add the headers to all responses."""
    app.url_map.converters["int"] = DatabaseIdConverter
    Signer.default_digest_method = staticmethod(hashlib.sha256)  # of all signatures; the library's default is SHA-1
    app.before_request(_reject_bad_host)
    app.before_request(_allow_upload)  # before the next one, which reads the form
    app.before_request(_reject_nul_bytes)
    app.after_request(_add_headers)


def accepts_file(size: int) -> Callable[[View], View]:
    """Mark a view to which signed-in users may send a file of up to so many bytes."""

    def mark(view: View) -> View:
        view.file_size = size  # type: ignore[attr-defined]  # read by max_file_size
        return view

    return mark


def max_file_size() -> int:
    """Return how large a file the requested view accepts; 0 if it accepts none."""
    view = current_app.view_functions.get(request.endpoint or "")
    size: int = getattr(view, "file_size", 0)
    return size


def allow_connections(addresses: Iterable[str]) -> None:
    """Let the scripts of this page connect to these addresses as well."""
    g.connect_source = " ".join(addresses)


def _reject_bad_host() -> Response | None:
    """Refuse a Host header such as `a..b`: no address can be made with it, not even those of an error page."""
    if isinstance(request.routing_exception, BadHost):
        return Response("The header Host is invalid.\n", 400, mimetype="text/plain")
    return None


def _allow_upload() -> None:
    if "_user_id" in session and (size := max_file_size()):  # the key of Flask-Login; the session is signed
        request.max_content_length = size + UPLOAD_OVERHEAD


def _reject_nul_bytes() -> None:
    """HTML cannot show them and PostgreSQL cannot store them. The JSON interface reads and checks its own bodies."""
    values = request.args if is_api_request() else request.values
    if any("\0" in text for _name, texts in values.lists() for text in texts):
        abort(400)


def _add_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.is_secure:  # through a proxy that speaks TLS
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY + g.get("connect_source", "")
    if request.endpoint == "static" and response.status_code in (200, 304):
        has_hash = request.full_path.rstrip("?") == asset_url((request.view_args or {})["filename"])
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if has_hash else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.vary.update(("HX-Request", "Cookie"))
    return response
