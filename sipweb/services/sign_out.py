"""Sign-outs of browsers other than the user's own one, and what they end besides the sessions: the user's number."""

from sqlalchemy import delete

from ..core.errors import N_, NotFound
from ..db import transaction
from ..logs import acting_user, security_event
from ..models import User, WebSession
from . import audit, leases
from .context import Actor, ServiceContext
from .lease_sync import sync_leases


def end_own(ctx: ServiceContext, actor: Actor, session_id: int, lease_token: str) -> bool:
    """End another session of the same user; return whether the user's number was released with it.

    It is, unless this browser has it, with `lease_token`: who fears a theft must not wait for the missing heartbeats.

    Raises:
        NotFound: it is no session of this user, or has ended.
    """
    with transaction() as session:
        row = session.get(WebSession, session_id)
        if row is None or row.user_id != actor.id:
            raise NotFound(N_("This session has already ended."))
        session.delete(row)
        audit.record(session, actor, "session.end", actor.name, user_id=actor.id)
        released = leases.end_own(session, actor, kept_token=lease_token)
    security_event("session_expired", acting_user(), "ended")
    sync_leases(ctx, released)
    return bool(released)


def end_all_own(ctx: ServiceContext, actor: Actor) -> None:
    """Sign the user out everywhere, here too: also of the agent application, and of sign-ins that are not complete."""
    with transaction() as session:
        session.get_one(User, actor.id).session_epoch += 1
        session.execute(delete(WebSession).where(WebSession.user_id == actor.id))
        audit.record(session, actor, "session.end_all", actor.name, user_id=actor.id)
        released = leases.end_own(session, actor)
    security_event("session_expired", acting_user(), "all")
    sync_leases(ctx, released)
