"""The HTTP headers of htmx; no other module uses them."""

from urllib.parse import urlsplit

from flask import Response, make_response, request


def is_htmx() -> bool:
    """Return whether htmx made the request, so a fragment is expected."""
    return request.headers.get("HX-Request") == "true"


def redirect_browser(url: str) -> Response:
    """Redirect the whole browser: 401 with HX-Redirect."""
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url
    return response


def leave_page(url: str) -> Response:
    """Lead the browser to another page after a POST."""
    response = make_response("")
    response.headers["HX-Redirect"] = url
    return response


def current_path() -> str:
    """Return path and query of the page that made the request; "/" if invalid."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
    except ValueError:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def replace_address(response: Response, url: str) -> Response:
    """Make search.js show another address; htmx keeps no history, so it leaves that alone."""
    response.headers["HX-Replace-Url"] = url
    return response


def retarget(response: Response, target: str, swap: str) -> Response:
    """Make htmx put the response into another target."""
    response.headers["HX-Retarget"] = target
    response.headers["HX-Reswap"] = swap
    return response
