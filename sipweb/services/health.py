"""The state of the database and the PBX, for monitoring."""

from sqlalchemy.exc import SQLAlchemyError

from . import phone_server
from .context import ServiceContext
from .drift import last_check
from .pbx_status import is_reachable
from .state import current_state


def health(ctx: ServiceContext) -> dict[str, object]:
    """Return the state of database and PBX, for monitoring."""
    response: dict[str, object] = {"database": "ok", "pbx": ctx.pbx.mode}
    try:
        current = current_state(ctx)
        drift = len(current.drift) if last_check() else None
        response |= {"generation": current.generation, "pending": len(current.plan), "drift": drift}
    except SQLAlchemyError:
        response["database"] = "down"
    if ctx.pbx.has_asterisk:
        response["asterisk"] = "ok" if is_reachable(ctx) else "down"
    if certificate := phone_server.certificate(ctx):
        response["tls_expires"] = certificate.not_after.isoformat() if certificate.not_after else None
    response["problems"] = [str(problem) for problem in phone_server.problems(ctx)]
    return response
