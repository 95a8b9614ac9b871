"""The accounts that are selected in the list, for what is done with many at once."""

from collections.abc import Sequence

from flask import request

from ...services.state_records import AccountView
from ..forms import parse_id
from .context import ListContext


def selected_accounts(page: ListContext | None = None) -> Sequence[AccountView]:
    """Return the accounts that the request selects, in the order of the list; deleted ones are left out.

    The form has their ids, each in a field `id`; or `all`, for all that the list's search and filter show, which are
    in the address.
    """
    page = page or ListContext()
    if "all" in request.form:
        return [account for account in page.selected if not account.deleted]
    ids = dict.fromkeys(parse_id(text) for text in request.form.getlist("id"))
    return [page.state.by_id[account_id] for account_id in ids if account_id in page.state.by_id]
