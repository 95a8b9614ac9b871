"""How the list of accounts is answered: as a page, a row, the add form, or a row with all that changes beside it."""

import hashlib
from collections.abc import Callable
from functools import cache, lru_cache, partial
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from flask import Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from jinja2_fragments.flask import render_block, render_blocks
from markupsafe import Markup

from ..services import accounts as service
from ..services import agents, audit, panel, presence
from ..services.accounts import Secret
from ..services.state import AccountView, State, state
from . import htmx
from .auth import site
from .forms import AccountForm, whole
from .words import clock, language, opens, phone_name

PAGE = "accounts.html"


def page(
    *, forms: dict[int, AccountForm] | None = None, adding: AccountForm | None = None, stale: set[int] | None = None,
    sentence: str = "", status: int = 200,
) -> ResponseReturnValue:  # fmt: skip
    """The whole page, with these rows open."""
    seen, wanted = panel.stamp(site()), view()  # the stamp first: see panel.stamp
    registered = presence.registered(site())
    shown = service.select_accounts(state(site()), registered, wanted["show"], wanted["sort"], wanted["q"])
    if sentence:
        flash(sentence)
    forms = dict(forms or {})
    if account := state(site()).by_id.get(whole(request.args.get("edit")) or 0):  # what is deleted has no form
        forms.setdefault(account.id, form(account))
    if "add" in request.args:
        adding = adding or add_form()
    found = context(rows=shown, forms=forms, adding=adding, stale=stale, seen=seen, **question())
    return render_template(PAGE, **found), status


def row_or_page(
    account: AccountView, form: AccountForm | None, status: int, sentence: str = "", *, stale: bool = False
) -> ResponseReturnValue:
    """One row for htmx, the whole page with that row open for everybody else."""
    if htmx.asked():
        return row(account, form=form, status=status, sentence=sentence, stale=stale, focus=form is None)
    forms = {account.id: form} if form else {}
    return page(forms=forms, stale={account.id} if stale else set(), sentence=sentence, status=status)


def row(
    account: AccountView, *, form: AccountForm | None = None, status: int = 200, sentence: str = "", stale: bool = False,
    focus: bool = False,
) -> Response:  # fmt: skip
    """One row, read or open; the sentence is announced. By its id: a poll may have renewed the row that asked."""
    found = context(
        rows=[account], forms={account.id: form} if form else {}, stale={account.id} if stale else set(), focus=focus,
        sentence=sentence, opening=account.id if form else 0,
    )  # fmt: skip
    response = make_response(render_blocks(PAGE, ["rows", "opened", "said"], **found), status)
    return htmx.into(response, f"#account-{account.id}", "outerHTML")


def saved(account_id: int, sentence: str, *, focus: str = "", added: bool = False) -> ResponseReturnValue:
    """The row first, then the banner, the counts and the announcement."""
    if not htmx.asked():
        flash(sentence)
        return redirect(url_for("accounts.page", _anchor=f"account-{account_id}"), 303)
    current = state(site())
    account = current.account(account_id)
    sentence = _with_warning(sentence, account)
    found = context(current, rows=[account] if account else [], focus=focus or True, sentence=sentence, changed=True)
    target = "#add" if added else f"#account-{account_id}"
    blocks = ["add", "rows", "added", "said"] if added else ["rows", "said"]
    return htmx.into(make_response(render_blocks(PAGE, blocks, **found)), target, "outerHTML")


def beside(
    account: AccountView, *, secret: Secret | None = None, released: str = "", replaced: bool = False, sentence: str = "",
) -> Response:  # fmt: skip
    """An answer into the open row's second line: what is typed in the row stays.

    `secret` is shown, `released` says that nobody uses the account any more, `replaced` that it has another secret now;
    with a `sentence` for everybody, the banner and the counts come too.
    """
    told = {"account": account, "secret": secret, "released": released, "replaced": replaced}
    fragment = render_template("_secret.html", **context(), **told)
    said = render_block(PAGE, "said", **context(rows=[], sentence=sentence, changed=True))
    return htmx.into(make_response(fragment + said), f"#edit-{account.id}-shown", "innerHTML")


def block(name: str, *, adding: AccountForm | None, status: int = 200) -> Response:
    """A named part of the page."""
    return make_response(render_block(PAGE, name, **context(rows=[], adding=adding)), status)


