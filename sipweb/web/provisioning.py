"""What phones fetch: a file with the settings of one account, at an address that contains a secret."""

from flask import Blueprint, Response, make_response, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from ..core.errors import Throttled
from ..services import provisioning as service
from .access import current_context, public
from .errors import error_response
from .locale import translate
from .settings import current_settings

bp = Blueprint("provisioning", __name__)


@bp.get("/provisioning/<token>/<path:name>")
@public  # the token is the right to it
def file(token: str, name: str) -> ResponseReturnValue:
    """Return the file, or the same answer as for any unknown address. Nothing is looked up if it came without TLS."""
    settings = current_settings()
    if not (request.is_secure or settings.provisioning_http):
        return error_response(gettext("Phones get their settings over HTTPS only."), 403)
    try:
        found = service.fetch(
            current_context(), token, name, request.remote_addr or "",
            user_agent=request.user_agent.string, language=settings.language,
        )  # fmt: skip
    except Throttled as error:
        return _throttled(error)
    return make_response(found.text, {"Content-Type": found.content_type})


def _throttled(error: Throttled) -> Response:
    response = error_response(translate(error), 429)
    response.retry_after = error.seconds
    return response
