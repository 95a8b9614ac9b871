"""Real SIP phones: sipp speaks for them; what they say into each other's ear is counted where it arrives."""

import re
import shutil
import socket
import struct
import subprocess
import threading
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.conftest import free_port, wait_for

REFUSALS = (401, 403, 404, 410, 480, 484, 486, 488, 503, 603)
PACKET = 0.02  # seconds of sound
DTMF = 101  # the payload type of pressed keys


class Phone:
    """A desk phone with one number, on ports of its own. Its secret is `username`'s, where that is another number."""

    def __init__(self, folder, sip_port, number, secret, username=None):
        self.number, self.secret, self.voice = number, secret, Voice(number)
        self._folder, self._sip_port, self._username = folder, sip_port, username or number
        self._port = free_port(socket.SOCK_DGRAM)
        self._talks = []

    def register(self, to=None):
        """Ask that `to`, else the phone's own number, rings here: the final status."""
        return self._talk(REGISTER, to or self.number).ended()

    def call(self, number):
        """Dial. Who is connected talks until hang_up()."""
        return self._talk(CALL, number)

    def wait(self, *, busy=False):
        """Listen for one call, and answer it, or be busy."""
        talk = self._talk(BUSY if busy else ANSWER, self.number)
        wait_for(lambda: _taken(self._port), "the phone listens")
        return talk

    def divert(self, number):
        """Listen for one call, and send the caller to that number."""
        talk = self._talk(DIVERT, number)
        wait_for(lambda: _taken(self._port), "the phone listens")
        return talk

    def call_to_transfer(self, number, to, instead=""):
        """Dial. At hang_up() who is connected is sent to another number, and the phone leaves; `instead` of the phone, where
        that is in the call of this description (`Talk.replaces`) too."""
        return self._talk(TRANSFER.replace("TARGET", f"{to}@[remote_ip]{instead}"), number)

    @property
    def last(self):
        """The talk that began last."""
        return self._talks[-1]

    def close(self):
        """Whatever it is doing, it stops."""
        for talk in self._talks:
            talk.close()
        self.voice.close()

    def _talk(self, script, dialled):
        """Calls go out from ports of their own: what Asterisk still says to one that is over disturbs no other."""
        port = free_port(socket.SOCK_DGRAM) if script not in (REGISTER, ANSWER, BUSY, DIVERT) else self._port
        self._talks.append(Talk(
            self._folder, script, [(self.number, "[authentication]", dialled)], self._sip_port, port,
            "-au", str(self._username), "-ap", self.secret, "-key", "media", str(self.voice.port),
        ))  # fmt: skip
        return self.last


def register_all(folder, sip_port, secrets):
    """Register all these accounts (number → secret), 300 a second: how many were accepted."""
    rows = [(n, f"[authentication username={n} password={secret}]", n) for n, secret in secrets.items()]
    talk = Talk(folder, REGISTER, rows, sip_port, free_port(socket.SOCK_DGRAM))
    talk.ended()
    return talk.statuses.count(200)


@contextmanager
def conversation(caller, called):
    """A call in progress, sound both ways. At its end the caller hangs up, and the other phone gets the BYE."""
    answer, talk = called.wait(), caller.call(called.number)
    speak(caller, talk, called, answer)
    yield talk, answer
    talk.hang_up()
    assert talk.ended() == 200
    answer.ended()


def transfer(caller, called, to):
    """A blind transfer: who was called is sent to another number by the caller, who leaves. The called phone's side.

    Only once they hear each other: Asterisk transfers nobody whom it has not yet put through.
    """
    answer, talk = called.wait(), caller.call_to_transfer(called.number, to)
    speak(caller, talk, called, answer)
    talk.hang_up()
    talk.ended()
    caller.voice.speak_to(None)
    return answer


def speak(one, its, other, others):
    """Both phones speak on their sides of one call until each has heard the other."""
    for phone, side in ((one, its), (other, others)):
        wait_for(lambda side=side: side.far_media, "the call is connected")
        phone.voice.speak_to(side.far_media)
    hear_each_other(one, other, packets=1)


def hear_each_other(one, other, packets=50):
    """Wait until each heard that many more packets of the other: how many were lost since they began to hear."""
    ears = (one.voice, other.number), (other.voice, one.number)
    goals = [voice.heard(number) + packets for voice, number in ears]
    wait_for(lambda: all(v.heard(n) >= goal for (v, n), goal in zip(ears, goals, strict=True)), "they hear each other")
    return sum(voice.lost(number) for voice, number in ears)


