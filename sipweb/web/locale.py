"""The language of a response, and the translation of errors."""

from collections.abc import Mapping

from flask import g, request, session
from flask_babel import gettext

from ..core.errors import SipwebError
from .settings import current_settings


def is_api_request() -> bool:
    """Return whether this is an API request.

    Its responses are JSON, and Polish unless it asks for English.
    """
    return request.path.startswith("/api/")


def is_provisioning_request() -> bool:
    """Return whether a phone asks for its settings. Its responses are plain text, and never set a cookie."""
    return request.path.startswith("/provisioning/")


def language() -> str:
    """Return the language.

    The user's choice wins, then this browser session's, the setting's, the browser's.
    """
    if is_api_request():
        return request.accept_languages.best_match(["pl", "en"], "pl")
    actor = g.get("actor")
    chosen = (actor and actor.language) or session.get("language") or current_settings().language
    return chosen or request.accept_languages.best_match(["en", "pl"], "en")


def translate(error: SipwebError) -> str:
    """Return an error's message in the page's language."""
    return translate_message(error.message, error.values)


def translate_message(message: str, values: Mapping[str, object]) -> str:
    """Return a message id in the page's language, with its values if it has any."""
    return gettext(message, **values) if values else gettext(message)
