"""Requests of a web server to that of another PBX host.

The whole request is a token: for which host, what is asked, with which arguments, and when. Only who has the keys that
all hosts share can make one. It is sent as a header, so that it is in no log, and is valid for a short time.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from itsdangerous import BadData, URLSafeSerializer

from ..core.errors import N_, StorageFailed
from ..logs import StateLog
from .context import ServiceContext
from .hosts import HostView

logger = logging.getLogger(__name__)
PATH = "/internal/recordings"
TOKEN_SECONDS = 60  # how long a token is valid; the clocks of the hosts may differ by as much
CONNECT_TIMEOUT = 1.0  # seconds
ANSWER_TIMEOUT = 10.0  # seconds in which a host must send something, and all except a sound; a page waits less
PATIENCE = 1.5  # seconds that a page waits for other hosts when its own work is done
RETRY_AFTER = 10.0  # seconds in which a host that has not answered is not asked
MAX_ANSWER = 32 * 1024 * 1024  # bytes
PIECE = 64 * 1024  # bytes of an answer that are read at once
_ask_again_at: dict[str, float] = {}  # by host, in the time of time.monotonic
_state_logs: dict[str, StateLog] = {}  # by host


class HostRequest(NamedTuple):
    """What is asked of a host."""

    action: str
    arguments: list[Any]


class HostUnavailable(StorageFailed):
    """Another host did not answer."""

    def __init__(self, host: str) -> None:
        super().__init__(
            N_("The PBX host %(name)s, which has this recording, doesn't answer. Try again later."), name=host
        )


def read_token(ctx: ServiceContext, token: str) -> HostRequest | None:
    """Return what a token of another host asks of this one; None if it is not valid, or not any more."""
    try:
        content = _serializer(ctx).loads(token)
    except BadData:
        return None
    if content["host"] != ctx.host or abs(time.time() - content["at"]) > TOKEN_SECONDS:
        return None
    return HostRequest(content["action"], content["arguments"])


def send(ctx: ServiceContext, host: HostView, request: HostRequest, headers: Mapping[str, str]) -> HTTPResponse:
    """Send a request and return the response, whose body is still to be read.

    Raises:
        HostUnavailable: the host did not answer, or did not accept the token. The log has the reason. Or it was not
            asked, because it is away or has not answered a short time ago: each attempt may take a thread for seconds.
    """
    if not _may_ask(host):
        raise HostUnavailable(host.name)
    content = {"host": host.name, "at": time.time(), "action": request.action, "arguments": request.arguments}
    token = _serializer(ctx).dumps(content)
    try:
        if not host.web_address:
            raise HTTPException("SIPWEB_HOST of that host is not an address that others reach")
        response = _get(host.web_address, {**headers, "Authorization": f"Bearer {token}", "Connection": "close"})
        if response.status in (401, 403) or response.status >= 500:
            reason = "refused; are keys.json and the clocks the same?" if response.status < 500 else "failed"
            response.close()
            raise HTTPException(f"HTTP status {response.status}: {reason}")
    except (OSError, HTTPException, ValueError) as error:
        raise _failed(host, error) from None
    _state_log(host.name).succeeded()
    return response


def ask(ctx: ServiceContext, host: HostView, request: HostRequest) -> Any:
    """Return what a host answers, as JSON.

    Raises:
        HostUnavailable: see `send`.
    """
    deadline = time.monotonic() + ANSWER_TIMEOUT
    with send(ctx, host, request, {}) as response:
        try:
            content = json.loads(_read(response, deadline))
        except (OSError, HTTPException, ValueError, RecursionError) as error:
            raise _failed(host, error) from None
    _ask_again_at.pop(host.name, None)  # a page may have waited no longer for this answer
    return content


def ask_all(ctx: ServiceContext, hosts: Sequence[HostView], request: HostRequest) -> Callable[[], dict[str, Any]]:
    """Ask hosts at the same time. Return a function that waits a moment and returns the answers by host.

    Hosts that do not answer are missing. One that is away, or has not answered a short time ago, is not asked.
    """
    asked = [host for host in hosts if _may_ask(host)]
    if not asked:
        return dict
    executor = ThreadPoolExecutor(len(asked))
    futures = {host.name: executor.submit(ask, ctx, host, request) for host in asked}
    executor.shutdown(wait=False)

    def answers() -> dict[str, Any]:
        wait(futures.values(), PATIENCE)
        answered = {name: future.result() for name, future in futures.items() if _has_answered(future)}
        _ask_again_at.update(dict.fromkeys(futures.keys() - answered.keys(), time.monotonic() + RETRY_AFTER))
        return answered

    return answers


def _may_ask(host: HostView) -> bool:
    return host.was_seen and time.monotonic() >= _ask_again_at.get(host.name, 0.0)


def _failed(host: HostView, error: Exception) -> HostUnavailable:
    _ask_again_at[host.name] = time.monotonic() + RETRY_AFTER
    _state_log(host.name).failed(str(error) or type(error).__name__)
    return HostUnavailable(host.name)


def _read(response: HTTPResponse, deadline: float) -> bytes:
    """Read all; the timeout of the socket begins anew with each byte."""
    content = bytearray()
    while piece := response.read1(PIECE):
        content += piece
        if len(content) > MAX_ANSWER:
            raise HTTPException("The answer is too long")
        if time.monotonic() > deadline:
            raise TimeoutError("The answer took too long")
    return bytes(content)


def _has_answered(future: Future[Any]) -> bool:
    if not future.done():
        return False
    if error := future.exception():
        if not isinstance(error, HostUnavailable):
            raise error
        return False
    return True


def _get(address: str, headers: Mapping[str, str]) -> HTTPResponse:
    url = urlsplit(address)
    kind = HTTPSConnection if url.scheme == "https" else HTTPConnection
    connection = kind(url.hostname or "", url.port, timeout=CONNECT_TIMEOUT)
    try:
        connection.connect()
        connection.sock.settimeout(ANSWER_TIMEOUT)
        connection.request("GET", PATH, headers=dict(headers))
        return connection.getresponse()
    except BaseException:
        connection.close()
        raise


def _state_log(host: str) -> StateLog:
    return _state_logs.setdefault(host, StateLog(logger, f"Asking the PBX host {host} for recordings"))


def _serializer(ctx: ServiceContext) -> URLSafeSerializer:
    return URLSafeSerializer(ctx.cipher.hosts_key, salt="recordings", signer_kwargs={"digest_method": sha256})
