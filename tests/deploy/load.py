"""Fifty administrators and five hundred agents as browsers and programs ask a server, and clients that are too slow."""

import asyncio
import html
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tests.builders import AGENT_PASSWORD

ADMINISTRATORS = 50
HEARTBEAT_EVERY = 30.0  # seconds, each agent
POLL_EVERY = 5.0  # seconds, each open list of accounts
PAGE_EVERY = 15.0  # seconds, each administrator
PAGES = ("/accounts",) * 5 + ("/users", "/generation", "/routes", "/audit", "/calls")
PATIENCE = 60.0  # seconds that a client waits for a response


@dataclass(frozen=True)
class Request:
    """One request: when it began and ended, in seconds of time.monotonic, and its status; 0 without a response."""

    what: str
    began: float
    ended: float
    status: int

    @property
    def seconds(self):
        return self.ended - self.began


class Client:
    """One client with a connection that is kept open, as browsers do. It waits `patience` seconds for a response."""

    def __init__(self, address, context, done, patience=PATIENCE):
        parts = urlsplit(address)
        self._patience = patience
        self._host, self._port, self._name, self._context = parts.hostname, parts.port, parts.netloc, context
        self._origin, self._done, self._cookies, self._streams = address, done, {}, None

    async def request(self, method, path, body="", headers=(), what=""):
        """Send a request; note how long it took; return the status and the text."""
        began = time.monotonic()
        try:
            status, text = await asyncio.wait_for(self._exchange(method, path, body.encode(), headers), self._patience)
        except (OSError, EOFError, TimeoutError, ValueError):
            status, text = 0, ""
            self.close()
        self._done.append(Request(what or f"{method} {path.partition('?')[0]}", began, time.monotonic(), status))
        return status, text

    def close(self):
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _exchange(self, method, path, body, headers):
        if self._streams is None or self._streams[0].at_eof():
            self.close()
            self._streams = await asyncio.open_connection(self._host, self._port, ssl=self._context)
        reader, writer = self._streams
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._name}", f"Content-Length: {len(body)}", *headers]
        lines += [f"Cookie: {cookies}"] * bool(cookies) + [f"Referer: {self._origin}/"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        for name, value in re.findall(r"^set-cookie: ([^=]+)=([^;\r]*)", head, re.MULTILINE | re.IGNORECASE):
            self._cookies[name] = value
        status, text = int(head.split()[1]), await _body(reader, head.lower())
        if "\r\nconnection: close" in head.lower():
            self.close()
        return status, text


async def _body(reader, head):
    if "transfer-encoding: chunked" in head:
        parts = []
        while size := int(await reader.readline(), 16):
            parts.append(await reader.readexactly(size))
            await reader.readline()
        await reader.readline()
        return b"".join(parts).decode()
    length = re.search(r"\r\ncontent-length: (\d+)", head)
    return (await reader.readexactly(int(length[1]) if length else 0)).decode()


async def administrator(client, login, end):
    """Sign in, keep the list of accounts open, and look at a page now and then."""
    _, page = await client.request("GET", "/login", what="sign-in")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    form = urlencode({"csrf_token": token, "login": login, "password": AGENT_PASSWORD})
    content = ["Content-Type: application/x-www-form-urlencoded"]
    await client.request("POST", "/login", form, content, what="sign-in")
    _, page = await client.request("GET", "/accounts")
    await asyncio.sleep(random.uniform(0, POLL_EVERY))
    while time.monotonic() < end:
        if random.random() < POLL_EVERY / PAGE_EVERY:
            path = random.choice(PAGES)
            _, new = await client.request("GET", path)
            page = new if path == "/accounts" else page
        elif poll := re.search(r'id="poll".*?hx-get="([^"]+)"', page, re.DOTALL):
            _, new = await client.request("GET", html.unescape(poll[1]), "", ["HX-Request: true"], what="poll")
            page = new if 'id="poll"' in new else page
        await asyncio.sleep(random.uniform(0.8, 1.2) * POLL_EVERY)


async def agent(client, token, end):
    """Keep a number, like the agent's program."""
    await asyncio.sleep(random.uniform(0, HEARTBEAT_EVERY))
    while time.monotonic() < end:
        await client.request("POST", "/api/agent/heartbeat", "", [f"Authorization: Bearer {token}"], what="heartbeat")
        await asyncio.sleep(HEARTBEAT_EVERY)


async def slow_client(address, context, end):
    """Send a byte of a header or of a body a second, or read one a second; begin again when the server hangs up."""
    parts = urlsplit(address)
    head = f" HTTP/1.1\r\nHost: {parts.netloc}\r\n".encode()
    begin = random.choice(
        (b"GET /login" + head + b"X-Slow: ", b"POST /login" + head + b"Content-Length: 1000\r\n\r\nlogin=")
    )
    while time.monotonic() < end:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, ssl=context, limit=1024)
            writer.write(begin)
            while time.monotonic() < end and not reader.at_eof() and not writer.is_closing():
                await asyncio.sleep(1)
                writer.write(b"x")
            writer.close()


async def load(address, context, tokens, *, seconds, slow, midway=None):
    """Put the load on a server; call `midway` after half of the time, while it answers 20 more requests at once.

    Return the requests, and when `midway` was called.
    """
    done, end = [], time.monotonic() + seconds
    clients = [Client(address, context, done) for _ in range(ADMINISTRATORS + len(tokens))]
    work = [administrator(clients[n], f"administrator{n}", end) for n in range(ADMINISTRATORS)]
    work += [agent(client, token, end) for client, token in zip(clients[ADMINISTRATORS:], tokens, strict=True)]
    work += [slow_client(address, context, end) for _ in range(slow)]
    tasks = [asyncio.create_task(one) for one in work]
    await asyncio.sleep(seconds / 2)
    if midway:
        more = [Client(address, context, done) for _ in range(20)]
        await asyncio.gather(*[client.request("GET", "/login") for client in more])
        clients += more
        for client, token in zip(more, tokens, strict=False):
            wanted = ("GET", "/login") if len(tasks) % 2 else ("POST", "/api/agent/heartbeat")
            tasks.append(asyncio.create_task(client.request(*wanted, "", [f"Authorization: Bearer {token}"])))
        await asyncio.sleep(0.005)
        midway()
    at = time.monotonic()
    await asyncio.gather(*tasks)
    for client in clients:
        client.close()
    return done, at


def percentile(requests, share):
    """Return so many seconds that this share of the requests took at most."""
    return sorted(request.seconds for request in requests)[int(len(requests) * share) - 1]
