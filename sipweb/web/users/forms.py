"""The form of a user's row."""

from functools import partial

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, PasswordField, StringField

from ...core.accounts import PHONES
from ...core.rights import AGENT, RIGHTS, Right
from ...services.users import UserInput
from ..access import current_actor
from ..forms import MAX_200, ChoiceField, RowForm, labelled_choices


def _roles() -> list[tuple[str, str]]:
    """Return the roles that the present user may give."""
    roles = tuple(RIGHTS) if current_actor().can(Right.ADMINISTER) else (AGENT,)
    return labelled_choices("role", roles)


class UserForm(RowForm):
    """One user's row, and the add form, where `account` asks for a SIP account of the user's own."""

    name = StringField(_l("Full name"))
    login = StringField(_l("Login"), [MAX_200])
    role = ChoiceField(_l("Role"), choices=_roles, default=AGENT)
    work_mode = ChoiceField(
        _l("Work mode"), choices=partial(labelled_choices, "work_mode", ("automatic", "manual")), default="automatic"
    )
    external_phone = ChoiceField(
        _l("External phone"), choices=partial(labelled_choices, "external_phone", PHONES), default="builtin"
    )
    active = BooleanField(_l("Active"), default=True)
    password = PasswordField(_l("Password"), [MAX_200])
    account = BooleanField(_l("Create a SIP account for this user"))

    @property
    def values(self) -> UserInput:
        """What was typed."""
        return UserInput(
            name=self.name.data or "",
            login=self.login.data or "",
            role=self.role.data,
            active=self.active.data,
            work_mode=self.work_mode.data,
            external_phone=self.external_phone.data,
            password=self.password.data or "",
        )
