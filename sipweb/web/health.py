"""The state of database and PBX, for monitoring."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from ..services import health as service
from .auth import current_context, public

bp = Blueprint("health", __name__)


@bp.get("/healthz")
@public  # it shows no names, no numbers and no secrets
def healthz() -> ResponseReturnValue:
    """Report the state of database and PBX as JSON."""
    return service.health(current_context())
