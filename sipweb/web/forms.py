"""What all forms share. A form checks how a value is written; the services check what it means."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.datastructures import CombinedMultiDict
from wtforms import Field, PasswordField, SelectField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from ..core.errors import Invalid, SipwebError
from .formatting import format_value
from .locale import translate

MAX_200 = Length(max=200, message=_l("Too long."))


class Form(FlaskForm):
    """Base of all forms."""

    class Meta(FlaskForm.Meta):
        csrf = False  # CSRFProtect checks every POST, before any form is made

        def wrap_formdata(self, form: "Form", formdata: object) -> Any:  # of any type in WTForms, too
            """Take the fields of a form only. Flask-WTF would take JSON and files too, whose values are no texts."""
            if request.is_json:
                return None
            wrapped = super().wrap_formdata(form, formdata)
            return request.form if isinstance(wrapped, CombinedMultiDict) else wrapped


class LoginForm(Form):
    """Login and password."""

    login = StringField(_l("Login"), [InputRequired(_l("Enter your login.")), MAX_200])
    password = PasswordField(_l("Password"), [InputRequired(_l("Enter your password.")), MAX_200])


class ConfirmationForm(Form):
    """The password of who is signed in, entered again."""

    current_password = PasswordField(_l("Your password"), [InputRequired(_l("Enter your password.")), MAX_200])


class PasswordForm(Form):
    """The user's own password."""

    old = PasswordField(_l("Current password"), [InputRequired(_l("Enter your password.")), MAX_200])
    new = PasswordField(_l("New password"), [InputRequired(_l("Enter a new password.")), MAX_200])
    again = PasswordField(_l("Confirm new password"), [InputRequired(_l("Re-enter the new password."))])

    def validate_again(self, field: PasswordField) -> None:
        """Both must be the same."""
        if field.data != self.new.data:
            raise ValidationError(_l("The passwords don't match."))


class CodeForm(Form):
    """A code of an authenticator app."""

    code = StringField(_l("Code from the authenticator app"), [InputRequired(_l("Enter the code.")), MAX_200])


class RecoveryCodeForm(Form):
    """A recovery code."""

    recovery_code = StringField(_l("Recovery code"), [InputRequired(_l("Enter a recovery code.")), MAX_200])


class PasskeyForm(Form):
    """A new passkey: its name, and what the browser answered, which a script fills in."""

    name = StringField(_l("Name"))
    credential = StringField()


def parse_id(text: object) -> int | None:
    """Return an id or a version from a field or an address; None for anything else and for more than nine digits."""
    digits = str(text)
    return int(digits) if digits.isdecimal() and len(digits) <= 9 else None


def optional_id(text: object) -> int | None:
    """Return the id of a choice, None for the empty one, and 0, which the service refuses, for anything else."""
    return (parse_id(text) or 0) if text else None


class ParsedField(StringField):
    """Text that `parse` turns into `value`. What it refuses is the field's error; the text stays as it was typed."""

    def __init__(self, label: object = None, parse: Callable[[str], object] = str, **kwargs: object) -> None:
        super().__init__(label, **kwargs)
        self.parse = parse
        self.value: object = None

    def pre_validate(self, form: Form) -> None:
        """Parse the text."""
        try:
            self.value = self.parse("" if self.data is None else str(self.data))
        except Invalid as error:
            raise ValidationError(translate(error)) from None


class ChoiceField(SelectField):
    """One of a fixed list."""

    def __init__(
        self, label: object = None, *, message: object = _l("Select an option from the list."), **kwargs: object
    ) -> None:
        super().__init__(label, **kwargs)
        self.message = message

    def pre_validate(self, form: Form) -> None:
        """Refuse what is not in the list."""
        if self.data not in [choice for choice, _label in self.choices]:
            raise ValidationError(self.message)


def labelled_choices(name: str, choices: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the choices of a field with their labels in the page's language."""
    return [(choice, format_value(name, choice)) for choice in choices]


def value_of(field: Field) -> Any:  # a field's data has any type
    """Return what a field's text was parsed to, or its data. Only after validate()."""
    return field.value if isinstance(field, ParsedField) else field.data


class Versioned(Protocol):
    """A record with a version."""

    @property
    def version(self) -> int:
        """The number of the record's last change."""


class RowForm(Form):
    """Base form of a list's row; carries the version for optimistic locking."""

    version = StringField(_l("Version"))
    general_field = "name"  # shows the errors that belong to no field
    shown_as: Mapping[str, str] = {}  # field → attribute of the record that holds the text for it

    def __init__(self, record: object = None, **kwargs: Any) -> None:
        super().__init__(obj=record, **kwargs)

    @property
    def focus(self) -> str:
        """The name of the field that gets the focus: the first with an error, or the first of all."""
        fields = [field for field in self if field is not self.version]
        return str(next((field for field in fields if field.errors), fields[0]).name)

    def validate_version(self, field: StringField) -> None:
        """Check the hidden field."""
        if field.data and parse_id(field.data) is None:
            raise ValidationError(_l("This page is out of date. Reload it and try again."))

    def version_or_current(self, record: Versioned) -> int:
        """Return the version that the form was made from; without one the record is overwritten as it is."""
        return int(self.version.data or record.version)

    def add_error(self, error: SipwebError) -> None:
        """Show a service's error under its field."""
        field = self._fields.get(error.field or "", self[self.general_field])
        field.errors = [*field.errors, translate(error)]

    def overwrite(self, version: int) -> None:
        """Let the next save overwrite this version."""
        self.version.raw_data, self.version.data = None, str(version)

    def differences(self, record: object) -> list[tuple[str, str]]:
        """Return label and saved value of each field in which the record differs from what was typed."""
        return [
            (str(field.label.text), format_value(name, getattr(record, self.shown_as.get(name, name))))
            for name, field in self._fields.items()
            if field is not self.version
            and hasattr(record, name)
            and str(value_of(field)) != str(getattr(record, name))
        ]
