"""Real SIP phones played by sipp. Received sound is counted by its sender."""

import re
import shutil
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.pbx.rtp_stream import RtpStream
from tests.pbx.sip_scripts import (
    ANSWER,
    ANSWER_SLOWLY,
    BUSY,
    CALL,
    DECLINE,
    DIAL,
    DIVERT,
    HOLD,
    PCMA,
    REGISTER,
    RING,
    SUBSCRIBE,
    TRANSFER,
    UNAVAILABLE,
)
from tests.servers import free_port, wait_for

LOOPBACK = "127.0.0.1"
TIMEOUT = 30  # seconds; a longer dialog fails
CALLED = (
    REGISTER,
    ANSWER,
    ANSWER_SLOWLY,
    BUSY,
    DECLINE,
    DIVERT,
    RING,
    UNAVAILABLE,
)  # scripts at the address that is registered


class Phone:
    """A SIP phone with one number and its own ports.

    Its secret is that of `username`, if that is another number. `address` is one of this machine's. `longest` is how
    many seconds a call may last.
    """

    def __init__(self, folder, sip_port, number, secret, *, username=None, address=LOOPBACK, longest=TIMEOUT):
        self.number, self.secret, self.rtp = number, secret, RtpStream(number)
        self._folder, self._sip_port, self._username = folder, sip_port, username or number
        self._address, self._line = address, PhoneLine(sip_port, address=address)
        self._dialogs, self._longest = [], longest

    @property
    def asked(self):
        """How often Asterisk asked whether the phone is there."""
        return self._line.asked

    def die(self):
        """Respond to nothing any more, like a phone without power."""
        self._line.close()

    def come_back(self):
        """Respond again at the same address."""
        self._line = PhoneLine(self._sip_port, self._line.port, self._address)

    def register(self, to=None):
        """Register `to`, or the phone's own number; return the final status."""
        return self._start(REGISTER, to or self.number).ended()

    def register_with(self, parameter):
        """Register a further address of the phone, with that parameter; return the final status."""
        script = REGISTER.replace("Contact: <sip:[field0]@", "Contact: <sip:further@")
        script = script.replace("[local_port]>", f"[local_port];{parameter}>")
        return self._start(script, self.number, registered=True).ended()

    def call(self, number, sound=None, changes=None):
        """Dial. The connected party talks until hang_up(). `sound` describes another one than PCMA, as lines of SDP.

        `changes` are texts of the script and what replaces them.
        """
        script = CALL if sound is None else CALL.replace(PCMA, "\n".join(sound))
        for old, new in (changes or {}).items():
            script = script.replace(old, new)
        return self._start(script, number)

    def wait(self, *, busy=False, decline=False, slowly=False):
        """Wait for one call and answer it, be busy, or let it ring and decline it."""
        return self._listen(BUSY if busy else DECLINE if decline else ANSWER_SLOWLY if slowly else ANSWER, self.number)

    def be_unavailable(self):
        """Wait for one call and answer it with 480."""
        return self._listen(UNAVAILABLE, self.number)

    def ring(self):
        """Wait for one call and let it ring until it is gone."""
        return self._listen(RING, self.number)

    def watch(self, number):
        """Show the state of a number with a busy lamp until hang_up()."""
        return self._start(SUBSCRIBE, number)

    def divert(self, number):
        """Wait for one call and redirect the caller to that number."""
        return self._listen(DIVERT, number)

    def call_to_transfer(self, number, to, instead=""):
        """Dial; at hang_up() transfer the connected party to another number and leave.

        With `instead`, that party takes the phone's place in another call (`SipDialog.replaces`).
        """
        return self._start(TRANSFER.replace("TARGET", f"{to}@[remote_ip]{instead}"), number)

    def call_to_hold(self, number):
        """Dial; the first hang_up() puts the connected party on hold, the second one hangs up."""
        return self._start(HOLD, number)

    def dial_all(self, numbers, *options):
        """Dial all numbers, 300 a second or as sipp's options say; each call is hung up as soon as it is answered.

        Return the final status of each, in their order.
        """
        rows = [(self.number, "[authentication]", quote(number, safe="*+()-./")) for number in numbers]
        server, port = f"{LOOPBACK}:{self._sip_port}", free_port(socket.SOCK_DGRAM)
        dialog = SipDialog(
            self._folder, DIAL, rows, server, port, "-au", str(self._username), "-ap", self.secret,
            "-key", "media", str(self.rtp.port), *options,
        )  # fmt: skip
        self._dialogs.append(dialog)
        dialog.ended()
        return dialog.final_statuses

    @property
    def last(self):
        """The newest dialog."""
        return self._dialogs[-1]

    def end_dialogs(self):
        """Stop all dialogs at once, without a message."""
        for dialog in self._dialogs:
            dialog.close()

    def close(self):
        """Stop all dialogs and respond to nothing any more."""
        self.end_dialogs()
        self._line.close()
        self.rtp.close()

    def _listen(self, script, dialled):
        dialog = self._start(script, dialled)
        wait_for(lambda: _is_bound(dialog.port), "the phone listens")
        return dialog

    def _start(self, script, dialled, *, registered=False):
        """Start a dialog.

        Each has its own port, because Asterisk may still send to an ended one. What Asterisk sends to the registered
        phone comes over its line.
        """
        port, server = free_port(socket.SOCK_DGRAM), f"{LOOPBACK}:{self._sip_port}"
        if registered or script in CALLED:
            self._line.dialog_port, server = port, f"{self._address}:{self._line.port}"
        self._dialogs.append(SipDialog(
            self._folder, script, [(self.number, "[authentication]", dialled)], server, port,
            "-au", str(self._username), "-ap", self.secret, "-key", "media", str(self.rtp.port), address=self._address,
            timeout=self._longest if script in (CALL, ANSWER) else TIMEOUT,
        ))  # fmt: skip
        return self.last


