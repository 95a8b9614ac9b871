"""The account list: an inline list, and the responses that no other list has."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ...core.accounts import BUILTIN
from ...services import account_updates
from ...services import accounts as service
from ...services.account_secrets import RevealedSecret
from ...services.edits import Replaced
from ...services.state import current_state
from ...services.state_records import AccountView
from .. import htmx
from ..access import current_context
from ..inline_list import InlineList, Message
from ..list_query import query_args
from ..messages import emergency_number_message, forwarding_message
from ..undo import sign
from .context import ListContext, list_query
from .forms import AccountForm, AddForm
from .messages import added_message


def _list_context(*, rows: Sequence[AccountView] | None, **values: object) -> Mapping[str, object]:
    if rows is not None:
        return {"page": ListContext(rows=rows, **values)}  # type: ignore[arg-type]  # InlineList names its fields
    # The stamp before the state: a change between the two is shown twice, not lost.
    stamp, query = account_updates.current_stamp(current_context()), list_query()
    state = current_state(current_context())
    page = ListContext(
        state=state,
        query=query,
        is_page=True,
        stamp=stamp,
        **values,  # type: ignore[arg-type]  # InlineList names its fields
    )
    return {"page": page, "current_state": lambda: state}


LIST: InlineList[AccountView] = InlineList(
    "accounts/index.html",
    "accounts.index",
    "account",
    context=_list_context,
    args=lambda: query_args(list_query()),
    add_blocks=("add", "owner_list"),
    opened_blocks=("rows", "opened_form", "owner_list"),
    added_blocks=("added_row",),
)


def saved(
    account_id: int,
    message: str | Callable[[AccountView], str],
    *,
    focus: str = "",
    added: bool = False,
    undo: Replaced | None = None,
) -> ResponseReturnValue:
    """Return the saved row; nothing in its place if the account was deleted and the PBX does not have it.

    `message` may be a function of the saved account.
    """
    state = current_state(current_context())
    account = state.account(account_id)
    if account is None:
        return LIST.removed(account_id, str(message))
    if callable(message):
        message = message(account)
    if htmx.is_htmx() and str(account.number) in current_context().pbx_settings.emergency_numbers:
        message = f"{message} {emergency_number_message(account.number)}"
    if htmx.is_htmx() and (warning := forwarding_message(account, state.saved)):
        message = f"{message} {warning}"
    return LIST.saved(account, message, focus=focus, added=added, undo=undo, state=state)


def many_saved(
    ids: Collection[int], text: str, undo: Sequence[Replaced] = (), *, entry_id: int
) -> ResponseReturnValue:  # fmt: skip
    """Return the rows of these accounts, each in its place unless it is open; without htmx the whole list.

    The page's next poll leaves out the audit entry `entry_id`; 0 for none. What can be undone may be too much for a
    cookie, so no redirect leads to the list.
    """
    message = Message(text)
    if undo:
        address = url_for("accounts.undo", **LIST.args())
        message = Message(text, undo_address=address, undo=sign(undo, "accounts"))
    if not htmx.is_htmx():
        return LIST.page(message=message)
    page = ListContext()
    rows = render_template("accounts/_many_rows.html", page=page, ids=ids, entry_id=entry_id)
    response = LIST.blocks("announcement", message=message, changed=True, state=page.state)
    response.set_data(rows + response.get_data(as_text=True))
    return response


def details_response(
    account: AccountView,
    *,
    secret: RevealedSecret | None = None,
    released: str = "",
    replaced: bool = False,
    message: str = "",
) -> Response:
    """Render a message below the open form without touching what the user typed.

    `secret` is shown, `released` tells that nobody uses the account any more, `replaced` that it has another secret.
    A `message` is announced, and the banner and the counts are renewed with it.
    """
    announcement = Message(message) if message else None
    page = ListContext(message=announcement, changed=True)
    fragment = render_template(
        "accounts/_secret.html", page=page, account=account, secret=secret, released=released, replaced=replaced
    )
    response = LIST.blocks("announcement", message=announcement, changed=True)
    response.set_data(fragment + response.get_data(as_text=True))
    return htmx.retarget(response, f"#edit-{account.id}-shown", "innerHTML")


def announced(account: AccountView, message: str) -> ResponseReturnValue:
    """Announce a message; the open form stays as it is."""
    if not htmx.is_htmx():
        return saved(account.id, message)
    response = LIST.blocks("announcement", message=Message(message))
    return htmx.retarget(response, f"#edit-{account.id}-shown", "innerHTML")


def form(account: AccountView) -> AccountForm:
    """Return the row's form as saved."""
    return AccountForm(current_state(current_context()), account, formdata=None)


def add_form(kept: Mapping[str, str] | None = None) -> AddForm:
    """Return the add form with the next number; `kept` has what the user chose for the account before."""
    form = AddForm(current_state(current_context()), formdata=None)
    form.number.data = service.suggested_number(current_context())
    form.active.data = True
    if kept:
        form.user_id.data, form.recording.data = kept.get("user", ""), "recording" in kept
        form.phone.data, form.level.data = kept.get("phone", BUILTIN), kept.get("level", form.level.data)
    if form.number.data is None:
        form.number.errors = [gettext("All 900 numbers are in use. Delete an account first.")]
    return form


def added_before_another(account_id: int, kept: Mapping[str, Any]) -> ResponseReturnValue:
    """Return the added row, and the add form for the next account with the same choices."""
    state = current_state(current_context())
    account = state.by_id[account_id]
    if htmx.is_htmx():
        form = add_form(kept)
        return LIST.saved(
            account, added_message(account), focus="add-form-number", added=True, add_form=form, state=state
        )
    flash(added_message(account))
    return redirect(url_for(LIST.endpoint, add=1, **LIST.args(), **kept), 303)
