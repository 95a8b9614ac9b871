"""The shape of what is typed; the truth is the services' business. HTML attributes say the same."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from ..config import TRANSPORTS
from ..core.errors import N_, Invalid
from ..core.numbers import parse_number
from ..core.snapshot import AUTOMAT, PHONES
from ..services.accounts import Draft
from ..services.state import AccountView, Person
from ..services.users import UserDraft, UserView
from ..services.ways import RuleDraft, RuleView, TrunkDraft, TrunkView
from .words import phone_name, say, value

SHORT = Length(max=200, message=_l("That is too long."))


class Form(FlaskForm):
    """A form of ours."""

    class Meta(FlaskForm.Meta):
        csrf = False  # CSRFProtect checks every POST, before any form is made

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """Fields of a form only: Flask-WTF would take JSON too, where a text can be anything."""
            return None if request.is_json else super().wrap_formdata(form, formdata)


class LoginForm(Form):
    """Login and password."""

    login = StringField(_l("Login"), [InputRequired(_l("Enter your login.")), SHORT])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), SHORT])


class PasswordForm(Form):
    """The own password."""

    old = PasswordField(_l("Present password"), [InputRequired(_l("Enter your password.")), SHORT])
    new = PasswordField(_l("New password"), [InputRequired(_l("Enter a new password.")), SHORT])
    again = PasswordField(_l("New password again"), [InputRequired(_l("Enter the new password again."))])

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same."""
        if field.data != self.new.data:
            raise ValidationError(_l("The two new passwords differ."))


class OwnerField(SelectField):
    """Who owns an account. The people are listed where the field is shown; whether the chosen one may, the service knows."""

    def __init__(self, label: object = None, **kwargs: Any) -> None:
        super().__init__(label, coerce=_identity, validate_choice=False, choices=[], **kwargs)
        self.people: tuple[Person, ...] = ()

    def iter_choices(self) -> Any:
        """Automat Automat, the active people, and the present owner."""
        owner = self.object_data
        self.choices = [("", AUTOMAT)] + [(p.id, p.name) for p in self.people if p.active or p.id == owner]
        return super().iter_choices()


def whole(text: object) -> int | None:
    """An id or a version, as fields and addresses of ours carry one; None for what is none, or too large for any."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) <= 9 else None


def _identity(text: Any) -> int | None:
    """Of the one that was chosen; nobody's for nonsense, so that the service refuses it by its own sentence."""
    return (whole(text) or 0) if text else None


class RowForm(Form):
    """What is saved by its version: a row of a list."""

    version = StringField(_l("Version"))

    def validate_version(self, field: StringField) -> None:
        """A hidden field of ours."""
        if field.data and whole(field.data) is None:
            raise ValidationError(_l("This page was too old. Reload it and try again."))


class AccountForm(RowForm):
    """One account's row. Every form of the page has ids of its own: `edit-12-number`."""

    number = StringField(_l("Internal number"))
    user = OwnerField(_l("User"), default="")
    phone = SelectField(_l("Hardware phone"), default="builtin", validate_choice=False)
    active = BooleanField(_l("Account active"))
    recording = BooleanField(_l("Call recording"))
    level = StringField(_l("Permission level (0-100)"), default="10")
    secret = PasswordField(_l("Password"), [SHORT])

    def __init__(self, people: tuple[Person, ...], account: AccountView | None = None, **kwargs: Any) -> None:
        if account is not None:
            kwargs["data"] = {
                name: getattr(account, name) for name in ("number", "phone", "active", "recording", "level", "version")
            }
            kwargs["data"]["user"] = account.user_id
        super().__init__(**kwargs)
        self.user.people = people
        self.phone.choices = [(phone, phone_name(phone)) for phone in PHONES]

    def validate_number(self, field: StringField) -> None:
        """Three digits; core knows."""
        try:
            parse_number(str(field.data or ""))
        except Invalid as error:
            raise ValidationError(say(error)) from None

    def validate_phone(self, field: SelectField) -> None:
        """One of two."""
        if field.data not in PHONES:
            raise ValidationError(_l("Choose one of the two phones."))

    def validate_level(self, field: StringField) -> None:
        """A whole number from 0 to 100."""
        text = str(field.data if field.data is not None else "").strip()
        if not (text.isascii() and text.isdecimal() and len(text) <= 3 and int(text) <= 100):
            raise ValidationError(_l("Enter a whole number from 0 to 100."))

    @property
    def draft(self) -> Draft:
        """What was typed, as values. Only after validate()."""
        return Draft(
            parse_number(str(self.number.data)), self.user.data, self.phone.data, self.active.data, self.recording.data,
            int(str(self.level.data).strip()), self.secret.data or "",
        )  # fmt: skip

    def refuse(self, error: Invalid) -> None:
        """Show a service's refusal under its field."""
        field = self._fields.get(error.field or "", self.number)
        field.errors = [*field.errors, say(error)]


