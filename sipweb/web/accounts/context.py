"""What the templates of the account list show."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup

from ...core.rights import Right
from ...services import account_list, audit, generation_history, pbx_status, test_call
from ...services.account_owners import offered_owners
from ...services.account_updates import Stamp
from ...services.audit import Entry
from ...services.state import current_state
from ...services.state_records import AccountView, PbxStatus, State
from ..access import can, current_context, session_fingerprint
from ..formatting import short_time
from ..forms import parse_id
from ..inline_list import Message
from ..list_query import changed_argument, query_args, read_query
from ..list_search import ListSearch
from ..messages import allowed_routes_message, forwarding_message
from .forms import AccountForm, AddForm, BulkForm
from .phone_state import Locale, PhoneState, current_locale, phone_state
from .rows import RowLabels, cached_row, cached_state_cell, row_labels


class ListQuery(NamedTuple):
    """Filter, order and search of the list, as in its address."""

    show: str = "all"
    sort: str = "number"
    q: str = ""


def list_query() -> ListQuery:
    """Return the query of the list that this request belongs to."""
    return read_query(ListQuery, "accounts.index")


@dataclass(frozen=True, kw_only=True)
class ListContext:
    """What the blocks of accounts/index.html show; the templates call it `page`.

    What only some blocks need is a method or a cached property, so that a single row does not wait for it.
    """

    state: State = field(default_factory=lambda: current_state(current_context()))
    pbx_status: PbxStatus = field(default_factory=lambda: pbx_status.current_status(current_context()))
    query: ListQuery = field(default_factory=list_query)
    labels: RowLabels = field(default_factory=row_labels)
    rows: Sequence[AccountView] = ()  # those that are sent; a page sends all that are selected
    forms: Mapping[int, AccountForm] = field(default_factory=dict)  # the open rows' forms by account id
    stale: Mapping[int, str] = field(default_factory=dict)  # who saved an open row meanwhile, by the account's id
    add_form: AddForm | None = None
    focus: str = ""  # id of the control that gets the focus
    message: Message | None = None  # announced; the summary is renewed with it when something `changed`
    changed: bool = False
    searched: bool = False  # the blocks are the results of a search that htmx made
    is_page: bool = False  # the blocks are parts of the whole page, not of an answer to htmx
    stamp: Stamp = Stamp(0, {})  # noqa: RUF009  # an immutable tuple
    _counts: dict[str, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        if self.is_page:
            object.__setattr__(self, "rows", self.selected)  # the dataclass is frozen

    @cached_property
    def emergency_numbers(self) -> tuple[str, ...]:
        """The numbers that are never calls to an account."""
        return current_context().pbx_settings.emergency_numbers

    def count(self, show: str) -> int:
        """Return how many accounts a filter shows; each is counted once."""
        if show not in self._counts:
            self._counts[show] = account_list.count(self.state, show, self.pbx_status)
        return self._counts[show]

    @cached_property
    def search(self) -> ListSearch:
        """What the search field holds."""
        return ListSearch(self.query.q, account_list.FILTERS)

    @cached_property
    def selected(self) -> list[AccountView]:
        """The accounts that the filter and the search show, in the list's order."""
        return account_list.select_accounts(
            self.state, self.query.show, self.query.sort, self.search.search, self.pbx_status
        )

    @property
    def selectable(self) -> int:
        """How many of the accounts can be selected, to be changed together: deleted ones can't."""
        return sum(not account.deleted for account in self.selected)

    @cached_property
    def list_args(self) -> dict[str, str]:
        """The arguments of the list's address, for links and forms that lead back to the same view."""
        return query_args(self.query)

    @cached_property
    def may_edit(self) -> bool:
        """Whether the rows have switches, and links to their forms."""
        return can(Right.EDIT)

    @cached_property
    def bulk_form(self) -> BulkForm:
        """What can be changed in all selected accounts."""
        return BulkForm(self.state, formdata=None)

    @property
    def is_filtered(self) -> bool:
        """Whether there is a filter or a search."""
        return self.query.show != "all" or bool(self.query.q)

    @cached_property
    def changed_argument(self) -> str:
        """Which argument of the list the user has just changed: the page puts the focus on its control."""
        return changed_argument({"q": "", "show": "all", "sort": "number"}) if self.is_page else ""

    def refusals(self) -> tuple[int, tuple[Entry, ...]]:
        """Return how many agents were refused a number in the last 24 hours, and the newest refusals."""
        return audit.recent_refusals()

    def generated_at(self) -> datetime | None:
        """Return when the live configuration was generated; None before the first."""
        return generation_history.generated_at(self.state.generation)

    def can_call(self) -> bool:
        """Return whether the PBX can be told to call a phone."""
        return test_call.can_call(current_context())

    def phone(self, account: AccountView) -> PhoneState | None:
        """Return what is known about the account's phone."""
        return phone_state(account, self.pbx_status, self._locale)

    @cached_property
    def _locale(self) -> Locale:
        return current_locale()

    def state_cell(self, account: AccountView) -> Markup:
        """Return the cell of one row that changes with the phone."""
        return cached_state_cell(account, self.labels, self.phone(account), self.used_by(account.id))

    def used_by(self, account_id: int) -> str:
        """Return a message about who uses an account since when; "" when nobody does."""
        lease = self.state.leases.get(account_id)
        if lease is None:
            return ""
        return gettext("In use by %(name)s since %(time)s", name=lease.name, time=short_time(lease.since))

    def row(self, account: AccountView) -> Markup:
        """Return one row as it is read."""
        values = account, self.labels, self.phone(account), self.focus, self.used_by(account.id)
        if account.forwards:
            return cached_row(*values, may_edit=self.may_edit, warning=self.forwarding_warning(account))
        return cached_row(*values, may_edit=self.may_edit)

    def forwarding_warning(self, account: AccountView) -> str:
        """Return a warning about numbers to which the account's calls can't be forwarded, or ""."""
        return forwarding_message(account, self.state.saved)

    def parts(self) -> Iterator[AccountView | Markup]:
        """Yield the accounts whose rows are open, and between them the other rows, rendered.

        One text for many rows: 900 that go through the template one by one take twice as long.
        """
        closed: list[Markup] = []
        for account in self.rows:
            if account.id in self.forms:
                yield _joined(closed)
                yield account
                closed = []
            else:
                closed.append(self.row(account))
        yield _joined(closed)

    def allowed_routes(self, level: object, saved_level: int | None) -> str:
        """Return which routes a typed level allows, and what differs from the saved level; "" for no level."""
        return allowed_routes_message(self.state.saved.routes, parse_id(str(level).strip()), saved_level)

    def owners(self) -> list[str]:
        """Return the texts that the field of the owner offers."""
        return offered_owners(self.state)

    def element_before(self, account: AccountView) -> str:
        """Return the id of the element before an account's row in this view; "add" also if the view leaves it out."""
        before = "add"
        for row in self.selected:
            if row.id == account.id:
                return before
            before = f"account-{row.id}"
        return "add"

    def updates_address(self) -> str:
        """Return the address that an open page asks what changed since it was made."""
        seen, free = str(self.stamp), len(self.state.free)
        return url_for("accounts.updates", seen=seen, free=free, session=session_fingerprint())


def _joined(rows: Iterable[Markup]) -> Markup:
    return Markup("\n".join(rows))  # noqa: S704  # Markup.join() would look at each row once more
