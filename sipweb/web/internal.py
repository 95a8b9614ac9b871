"""What the web servers of other PBX hosts ask for. Their token is the right to it, and says all that is asked."""

from flask import Blueprint, Response, jsonify, make_response, request
from flask.typing import ResponseReturnValue

from ..services import host_requests, local_recordings, remote_recordings
from .access import current_context, public
from .sound import send_recording

bp = Blueprint("internal", __name__)


@bp.get(host_requests.PATH)
@public  # the token is checked here
def recordings() -> ResponseReturnValue:
    """Return recordings of this host, or one of them; the same answer to everybody else, whatever there is."""
    ctx, token = current_context(), request.headers.get("Authorization", "").removeprefix("Bearer ")
    asked = host_requests.read_token(ctx, token)
    if asked is None:
        return _plain("This address is for other hosts of this system.", 403)
    if asked.action != "sound":
        return jsonify(remote_recordings.answer(ctx, asked))
    day, key, as_attachment = asked.arguments
    recording = local_recordings.find(ctx.recordings_dir, day, key)
    return send_recording(recording, as_attachment=as_attachment) if recording else _plain("Not found.", 404)


def _plain(text: str, status: int) -> Response:
    return make_response(f"{text}\n", status, {"Content-Type": "text/plain; charset=utf-8"})
