"""CSRF tokens, masked differently in each response: a fixed one could be guessed from compressed lengths (BREACH).

See docs/decisions/020-pages-are-compressed.md.
"""

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode

from flask import Flask, g
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

from .. import logs


class MaskedCSRFProtect(CSRFProtect):
    """Flask-WTF's protection, with the token of each response under a random mask of its own, as in Django."""

    def init_app(self, app: Flask) -> None:
        """Put the masked token into forms."""
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = masked_token
        app.context_processor(lambda: {"csrf_token": masked_token})

    def _error_response(self, reason: str) -> None:
        logs.security_event("input_validation_fail", "csrf_token", logs.acting_user(), reason=reason)
        super()._error_response(reason)

    def _get_csrf_token(self) -> str | None:
        return unmasked(super()._get_csrf_token() or "")


def masked_token() -> str:
    """Return the session's token, masked; the same text in all forms of one response."""
    if "masked_token" not in g:
        token = generate_csrf().encode()
        mask = secrets.token_bytes(len(token))
        g.masked_token = urlsafe_b64encode(mask + _xor(mask, token)).decode()
    return str(g.masked_token)


def unmasked(text: str) -> str | None:
    """Return the session's token of a masked one, or None if it is not one."""
    try:
        data = urlsafe_b64decode(text)
        half = len(data) // 2
        return _xor(data[:half], data[half:]).decode()
    except (ValueError, OverflowError):
        return None


def _xor(one: bytes, other: bytes) -> bytes:
    return (int.from_bytes(one) ^ int.from_bytes(other)).to_bytes(len(one))
