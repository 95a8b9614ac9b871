"""Whether the keyboard shortcuts are on in this browser: a screen reader needs the same keys on one computer only."""

from flask import Response, current_app, request

COOKIE = "shortcuts"
LIFETIME = 365 * 86400  # seconds


def shortcuts_on() -> bool:
    """Return whether the shortcuts are on; they are until somebody switches them off."""
    return request.cookies.get(COOKIE) != "off"


def switch_shortcuts(response: Response, *, on: bool) -> None:
    """Have the browser keep whether the shortcuts are on."""
    if on:
        response.delete_cookie(COOKIE)
        return
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(COOKIE, "off", max_age=LIFETIME, secure=secure, httponly=True, samesite="Lax")
