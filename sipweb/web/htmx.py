"""The only module that spells an HX- header."""

from urllib.parse import urlsplit

from flask import Response, make_response, request


def asked() -> bool:
    """Whether htmx asks, and so a fragment is wanted."""
    return request.headers.get("HX-Request") == "true"


def leave(url: str) -> Response:
    """Send the whole browser elsewhere: 401, which htmx follows by this header only."""
    response = make_response("", 401)
    response.headers["HX-Redirect"] = url
    return response


def current_path() -> str:
    """Path and query of the page that htmx stands on; the start's where that is no address."""
    try:
        parts = urlsplit(request.headers.get("HX-Current-URL", "/"))
    except ValueError:
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def into(response: Response, target: str, swap: str) -> Response:
    """Have htmx put the answer at a target other than the asking element's."""
    response.headers["HX-Retarget"] = target
    response.headers["HX-Reswap"] = swap
    return response
