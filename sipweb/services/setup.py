"""The first start: an administrator, the automatic accounts 200-219, and their first generation."""

from sqlalchemy import select

from ..core.snapshot import BUILTIN
from ..db import db
from ..models import Account, Generation, Revision
from ..vault import new_secret
from . import accounts, users
from .generations import generate
from .site import Actor, Site

FIRST_NUMBERS = range(200, 220)
SETUP = Actor(None, "flask setup", address="terminal")


def administrator(password: str) -> str | None:
    """Create `admin` on a new system; the one-time password to show, None when nothing was made."""
    if users.any_user():
        return None
    chosen = password or new_secret(16)
    users.create_user(SETUP, "admin", "Administrator", chosen, "administrator", must_change=not password)
    return chosen


def first_accounts(site: Site) -> bool:
    """The 20 accounts and their generation, on a new system only."""
    if db.session.scalar(select(Generation.number).limit(1)) or db.session.scalar(select(Account.id).limit(1)):
        return False
    for number in FIRST_NUMBERS:
        accounts.add(site, SETUP, accounts.Draft(number, None, BUILTIN, True, False, 10))
    return generate(site, SETUP) is not None


def begin() -> None:
    """The row that every transaction raises."""
    if db.session.get(Revision, 1) is None:
        db.session.add(Revision(id=1, value=0))
        db.session.commit()
