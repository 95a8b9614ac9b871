"""The web: thin views that parse, call one service, and answer."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import LOCALTZ
from flask import Flask, abort, g, request
from flask_babel import Babel, get_translations
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from ..config import Settings
from . import accounts, agent, api, auth, dialling, errors, generation, live, own, recordings, users, ways, words

POLICY = (
    "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "object-src 'none'; connect-src 'self' "
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(self)",
}


def init_app(app: Flask, settings: Settings) -> None:
    """Everything that answers HTTP."""
    if count := settings.trusted_proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # Flask's documented way
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    Babel(app, default_translation_directories=str(Path(app.root_path) / "translations"), locale_selector=words.language,
          default_timezone=settings.timezone or str(LOCALTZ))  # fmt: skip
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]  # the i18n extension's
        lambda text: _catalogue().ugettext(text),
        lambda one, many, n: _catalogue().ungettext(one, many, n),
        newstyle=True,
    )
    app.before_request(_refuse_nul)
    app.url_map.converters["int"] = _Id
    auth.init_app(app)  # before CSRF: who lost the session is led to the login, not told of a token
    protection = CSRFProtect(app)
    protection.exempt(api.pages)  # bearer tokens only: a browser sends none by itself
    errors.init_app(app)
    app.after_request(_headers)
    app.jinja_env.globals.update(asset=_asset, settings=settings, **words.GLOBALS)
    for module in (auth, accounts, live, users, dialling, ways, recordings, generation, own, agent, api):
        app.register_blueprint(module.pages)


class _Id(IntegerConverter):
    """A number in an address; one that no column can hold is nobody's."""

    def __init__(self, urls: Map) -> None:
        super().__init__(urls, max=2**31 - 1)


def _catalogue() -> Any:
    """The page's language, looked up once a request instead of once a text (0.15 ms of an edit's 3.6)."""
    if "catalogue" not in g:
        g.catalogue = get_translations()
    return g.catalogue


def _refuse_nul() -> None:
    """Nobody types it, HTML cannot show it, and PostgreSQL cannot keep it. A body that the interface reads is not read here."""
    given = request.args if words.for_programs() else request.values
    if any("\0" in text for _name, texts in given.lists() for text in texts):
        abort(400)


def _headers(response):  # type: ignore[no-untyped-def]  # Flask's own types are loose here
    response.headers.update(HEADERS)
    response.headers["Content-Security-Policy"] = POLICY + g.get("connect", "")
    if request.endpoint == "static" and response.status_code in (200, 304):
        hashed = request.full_path == _asset((request.view_args or {})["filename"])
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if hashed else "no-cache"
    else:
        response.headers["Cache-Control"] = "no-store"
        response.headers["Vary"] = "HX-Request, Cookie"
    return response


@cache
def _asset(name: str) -> str:
    path = Path(__file__).resolve().parents[2] / "static" / name
    return f"/static/{name}?{hashlib.sha256(path.read_bytes()).hexdigest()[:10]}"
