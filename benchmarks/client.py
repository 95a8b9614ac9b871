"""A keep-alive HTTP client that keeps cookies, and reads a page's forms as a browser would post them."""

import gzip
import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import brotli
from backports import zstd

CHROMIUM = "gzip, deflate, br, zstd"
DECODERS = {"gzip": gzip.decompress, "br": brotli.decompress, "zstd": zstd.decompress, None: bytes}


@dataclass
class Request:
    path: str
    fields: list[tuple[str, str]] | None = None
    """What is posted; None: it is a GET."""
    headers: dict[str, str] = field(default_factory=dict)
    expect: tuple[int, ...] = (200,)
    file: tuple[str, str, str] | None = None
    """A file that is uploaded along: the field, the file's name, its text."""


class Client:
    """One connection of one session.

    `memo` is for what a subject needs to find out once a session, `size` the bytes of the last response's body on the
    wire, `location` where it redirects to. Responses are requested as Chromium does, compressed.
    """

    def __init__(self, port: int) -> None:
        self.port, self.cookies, self.memo, self.size = port, {}, {}, 0
        self.location: str | None = None
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._used = 0.0

    def send(self, request: Request) -> tuple[str, float]:
        """The answer's text, and milliseconds from sending to its last byte. Raises on another status than expected."""
        body, kind = _body(request)
        cookies = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        headers = {"Cookie": cookies, "Accept-Encoding": CHROMIUM} | request.headers
        if body is not None:
            headers["Content-Type"] = kind
        self._connect()
        started = time.perf_counter()
        self._connection.request("GET" if body is None else "POST", request.path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        elapsed, self._used = (time.perf_counter() - started) * 1000, time.monotonic()
        for line in response.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        self.size, self.location = len(content), response.headers["Location"]
        text = DECODERS[response.headers["Content-Encoding"]](content).decode()
        if response.status not in request.expect:
            raise RuntimeError(f"{request.path} answered {response.status}: {text[:500]}")
        return text, elapsed

    def _connect(self) -> None:
        """Connected before the clock starts; gunicorn hangs up after two idle seconds."""
        if time.monotonic() - self._used > 1:
            self._connection.close()
            self._connection.connect()

    def another(self) -> "Client":
        """A second connection in the same session."""
        client = Client(self.port)
        client.cookies, client.memo = self.cookies, self.memo
        return client

    def get(self, path: str, **headers: str) -> str:
        return self.send(Request(path, headers=headers))[0]


def _body(request: Request) -> tuple[bytes | None, str]:
    """Return what is posted, if anything, and its type."""
    if request.file:
        boundary, (name, file_name, text) = "benchmark-boundary", request.file
        parts = [f'name="{key}"\r\n\r\n{value}' for key, value in request.fields or []]
        parts.append(f'name="{name}"; filename="{file_name}"\r\nContent-Type: text/csv\r\n\r\n{text}')
        texts = [f"--{boundary}\r\nContent-Disposition: form-data; {part}\r\n" for part in parts]
        return ("".join(texts) + f"--{boundary}--\r\n").encode(), f"multipart/form-data; boundary={boundary}"
    body = None if request.fields is None else urlencode(request.fields).encode()
    return body, "application/x-www-form-urlencoded"


class _Fields(HTMLParser):
    def __init__(self, form: str | None) -> None:
        super().__init__()
        self.form, self.inside, self.select, self.found = form, None, None, []

    def handle_starttag(self, tag, attributes):
        a = dict(attributes)
        if tag == "form":
            self.inside = a.get("id")
        elif tag == "option" and self.select:
            self._option(a)
        elif not a.get("name") or (self.form and a.get("form", self.inside) != self.form):
            return
        elif tag == "select":
            self.select = a["name"]
        elif tag == "input" and a.get("type") not in ("submit", "button", "image", "reset"):
            self._input(a)

    def _input(self, a):
        if a.get("type") not in ("checkbox", "radio") or "checked" in a:
            self.found.append((a["name"], a.get("value", "on" if "checked" in a else "")))

    def _option(self, a):
        names = [name for name, _ in self.found]
        if self.select not in names:
            self.found.append((self.select, a.get("value", "")))
        elif "selected" in a:
            self.found[names.index(self.select)] = (self.select, a.get("value", ""))

    def handle_endtag(self, tag):
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None


def fields(html: str, form: str | None = None) -> list[tuple[str, str]]:
    """What the form with this id would post (all forms together without one); text areas are left out."""
    parser = _Fields(form)
    parser.feed(html)
    return parser.found


def replaced(pairs: list[tuple[str, str]], **values: str) -> list[tuple[str, str]]:
    """The pairs with these names' values changed, added where missing."""
    return [(name, value) for name, value in pairs if name not in values] + list(values.items())
