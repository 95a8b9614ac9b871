"""Figures for Prometheus: with a token, or on this machine only."""

import hmac
from ipaddress import ip_address

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from .access import current_context, public
from .settings import current_settings

bp = Blueprint("metrics", __name__)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")  # a proxy on this machine passes other machines' requests on


@bp.get("/metrics")
@public  # a program comes with the token
def metrics() -> ResponseReturnValue:
    """Return the figures as text."""
    if token := current_settings().metrics_token:
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
            return _unauthorized()
    elif not _is_local():
        abort(403)
    from prometheus_client import CONTENT_TYPE_LATEST  # imported here: it takes 1 MB, and few servers are asked

    from ..services import metrics as service

    return make_response(service.render(current_context()), {"Content-Type": CONTENT_TYPE_LATEST})


def _unauthorized() -> Response:
    response = make_response("Send the header Authorization: Bearer METRICS_TOKEN.\n", 401)
    response.mimetype = "text/plain"
    response.www_authenticate.type = "bearer"
    return response


def _is_local() -> bool:
    """Return whether the request comes from this machine, and from no proxy."""
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:  # a Unix socket has none, and is for proxies
        return False
    return address.is_loopback and not any(name in request.headers for name in FORWARDED)
