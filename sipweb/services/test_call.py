"""A call from the PBX to a phone: an administrator hears whether the phone works, and which number it has."""

from ..core.errors import N_, OperationRefused
from ..core.rights import Right
from ..db import transaction
from ..pbx import call_file
from . import audit, pbx_status
from .context import Actor, ServiceContext
from .generation_recovery import write_failed
from .state_records import AccountView


def can_call(ctx: ServiceContext) -> bool:
    """Return whether this PBX takes calls from sipweb."""
    return ctx.pbx.has_asterisk and call_file.can_write(ctx.spool_dir)


def call_phone(ctx: ServiceContext, actor: Actor, account: AccountView) -> int:
    """Have the PBX call the phone of a live account. Return the number that is called, which the PBX has now.

    Raises:
        OperationRefused: it cannot be called now.
    """
    actor.require(Right.EDIT)
    number = account.live_number
    if not can_call(ctx):
        raise OperationRefused(N_("sipweb may not write to %(path)s."), path=ctx.spool_dir / "outgoing")
    if number not in pbx_status.registered_phones(ctx):
        raise OperationRefused(N_("No phone is registered as %(number)s."), number=number)
    if number in pbx_status.numbers_on_call(ctx) or not _write(ctx, number):
        raise OperationRefused(N_("%(number)s is in a call. Try again afterwards."), number=number)
    with transaction(bump_revision=False) as session:
        audit.record(session, actor, "account.call", number, account_id=account.id)
    return number


def _write(ctx: ServiceContext, number: int) -> bool:
    try:
        return call_file.write_test_call(ctx.spool_dir, number)
    except OSError as error:
        message, values = write_failed(error)
        raise OperationRefused(message, None, **values) from None