class PhoneLine(threading.Thread):
    """The address of a registered phone. It answers OPTIONS, and carries everything else to and from its dialog.

    sipp itself is only there during a dialog.
    """

    def __init__(self, sip_port, port=None, address=LOOPBACK):
        super().__init__(daemon=True)
        self.port, self.dialog_port, self._asterisk = port or free_port(socket.SOCK_DGRAM), 0, (LOOPBACK, sip_port)
        self._address = address
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self._socket.bind((address, self.port))
        self.start()

    def run(self):
        """Carry messages until the line is closed."""
        while message := self._receive():
            data, source = message
            if source != self._asterisk:
                self._socket.sendto(data, self._asterisk)
            elif data.startswith(b"OPTIONS "):
                self._socket.sendto(_ok(data), source)
                self.asked += 1
            elif self.dialog_port:
                self._socket.sendto(data, (self._address, self.dialog_port))

    def close(self):
        """Close the port at once."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # ends the thread's recvfrom
        self._socket.close()

    def _receive(self):
        with suppress(OSError):
            data, source = self._socket.recvfrom(65536)
            return (data, source) if data else None
        return None


def _ok(request):
    """Return the answer to a request outside a dialog."""
    copied = (b"Via:", b"From:", b"Call-ID:", b"CSeq:")
    lines = [line for line in request.split(b"\r\n") if line.startswith(copied)]
    to = next(line for line in request.split(b"\r\n") if line.startswith(b"To:"))
    return b"\r\n".join([b"SIP/2.0 200 OK", *lines, to + b";tag=line", b"Content-Length: 0", b"", b""])


def register_all(folder, sip_port, secrets, line=None):
    """Register these accounts (number → secret), 300 a second, over one `line`; over the same line is a renewal.

    Return how many answers accept one; a busy Asterisk may answer a repeated request, too.
    """
    rows = [(n, f"[authentication username={n} password={secret}]", n) for n, secret in secrets.items()]
    port = free_port(socket.SOCK_DGRAM)
    if line:
        line.dialog_port, sip_port = port, line.port
    dialog = SipDialog(folder, REGISTER, rows, f"{LOOPBACK}:{sip_port}", port)
    dialog.ended()
    return dialog.statuses.count(200)


@contextmanager
def conversation(caller, called):
    """A call in progress with sound both ways.

    At the end the caller hangs up, and the other phone gets the BYE.
    """
    answer, dialog = called.wait(), caller.call(called.number)
    speak(caller, dialog, called, answer)
    yield dialog, answer
    dialog.hang_up()
    assert dialog.ended() == 200
    answer.ended()


def transfer(caller, called, to):
    """A blind transfer: the caller transfers the called party and leaves.

    Yields the called party's side. It waits until both hear each other, because Asterisk transfers only established
    calls.
    """
    answer, dialog = called.wait(), caller.call_to_transfer(called.number, to)
    speak(caller, dialog, called, answer)
    dialog.hang_up()
    dialog.ended()
    caller.rtp.send_to(None)
    return answer


def speak(one, its, other, others):
    """Send sound from both phones of one call until each has heard the other."""
    for phone, side in ((one, its), (other, others)):
        wait_for(lambda side=side: side.far_media, "the call is connected")
        phone.rtp.send_to(side.far_media)
    hear_each_other(one, other, packets=1)


def hear_each_other(one, other, packets=50):
    """Wait until each heard that many more packets of the other.

    Return how many were lost.
    """
    streams = (one.rtp, other.number), (other.rtp, one.number)
    goals = [stream.received(number) + packets for stream, number in streams]
    wait_for(
        lambda: all(stream.received(n) >= goal for (stream, n), goal in zip(streams, goals, strict=True)),
        "they hear each other",
    )
    return sum(stream.lost(number) for stream, number in streams)


class SipDialog:
    """One run of sipp: a script, played for each row (number, credentials, dialled), to and from these addresses."""

    def __init__(self, folder, script, rows, server, port, *options, address=LOOPBACK, timeout=TIMEOUT):
        if shutil.which("sipp") is None:
            pytest.skip("no sipp: run make tools")
        self.port, self._name, self._address = port, uuid4().hex, address
        file = {end: folder / f"{self._name}.{end}" for end in ("xml", "csv", "log", "out")}
        file["xml"].write_text(script)
        file["csv"].write_text("SEQUENTIAL\n" + "".join(";".join(map(str, row)) + "\n" for row in rows))
        self._log, self._out = file["log"], file["out"]
        with self._out.open("w") as out:
            self._process = subprocess.Popen(
                ["sipp", server, "-sf", file["xml"], "-inf", file["csv"], "-i", address,
                 "-p", str(port), "-m", str(len(rows)), "-r", "300", "-cid_str", f"{self._name}-%u", "-nostdin",
                 "-timeout", str(timeout), "-timeout_error", "-trace_msg", "-message_file", self._log,
                 "-rtcheck", "loose",  # a late Asterisk answers a repeated request with another challenge
                 *options],
                cwd=folder, stdout=out, stderr=out,
            )  # fmt: skip

    @property
    def messages(self):
        """The received messages."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return re.findall(r"^(?:UDP|TCP) message received .*?\n\n(.*?\n)(?=-{20,} |\Z)", text, re.DOTALL | re.MULTILINE)

    @property
    def statuses(self):
        """The statuses of received responses, without Trying."""
        return [int(m.split()[1]) for m in self.messages if m.startswith("SIP/2.0") and not m.startswith("SIP/2.0 100")]

    @property
    def final_statuses(self):
        """The final status of each row's INVITE, in their order."""
        statuses = {}
        for message in self.messages:
            call = re.search(rf"^Call-ID: {self._name}-(\d+)", message, re.MULTILINE)
            final = re.match(r"SIP/2.0 ([2-6]\d\d)", message)
            if call and final and re.search(r"^CSeq: 2 INVITE", message, re.MULTILINE):
                statuses[int(call[1])] = int(final[1])
        return [status for _, status in sorted(statuses.items())]

    @property
    def is_finished(self):
        """Whether the script was played to its end."""
        return self._process.poll() is not None

    @property
    def delay(self):
        """Seconds from the last INVITE to its first response but Trying; None before."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        parts = re.findall(r"^-{20,} .*?(\d+\.\d+)\nUDP message (sent|received).*?\n\n(\S+ \S+)", text, re.MULTILINE)
        sent = [float(at) for at, direction, first in parts if direction == "sent" and first.startswith("INVITE")]
        received = [
            float(at)
            for at, direction, first in parts
            if direction == "received" and re.match(r"SIP/2.0 (1[^0]|[2-6])", first)
        ]
        return next((at - sent[-1] for at in received if at > sent[-1]), None) if sent else None

    @property
    def far_media(self):
        """Asterisk's port for the sound, once it is negotiated."""
        ports = re.findall(r"^m=audio (\d+)", "".join(self.messages), re.MULTILINE)
        return int(ports[-1]) if ports else None

    @property
    def replaces(self):
        """What another call's REFER needs to replace this incoming call."""
        call, tag = (
            re.search(rf"^{what}(\S+)", self.messages[0], re.MULTILINE)[1] for what in ("Call-ID: ", "From: .*tag=")
        )
        return "?Replaces=" + quote(f"{call};to-tag={tag};from-tag=1", safe="")

    def hang_up(self):
        """Hang up: sipp accepts any request with its Call-ID."""
        request = (
            "HOOK sip:phone SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-hook", "From: <sip:hand@127.0.0.1>",
            "To: <sip:phone@127.0.0.1>", f"Call-ID: {self._name}-1", "CSeq: 1 HOOK", "Content-Length: 0", "", "",
        )  # fmt: skip
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.sendto("\r\n".join(request).encode(), (self._address, self.port))

    def ended(self):
        """Wait until the script ended without unexpected messages.

        Return the last status, if any.
        """
        code = self._process.wait(40)
        assert code == 0, f"sipp ended with {code}, having received {self.messages}\n{self._out.read_text()[-2000:]}"
        return self.statuses[-1] if self.statuses else None

    def close(self):
        self._process.kill()
        self._process.wait()


def _is_bound(port):
    """Return whether a UDP port is bound.

    Asks the system, because trying would occupy it.
    """
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)
