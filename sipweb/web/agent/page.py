"""The agent's own page: the choice of a number, then the softphone.

The lease's token is in the web session, which the server signs, and works with it only. The SIP digest is sent
only in response to a POST.
"""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core.rights import Right
from ...pbx.status import Contact
from ...services import leases, pbx_status
from ...services.leases import AgentSession, LeaseExpired, NoNumberAvailable
from ...services.sip_servers import present, present_first, sip_servers, websockets
from ..access import any_user, current_actor, current_context, requires, session_ends_at
from ..auth import LEASE_TOKEN, release_number
from ..compression import do_not_compress
from ..formatting import short_time
from ..locale import translate
from ..security import allow_connections
from ..settings import current_settings

bp = Blueprint("agent", __name__)


@bp.get("/agent")
@requires(Right.WORK)
def index() -> ResponseReturnValue:
    """Show the softphone, or the form for a number."""
    try:
        agent_session = _agent_session()
    except LeaseExpired:
        expired = session.pop(LEASE_TOKEN, None) is not None
        return render_template("agent/login.html", number="", refusal="", lost=expired)
    sockets = websockets(sip_servers(current_context()))
    allow_connections(sockets)
    return render_template(
        "agent/softphone.html", agent_session=agent_session, contact=_contact(agent_session), websockets=sockets
    )


@bp.post("/agent")
@requires(Right.WORK)
def acquire() -> ResponseReturnValue:
    """Acquire the requested number, or an automatic one."""
    number = request.form.get("number", "").strip()[:80]
    user_id, address = current_actor().id or 0, request.remote_addr or ""
    try:
        agent_session = leases.acquire(
            current_context(), user_id, number or None, address, prefix=leases.BROWSER_TOKEN
        )  # fmt: skip
        session[LEASE_TOKEN] = agent_session.token
    except NoNumberAvailable as error:
        return render_template("agent/login.html", number=number, refusal=translate(error), lost=False), 409
    return redirect(url_for(".index"), 303)


@bp.post("/agent/sip-credentials")
@any_user  # the agent's own page
@do_not_compress
def sip_credentials() -> ResponseReturnValue:
    """Return what the softphone registers with, as it is live now; it tries the WebSockets in their order."""
    try:
        agent_session = leases.issue_credential(current_context(), session.get(LEASE_TOKEN, ""))
    except LeaseExpired as error:
        return {"error": translate(error)}, 401
    servers = present_first(sip_servers(current_context()))
    return {
        "websockets": websockets(servers),
        "stun": current_settings().stun,
        "host": servers[0].host,
        "number": str(agent_session.number),
        "name": agent_session.name,
        "realm": agent_session.realm,
        "ha1": agent_session.ha1,
    }


@bp.post("/agent/heartbeat")
@any_user  # the agent's own page
def heartbeat() -> ResponseReturnValue:
    """Keep the number; return which phone the account has now, where it is registered, and whether it responds.

    `sip_changed`: the phone registers with something else now, which it gets from `sip_credentials`. `websockets` are
    those of the PBX hosts that are present. `notice`: a sentence for the agent, or "".
    """
    try:
        leases.heartbeat(session.get(LEASE_TOKEN, ""))
        agent_session = _agent_session()
    except LeaseExpired as error:
        return {"error": translate(error)}, 401
    if request.form.get("page"):  # without JavaScript, by a button
        return redirect(url_for(".index"), 303)
    contact, notice = _contact(agent_session), ""
    if ends_at := session_ends_at():
        notice = gettext("You'll be signed out at %(time)s, or after your call.", time=short_time(ends_at))
    return {
        "notice": notice,
        "number": str(agent_session.number),
        "phone": agent_session.phone,
        "contact": contact.address,
        "reachable": contact.reachable,
        "sip_changed": agent_session.sip_changed,
        "websockets": websockets(present(sip_servers(current_context()))),
    }


@bp.post("/agent/logout")
@any_user  # the agent's own page
def release() -> ResponseReturnValue:
    """Release the number."""
    release_number()
    flash(gettext("Your number has been released."))
    return redirect(url_for(".index"), 303)


def _agent_session() -> AgentSession:
    return leases.get_session(current_context(), session.get(LEASE_TOKEN, ""))


def _contact(agent_session: AgentSession) -> Contact:
    """Return where the number's phone is registered; the address is "" if it isn't."""
    return pbx_status.registered_phones(current_context()).get(agent_session.number, Contact(""))
