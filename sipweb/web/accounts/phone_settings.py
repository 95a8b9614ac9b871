"""An account's phone: the settings to enter on it, its password, and a test call."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core.accounts import OTHER
from ...core.rights import Right
from ...services import account_secrets, test_call
from ...services.account_list import neighbours
from ...services.account_secrets import RevealedSecret
from ...services.sip_servers import sip_servers
from ...services.state import current_state
from .. import htmx
from ..access import can, current_actor, current_context, recent_sign_in, requires
from ..compression import do_not_compress
from ..list_query import query_args
from . import listing
from .context import ListContext, list_query
from .phone_card import PhoneCard
from .phone_setup import PhoneSetup
from .views import bp, get_account


@bp.post("/accounts/<int:account_id>/call")
@requires(Right.EDIT)
def call(account_id: int) -> ResponseReturnValue:
    """Have the PBX call the account's phone."""
    account = get_account(account_id)
    number = test_call.call_phone(current_context(), current_actor(), account)
    message = gettext(
        "The PBX is calling %(number)s. Answer the phone: you hear its number, then yourself.", number=number
    )
    if "card" in request.form:  # the page with the phone's settings
        flash(message)
        return redirect(url_for(".phone_settings", account_id=account_id, **query_args(list_query())), 303)
    return listing.announced(account, message)


@bp.post("/accounts/<int:account_id>/secret")
@requires(Right.SHOW_PASSWORDS)
@recent_sign_in
@do_not_compress
def reveal(account_id: int) -> ResponseReturnValue:
    """Show the password, in the open row or with the phone's settings; the audit log notes that."""
    account = get_account(account_id)
    secret = account_secrets.reveal(current_context(), current_actor(), account_id)
    if htmx.is_htmx():
        return listing.details_response(account, secret=secret)
    return show_phone_card(account_id, secret)


@bp.post("/accounts/<int:account_id>/secret/new")
@requires(Right.EDIT)
@do_not_compress
def renew_secret(account_id: int) -> ResponseReturnValue:
    """Give the account a new random password."""
    account_secrets.renew_secret(current_context(), current_actor(), account_id)
    account = get_account(account_id)
    message = gettext("New password generated for SIP account %(number)s.", number=account.number)
    if not htmx.is_htmx():
        return listing.saved(account_id, message)
    return listing.details_response(account, replaced=True, message=message)


@bp.get("/accounts/<int:account_id>/phone")
def phone_settings(account_id: int) -> ResponseReturnValue:
    """Show the settings to enter on a phone, without the password."""
    return show_phone_card(account_id)


def show_phone_card(
    account_id: int, secret: RevealedSecret | None = None, setup: PhoneSetup | None = None
) -> ResponseReturnValue:
    """Return the phone's settings, with links to the phones before and after it in the list that the address names.

    A built-in phone has none.
    """
    query, current = list_query(), current_state(current_context())
    account = get_account(account_id, current)
    card = PhoneCard.of(account, current, sip_servers(current_context()))
    if not card.is_available:
        values = {"account": account, "secret": secret, "list_args": query_args(query)}
        return render_template("accounts/builtin_phone.html", **values)
    phones = [row for row in ListContext(state=current).selected if row.phone == OTHER and not row.deleted]
    previous, following = neighbours(account, phones)
    return render_template(
        "accounts/phone_settings.html",
        account=account,
        card=card,
        secret=secret,
        qr=card.qr(secret) if secret else None,
        setup=setup or PhoneSetup.of(account.id),
        can_call=account.live and can(Right.EDIT) and test_call.can_call(current_context()),
        list_args=query_args(query),
        previous=previous,
        following=following,
    )
