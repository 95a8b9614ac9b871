"""A small synchronous client of the Asterisk Manager Interface: a deadline, a size cap, no CR, LF or NUL in a value."""

import itertools
import re
import socket
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Self

from ..core.errors import N_, Refused

LARGEST = 64 * 1024 * 1024  # bytes that one call may answer
AHEAD = 32  # actions sent before their answers are read: few enough for any socket's buffers
Message = dict[str, str]


class AmiDown(Refused):
    """Asterisk cannot be reached, does not answer in time, or broke off."""


class AmiRefused(Refused):
    """Asterisk answered an action with an error."""


class Ami:
    """One logged-in connection. `timeout` (seconds) is the deadline of each call as a whole."""

    def __init__(self, connection: socket.socket, timeout: float) -> None:
        self._socket = connection
        self._timeout = timeout
        self._deadline = 0.0
        self._buffer = b""
        self._ids = itertools.count(1)

    @classmethod
    @contextmanager
    def connect(cls, host: str, port: int, user: str, secret: str, timeout: float = 5.0) -> Iterator[Self]:
        """Connect and log in. Raises AmiDown or AmiRefused; the secret is in neither."""
        try:
            connection = socket.create_connection((host, port), timeout)
        except OSError:
            raise AmiDown(N_("Asterisk does not answer at %(host)s:%(port)s."), host=host, port=port) from None
        with connection:
            ami = cls(connection, timeout)
            ami._start()
            ami._until(b"\r\n")  # the greeting
            ami.action("Login", Username=user, Secret=secret, Events="off")
            yield ami

    def action(self, name: str, **values: str) -> Message:
        """The response to one action. Raises AmiRefused when it is an error."""
        return next(self._run([(name, values)]))[0]

    def events(self, name: str, **values: str) -> list[Message]:
        """The items of a list action; what Asterisk calls an error for want of items is the empty list."""
        return next(self._run([(name, values)]))[1:]

    def many(self, actions: Iterable[tuple[str, Mapping[str, str]]]) -> list[list[Message]]:
        """Responses with their events, in the order of the actions, which are sent ahead of their answers."""
        return list(self._run(list(actions)))

    def _run(self, actions: list[tuple[str, Mapping[str, str]]]) -> Iterator[list[Message]]:
        requests = [_encode(name, values, str(next(self._ids))) for name, values in actions]
        self._start()
        for start in range(0, len(requests), AHEAD):
            batch = actions[start : start + AHEAD]
            self._send(b"".join(requests[start : start + AHEAD]))
            for name, _ in batch:
                yield self._answer(name)

    def _answer(self, name: str) -> list[Message]:
        """Answers come in the order of the actions: Asterisk works them off one by one."""
        messages = [self._message()]
        while "ActionID" not in messages[0]:  # an event nobody asked for
            messages = [self._message()]
        response = messages[0]
        if response.get("Response") == "Error":
            if re.match(r"No (\w+ found|active )", response.get("Message", "")):
                return [response]
            raise AmiRefused(N_("Asterisk refused %(action)s: %(why)s"), action=name, why=response.get("Message", "?"))
        if response.get("EventList") == "start":
            while (message := self._message()).get("EventList") != "Complete":
                messages.append(message)
        return messages

    def _message(self) -> Message:
        lines = self._until(b"\r\n\r\n").decode("utf-8", "replace").split("\r\n")
        message: Message = {}
        for line in lines:
            key, _, value = line.partition(":")
            message[key] = (
                f"{message[key]},{value.strip()}" if key in message and key == "ChanVariable" else value.strip()
            )
        return message

    def _start(self) -> None:
        self._deadline = time.monotonic() + self._timeout

    def _send(self, data: bytes) -> None:
        try:
            self._socket.settimeout(max(0.01, self._deadline - time.monotonic()))
            self._socket.sendall(data)
        except OSError:
            raise AmiDown(N_("Asterisk broke off the connection.")) from None

    def _until(self, end: bytes) -> bytes:
        searched = 0
        while (place := self._buffer.find(end, searched)) < 0:
            searched = max(0, len(self._buffer) - len(end))
            self._buffer += self._receive()
            if len(self._buffer) > LARGEST:
                raise AmiDown(N_("Asterisk's answer does not end."))
        message, self._buffer = self._buffer[:place], self._buffer[place + len(end) :]
        return message

    def _receive(self) -> bytes:
        left = self._deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            data = self._socket.recv(65536)
        except TimeoutError:
            raise AmiDown(N_("Asterisk did not answer within %(seconds)s seconds."), seconds=self._timeout) from None
        except OSError:
            data = b""
        if not data:
            raise AmiDown(N_("Asterisk broke off the connection."))
        return data


def _encode(name: str, values: Mapping[str, str], action_id: str) -> bytes:
    lines = {"Action": name, "ActionID": action_id, **values}
    for key, value in lines.items():
        if any(char in f"{key}{value}" for char in "\r\n\0"):
            raise Refused(N_("A line break cannot be sent to Asterisk (%(action)s)."), action=name[:20].strip())
    return "".join(f"{key}: {value}\r\n" for key, value in lines.items()).encode() + b"\r\n"
