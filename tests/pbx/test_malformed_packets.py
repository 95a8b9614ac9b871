"""Packets that are no SIP, or wrong SIP, harm nobody: Asterisk runs on and answers phones."""

import os
import socket

from tests.servers import wait_for

HEAD = "{method} sip:205@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK{n}\r\nMax-Forwards: 70\r\n"
REST = "From: <sip:205@127.0.0.1>;tag=a\r\nTo: <sip:205@127.0.0.1>\r\nCall-ID: malformed-{n}\r\nCSeq: 1 {method}\r\n"
LINES = (
    "Content-Length: 4294967296", "Content-Length: -1", "Content-Length: 99999", "Expires: 99999999999999999999",
    "Contact: <sip:" + "x" * 3000 + ">", "Contact: <sip:%00%00@[::::]>;q=1e999", "Contact: *",
    'Authorization: Digest username="', "Authorization: Digest " + "a=b," * 500, "Via: " + "," * 2000,
    "Record-Route: <sip:" + ";lr" * 900 + ">",
    "Content-Type: application/sdp\r\nContent-Length: 8\r\n\r\nv=0\r\nm=\r\n",
    "\0\0\0: \0", "Event: " + "%s%n" * 100, "Proxy-Require: " + "\xff" * 100,
)  # fmt: skip


def packets():
    yield b""
    yield b"\0" * 2000
    yield os.urandom(1400)
    yield b"SIP/2.0 200\r\n\r\n"
    for number, line in enumerate(LINES):
        for method in ("REGISTER", "INVITE", "OPTIONS", "SUBSCRIBE", "X" * 300):
            text = f"{HEAD}{REST}".format(method=method, n=f"{number}{method[:9]}") + f"{line}\r\n\r\n"
            yield text.encode("latin-1")
            yield text.encode("latin-1")[: len(text) // 2]


def test_asterisk_runs_on_after_malformed_sip(live_app, sip_phone, asterisk):
    phone = sip_phone(205)
    settings = live_app.config["SETTINGS"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for packet in packets():
            sender.sendto(packet, ("127.0.0.1", settings.sip_port))
    assert phone.register() == 200
    assert asterisk.poll() is None


def test_asterisk_runs_on_after_malformed_requests_to_its_websocket(live_app, sip_phone, asterisk):
    phone = sip_phone(205)
    port = live_app.config["SETTINGS"].ws_port
    upgrade = (
        b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
    )
    frames = [b"", b"\xff" * 64, b"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x81\x7e\xff\xffx", os.urandom(500)]
    for start, more in [(b"GET /ws HTTP/1.1\r\n\r\n", b""), (os.urandom(2000), b""), *((upgrade, f) for f in frames)]:
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            connection.sendall(start + more)
    wait_for(lambda: phone.register() == 200, "Asterisk answers", 10)
    assert asterisk.poll() is None
