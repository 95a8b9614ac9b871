"""The rows of the account list as they are read, rendered once and kept."""

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from flask import current_app
from flask_babel import gettext, pgettext
from markupsafe import Markup

from ...services.state_records import AccountView
from ..labels import phone_name
from ..locale import language
from .phone_state import PhoneState


class RowLabels(NamedTuple):
    """The texts of a row in one language. Those of states are named as in the macro `state_of`."""

    builtin: str
    other: str
    free: str
    registered: str
    unreachable: str
    no_response: str
    inactive: str
    not_live: str
    not_in_use: str
    not_registered: str
    never_registered: str
    refused: str
    old_password: str
    attempts: str
    pending: str
    pending_inactive: str
    pending_deleted: str
    pending_password: str
    owner_inactive: str
    now: str
    on: str
    off: str
    active: str
    recording: str
    level: str
    phones: str
    pickup_group: str
    forwarding: str
    forward_always: str
    forward_busy: str
    forward_no_answer: str
    edit: str
    history: str
    undo: str
    release: str
    select: str


def row_labels() -> RowLabels:
    """Return the labels in the page's language."""
    return _labels(language(), phone_name("builtin"))


@lru_cache
def _labels(_language: str, builtin: str) -> RowLabels:
    return RowLabels(
        builtin=builtin,
        other=phone_name("other"),
        free=gettext("Free"),
        registered=pgettext("account", "Registered"),
        unreachable=pgettext("account", "Unreachable"),
        no_response=gettext("The phone doesn't respond."),
        inactive=gettext("Inactive"),
        not_live=gettext("Not live yet"),
        not_in_use=gettext("Not in use"),
        not_registered=gettext("Not registered"),
        never_registered=gettext("Never registered"),
        refused=gettext("Refused"),
        old_password=gettext("still registered with the old password"),
        attempts=gettext("Sign-in attempts"),
        pending=gettext("pending"),
        pending_inactive=gettext("pending: inactive"),
        pending_deleted=gettext("pending: deleted"),
        pending_password=gettext("pending: password"),
        owner_inactive=gettext("(inactive user)"),
        now=gettext("now:"),
        on=gettext("on"),
        off=gettext("off"),
        active=gettext("Account active"),
        recording=gettext("Call recording"),
        level=gettext("Permission level"),
        phones=gettext("phones:"),
        pickup_group=gettext("pickup group:"),
        forwarding=gettext("forwards"),
        forward_always=gettext("always:"),
        forward_busy=gettext("when busy:"),
        forward_no_answer=gettext("no answer:"),
        edit=gettext("Edit"),
        history=gettext("History"),
        undo=gettext("Undo"),
        release=gettext("Release number"),
        select=gettext("Select"),
    )


@lru_cache(maxsize=4096)
def cached_row(
    account: AccountView, labels: RowLabels, phone: PhoneState | None, focus: str, used_by: str, *,
    may_edit: bool, warning: str = "",
) -> Markup:  # fmt: skip
    """Render one row as it is read, without the template's indentation, a quarter of the page with 900 rows.

    The same arguments give the same text, so each of 900 rows is rendered once.
    """
    return _compact(_macro("_row", "row")(account, labels, phone, focus, used_by, warning, may_edit))


@lru_cache(maxsize=1024)
def cached_state_cell(account: AccountView, labels: RowLabels, phone: PhoneState | None, used_by: str) -> Markup:
    """Render the cell of the state as in a row."""
    return _compact(_macro("_state", "state_cell")(account, labels, phone, used_by))


def _macro(template: str, name: str) -> Callable[..., Markup]:
    macro: Callable[..., Markup] = getattr(current_app.jinja_env.get_template(f"accounts/{template}.html").module, name)
    return macro


def _compact(html: Markup) -> Markup:
    lines = [line.strip() for line in str(html).splitlines()]  # a Markup's methods are slow
    return Markup("\n".join(line for line in lines if line))  # noqa: S704  # the macro has escaped it