def form(account: AccountView) -> AccountForm:
    """The row's form as saved."""
    return AccountForm(state(site()).people, account, formdata=None)


def add_form() -> AccountForm:
    """The add form with the next number."""
    form = AccountForm(state(site()).people, formdata=None)
    proposal = service.proposal(site())
    form.number.data = proposal
    form.active.data = True
    if proposal is None:
        form.number.errors = [gettext("All 900 numbers are taken. Delete an account first.")]
    return form


def question() -> dict[str, Any]:
    """What was asked about an agent, and the answer: /accounts?agent=7&number=205."""
    agent, number = request.args.get("agent", ""), request.args.get("number", "").strip()
    user_id = whole(agent)
    offer = agents.would_get(site(), user_id, number) if user_id is not None else None
    return {"offer": offer, "asked": {"agent": agent, "number": number}}


def session_mark() -> str:
    """Another one after another login: the tokens of the page that is open must be renewed then."""
    return hashlib.sha256(session.get("csrf_token", "").encode()).hexdigest()[:8]


def view() -> dict[str, str]:
    """Filter, order and search of the page that is asked for, or that htmx stands on."""
    asked = dict(parse_qsl(urlsplit(htmx.current_path()).query)) if htmx.asked() else request.args
    return {name: asked.get(name, default) for name, default in (("show", "all"), ("sort", "number"), ("q", ""))}


def _with_warning(sentence: str, account: AccountView | None) -> str:
    if account and str(account.number) in site().settings.emergency:
        warning = gettext(
            "%(number)s is an emergency number: calls to it go out, not to this account.", number=account.number
        )
        return f"{sentence} {warning}"
    return sentence


def context(current: State | None = None, **given: object) -> dict[str, object]:
    """What the page's blocks need, whichever of them is rendered."""
    current, registered = current or state(site()), presence.registered(site())
    empty: dict[str, object] = {
        "forms": {}, "stale": set(), "adding": None, "focus": False, "sentence": "", "changed": False, "opening": 0,
        "view": view(), "people": current.people, "seen": "", "offer": None, "asked": {"agent": "", "number": ""},
    }  # fmt: skip
    return empty | {
        "words": _words(language(), phone_name("builtin")), "pending": lambda: current, "read_row": _read_row,
        "registered": registered, "count": cache(partial(service.count, current, registered)),
        "emergency": site().settings.emergency, "in_use": partial(_in_use, current),
        "pool": cache(partial(panel.pool, current)), "refusals": audit.refusals, "session_mark": session_mark,
        "opens": lambda level, was: opens(current.saved.rules, whole(str(level).strip()), was),
    } | {key: value for key, value in given.items() if value is not None or key == "adding"}  # fmt: skip


def _in_use(current: State, account_id: int) -> str:
    """Who uses an account since when, in words; empty when nobody does."""
    lease = current.leases.get(account_id)
    if lease is None:
        return ""
    return gettext("In use by %(name)s since %(time)s", name=lease.name, time=clock(lease.since))


class RowWords(NamedTuple):
    """The words of a row in one language."""

    auto: str
    other: str
    free: str
    registered: str
    off: str
    new: str
    changed: str
    gone: str
    away: str
    leaving: str
    idle: str
    edit: str
    undo: str


@lru_cache
def _words(_language: str, builtin: str) -> RowWords:
    return RowWords(
        auto=builtin, other=phone_name("other"), free=gettext("Free"), registered=gettext("Registered"),
        off=gettext("Inactive"), new=gettext("Not generated yet"), changed=gettext("not generated yet"),
        gone=gettext("Deleted"), leaving=gettext("Inactive"), idle=gettext("Not in use"), edit=gettext("Edit"),
        undo=gettext("Undo"), away=gettext("(inactive user)"),
    )  # fmt: skip


@lru_cache(maxsize=4096)
def _read_row(account: AccountView, words: RowWords, contact: str | None, focus: str | bool, using: str) -> Markup:
    """One row as it is read: the same account gives the same text, so 900 of them are rendered once."""
    render: Callable[..., Markup] = current_app.jinja_env.get_template("_account.html").module.row  # type: ignore[attr-defined]  # a macro
    return render(account, words, contact, focus, using)
