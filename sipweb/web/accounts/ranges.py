"""Several accounts added with one form: the preview, the addition and its undo."""

from collections.abc import Collection
from dataclasses import asdict

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from ...core.numbers import number_ranges
from ...services import account_addition
from ...services.account_list import FILTERS
from ...services.errors import ChangedSincePreview
from .. import htmx
from ..access import current_actor, current_context
from ..inline_list import Message
from ..locale import language
from .forms import AddForm
from .listing import LIST

MAX_SHOWN = 120  # characters of the numbers in a message


def preview_or_add(form: AddForm) -> ResponseReturnValue:
    """Add the accounts if the form has shown its preview, and show them in the list; else show the preview.

    Raises:
        Invalid: nothing was added; the error names the field.
    """
    ctx, values = current_context(), form.values
    status = 200
    if form.is_previewed:
        try:
            added = account_addition.add_range(ctx, current_actor(), values, form.numbers, form.seen_numbers)
            address = url_for(LIST.endpoint, q=search_for(added.numbers))
            return _leave(address, _added_message(added, is_active=values.active))
        except ChangedSincePreview as error:
            form.add_error(error)
            status = 409
    form.preview = account_addition.preview_range(ctx, values, form.numbers)
    return LIST.add_refused(form, status)


def undo(entry_id: int) -> ResponseReturnValue:
    """Delete the accounts that were added together, and show the list."""
    count = account_addition.undo_addition(current_context(), current_actor(), entry_id)
    text = ngettext("%(num)s SIP account deleted again.", "%(num)s SIP accounts deleted again.", count)
    return _leave(url_for(LIST.endpoint), Message(text))


def search_for(numbers: Collection[int]) -> str:
    """Return the search that shows exactly the accounts of these numbers."""
    name = getattr(FILTERS[0].term, language())
    return f"{name}:{number_ranges(numbers).replace(' ', '')}"


def _added_message(added: account_addition.Added, *, is_active: bool) -> Message:
    numbers = number_ranges(added.numbers, max_length=MAX_SHOWN)
    count = len(added.numbers)
    text = ngettext("%(num)s SIP account added: %(numbers)s.", "%(num)s SIP accounts added: %(numbers)s.",
                    count, numbers=numbers)  # fmt: skip
    if is_active:
        pending = gettext("Pending: the PBX doesn't have them yet.")
        text = f"{text} {pending}"
    return Message(text, undo_address=url_for("accounts.undo_addition"), undo=str(added.entry_id))


def _leave(address: str, message: Message) -> ResponseReturnValue:
    flash(asdict(message))  # type: ignore[arg-type]  # the session keeps any JSON
    return htmx.leave_page(address) if htmx.is_htmx() else redirect(address, 303)
