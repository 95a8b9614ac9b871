"""The JSON interface for agent applications: bearer tokens, no cookies."""

import json
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from ...core.errors import N_, OperationRefused, SipwebError, Throttled
from ...services import agent_sign_in, leases
from ...services.agent_sign_in import PasswordChangeRequired
from ...services.authentication import WrongPassword
from ...services.lease_sync import HEARTBEAT_TIMEOUT
from ...services.leases import AgentSession, LeaseExpired, NoNumberAvailable
from ...services.pending_sign_in import SecondFactorRequired, WrongSecondFactor
from ...services.sip_servers import SipServer, present, present_first, sip_servers
from ..access import current_context, public
from ..compression import do_not_compress
from ..locale import translate

bp = Blueprint("api", __name__, url_prefix="/api/agent")
MAX_BODY_BYTES = 4096
STATUS = (
    (WrongPassword, 401),
    (PasswordChangeRequired, 403),
    (SecondFactorRequired, 403),
    (WrongSecondFactor, 401),
    (LeaseExpired, 401),
    (NoNumberAvailable, 409),
    (Throttled, 429),
    (OperationRefused, 503),  # a password that can't be decrypted: the program did nothing wrong
)


class Malformed(SipwebError):
    """The request's body is not what this interface takes."""


@bp.errorhandler(SipwebError)
def _error_response(error: SipwebError) -> ResponseReturnValue:
    status = next((status for kind, status in STATUS if isinstance(error, kind)), 400)
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, Throttled) else {}
    return {"error": translate(error)}, status, headers


@bp.post("/login")
@public  # the agent comes with login and password
@do_not_compress
def login() -> ResponseReturnValue:
    """Authenticate an agent, change the password if a new one is given, and acquire a number."""
    body = _body({"login", "password"}, {"number", "code", "new_password"})
    agent_session = agent_sign_in.login_and_acquire(
        current_context(), body["login"], body["password"], body.get("number", "").strip(), request.remote_addr or "",
        code=body.get("code", ""), new_password=body.get("new_password", ""),
    )  # fmt: skip
    return {
        "token": agent_session.token,
        **_session_values(agent_session),
        "expires_in": int(HEARTBEAT_TIMEOUT.total_seconds()),
    }


@bp.post("/heartbeat")
@public  # the token says who
def heartbeat() -> ResponseReturnValue:
    """Keep the number; return whether the phone must register with something else now, and which hosts are present."""
    _body(set(), set())
    leases.heartbeat(_token())
    agent_session = leases.get_session(current_context(), _token())
    return {
        "expires_in": int(HEARTBEAT_TIMEOUT.total_seconds()),
        "sip_changed": agent_session.sip_changed,
        "hosts": [_host_values(server) for server in present(sip_servers(current_context()))],
    }


@bp.post("/sip")
@public  # the token says who
@do_not_compress
def sip() -> ResponseReturnValue:
    """Return what the phone registers with now."""
    _body(set(), set())
    return _session_values(leases.issue_credential(current_context(), _token()))


@bp.post("/logout")
@public  # the token says who
def logout() -> ResponseReturnValue:
    """Release the number."""
    _body(set(), set())
    leases.release(current_context(), _token(), request.remote_addr or "")
    return {}


def _session_values(agent_session: AgentSession) -> dict[str, Any]:
    servers = present_first(sip_servers(current_context()))
    transports = [{"transport": name, "port": port} for name, port in servers[0].ports.items()]
    return {
        "number": str(agent_session.number),
        "name": agent_session.name,
        "phone": agent_session.phone,
        "sip": {
            "host": servers[0].host,
            **transports[0],
            "transports": transports,
            "ws": servers[0].websocket,
            "hosts": [_host_values(server) for server in servers],
            "realm": agent_session.realm,
            "username": str(agent_session.number),
            "ha1": agent_session.ha1,
        },
    }


def _host_values(server: SipServer) -> dict[str, Any]:
    return {"host": server.host, "port": server.address.port, "ws": server.websocket}


def _token() -> str:
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or not token or token.startswith(leases.BROWSER_TOKEN):
        raise LeaseExpired(N_("You've been signed out. Sign in again."))
    return token


def _is_text(value: object) -> bool:
    """Return whether it can be stored: JSON can escape half of a surrogate pair, and NUL."""
    return isinstance(value, str) and not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value)


def _body(needed: set[str], allowed: set[str]) -> dict[str, str]:
    """Return the request's JSON object. Raises Malformed."""
    raw = request.stream.read(MAX_BODY_BYTES + 1)  # a chunked request names no length
    if not needed and not raw:
        return {}
    if len(raw) > MAX_BODY_BYTES:
        raise Malformed(N_("The request is too large."))
    body = _parse(raw) if request.is_json else None
    if body is None:
        raise Malformed(N_("Expected a JSON object with string values."))
    if unknown := body.keys() - needed - allowed:
        raise Malformed(N_("Unknown field: %(name)s"), name=ascii(sorted(unknown)[0])[:60])
    if missing := needed - body.keys():
        raise Malformed(N_("Missing field: %(name)s"), name=sorted(missing)[0])
    return body


def _parse(raw: bytes) -> dict[str, str] | None:
    """Return a JSON object whose values are texts; None for anything else."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) and all(map(_is_text, content.values())) else None
