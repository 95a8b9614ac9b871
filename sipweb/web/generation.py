"""Administration → Configuration generation, and the banner of every administration page."""

import re

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..core.asterisk import render
from ..core.errors import SipwebError
from ..services import audit, generations, history, presence, ways
from ..services.state import State, snapshot_of, state
from .auth import me, public, site
from .errors import status_of
from .forms import whole
from .words import say

pages = Blueprint("generation", __name__)
HIDDEN = re.compile(r"^(password_digest|password|secret)(\s*=).*$", re.MULTILINE)


@pages.app_context_processor
def _banner() -> dict[str, object]:
    """`pending()` for the banner, on administrators' pages."""
    return {"pending": _pending, "me": g.get("actor"), "pbx_mode": site().link.mode}


def _pending() -> State:
    return state(site())


@pages.get("/generation")
def page() -> ResponseReturnValue:
    """Plan, button, history."""
    return _page()


@pages.post("/generation")
def generate() -> ResponseReturnValue:
    """One click."""
    try:
        done = generations.generate(site(), me())
    except SipwebError as error:
        return _page(say(error), status_of(error))
    flash(gettext("There was nothing to do.") if done is None else gettext("Generation %(number)s is done.", number=done.number)
          if done.state != "refused" else gettext("Generation %(number)s was refused.", number=done.number))  # fmt: skip
    return redirect(url_for(".page"), 303)


@pages.get("/generation/<int:number>")
def detail(number: int) -> ResponseReturnValue:
    """One generation: what it changed, how it went, and its files with secrets and digests hidden."""
    view = history.generation(number)
    if view is None:
        abort(404)
    files = site().release.read(number) or render(snapshot_of(number), site().vault.decrypt)
    hidden = {name: HIDDEN.sub(r"\1\2 ********", text) for name, text in files.items()}
    return render_template(
        "generation_detail.html",
        generation=view,
        plan=history.plan_of(view),
        files=hidden,
        who={},
        calls=(),
        agents={},
    )


@pages.get("/audit")
def log() -> ResponseReturnValue:
    """Who did what."""
    account, action = request.args.get("account", "").strip(), request.args.get("action", "")
    entries = audit.entries(account, whole(request.args.get("before")), action)
    return render_template(
        "audit.html", entries=entries, account=account, action=action, more=len(entries) == audit.PAGE
    )


@pages.get("/healthz")
@public  # for monitoring: no names, no numbers, no secrets
def healthz() -> ResponseReturnValue:
    """The state of database and PBX."""
    return presence.health(site())


def _page(problem: str = "", status: int = 200) -> ResponseReturnValue:
    current = state(site())
    plan = current.plan
    kept = {account.id for account in current.accounts if not account.deleted}
    kept_ways = {("trunk", trunk.id) for trunk in ways.trunks()} | {("rule", rule.id) for rule in ways.rules()}
    return render_template(
        "generation.html", plan=plan, state=current, history=history.newest(), problem=problem, who=audit.authors(plan),
        calls=presence.on_call(site()), kept=kept | kept_ways,
        agents={account_id: lease.name for account_id, lease in current.leases.items()},
    ), status  # fmt: skip
