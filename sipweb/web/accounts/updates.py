"""What an open page of the list asks every few seconds: what changed since then."""

from typing import NamedTuple

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from jinja2_fragments.flask import render_blocks

from ...services import account_updates
from ...services.account_updates import Changes, Stamp
from ...services.state_records import AccountView
from .. import htmx
from ..access import background, current_context, session_fingerprint
from ..forms import parse_id
from .context import ListContext
from .views import bp


@bp.get("/accounts/updates")
@background
def updates() -> ResponseReturnValue:
    """Send what changed since the page's stamp; 204 when nothing did. Open forms are left as they are."""
    if not htmx.is_htmx():
        return redirect(url_for(".index"))
    seen = Stamp.of(request.args.get("seen", ""))
    own = {entry_id for text in request.args.getlist("own") if (entry_id := parse_id(text))}
    changes = account_updates.changes_since(current_context(), seen, own)
    new_session = request.args.get("session") != session_fingerprint()
    if changes is None and not new_session:
        return "", 204
    changes = changes or Changes(seen, frozenset())
    page = ListContext(changed=True, stamp=changes.stamp)
    blocks = render_blocks("accounts/index.html", ["polling", "summary_updates"], page=page)
    return blocks + render_template(
        "accounts/_updates.html",
        page=page,
        updates=_row_updates(page, changes.accounts or frozenset(), changes.phones),
        too_many=changes.accounts is None,
        address=htmx.current_path(),
        new_session=new_session,
        pool_ran_out=request.args.get("free", "0") != "0" and not page.state.free,
    )


class RowUpdates(NamedTuple):
    """How the rows of an open page change.

    `insertions` are the rows that the page's filter shows, each with the id of the element before it: pages that lack
    the row get it there. The last row comes first, so that several can be inserted directly after one element. Of
    `phones` only the state is replaced: nothing else in the row depends on the phone.
    """

    changed: list[AccountView]
    phones: list[AccountView]
    insertions: list[tuple[str, AccountView]]
    removed: frozenset[int]


def _row_updates(page: ListContext, changed_ids: frozenset[int], phone_ids: frozenset[int]) -> RowUpdates:
    accounts = {account.id: account for account in page.state.accounts}
    insertions: list[tuple[str, AccountView]] = []
    element_before = "add"  # the element before the first row
    may_be_new = changed_ids | phone_ids if page.is_filtered else changed_ids
    for account in page.selected if may_be_new else ():
        if account.id in may_be_new:
            insertions.append((element_before, account))
        else:
            element_before = f"account-{account.id}"
    changed = [accounts[account_id] for account_id in sorted(changed_ids & accounts.keys())]
    phones = [accounts[account_id] for account_id in sorted(phone_ids & accounts.keys())]
    return RowUpdates(changed, phones, insertions[::-1], changed_ids - accounts.keys())
