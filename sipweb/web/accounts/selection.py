"""The accounts that are selected in the list, for what is done with many at once."""

from flask import request

from ...core.errors import N_, Invalid
from ..forms import parse_id
from .context import ListContext

MAX_SELECTED = 1000  # there are 900 numbers; each account that does not exist any more costs a query


def selected_ids() -> list[int]:
    """Return the ids of the accounts that the request selects, each once, also of accounts deleted meanwhile.

    The form has their ids, in fields `id` of one id each or of several with commas; or it has the field `all`, for all
    that the list's search and filter show, which are in the address.
    """
    if "all" in request.form:
        return [account.id for account in ListContext().selected if not account.deleted]
    texts = ",".join(request.form.getlist("id")).split(",")
    if len(texts) > MAX_SELECTED:
        raise Invalid(N_("Select at most %(count)s accounts."), count=MAX_SELECTED)
    return [account_id for account_id in dict.fromkeys(map(parse_id, texts)) if account_id is not None]