class Talk:
    """One run of sipp: a script, played for each row (number, credentials, dialled)."""

    def __init__(self, folder, script, rows, sip_port, port, *options):
        if shutil.which("sipp") is None:
            pytest.skip("no sipp: run make tools")
        self._port, self._name = port, uuid4().hex
        file = {end: folder / f"{self._name}.{end}" for end in ("xml", "csv", "log", "out")}
        file["xml"].write_text(script)
        file["csv"].write_text("SEQUENTIAL\n" + "".join(";".join(map(str, row)) + "\n" for row in rows))
        self._log, self._out = file["log"], file["out"]
        with self._out.open("w") as out:
            self._process = subprocess.Popen(
                ["sipp", f"127.0.0.1:{sip_port}", "-sf", file["xml"], "-inf", file["csv"], "-i", "127.0.0.1",
                 "-p", str(port), "-m", str(len(rows)), "-r", "300", "-cid_str", f"{self._name}-%u", "-nostdin",
                 "-timeout", "30", "-timeout_error", "-trace_msg", "-message_file", self._log, *options],
                cwd=folder, stdout=out, stderr=out,
            )  # fmt: skip

    @property
    def messages(self):
        """What came in, message by message."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return re.findall(r"^UDP message received .*?\n\n(.*?\n)(?=-{20,} |\Z)", text, re.DOTALL | re.MULTILINE)

    @property
    def statuses(self):
        """Of the answers that came in, Trying excepted."""
        return [int(m.split()[1]) for m in self.messages if m.startswith("SIP/2.0") and not m.startswith("SIP/2.0 100")]

    @property
    def settled(self):
        """Whether the script was played to its end."""
        return self._process.poll() is not None

    @property
    def delay(self):
        """Seconds from the last INVITE to the first answer to it but Trying; None before."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        parts = re.findall(r"^-{20,} .*?(\d+\.\d+)\nUDP message (sent|received).*?\n\n(\S+ \S+)", text, re.MULTILINE)
        sent = [float(moment) for moment, way, first in parts if way == "sent" and first.startswith("INVITE")]
        heard = [
            float(moment)
            for moment, way, first in parts
            if way == "received" and re.match(r"SIP/2.0 (1[^0]|[2-6])", first)
        ]
        return next((moment - sent[-1] for moment in heard if moment > sent[-1]), None) if sent else None

    @property
    def far_media(self):
        """Asterisk's port for the sound, once it is agreed."""
        ports = re.findall(r"^m=audio (\d+)", "".join(self.messages), re.MULTILINE)
        return int(ports[-1]) if ports else None

    @property
    def replaces(self):
        """What another call's REFER says of this one, which came in: whoever is sent there takes this phone's place."""
        call, tag = (
            re.search(rf"^{what}(\S+)", self.messages[0], re.MULTILINE)[1] for what in ("Call-ID: ", "From: .*tag=")
        )
        return "?Replaces=" + quote(f"{call};to-tag={tag};from-tag=1", safe="")

    def hang_up(self):
        """The hand on the hook: sipp takes any request with its Call-ID."""
        request = (
            "HOOK sip:phone SIP/2.0", "Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-hook", "From: <sip:hand@127.0.0.1>",
            "To: <sip:phone@127.0.0.1>", f"Call-ID: {self._name}-1", "CSeq: 1 HOOK", "Content-Length: 0", "", "",
        )  # fmt: skip
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hand:
            hand.sendto("\r\n".join(request).encode(), ("127.0.0.1", self._port))

    def ended(self):
        """Wait until the script was played to its end, nothing unexpected heard: the last status, if any."""
        code = self._process.wait(40)
        assert code == 0, f"sipp ended with {code}, having heard {self.messages}\n{self._out.read_text()[-2000:]}"
        return self.statuses[-1] if self.statuses else None

    def close(self):
        self._process.kill()
        self._process.wait()


class Voice(threading.Thread):
    """A phone's mouth and ear: G.711 packets that bear the speaker's number and count, and whose were heard.

    `packets` counts all sound, also of those who do not speak like that; `digits` are the keys that were pressed.
    """

    def __init__(self, number):
        super().__init__(daemon=True)
        self._number, self._target, self._said, self._closed = number, None, 0, False
        self._socket, self._heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), defaultdict(set)
        self.packets, self.digits = 0, ""
        self._pressed = None
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.start()

    def speak_to(self, port):
        """Say a packet every 20 ms from now on; to None: nothing."""
        self._target = port

    def heard(self, number):
        """How many packets of that speaker arrived, none counted twice."""
        return len(self._heard[number])

    def lost(self, number):
        """How many did not, between the first and the last that did."""
        counts = set(self._heard[number])
        return max(counts) - min(counts) + 1 - len(counts)

    def close(self):
        self._closed = True
        self.join()
        self._socket.close()

    def run(self):
        due = time.monotonic()
        while not self._closed:
            if time.monotonic() >= due:
                due += PACKET
                self._say()
            self._socket.settimeout(max(0.001, due - time.monotonic()))
            try:
                packet = self._socket.recv(2048)
            except TimeoutError:
                continue
            if packet[1] & 0x7F == DTMF:
                self._press(packet)
                continue
            self.packets += 1
            _, number, count = struct.unpack_from("!12sHI", packet)
            self._heard[number].add(count)

    def _press(self, packet):
        """A key is many packets of one time stamp (RFC 4733)."""
        stamp = packet[4:8]
        if stamp != self._pressed:
            self._pressed, self.digits = stamp, self.digits + "0123456789*#"[packet[12]]

    def _say(self):
        if self._target:
            self._said += 1
            header = struct.pack("!BBHII", 0x80, 8, self._said & 0xFFFF, self._said * 160, self._number)
            sound = struct.pack("!HI", self._number, self._said).ljust(160, b"\xd5")
            self._socket.sendto(header + sound, ("127.0.0.1", self._target))


