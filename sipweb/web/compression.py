"""Compression of responses with zstd, br or gzip. Responses that show a secret are not compressed (BREACH)."""

from collections.abc import Callable
from functools import partial

from flask import Flask, Response, current_app, request
from flask.typing import ResponseReturnValue
from flask_compress import Compress

from .locale import is_provisioning_request

ENCODINGS = ("zstd", "br", "gzip")  # the first of those that a browser accepts with the same quality
STATIC_FILE = "sipweb.static_file"  # in the request's environment: the ETag of the file that is sent
View = Callable[..., ResponseReturnValue]


def init_app(app: Flask) -> None:
    """Compress what is text and at least 500 bytes long."""
    app.config.from_mapping(
        COMPRESS_ALGORITHM=ENCODINGS,
        COMPRESS_ZSTD_LEVEL=3,  # the levels were measured on the list of 900 accounts, see docs/decisions
        COMPRESS_BR_LEVEL=4,
        COMPRESS_LEVEL=6,  # gzip's
        COMPRESS_MIN_SIZE=500,
        COMPRESS_STREAMS=False,  # recordings are sent as they are, in ranges
        COMPRESS_REGISTER=False,
        COMPRESS_CACHE_BACKEND=_StaticFiles,
        COMPRESS_CACHE_KEY=lambda request: request.environ.get(STATIC_FILE, ""),
    )
    compress = Compress(app)
    app.extensions["compression"] = compress.cache
    app.after_request(partial(_compress, compress))


def do_not_compress(view: View) -> View:
    """Mark a view whose response shows a secret: the compressed length would help to guess it."""
    view.compressed = False  # type: ignore[attr-defined]  # read by _is_secret
    return view


def _compress(compress: Compress, response: Response) -> Response:
    if _is_secret():
        return response
    response.vary.add("Accept-Encoding")
    encoding = _best_encoding()
    if encoding is None or response.status_code == 206:  # a range counts the bytes of the plain file
        return response
    if request.endpoint == "static" and response.status_code == 200:
        _load(response)
    request.environ["HTTP_ACCEPT_ENCODING"] = encoding  # Flask-Compress would take one that is refused with q=0
    compressed: Response = compress.after_request(response)
    return compressed


class _StaticFiles:
    """A cache for Flask-Compress that holds static files only, by their ETags, which change with the content."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        return self._files.get(key)

    def set(self, key: str, value: bytes) -> None:
        _encoding, _, etag = key.partition(";")
        if etag:
            self._files[key] = value


def _is_secret() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return is_provisioning_request() or not getattr(view, "compressed", True)


def _best_encoding() -> str | None:
    """Return the encoding that the browser prefers; None when it accepts none, or prefers the plain text."""
    accepted = request.accept_encodings
    best = max(ENCODINGS, key=accepted.quality)
    plain = dict(accepted).get("identity", 0)
    return best if accepted.quality(best) > 0 and accepted.quality(best) >= plain else None


def _load(response: Response) -> None:
    """Read a static file into memory, so that it has a length in each encoding and can be kept compressed."""
    response.direct_passthrough = False
    response.make_sequence()
    request.environ[STATIC_FILE] = response.get_etag()[0]
