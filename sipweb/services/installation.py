"""The first start: an administrator, the automatic accounts 200-219, and their first generation."""

from sqlalchemy import select

from ..core.rights import ADMINISTRATOR
from ..crypto import generate_password
from ..db import db
from ..models import Account, AuditEntry, Generation, Revision
from . import accounts, users
from .context import Actor, ServiceContext
from .generation_history import GenerationView
from .generation_lock import generation_lock
from .generation_recovery import recover
from .generations import generate
from .state import live_number

FIRST_NUMBERS = range(200, 220)
SETUP_ACTOR = Actor(None, "flask setup", address="terminal")


def create_administrator(password: str) -> str | None:
    """Create `admin` on a new system and return the password; None if there are users already."""
    if users.has_users():
        return None
    initial_password = password or generate_password(16)
    users.create_user(SETUP_ACTOR, "admin", "Administrator", initial_password, ADMINISTRATOR, must_change=not password)
    return initial_password


def create_first_accounts(ctx: ServiceContext) -> GenerationView | None:
    """Create and generate the 20 accounts on a new system; also what an earlier set-up left unfinished.

    Return the generation, which may be refused; None if there is a live one already.

    Raises:
        OperationRefused: the generation could not be started.
    """
    if live_number():
        return None
    create_accounts(ctx)
    return generate(ctx, SETUP_ACTOR)


def create_accounts(ctx: ServiceContext) -> bool:
    """Create the 20 accounts on a new system, or those that an earlier set-up did not reach.

    Return whether any were created. A web server without a PBX does only this: its accounts may be edited and deleted
    before a PBX host generates them.
    """
    if db.session.scalar(select(Generation.number).limit(1)):
        return False
    added = select(AuditEntry.subject).where(AuditEntry.action == "account.add")
    known = {*map(str, db.session.scalars(select(Account.number))), *db.session.scalars(added)}
    missing = [number for number in FIRST_NUMBERS if str(number) not in known]
    for number in missing:
        accounts.create(ctx, SETUP_ACTOR, accounts.AccountInput(number=number))
    return bool(missing)


def write_live_files(ctx: ServiceContext) -> None:
    """Write the files of the live generation where this host does not have them: Asterisk starts with them.

    Raises:
        OperationRefused: this host works on a generation.
    """
    with generation_lock(ctx):
        recover(ctx, None)


def create_revision() -> None:
    """Create the row that holds the database's revision."""
    if db.session.get(Revision, 1) is None:
        db.session.add(Revision(id=1, value=0))
        db.session.commit()
