"""A SIP phone over WebSocket that has only what the agent API returns: number, realm and digest (HA1)."""

import hashlib
import os
import re
import socket
import struct
from uuid import uuid4


class WebSocketPhone:
    """It registers over a new connection; each request is repeated with credentials when it is challenged.

    `connect` opens the connection, if it is not a plain one to Asterisk's `port`; `host` is the name in the request.
    """

    def __init__(self, port, number, ha1, *, connect=None, host="127.0.0.1"):
        self.ha1 = ha1
        self._open = connect or (lambda: socket.create_connection(("127.0.0.1", port), 10))
        self._host, self._number, self._sequence = host, number, 0
        self._name = f"{uuid4().hex[:12]}.invalid"
        self._connect()

    def _connect(self):
        self._socket = self._open()
        self._socket.sendall(
            f"GET /ws HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n".encode()
            + b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Protocol: sip\r\n\r\n"
        )
        self._file = self._socket.makefile("rb")
        if b"101" not in (status := self._file.readline()):
            raise ConnectionError(status)
        while self._file.readline().strip():
            pass

    def register(self):
        """Register; return the final status."""
        self.close()
        self._connect()
        return self._request("REGISTER", "sip:127.0.0.1", self._number, "Expires: 300")

    def call(self, number):
        """Dial; return the final status."""
        return self._request("INVITE", f"sip:{number}@127.0.0.1", number)

    def close(self):
        self._file.close()
        self._socket.close()

    def _request(self, method, uri, to, *more):
        call_id = uuid4().hex
        status, answer, sequence = self._transaction(method, uri, to, call_id, *more)
        if method == "INVITE":
            self._send("ACK", uri, to, call_id, sequence)
        if status != 401:
            return status
        challenge = dict(re.findall(r'(\w+)="?([^",]*)"?', re.search(r"WWW-Authenticate: Digest (.*)", answer)[1]))
        status, _, sequence = self._transaction(method, uri, to, call_id, *more, self._response(method, uri, challenge))
        if method == "INVITE":
            self._send("ACK", uri, to, call_id, sequence)
        return status

    def _response(self, method, uri, challenge):
        def digest(text):
            return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

        nonce, realm = challenge["nonce"], challenge["realm"]
        response = digest(f"{self.ha1}:{nonce}:00000001:c:auth:{digest(f'{method}:{uri}')}")
        return (
            f'Authorization: Digest username="{self._number}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'qop=auth, nc=00000001, cnonce="c", algorithm=MD5, opaque="{challenge["opaque"]}", '
            f'response="{response}"'
        )

    def _transaction(self, method, uri, to, call_id, *more):
        """Return the final status, the answer and the number of the request."""
        self._sequence += 1
        self._send(method, uri, to, call_id, self._sequence, *more)
        while True:
            answer = self._receive()
            status = re.match(r"SIP/2.0 ([2-6]\d\d)", answer)
            if status and f"CSeq: {self._sequence} {method}" in answer:
                return int(status[1]), answer, self._sequence

    def _send(self, method, uri, to, call_id, sequence, *more):
        lines = (
            f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/WS {self._name};branch=z9hG4bK{call_id}{sequence}",
            "Max-Forwards: 70", f"From: <sip:{self._number}@127.0.0.1>;tag={call_id[:8]}", f"To: <sip:{to}@127.0.0.1>",
            f"Call-ID: {call_id}", f"CSeq: {sequence} {method}",
            f"Contact: <sip:{self._number}@{self._name};transport=ws>", *more, "Content-Length: 0", "", "",
        )  # fmt: skip
        data, mask = "\r\n".join(lines).encode(), os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))
        self._socket.sendall(b"\x81\xfe" + struct.pack(">H", len(data)) + mask + masked)

    def _receive(self):
        """Raises ConnectionError: Asterisk closed the connection."""
        head = self._file.read(2)
        if head[:1] != b"\x81":
            raise ConnectionError
        length = head[1]
        if length == 126:
            (length,) = struct.unpack(">H", self._file.read(2))
        return self._file.read(length).decode()
