"""A small synchronous client of the Asterisk Manager Interface (AMI).

It has a deadline and a size limit, and sends no value with CR, LF or NUL.
"""

import itertools
import re
import select
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from ..core.errors import N_, OperationRefused

MAX_RESPONSE_BYTES = 64 * 1024 * 1024  # bytes that one call may receive
PIPELINE_SIZE = 32  # most actions sent before their responses are read; few enough for the buffers of any socket
Message = dict[str, str]
Action = tuple[str, Mapping[str, str]]  # its name and its other lines
_LINE = re.compile(r"([^:\r\n]+):[ \t]*([^\r]*[^\r \t]|)")  # all lines of a message at once, without outer blanks


class AmiUnavailable(OperationRefused):
    """Asterisk is unreachable, does not respond in time, or closed the connection."""


class AmiLoginRefused(AmiUnavailable):
    """Asterisk refused the user or the password. It logs each attempt."""


class AmiError(OperationRefused):
    """Asterisk answered an action with an error."""


class AmiClient:
    """One logged-in connection. `timeout` is the deadline of each response, in seconds."""

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._socket = connection
        self._timeout = timeout
        self._deadline = 0.0
        self._buffer = b""
        self._position = 0  # in the buffer, up to which it was read
        self._ids = itertools.count(1)

    @classmethod
    @contextmanager
    def connect(
        cls, host: str, port: int, user: str, secret: str, timeout: float = 5.0, *, events: str = "off"
    ) -> Iterator[Self]:
        """Connect and log in. `events` are the classes of events that Asterisk sends. No error contains the secret.

        Raises:
            AmiUnavailable: Asterisk is unreachable, or refused the login.
        """
        try:
            connection = socket.create_connection((host, port), timeout)
        except OSError:
            raise AmiUnavailable(N_("Can't connect to Asterisk at %(host)s:%(port)s."), host=host, port=port) from None
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # actions are sent while responses arrive
            ami = cls(connection, timeout)
            ami._start_deadline()
            ami._read_until(b"\r\n")  # the banner
            try:
                ami.action("Login", Username=user, Secret=secret, Events=events)
            except AmiError:
                raise AmiLoginRefused(
                    N_("Asterisk rejected the AMI user %(user)s or its password. Check manager.conf and AMI_SECRET."),
                    user=user,
                ) from None
            yield ami

    def action(self, name: str, **values: str) -> Message:
        """Run one action and return its response.

        Raises:
            AmiError: the response is an error.
        """
        return next(self._run([(name, values)]))[0]

    def events(self, name: str, **values: str) -> list[Message]:
        """Run a list action and return its items; no items are not an error here."""
        return next(self._run([(name, values)]))[1:]

    def run_many(self, actions: Iterable[Action]) -> list[list[Message]]:
        """Run actions in batches and return their responses with events, in order.

        Raises:
            AmiError: a response is an error.
        """
        return list(self._run(list(actions)))

    def try_many(self, actions: Iterable[Action]) -> list[list[Message] | AmiError]:
        """Run actions like `run_many`, but return an error in the place of its response."""
        return list(self.iterate_responses(actions))

    def iterate_responses(self, actions: Iterable[Action]) -> Iterator[list[Message] | AmiError]:
        """Run actions and yield each response as it arrives, or the error in its place.

        The next action skips responses that were not read.
        """
        pairs = list(actions)
        for (name, _values), response in zip(pairs, self._responses(pairs), strict=True):
            yield _error(name, response[0]) or response

    def next_event(self, seconds: float) -> Message | None:
        """Return the next event that Asterisk sends by itself; None if there is none within `seconds`.

        Raises:
            AmiUnavailable: the connection was closed.
        """
        self._deadline = time.monotonic() + seconds
        if self._buffer.find(b"\r\n\r\n", self._position) < 0:
            readable, _, _ = select.select([self._socket], [], [], seconds)
            if not readable:
                return None
        self._deadline = time.monotonic() + self._timeout
        return self._read_message()

    def _run(self, actions: list[Action]) -> Iterator[list[Message]]:
        for (name, _values), response in zip(actions, self._responses(actions), strict=True):
            if error := _error(name, response[0]):
                raise error
            yield response

    def _responses(self, actions: list[Action]) -> Iterator[list[Message]]:
        """Send the actions some ahead, so that Asterisk makes a response while the one before is read."""
        ids = [str(next(self._ids)) for _ in actions]
        requests = [_encode(name, values, action_id) for (name, values), action_id in zip(actions, ids, strict=True)]
        sent = 0
        for received, action_id in enumerate(ids):
            self._start_deadline()
            if sent - received <= PIPELINE_SIZE // 2:
                batch = requests[sent : received + PIPELINE_SIZE]
                sent += len(batch)
                self._send(b"".join(batch))
            yield self._read_response(action_id)

    def _read_response(self, action_id: str) -> list[Message]:
        """Read one response with its events. Asterisk answers actions in order."""
        messages = [self._read_message()]
        while messages[0].get("ActionID") != action_id:  # an unsolicited event, or a response that nobody read
            messages = [self._read_message()]
        if messages[0].get("EventList") == "start":
            while (message := self._read_message()).get("EventList") != "Complete":
                messages.append(message)
        return messages

    def _read_message(self) -> Message:
        text = self._read_until(b"\r\n\r\n").decode("utf-8", "replace")
        pairs = _LINE.findall(text)
        message: Message = dict(pairs)
        if "ChanVariable" in message:  # the only key that Asterisk repeats in one message
            message["ChanVariable"] = ",".join(value for key, value in pairs if key == "ChanVariable")
        return message

    def _start_deadline(self) -> None:
        self._deadline = time.monotonic() + self._timeout

    def _send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(max(0.01, self._deadline - time.monotonic()))
            self._socket.sendall(data)
        except OSError:
            raise AmiUnavailable(N_("Asterisk closed the connection.")) from None

    def _read_until(self, end: bytes) -> bytes:
        searched = self._position
        while (found := self._buffer.find(end, searched)) < 0:
            self._buffer, self._position = self._buffer[self._position :], 0
            searched = max(0, len(self._buffer) - len(end))
            self._buffer += self._receive()
            if len(self._buffer) > MAX_RESPONSE_BYTES:
                raise AmiUnavailable(N_("Asterisk sent an unexpectedly long response."))
        message, self._position = self._buffer[self._position : found], found + len(end)
        return message

    def _receive(self) -> bytes:
        remaining = self._deadline - time.monotonic()
        try:
            if remaining <= 0:
                raise TimeoutError
            self._socket.settimeout(remaining)
            data = self._socket.recv(65536)
        except TimeoutError:
            raise AmiUnavailable(
                N_("Asterisk didn't respond within %(seconds)s seconds."), seconds=self._timeout
            ) from None
        except OSError:
            data = b""
        if not data:
            raise AmiUnavailable(N_("Asterisk closed the connection."))
        return data


def _error(action: str, response: Message) -> AmiError | None:
    """Return the error that is the response to an action, or None; an empty list is no error."""
    text = response.get("Message", "?")
    if response.get("Response") != "Error" or re.match(r"No (\w+ found|active )", text):
        return None
    return AmiError(N_("Asterisk rejected %(action)s: %(why)s"), action=action, why=text)


def _encode(name: str, values: Mapping[str, str], action_id: str) -> bytes:
    lines = {"Action": name, "ActionID": action_id, **values}
    for key, value in lines.items():
        if any(char in f"{key}{value}" for char in "\r\n\0"):
            raise OperationRefused(N_("Line breaks aren't allowed (%(action)s)."), action=name[:20].strip())
    return "".join(f"{key}: {value}\r\n" for key, value in lines.items()).encode() + b"\r\n"
