"""Administration → Telecommunication → SIP accounts."""

import io
from urllib.parse import quote

import segno
from flask import Blueprint, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..core.errors import N_, Invalid, NotFound
from ..core.snapshot import OTHER
from ..services import accounts as service
from ..services import agents
from ..services.accounts import NumberTaken, StaleEdit
from ..services.state import AccountView, State, state
from . import htmx, rows
from .auth import everybody, me, site
from .errors import status_of
from .forms import AccountForm, whole
from .words import free_again, say

pages = Blueprint("accounts", __name__)


@pages.get("/")
@everybody  # leads everybody to the own start
def start() -> ResponseReturnValue:
    """The administrator's list, or the agent's page."""
    return redirect(url_for(".page" if me().is_administrator else "agent.page"))


@pages.get("/accounts")
def page() -> ResponseReturnValue:
    """The whole list."""
    return rows.page()


@pages.get("/accounts/new")
def new() -> ResponseReturnValue:
    """The add form."""
    if not htmx.asked():
        return redirect(url_for(".page", add=1))
    return rows.block("add", adding=rows.add_form())


@pages.get("/accounts/new/close")
def close() -> ResponseReturnValue:
    """The place of the add form, empty."""
    return rows.block("add", adding=None) if htmx.asked() else redirect(url_for(".page"))


@pages.get("/accounts/<int:account_id>/edit")
def edit(account_id: int) -> ResponseReturnValue:
    """One row as its form."""
    if not htmx.asked():
        return redirect(url_for(".page", edit=account_id, _anchor=f"account-{account_id}"))
    account = _account(account_id)
    if account.deleted:
        raise NotFound(N_("This account does not exist any more."))
    return rows.row(account, form=rows.form(account))


@pages.get("/accounts/<int:account_id>/row")
def row(account_id: int) -> ResponseReturnValue:
    """One row as it is read."""
    if not htmx.asked():
        return redirect(url_for(".page", _anchor=f"account-{account_id}"))
    return rows.row(_account(account_id), focus=True)


@pages.post("/accounts")
def add() -> ResponseReturnValue:
    """Save a new account."""
    form = AccountForm(state(site()).people, prefix="")
    if form.validate_on_submit():
        try:
            account_id = service.add(site(), me(), form.draft)
            return rows.saved(
                account_id, gettext("SIP account %(number)s was added.", number=form.draft.number), added=True
            )
        except NumberTaken as error:
            form.refuse(error)
            if error.proposal:  # the refused number stands in the sentence
                form.number.raw_data, form.number.data = None, error.proposal
        except Invalid as error:
            form.refuse(error)
    return rows.block("add", adding=form, status=422) if htmx.asked() else rows.page(adding=form, status=422)


@pages.post("/accounts/<int:account_id>")
def save(account_id: int) -> ResponseReturnValue:
    """Save one row's form."""
    current = state(site())
    account = _account(account_id, current)
    form = AccountForm(current.people, account, formdata=request.form)
    if form.validate():
        try:
            version = int(form.version.data or account.version)
            service.change(site(), me(), account_id, version, form.draft)
            return rows.saved(account_id, gettext("SIP account %(number)s was saved.", number=form.draft.number))
        except StaleEdit as error:
            return _stale(error, form)
        except Invalid as error:
            form.refuse(error)
    return rows.row_or_page(account, form, 422)


@pages.post("/accounts/<int:account_id>/active")
def active(account_id: int) -> ResponseReturnValue:
    """The switch "Account active"."""
    return _switch(account_id, "active")


@pages.post("/accounts/<int:account_id>/recording")
def recording(account_id: int) -> ResponseReturnValue:
    """The switch "Call recording"."""
    return _switch(account_id, "recording")


@pages.route("/accounts/<int:account_id>/delete", methods=["GET", "POST"])
def delete(account_id: int) -> ResponseReturnValue:
    """Ask, then delete."""
    account = _account(account_id)
    if request.method == "GET":
        return render_template("delete.html", account=account)
    service.delete(site(), me(), account_id)
    return rows.saved(account_id, gettext("SIP account %(number)s was deleted.", number=account.number))


