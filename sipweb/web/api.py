"""The agent application's interface: JSON, bearer tokens, no cookies."""

import json
from typing import Any

from flask import Blueprint, current_app, request
from flask.typing import ResponseReturnValue

from ..core.errors import N_, SipwebError, Throttled
from ..services import agents
from ..services.agents import MustChange, NoLease, NoNumber
from ..services.leases import SILENCE
from ..services.login import WrongPassword
from .auth import public, site
from .words import say

pages = Blueprint("api", __name__, url_prefix="/api/agent")
LARGEST = 4096  # bytes of a body
STATUS = ((WrongPassword, 401), (MustChange, 401), (NoLease, 401), (NoNumber, 409), (Throttled, 429))


class Malformed(SipwebError):
    """The request is not what interface.md describes."""


@pages.errorhandler(SipwebError)
def _refused(error: SipwebError) -> ResponseReturnValue:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    return {"error": say(error)}, status


@pages.post("/login")
@public  # the agent comes with login and password
def login() -> ResponseReturnValue:
    """Login and password for a number."""
    body = _body({"login", "password"}, {"number"})
    number = body.get("number", "").strip()
    desk = agents.login(site(), body["login"], body["password"], number, request.remote_addr or "")
    settings = current_app.config["SETTINGS"]
    return {
        "token": desk.token, "number": str(desk.number), "name": desk.name, "phone": desk.phone,
        "sip": {
            "host": settings.sip_host, "port": settings.sip_port, "ws": settings.websocket, "realm": desk.realm,
            "username": str(desk.number), "ha1": desk.ha1,
        },
        "expires_in": int(SILENCE.total_seconds()),
    }  # fmt: skip


@pages.post("/heartbeat")
@public  # the token says who
def heartbeat() -> ResponseReturnValue:
    """Still there."""
    _body(set(), set())
    agents.heartbeat(_token())
    return {"expires_in": int(SILENCE.total_seconds())}


@pages.post("/logout")
@public  # the token says who
def logout() -> ResponseReturnValue:
    """The end of the day."""
    _body(set(), set())
    agents.logout(site(), _token(), request.remote_addr or "")
    return {}


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not token:
        raise NoLease(N_("You are not logged in any more."))
    return token


def _is_text(value: object) -> bool:
    """Whether it can be kept: JSON can spell half a character, and the character that ends a text in C."""
    return isinstance(value, str) and not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def _body(needed: set[str], allowed: set[str]) -> dict[str, Any]:
    """The JSON object of the request, all of it text. Raises Malformed."""
    raw = request.stream.read(LARGEST + 1)  # whoever sends chunks names no length
    if not needed and not raw:
        return {}
    if len(raw) > LARGEST:
        raise Malformed(N_("That was too much at once."))
    try:
        body = json.loads(raw) if request.is_json else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or not all(map(_is_text, body.values())):
        raise Malformed(N_("Expected a JSON object whose values are texts."))
    if unknown := body.keys() - needed - allowed:
        raise Malformed(N_("Unknown field: %(name)s"), name=ascii(sorted(unknown)[0])[:60])
    if missing := needed - body.keys():
        raise Malformed(N_("Missing field: %(name)s"), name=sorted(missing)[0])
    return body
