"""The cookie by which a browser is known in which a user has signed in before (see services.throttling).

It proves nothing else: it only keeps others from locking this browser out. A new password and a sign-out everywhere end
it: who used the former password in many browsers must not get the attempts of all of them at the new one.
"""

import secrets
from dataclasses import astuple

from flask import Response, current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from ..services.authentication import Device

MAX_USERS = 5  # of one browser, as agents share desks
LIFETIME = 365 * 86400  # seconds


def known_devices() -> list[Device]:
    """Return what the request's cookie says: the users who signed in here, the last one first."""
    try:
        return [Device(*entry) for entry in _serializer().loads(request.cookies.get(_cookie_name(), ""))]
    except (BadSignature, TypeError):
        return []


def remember_device(response: Response, user_id: int, epoch: int) -> None:
    """Have the browser keep that this user has signed in with it; `epoch` is the user's `session_epoch`."""
    known = known_devices()
    of_user = (one for one in known if (one.user_id, one.session_epoch) == (user_id, epoch))
    device = next(of_user, Device(user_id, secrets.token_urlsafe(16), epoch))
    devices = [device, *(one for one in known if one.user_id != user_id)][:MAX_USERS]
    response.set_cookie(
        _cookie_name(), _serializer().dumps([astuple(one) for one in devices]), max_age=LIFETIME,
        secure=current_app.config["SESSION_COOKIE_SECURE"], httponly=True, samesite="Lax",
    )  # fmt: skip


def _cookie_name() -> str:
    return "__Host-device" if current_app.config["SESSION_COOKIE_SECURE"] else "device"


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")