@pages.post("/accounts/<int:account_id>/undo")
def undo(account_id: int) -> ResponseReturnValue:
    """Bring a deleted, still live account back."""
    service.undo(site(), me(), account_id)
    return rows.saved(account_id, gettext("SIP account %(number)s is back.", number=_account(account_id).number))


@pages.post("/accounts/<int:account_id>/release")
def release(account_id: int) -> ResponseReturnValue:
    """Take the account back from the agent who uses it."""
    freed = agents.release(site(), me(), account_id)
    sentence, account = free_again(freed), _account(account_id)
    if account.deleted or not htmx.asked():
        return rows.saved(account_id, sentence)
    return rows.beside(account, released=sentence, replaced=freed.replaced, sentence=sentence)


@pages.post("/accounts/<int:account_id>/secret")
def reveal(account_id: int) -> ResponseReturnValue:
    """Show the password once, in the open row or on the phone card; the audit log knows."""
    account = _account(account_id)
    secret = service.reveal(site(), me(), account_id)
    if htmx.asked():
        return rows.beside(account, secret=secret)
    qr = _qr(account.number, secret.text) if account.phone == OTHER else None
    return render_template("phone.html", account=account, secret=secret, qr=qr)


@pages.post("/accounts/<int:account_id>/secret/new")
def renew(account_id: int) -> ResponseReturnValue:
    """Make a new password."""
    service.renew_secret(site(), me(), account_id)
    account = _account(account_id)
    sentence = gettext("SIP account %(number)s has a new password.", number=account.number)
    if not htmx.asked():
        return rows.saved(account_id, sentence)
    return rows.beside(account, replaced=True, sentence=sentence)


@pages.get("/accounts/<int:account_id>/phone")
def phone(account_id: int) -> ResponseReturnValue:
    """The settings to enter on a phone, without the password."""
    account = _account(account_id)
    if account.phone != OTHER:
        raise NotFound(N_("Only other softphones need settings."))
    return render_template("phone.html", account=account, secret=None, qr=None)


def _qr(number: int, secret: str) -> str:
    """What a phone's camera reads, as SVG."""
    settings = current_app.config["SETTINGS"]
    uri = f"sip:{number}:{quote(secret, safe='')}@{settings.sip_host}:{settings.sip_port}"
    out = io.BytesIO()
    segno.make(uri, error="m").save(out, kind="svg", scale=4, xmldecl=False, svgns=True, border=2)
    return out.getvalue().decode()


def _account(account_id: int, current: State | None = None) -> AccountView:
    account = (current or state(site())).account(account_id)
    if account is None:
        raise NotFound(N_("This account does not exist any more."))
    return account


def _switch(account_id: int, name: str) -> ResponseReturnValue:
    version, value = whole(request.values.get("version")), request.values.get("value")
    if value not in ("on", "off") or version is None:
        raise Invalid(N_("The switch sent neither on nor off, or no version."))
    try:
        service.switch(site(), me(), account_id, version, name=name, value=value == "on")
    except StaleEdit as error:
        return _stale(error, None)
    account = _account(account_id)
    words = {
        ("active", "on"): gettext("SIP account %(number)s is active.", number=account.number),
        ("active", "off"): gettext("SIP account %(number)s is inactive.", number=account.number),
        ("recording", "on"): gettext("Calls of %(number)s are recorded.", number=account.number),
        ("recording", "off"): gettext("Calls of %(number)s are not recorded.", number=account.number),
    }
    return rows.saved(account_id, words[name, value], focus=f"{name[0]}{account_id}")


def _stale(error: StaleEdit, form: AccountForm | None) -> ResponseReturnValue:
    """Both values: theirs as the row or beside each field, mine still in the form, and the version to overwrite with."""
    status = status_of(error)
    if form is None:
        return rows.row_or_page(error.theirs, None, status, say(error))
    form.version.raw_data, form.version.data = None, str(error.theirs.version)
    return rows.row_or_page(error.theirs, form, status, say(error), stale=True)
