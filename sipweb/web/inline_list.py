"""The responses of a list whose rows are edited in place: statuses, targets and focus, with and without htmx."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from jinja2_fragments.flask import render_blocks

from ..services.audit_subjects import last_change
from ..services.edits import Replaced
from ..services.errors import StaleEdit
from . import htmx
from .errors import status_of
from .formatting import date_and_time
from .forms import RowForm
from .locale import translate
from .undo import sign


class Record(Protocol):
    """What a row shows."""

    @property
    def id(self) -> int:
        """The record's id."""


R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Message:
    """What is announced after a request. `undo`, if any, is posted to `undo_address` by the button Undo."""

    text: str
    is_error: bool = False
    undo_address: str = ""
    undo: str = ""


def _last_change(kind: str, record_id: int) -> str:
    """Return a message about who changed a record last, and when; "" if the audit log does not know."""
    entry = last_change(kind, record_id)
    return gettext("Last change: %(name)s, %(time)s.", name=entry.by, time=date_and_time(entry.at)) if entry else ""


def _error_message(error: StaleEdit, change: str) -> Message:
    return Message(f"{translate(error)} {change}".rstrip(), is_error=True)


@dataclass(frozen=True, slots=True)
class InlineList(Generic[R]):
    """One list: its page, and its blocks for htmx.

    The template has the blocks `add` (the add form or its empty place, #add), `rows` and `announcement` (the message,
    and the banners when something changed), and for the search `results` (around the rows) and `search_updates` (what
    else a search changes). A row's id is `ROW-12`, its link Edit is `edit-link-12`.

    The blocks read what `context` returns. Its keyword arguments are `rows` (None for all records), `forms` (record's
    id → open form), `stale` (record's id → who saved it meanwhile), `add_form`, `focus` (the id of the
    element to focus), `message` (a Message or None), `changed`, `searched`, and what else is passed to `blocks`.
    """

    template: str
    endpoint: str
    row: str
    context: Callable[..., Mapping[str, object]]
    args: Callable[[], Mapping[str, Any]] = dict  # of the page's address: the present search, filter and order
    add_blocks: tuple[str, ...] = ("add",)  # put the add form, or its empty place, in its place
    opened_blocks: tuple[str, ...] = ("rows",)  # put a row with its form in its place
    added_blocks: tuple[str, ...] = ("rows",)  # put an added row in its place

    def page(
        self, *, forms: Mapping[int, RowForm] | None = None, add_form: RowForm | None = None,
        stale: Mapping[int, str] | None = None, focus: str = "", message: Message | None = None, status: int = 200,
    ) -> ResponseReturnValue:  # fmt: skip
        """Return the whole page, with these forms open. To htmx, which searches, return the blocks of the results."""
        if htmx.is_htmx():
            response = self.blocks("results", "search_updates", status=status, rows=None, searched=True)
            return htmx.replace_address(response, self._address())
        if message:
            flash(asdict(message))  # type: ignore[arg-type]  # the session keeps any JSON
        values = self._values(rows=None, forms=forms or {}, add_form=add_form, stale=stale or {}, focus=focus)
        return render_template(self.template, **values), status

    def add_form(self, form: RowForm | None) -> ResponseReturnValue:
        """Return the add form, or its empty place."""
        if not htmx.is_htmx():
            return redirect(self._address(add=1 if form else None))
        return self.blocks(*self.add_blocks, add_form=form)

    def form(self, record: R, form: RowForm) -> ResponseReturnValue:
        """Return one row as its form."""
        if not htmx.is_htmx():
            return redirect(self._address(edit=record.id, _anchor=self._row_id(record.id)))
        return self.row_response(record, *self.opened_blocks, forms={record.id: form})

    def read(self, record: R) -> ResponseReturnValue:
        """Return one row as it is read."""
        if not htmx.is_htmx():
            return redirect(self._address(_anchor=self._row_id(record.id)))
        return self.row_response(record, "rows")

    def saved(
        self, record: R, text: str, *, added: bool = False, focus: str = "", undo: Replaced | None = None, **values: Any
    ) -> ResponseReturnValue:  # fmt: skip
        """Return the saved row, then the banners and the announcement. `focus` is an element's id, or "" for Edit.

        `undo` is what the button Undo restores. The other `values` are for the context, whose types they have.
        """
        message = Message(text)
        if undo:
            blueprint = self.endpoint.partition(".")[0]
            address = url_for(f"{blueprint}.undo", **self.args())
            message = Message(text, undo_address=address, undo=sign([undo], blueprint))
        if not htmx.is_htmx():
            return self._redirect_to_row(record.id, message)
        names = ("add", *self.added_blocks) if added else ("rows",)
        response = self.row_response(
            record, *names, "announcement", focus=focus, message=message, changed=True, **values
        )
        return htmx.retarget(response, "#add", "outerHTML") if added else response

    def removed(self, record_id: int, text: str) -> ResponseReturnValue:
        """Return nothing in the place of a deleted row, then the banners and the announcement."""
        message = Message(text)
        if not htmx.is_htmx():
            return self._redirect_to_row(record_id, message)
        response = self.blocks("announcement", message=message, changed=True)
        return htmx.retarget(response, f"#{self._row_id(record_id)}", "outerHTML")

    def add_refused(self, form: RowForm, status: int = 422) -> ResponseReturnValue:
        """Return the add form with its errors: 422. With 200 it shows first what it would add."""
        if not htmx.is_htmx():
            return self.page(add_form=form, status=status)
        return self.blocks("add", status=status, add_form=form)

    def refused(self, record: R, form: RowForm) -> ResponseReturnValue:
        """Return the row's form with its errors: 422."""
        return self._open(record, form, 422)

    def stale(self, record: R, form: RowForm, error: StaleEdit) -> ResponseReturnValue:
        """Return the row's form with what was saved meanwhile: 409. The next save overwrites that."""
        form.overwrite(error.saved.version)
        change = _last_change(self.row, record.id)
        return self._open(
            record, form, status_of(error), stale={record.id: change}, message=_error_message(error, change)
        )

    def stale_switch(self, record: R, error: StaleEdit) -> ResponseReturnValue:
        """Return the row as it was saved meanwhile, instead of switching: 409."""
        message = _error_message(error, _last_change(self.row, record.id))
        status = status_of(error)
        if not htmx.is_htmx():
            return self.page(message=message, status=status)
        return self.row_response(record, "rows", "announcement", status=status, message=message)

    def row_response(
        self, record: R, *names: str, status: int = 200, focus: str = "", **values: object
    ) -> Response:  # fmt: skip
        """Return blocks of one row, to be put in its place whatever element made the request."""
        focus = focus or f"edit-link-{record.id}"
        response = self.blocks(*names, status=status, rows=[record], focus=focus, **values)
        return htmx.retarget(response, f"#{self._row_id(record.id)}", "outerHTML")

    def blocks(self, *names: str, status: int = 200, **values: object) -> Response:
        """Return these blocks of the template, one after the other."""
        return make_response(render_blocks(self.template, list(names), **self._values(**values)), status)

    def _open(
        self, record: R, form: RowForm, status: int, *,
        stale: Mapping[int, str] | None = None, message: Message | None = None,
    ) -> ResponseReturnValue:  # fmt: skip
        forms = {record.id: form}
        if not htmx.is_htmx():
            return self.page(forms=forms, stale=stale, message=message, status=status)
        names = (*self.opened_blocks, "announcement")
        return self.row_response(record, *names, status=status, forms=forms, stale=stale or {}, message=message)

    def _redirect_to_row(self, record_id: int, message: Message) -> ResponseReturnValue:
        flash(asdict(message))  # type: ignore[arg-type]  # the session keeps any JSON
        return redirect(self._address(_anchor=self._row_id(record_id)), 303)

    def _address(self, **values: Any) -> str:
        return url_for(self.endpoint, **self.args(), **values)

    def _values(self, **values: object) -> Mapping[str, object]:
        defaults: dict[str, object] = {
            "rows": (), "forms": {}, "stale": {}, "add_form": None, "focus": "", "message": None, "changed": False,
            "searched": False,
        }  # fmt: skip
        return self.context(**defaults | values)

    def _row_id(self, record_id: int) -> str:
        return f"{self.row}-{record_id}"
