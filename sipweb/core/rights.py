"""Which role has which rights. Views name the right that they need, and services check it again."""

from collections.abc import Mapping
from enum import StrEnum

from .errors import N_

AGENT, AUDITOR, EDITOR, ADMINISTRATOR = "agent", "auditor", "editor", "administrator"


class Right(StrEnum):
    """What a role may allow."""

    WORK = "work"  # use a number, as an agent does
    VIEW = "view"  # read the administration pages
    LISTEN = "listen"  # play and download recordings
    EDIT = "edit"  # save accounts, trunks, rules and agents, and discard single edits
    SHOW_PASSWORDS = "show_passwords"  # see the passwords of SIP accounts
    GENERATE = "generate"  # change what the PBX runs: generate, restore, apply again; discard all edits
    ADMINISTER = "administer"  # add and change users who are no agents, and what no other right is for


RIGHTS: Mapping[str, frozenset[Right]] = {  # the lists of roles have this order
    AGENT: frozenset({Right.WORK}),
    AUDITOR: frozenset({Right.VIEW}),
    EDITOR: frozenset({Right.WORK, Right.VIEW, Right.LISTEN, Right.EDIT, Right.SHOW_PASSWORDS}),
    ADMINISTRATOR: frozenset(Right),
}
REFUSALS = {
    Right.WORK: N_("Your role doesn't allow you to work with a number."),
    Right.VIEW: N_("Your role doesn't allow you to view this page."),
    Right.LISTEN: N_("Your role doesn't allow you to play or download recordings."),
    Right.EDIT: N_("Your role only allows you to read. Ask an administrator to make this change."),
    Right.SHOW_PASSWORDS: N_("Your role doesn't allow you to see passwords of SIP accounts."),
    Right.GENERATE: N_("Your role doesn't allow you to change what the PBX runs. Ask an administrator."),
    Right.ADMINISTER: N_("Only an administrator can do this."),
}


def has_right(role: str, right: Right) -> bool:
    """Return whether a role has a right; an unknown role has none."""
    return right in RIGHTS.get(role, frozenset())


def right_to_edit_user(*roles: str) -> Right:
    """Return the right that is needed to save a user who has, or is given, one of these roles."""
    return Right.EDIT if set(roles) == {AGENT} else Right.ADMINISTER