class UserForm(RowForm):
    """One user's row, and the add form, where `account` asks for a SIP account of the user's own."""

    name = StringField(_l("Name"))
    login = StringField(_l("Login"), [SHORT])
    role = SelectField(_l("Role"), choices=["agent", "administrator"], default="agent", validate_choice=False)
    active = BooleanField(_l("Active"))
    work_mode = SelectField(
        _l("Work mode"), choices=["automatic", "manual"], default="automatic", validate_choice=False
    )
    external_phone = SelectField(_l("External phone"), choices=list(PHONES), default="builtin", validate_choice=False)
    password = PasswordField(_l("Password"), [SHORT])
    account = BooleanField(_l("Create a SIP account for this user"))

    def __init__(self, user: UserView | None = None, **kwargs: Any) -> None:
        if user is not None:
            names = ("name", "login", "role", "active", "work_mode", "external_phone", "version")
            kwargs["data"] = {name: getattr(user, name) for name in names}
        super().__init__(**kwargs)
        for field in (self.role, self.work_mode, self.external_phone):
            field.choices = [(choice, value(field.name, choice)) for choice in field.choices]

    def validate(self, extra_validators: Any = None) -> bool:
        """The three choices, too."""
        valid = bool(super().validate(extra_validators))
        for field in (self.role, self.work_mode, self.external_phone):
            if field.data not in [choice for choice, _label in field.choices]:
                field.errors = [*field.errors, str(_l("Choose one of the list."))]
                valid = False
        return valid

    @property
    def draft(self) -> UserDraft:
        """What was typed, as values."""
        return UserDraft(
            self.name.data or "", self.login.data or "", self.role.data, self.active.data, self.work_mode.data,
            self.external_phone.data, self.password.data or "",
        )  # fmt: skip

    def refuse(self, error: Invalid) -> None:
        """Show a service's refusal under its field."""
        field = self._fields.get({"new": "password"}.get(error.field or "", error.field or ""), self.name)
        field.errors = [*field.errors, say(error)]


class WayForm(RowForm):
    """What the rows of trunks and rules share."""

    name = StringField(_l("Name"))
    active = BooleanField(_l("Active"))

    def __init__(self, way: TrunkView | RuleView | None = None, **kwargs: Any) -> None:
        if way is not None:
            kwargs["data"] = {name: getattr(way, name) for name in self._unbound_names() if hasattr(way, name)}
        super().__init__(**kwargs)

    @classmethod
    def _unbound_names(cls) -> list[str]:
        return [name for name in dir(cls) if hasattr(getattr(cls, name), "field_class")]

    def number(self, name: str, low: int, high: int) -> int:
        """A field's whole number. Raises Invalid."""
        found = whole(self._fields[name].data)
        if found is None or not low <= found <= high:
            raise Invalid(N_("Enter a whole number from %(low)s to %(high)s."), name, low=low, high=high)
        return found

    def refuse(self, error: Invalid) -> None:
        """Show a service's refusal under its field."""
        field = self._fields.get({"new": "secret"}.get(error.field or "", error.field or ""), self.name)
        field.errors = [*field.errors, say(error)]


class TrunkForm(WayForm):
    """One trunk's row. `offered` are the transports that the PBX has."""

    offered: tuple[str, ...] = TRANSPORTS
    host = StringField(_l("Host"))
    port = StringField(_l("Port"), default="5060")
    transport = SelectField(_l("Transport"), choices=list(TRANSPORTS), default="udp", validate_choice=False)
    user = StringField(_l("User"))
    caller = StringField(_l("Caller number"))
    realm = StringField(_l("Realm"))
    register = BooleanField(_l("Register"))
    secret = PasswordField(_l("Password"), [SHORT])

    def offer(self, transports: tuple[str, ...], present: str) -> None:
        """These may be chosen; the present one is shown all the same, "" for none."""
        self.offered = transports
        self.transport.choices = [name for name in TRANSPORTS if name in (*transports, present)]

    @property
    def draft(self) -> TrunkDraft:
        """What was typed. Raises Invalid."""
        if self.transport.data not in self.offered:
            offered = ", ".join(self.offered).upper()
            raise Invalid(N_("The PBX has the transports %(offered)s only."), "transport", offered=offered)
        return TrunkDraft(
            self.name.data or "", self.host.data or "", self.number("port", 1, 65535), self.transport.data,
            (self.user.data or "").strip(), self.caller.data or "", (self.realm.data or "").strip(),
            self.register.data, self.active.data, self.secret.data or "",
        )  # fmt: skip


class RuleForm(WayForm):
    """One routing rule's row."""

    pattern = StringField(_l("Pattern"))
    level = StringField(_l("Lowest level"), default="10")
    trunk_id = SelectField(_l("Trunk"), coerce=_identity, validate_choice=False, choices=[])
    strip = StringField(_l("Digits to strip"), default="0")
    prepend = StringField(_l("Digits to prepend"))
    emergency = BooleanField(_l("Emergency calls"))
    active = BooleanField(_l("Rule active"))

    @property
    def draft(self) -> RuleDraft:
        """What was typed. Raises Invalid."""
        return RuleDraft(
            self.name.data or "", self.pattern.data or "", self.number("level", 0, 100), self.trunk_id.data or 0,
            self.number("strip", 0, 32), self.prepend.data or "", self.emergency.data, self.active.data,
        )  # fmt: skip
