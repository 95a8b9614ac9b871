"""The values that an edit replaced, signed, as the button Undo sends them back."""

from collections.abc import Sequence

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from ..core.errors import N_, Invalid
from ..services.edits import Replaced


def sign(edits: Sequence[Replaced], kind: str) -> str:
    """Return the edits of one kind of record as text that a form can send back."""
    return str(_serializer(kind).dumps([[edit.id, edit.version, dict(edit.values)] for edit in edits]))


def read(text: str, kind: str) -> list[Replaced]:
    """Return the edits of a signed text. Raises Invalid if this server did not sign it for this kind of record."""
    try:
        return [Replaced(*edit) for edit in _serializer(kind).loads(text)]
    except BadSignature:
        raise Invalid(N_("This page is out of date. Reload it and try again.")) from None


def _serializer(kind: str) -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt=f"undo {kind}")
