"""Administration → Telecommunication → Recordings: searched, listened to, taken along; who did is in the audit log."""

import re

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from itsdangerous import BadData, URLSafeTimedSerializer
from jinja2_fragments.flask import render_block

from ..services import recordings as service
from . import htmx
from .auth import me, site
from .errors import answer

pages = Blueprint("recordings", __name__)
HOURS = 12  # how long what was listened to can be played again before that is noted anew


@pages.get("/recordings")
def page() -> ResponseReturnValue:
    """The newest, or those that were searched for."""
    return _page()


@pages.post("/recordings/<day>/<key>/listen")
def listen(day: str, key: str) -> ResponseReturnValue:
    """The player of one recording."""
    found = service.take(site(), me(), day, key, action="recording.listen")
    if htmx.asked():
        return render_block("recordings.html", "player", playing=found, sound=_sound(found))
    return _page(found)


@pages.post("/recordings/<day>/<key>/download")
def download(day: str, key: str) -> ResponseReturnValue:
    """The file."""
    found = service.take(site(), me(), day, key, action="recording.download")
    return redirect(_sound(found, take="1"), 303)


@pages.get("/recordings/<day>/<key>.wav")
def sound(day: str, key: str) -> ResponseReturnValue:
    """The sound, in parts where a player seeks. Only for whom the audit log names: `ticket` proves it."""
    try:
        said = _tickets().loads(request.args.get("ticket", ""), max_age=HOURS * 3600)
    except BadData:
        said = None
    if said != [me().id, day, key]:
        return answer(gettext("Open the recordings and press Listen again."), 403)
    found = service.recording(site(), day, key)
    return send_file(
        found.path, "audio/wav", conditional=True, etag=False, as_attachment="take" in request.args,
        download_name=f"{day}_{found.path.name}",
    )  # fmt: skip


def _page(playing: service.Recording | None = None) -> ResponseReturnValue:
    asked = {name: request.args.get(name, "").strip() for name in ("number", "from", "to", "before")}
    number = re.sub(r"[\s().-]", "", asked["number"])
    found = service.search(site(), number, asked["from"], asked["to"], asked["before"])
    return render_template(
        "recordings.html", found=found, asked=asked, trouble=service.trouble(site()), days=site().recording_days,
        playing=playing, sound=_sound(playing) if playing else "",
    )  # fmt: skip


def _sound(found: service.Recording, take: str | None = None) -> str:
    ticket = _tickets().dumps([me().id, found.day, found.key])
    return url_for(".sound", day=found.day, key=found.key, ticket=ticket, take=take)


def _tickets() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt="recording")
