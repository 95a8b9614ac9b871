"""Administration → Telecommunication → Recordings.

Searched, listened to and downloaded; the audit log notes who listened or downloaded. `host` in an address names the PBX
host that has the file, if that is another one.
"""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer
from jinja2_fragments.flask import render_block

from ..core.rights import Right
from ..services import recordings as service
from ..services.local_recordings import Recording
from ..services.recording_cleanup import undeletable
from . import htmx
from .access import current_actor, current_context, requires
from .errors import error_response
from .list_query import changed_argument
from .list_search import ListSearch, searched_page
from .sound import send_recording

bp = Blueprint("recordings", __name__)
TICKET_HOURS = 12  # how long a recording can be played again before that is noted as another access


@bp.get("/recordings")
def index() -> ResponseReturnValue:
    """Show the newest recordings, or those that match the search."""
    return _index()


@bp.post("/recordings/<day>/<key>/listen")
@requires(Right.LISTEN)
def listen(day: str, key: str) -> ResponseReturnValue:
    """Show the player of one recording."""
    host, action = request.args.get("host", ""), "recording.listen"
    recording = service.log_access(current_context(), current_actor(), day, key, host, action=action)
    if not htmx.is_htmx():
        return _index(recording)
    return render_block("recordings/index.html", "player", playing=recording, sound=_audio_url(recording))


@bp.post("/recordings/<day>/<key>/download")
@requires(Right.LISTEN)
def download(day: str, key: str) -> ResponseReturnValue:
    """Send one recording as a file to save."""
    host, action = request.args.get("host", ""), "recording.download"
    recording = service.log_access(current_context(), current_actor(), day, key, host, action=action)
    return redirect(_audio_url(recording, download=1), 303)


@bp.get("/recordings/<day>/<key>.wav")
@requires(Right.LISTEN)
def audio(day: str, key: str) -> ResponseReturnValue:
    """Send the sound, in ranges where a player seeks.

    The ticket in the address proves that the audit log has noted this user and this recording.
    """
    host, as_attachment = request.args.get("host", ""), "download" in request.args
    if not _is_valid_ticket(request.args.get("ticket", ""), _identity(day, key, host)):
        return error_response(gettext("The link has expired. Play the recording again from the Recordings page."), 403)
    parts = {name: request.headers[name] for name in ("Range", "If-Range") if name in request.headers}
    sound = service.open_sound(current_context(), day, key, host, parts, as_attachment=as_attachment)
    if isinstance(sound, Recording):
        return send_recording(sound, as_attachment=as_attachment)
    try:
        response = Response(sound.chunks(), sound.response.status, sound.headers)
    except BaseException:
        sound.close()
        raise
    response.call_on_close(sound.close)
    return response


def _index(playing: Recording | None = None) -> ResponseReturnValue:
    query = {name: request.args.get(name, "").strip() for name in ("q", "from", "to", "before")}
    search = ListSearch(query["q"], service.FILTERS)
    filters: dict[str, Any] = {name: query[name] for name in ("q", "from", "to") if query[name]}
    return searched_page(
        "recordings/index.html",
        url_for(".index", **filters),
        search.status,
        page=service.search(current_context(), search.search, query["from"], query["to"], query["before"]),
        query=query,
        filters=filters,
        search=search,
        changed_argument=changed_argument({"q": "", "from": "", "to": ""}),
        problem=service.storage_problem(current_context()),
        undeletable=undeletable(current_context()),
        days=current_context().recording_days,
        playing=playing,
        sound=_audio_url(playing) if playing else "",
    )


def _audio_url(recording: Recording, download: int | None = None) -> str:
    day, key, host = recording.day, recording.key, recording.host or None
    ticket = _tickets().dumps(_identity(day, key, recording.host))
    return url_for(".audio", day=day, key=key, ticket=ticket, host=host, download=download)


def _identity(day: str, key: str, host: str) -> list[object]:
    """Return who may hear what, as a ticket has it."""
    return [current_actor().id, day, key, *([host] if host else [])]


def _is_valid_ticket(ticket: str, identity: list[object]) -> bool:
    try:
        content: object = _tickets().loads(ticket, max_age=TICKET_HOURS * 3600)
    except BadData:
        return False
    return content == identity


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="recording")
