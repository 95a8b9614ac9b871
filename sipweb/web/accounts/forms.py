"""The form of an account's row, and those of other changes of accounts."""

from collections.abc import Callable
from functools import partial
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField

from ...core.accounts import BUILTIN, MAX_CONTACTS, MAX_PICKUP_GROUP, PHONES
from ...core.bulk_changes import SWITCHES
from ...core.forwarding import NO_ANSWER_SECONDS, parse_forward_target
from ...core.numbers import number_ranges, parse_number, parse_number_ranges, whole_number
from ...core.provisioning import VENDORS
from ...services.account_addition import RangePreview
from ...services.account_owners import find_owner, owner_text
from ...services.accounts import COLUMNS, AccountInput
from ...services.state_records import AccountView, State
from ..forms import MAX_200, ChoiceField, Form, ParsedField, RowForm, labelled_choices, parse_id, value_of


class OwnerField(ParsedField):
    """The owner of an account: text that the service turns into a user's id, or None for the pool."""

    def use_users(self, state: State) -> None:
        """Show the owner by name if nothing was sent, and look for users among those of this state."""
        owner_id = self.object_data
        if not self.raw_data:
            self.data = owner_text(state, owner_id)
        self.parse = partial(find_owner, state, present_id=owner_id)


class AccountForm(RowForm):
    """One account's row, and the add form."""

    number = ParsedField(_l("Internal number"), parse_number)
    user_id = OwnerField(_l("User"), name="user")
    phone = ChoiceField(
        _l("Hardware phone"),
        choices=partial(labelled_choices, "phone", PHONES),
        default=BUILTIN,
        message=_l("Select the hardware phone."),
    )
    active = BooleanField(_l("Account active"))
    recording = BooleanField(_l("Call recording"))
    level = ParsedField(_l("Permission level (0-100)"), whole_number(0, 100), default="10")
    max_contacts = ParsedField(_l("Number of phones (1-10)"), whole_number(1, MAX_CONTACTS), default="1")
    pickup_group = ParsedField(_l("Pickup group (1-63, 0: none)"), whole_number(0, MAX_PICKUP_GROUP), default="0")
    forward_always = ParsedField(_l("Forward always"), parse_forward_target, default="")
    forward_busy = ParsedField(_l("Forward when busy"), parse_forward_target, default="")
    forward_no_answer = ParsedField(_l("Forward when no answer"), parse_forward_target, default="")
    secret = PasswordField(_l("Password"), [MAX_200])

    no_answer_seconds = NO_ANSWER_SECONDS
    general_field = "number"
    shown_as = {"user_id": "user"}

    def __init__(self, state: State, account: AccountView | None = None, **kwargs: object) -> None:
        super().__init__(account, **kwargs)
        self.user_id.use_users(state)

    @property
    def shows_more(self) -> bool:
        """Whether the fields that few accounts need are open: one has an error, or another value than the default."""
        forwarding = (self.forward_always, self.forward_busy, self.forward_no_answer)
        fields = (self.max_contacts, self.pickup_group, *forwarding)
        return any(field.errors or str(field.data) != field.default for field in fields)

    @property
    def values(self) -> AccountInput:
        """What was typed. Only after validate()."""
        return AccountInput(**{name: value_of(self[name]) for name in COLUMNS}, secret=self.secret.data or "")


class AddForm(AccountForm):
    """The add form. Its number can be several: then it shows what it would add before it does.

    `previewed` are the numbers of the preview that the form shows, as ranges; `seen` are the new ones among them.
    """

    previewed = StringField(default="")
    seen = StringField(default="")

    def __init__(self, state: State, **kwargs: Any) -> None:
        super().__init__(state, **kwargs)
        self.number.parse = parse_number_ranges
        self.preview: RangePreview | None = None

    @property
    def focus(self) -> str:
        """The name of the field that gets the focus; "" for the button below a preview."""
        return "" if self.preview and not self.errors else super().focus

    @property
    def numbers(self) -> tuple[int, ...]:
        """The numbers that were typed. Only after validate()."""
        numbers: tuple[int, ...] = value_of(self.number)
        return numbers

    @property
    def is_previewed(self) -> bool:
        """Whether the preview showed the numbers that were typed. Only after validate()."""
        return self.previewed.data == number_ranges(self.numbers)

    @property
    def seen_numbers(self) -> set[int]:
        """The numbers that the preview showed as new."""
        return {parse_id(text) or 0 for text in self.seen.data.split(",")}

    @property
    def values(self) -> AccountInput:
        """What was typed, with the first of the numbers. Only after validate()."""
        values = {name: value_of(self[name]) for name in COLUMNS} | {"number": self.numbers[0]}
        return AccountInput(**values, secret=self.secret.data or "")


def _unless_empty(parse: Callable[[str], object]) -> Callable[[str], object]:
    """Return a parser for which an empty text is None."""
    return lambda text: parse(text) if text.strip() else None


def _switch_choices() -> list[tuple[str, str]]:
    return [("", gettext("Unchanged")), ("on", gettext("on")), ("off", gettext("off"))]


class BulkForm(Form):
    """What many accounts get; an empty field leaves what each of them has."""

    level = ParsedField(_l("Permission level"), _unless_empty(whole_number(0, 100)), default="")
    user_id = ParsedField(_l("User"), default="", name="user")
    phone = ChoiceField(
        _l("Hardware phone"),
        choices=lambda: [("", gettext("Unchanged")), *labelled_choices("phone", PHONES)],
        default="",
        message=_l("Select the hardware phone."),
    )
    active = ChoiceField(_l("Account active"), choices=_switch_choices, default="")
    recording = ChoiceField(_l("Call recording"), choices=_switch_choices, default="")

    def __init__(self, state: State, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.user_id.parse = partial(find_owner, state)

    @property
    def typed(self) -> dict[str, str]:
        """What the fields hold, by their names; empty ones are left out."""
        return {field.name: field.data for field in self if field.data}

    @property
    def values(self) -> dict[str, Any]:
        """The new values by the accounts' fields. Only after validate()."""
        given = {name: value_of(field) for name, field in self._fields.items() if (field.data or "").strip()}
        return given | {name: given[name] == "on" for name in SWITCHES & given.keys()}


class ProvisioningForm(Form):
    """The phone that fetches its settings."""

    vendor = ChoiceField(
        _l("Vendor"),
        choices=lambda: [("", "–"), *((vendor, found.name) for vendor, found in VENDORS.items())],
        default="",
        message=_l("Select the phone's vendor."),
    )
    mac = StringField(_l("MAC address"), [MAX_200], default="")
