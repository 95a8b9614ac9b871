"""The agent's own page: a number to work with, then the desk with the softphone.

The lease's token lies in the web session, which the server signs; the password's digest is only ever posted for.
"""

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..services import agents, presence
from ..services.agents import NoLease, NoNumber
from .auth import DESK, everybody, give_back, me, site
from .words import say

pages = Blueprint("agent", __name__)


@pages.get("/agent")
@everybody  # the agent's own page
def page() -> ResponseReturnValue:
    """The desk, or the form that leads there."""
    lost = DESK in session
    try:
        desk = agents.desk(site(), session.get(DESK, ""))
    except NoLease:
        session.pop(DESK, None)
        return render_template("agent.html", number="", refusal="", lost=lost)
    g.connect = current_app.config["SETTINGS"].websocket  # for the Content-Security-Policy
    return render_template("desk.html", desk=desk, contact=presence.registered(site()).get(desk.number, ""))


@pages.post("/agent")
@everybody  # the agent's own page
def enter() -> ResponseReturnValue:
    """Take a number: the one asked for, or an automatic one."""
    number = request.form.get("number", "").strip()[:80]
    try:
        session[DESK] = agents.enter(site(), me().id or 0, number or None, request.remote_addr or "").token
    except NoNumber as error:
        return render_template("agent.html", number=number, refusal=say(error), lost=False), 409
    return redirect(url_for(".page"), 303)


@pages.post("/agent/phone")
@everybody  # the agent's own page
def phone() -> ResponseReturnValue:
    """What the softphone registers with, as it is live now."""
    try:
        desk = agents.desk(site(), session.get(DESK, ""))
    except NoLease as error:
        return {"error": say(error)}, 401
    settings = current_app.config["SETTINGS"]
    return {
        "ws": settings.websocket, "stun": settings.stun, "host": settings.sip_host, "number": str(desk.number),
        "name": desk.name, "realm": desk.realm, "ha1": desk.ha1,
    }  # fmt: skip


@pages.post("/agent/heartbeat")
@everybody  # the agent's own page
def heartbeat() -> ResponseReturnValue:
    """Still there; and which phone the account has now, and whether that is registered, as the PBX says."""
    token = session.get(DESK, "")
    try:
        agents.heartbeat(token)
        desk = agents.desk(site(), token)
    except NoLease as error:
        return {"error": say(error)}, 401
    if request.form.get("page"):  # without JavaScript, by a button
        return redirect(url_for(".page"), 303)
    contact = presence.registered(site()).get(desk.number, "")
    return {"number": str(desk.number), "phone": desk.phone, "contact": contact}


@pages.post("/agent/logout")
@everybody  # the agent's own page
def leave() -> ResponseReturnValue:
    """Give the number back."""
    give_back()
    flash(gettext("Your number was given back."))
    return redirect(url_for(".page"), 303)
