"""What the log says of each request: its id, its user, its line in the access log, and that it was refused.

See docs/decisions/046-log-lines.md.
"""

import logging
import re
import secrets
import time
from urllib.parse import quote

from flask import Flask, Response, g, request

from .. import logs
from ..config import Settings
from ..logs import RequestInfo

access_logger = logging.getLogger("sipweb.access")
logger = logging.getLogger(__name__)
REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
ADDRESS = re.compile(r"[0-9A-Fa-f:.]{1,45}")
MAX_PATH = 200  # characters of a path that are logged
SLOW = 1.0  # seconds from which a request that is not logged otherwise is
# Files, monitoring, and what open pages, agents and other hosts ask often: logged only if they fail or are slow.
_FREQUENT = re.compile(r"/(static/|healthz|metrics|internal/).*|.*/(updates|status|heartbeat)")
_TOKEN = re.compile(r"(?<=^/provisioning/)[^/]+|(?<=/)[A-Za-z0-9_-]{32,}(?=/|$)")
IS_INTERNAL = "sipweb.is_internal"  # in the WSGI environment of a request that no client has sent; it is not logged
_FORWARDED = {"HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST"}


def init_app(app: Flask, settings: Settings) -> None:
    """Log all requests. Called first, so that each line of a request has what belongs to it."""
    has_proxy, warned = settings.trusted_proxies > 0, False

    @app.before_request
    def begin() -> None:
        nonlocal warned
        given = request.headers.get("X-Request-ID", "") if has_proxy else ""
        address = request.remote_addr or ""
        g.request_info = RequestInfo(
            given if REQUEST_ID.fullmatch(given) else secrets.token_hex(8),
            address if ADDRESS.fullmatch(address) else "?",
            request.method,
            logged_path(request.path),
        )
        g.began = time.perf_counter()
        logs.begin_request(g.request_info)
        if not (has_proxy or warned) and _FORWARDED & request.environ.keys():
            warned = True
            logger.warning(
                "X-Forwarded headers arrive, but SIPWEB_TRUSTED_PROXIES is 0: they are ignored, so that all sign-ins "
                "count for the proxy's address and cookies are not Secure. Set it if sipweb is behind a proxy."
            )

    app.after_request(_log_response)
    app.teardown_request(lambda _error: logs.end_request())


def logged_path(path: str) -> str:
    """Return a path as it is in an address, with tokens masked."""
    return quote(_TOKEN.sub("***", path)[:MAX_PATH], safe="/*:@!$&'()+,;~")


def _log_response(response: Response) -> Response:
    info: RequestInfo | None = g.get("request_info")
    if info is None or request.environ.get(IS_INTERNAL):
        return response
    response.headers["X-Request-ID"] = info.request_id
    seconds, status = time.perf_counter() - g.began, response.status_code
    if status == 403:
        logs.security_event("authz_fail", info.user, info.path)
    if status >= 400 or seconds >= SLOW or not _FREQUENT.fullmatch(request.path):
        access_logger.info("request", extra={"values": {"status": status, "ms": round(seconds * 1000, 1)}})
    return response
