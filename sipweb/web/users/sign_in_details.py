"""What a new user needs for the first sign-in, shown once to the administrator who added the user."""

from dataclasses import dataclass, field

from flask import url_for
from flask_babel import gettext

from ...core.assignment import Assignment, Reason
from ...services.user_list import UserView
from .listing import UserList


@dataclass(frozen=True, slots=True)
class SignInDetails:
    """`text` is what the administrator hands over, with the password; `outlook` says which number the user will get.

    `is_pending`: the number comes with the next generation.
    """

    name: str
    text: str = field(repr=False)
    outlook: str
    is_pending: bool


def sign_in_details(user: UserView, password: str) -> SignInDetails:
    """Return the sign-in details of a user who was added."""
    page = UserList()
    expected = page.expected[user.id]
    lines = {
        gettext("Sign-in page"): url_for("auth.login", _external=True),
        gettext("Login"): user.login,
        gettext("Temporary password"): password,
    }
    if user.role == "agent" and expected.next.account:
        lines[gettext("Number")] = page.number_text(expected.next)
    text = "\n".join([user.name, *(f"{label}: {value}" for label, value in lines.items())])
    outlook = _outlook(page, user, expected.next, is_pending=expected.is_pending)
    return SignInDetails(user.name, text, outlook, expected.is_pending)


def _outlook(page: UserList, user: UserView, assignment: Assignment, *, is_pending: bool) -> str:
    """Return a sentence about the number that a user will get; "" for an administrator, who need not have one."""
    if assignment.account is None:
        reason = page.reason_text(user, assignment)
        return gettext("%(name)s would not be assigned a number: %(why)s.", name=user.name, why=reason)
    if assignment.reason is Reason.OWN:
        number = assignment.account.number
        return gettext(
            "%(name)s will get %(number)s after the configuration is generated.", name=user.name, number=number
        )
    if is_pending:
        return gettext("%(name)s will get an automatic number after the configuration is generated.", name=user.name)
    return gettext("%(name)s will get an automatic number at sign-in.", name=user.name)
