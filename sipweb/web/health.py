"""The state of database and PBX, for monitoring."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..services import health as service
from .access import current_context, public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public  # it shows no users, no numbers and no secrets; PBX hosts by the names that they were given
def healthz() -> ResponseReturnValue:
    """Report the state of database and PBX as JSON."""
    health = service.health(current_context())
    return health.values, 200 if health.serves else 503


@bp.get("/healthz/live")
@public  # the same for everybody
def live() -> ResponseReturnValue:
    """Report that this process answers, without asking the database."""
    return {"process": "ok"}
