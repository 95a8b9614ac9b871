"""The open list stays true: it asks every few seconds what changed, and is sent only that."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_blocks

from ..core.errors import N_, NotFound
from ..services import accounts, panel, presence
from ..services.panel import Changes, Stamp
from ..services.state import AccountView, State, state
from . import htmx, rows
from .auth import site

pages = Blueprint("live", __name__)


@pages.get("/accounts/live")
def poll() -> ResponseReturnValue:
    """What changed since the page's stamp; 204 when nothing did. What is being typed is not touched."""
    if not htmx.asked():
        return redirect(url_for("accounts.page"))
    seen = Stamp.of(request.args.get("seen", ""))
    changes = panel.since(site(), seen)
    renewed = request.args.get("session") != rows.session_mark()
    if changes is None and not renewed:
        return "", 204
    changes = changes or Changes(seen, frozenset())
    current = state(site())
    found = rows.context(current, rows=[], changed=True, seen=changes.stamp, **rows.question())
    more = {
        "renewed": renewed, "many": changes.accounts is None, "here": htmx.current_path(),
        "ran_out": request.args.get("free", "0") != "0" and not panel.pool(current).free,
    }  # fmt: skip
    moved = _moved(current, changes.accounts or frozenset(), **rows.view())
    return render_blocks(rows.PAGE, ["poll", "counts"], **found) + render_template("live.html", **found | more | moved)


@pages.get("/accounts/would-get")
def would_get() -> ResponseReturnValue:
    """The answer to "What would this agent get now?"."""
    if not htmx.asked():
        agent, number = request.args.get("agent"), request.args.get("number")
        return redirect(url_for("accounts.page", _anchor="ask", agent=agent, number=number))
    question = rows.question()
    if question["offer"] is None:
        raise NotFound(N_("This user does not exist any more."))
    return render_template("would_get.html", **question)


def _moved(current: State, touched: frozenset[int], show: str, sort: str, q: str) -> dict[str, object]:
    """The rows to renew, the place of each that belongs to this view (for pages that lack it), and those that are gone."""
    known = {account.id: account for account in current.accounts}
    places: list[tuple[str, AccountView]] = []
    before = "add"  # what stands before the row on every page that shows this view
    for account in accounts.select_accounts(current, presence.registered(site()), show, sort, q):
        if account.id in touched:
            places.append((before, account))
        else:
            before = f"account-{account.id}"
    rows_ = [known[account_id] for account_id in sorted(touched & known.keys())]
    return {"rows": rows_, "places": places[::-1], "gone": touched - known.keys()}