def _taken(port):
    """Whether somebody has bound that UDP port: asked of the system, as trying it would be in the way."""
    lines = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in lines)


def _message(*lines, body=()):
    """A message of a script. Its brackets are filled in by sipp."""
    kind = ["Content-Type: application/sdp"] if body else []
    text = "\n".join([*lines, *kind, "Content-Length: [len]", "", *body, ""])
    retrans = ' retrans="500"' if not lines[0].startswith(("ACK", "SIP/2.0 1")) else ""
    return f"<send{retrans}><![CDATA[\n{text}]]></send>"


def _request(method, cseq, *more, uri="sip:[field2]@[remote_ip]:[remote_port]", tag="", body=()):
    """The phone shows a false name, which nobody shall see."""
    return _message(
        f"{method} {uri} SIP/2.0",
        f"Via: SIP/2.0/UDP [local_ip]:[local_port];branch=z9hG4bK-[call_id]-{cseq}{method if uri == NEXT else ''}",
        "Max-Forwards: 70",
        'From: "Somebody Else" <sip:[field0]@[remote_ip]>;tag=[call_number]',
        f"To: <sip:[field2]@[remote_ip]>{tag}",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {'INVITE' if method == 'ACK' else method}",
        "Contact: <sip:[field0]@[local_ip]:[local_port]>",
        *more,
        body=body,
    )


def _answer(status, *, tag=";tag=[call_number]", body=()):
    copied = "[last_Via:]", "[last_From:]", f"[last_To:]{tag}", "[last_Call-ID:]", "[last_CSeq:]"
    return _message(f"SIP/2.0 {status}", *copied, "Contact: <sip:[local_ip]:[local_port]>", body=body)


def _hear(what, **attributes):
    """Wait for a request or for a status."""
    kind = "response" if isinstance(what, int) else "request"
    return "".join(["<recv", *(f' {name}="{value}"' for name, value in {kind: what, **attributes}.items()), "/>"])


def _maybe(*statuses, **attributes):
    return "".join(_hear(status, optional="true", **attributes) for status in statuses)


def _script(*steps):
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<scenario name="phone">{"".join(steps)}<label id="end"/></scenario>'
    )


PBX, NEXT, FAR = "sip:[remote_ip]:[remote_port]", "[next_url]", "[peer_tag_param]"
CHALLENGE = _hear(401, auth="true")
SDP = (
    "v=0", "o=phone 1 1 IN IP4 [local_ip]", "s=-", "c=IN IP4 [local_ip]", "t=0 0",
    "m=audio [media] RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000",
)  # fmt: skip

REGISTER = _script(
    _request("REGISTER", 1, "Expires: 300", uri=PBX), CHALLENGE,
    _request("REGISTER", 2, "Expires: 300", "[field1]", uri=PBX), _maybe(*REFUSALS, next="end"), _hear(200),
)  # fmt: skip
CALL = _script(
    _request("INVITE", 1, body=SDP), CHALLENGE, _request("ACK", 1, tag=FAR),
    _request("INVITE", 2, "[field1]", body=SDP), _maybe(100, 180, 181, 183), _maybe(*REFUSALS, next="refused"),
    _hear(200, rrs="true"), _request("ACK", 2, uri=NEXT, tag=FAR),
    _hear("HOOK"), _request("BYE", 3, uri=NEXT, tag=FAR), _hear(200, next="end"),
    '<label id="refused"/>', _request("ACK", 2, tag=FAR),
)  # fmt: skip
ANSWER = _script(
    _hear("INVITE"), _answer("180 Ringing"), _answer("200 OK", body=SDP), _hear("ACK"),
    _hear("BYE"), _answer("200 OK", tag=""),
)  # fmt: skip
TRANSFER = _script(
    _request("INVITE", 1, body=SDP), CHALLENGE, _request("ACK", 1, tag=FAR),
    _request("INVITE", 2, "[field1]", body=SDP), _maybe(100, 180, 183), _hear(200, rrs="true"),
    _request("ACK", 2, uri=NEXT, tag=FAR), _hear("HOOK"),
    _request("REFER", 3, "Refer-To: <sip:TARGET>", uri=NEXT, tag=FAR), _hear(202),
    _hear("NOTIFY"), _answer("200 OK", tag=""),
)  # fmt: skip
DIVERT = _script(
    _hear("INVITE"),
    _message(
        "SIP/2.0 302 Moved Temporarily", "[last_Via:]", "[last_From:]", "[last_To:];tag=[call_number]", "[last_Call-ID:]",
        "[last_CSeq:]", "Contact: <sip:[field2]@[remote_ip]:[remote_port]>",
    ),
    _hear("ACK"),
)  # fmt: skip
BUSY = _script(_hear("INVITE"), _answer("486 Busy Here"), _hear("ACK"))
