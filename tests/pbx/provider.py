"""A second Asterisk as the provider: records calls, responds by the number."""

import re
import socket
import subprocess
import threading
from urllib.parse import unquote

from sipweb.pbx import local_asterisk
from tests.servers import free_port, rtp_ports

USER, SECRET = "customer", "a secret of the trunk"
# Write down a call before answering it, because Asterisk buffers its log.
DIALPLAN = """[general]
static=yes
[in]
exten => _[+0-9*#]!,1,Set(FILE(ARRIVED,,,al,u)=${EXTEN}|${CALLERID(num)}|${CALLERID(name)})
exten => _[+0-9*#]!,n,Goto(end,${EXTEN:-1},1)
exten => 1234,1,Answer()
exten => 1234,n,Read(DIGITS,,3,,1,5)
exten => 1234,n,Set(FILE(ARRIVED,,,al,u)=digits|${DIGITS}|)
[end]
exten => _[0-6*#],1,Answer()
exten => _[0-6*#],n,Wait(20)
exten => 7,1,Hangup(17)
exten => 8,1,Hangup(21)
exten => 9,1,Hangup(34)
"""

# the customer, and one for each other way in which a provider may expect DTMF; without "rfc4733" it is not negotiated
DTMF_USERS = {USER: "rfc4733", "info": "info", "inband": "inband"}
ENDPOINT = f"""
[{{user}}]
type=endpoint
context=in
identify_by=username,auth_username
auth={{user}}
aors={{user}}
disallow=all
allow=alaw
dtmf_mode={{dtmf}}
[{{user}}]
type=auth
auth_type=userpass
username={{user}}
password={SECRET}
realm=provider
[{{user}}]
type=aor
max_contacts=5
"""


SOUND = "\r\n".join((
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 9 RTP/AVP 8",
    "a=rtpmap:8 PCMA/8000", "",
))  # fmt: skip


class Provider:
    """Its port, the calls that arrived, and whether it runs."""

    def __init__(self, folder):
        self.port = free_port(socket.SOCK_DGRAM)
        self._installation = local_asterisk.find_asterisk()
        self._pbx = local_asterisk.LocalAsteriskConfig(
            folder / "etc", folder / "state", free_port(), "test", "test", self.port, free_port(),
            tuple(map(int, rtp_ports(2).split("-"))), realm="provider",
        )  # fmt: skip
        local_asterisk.configure(self._pbx, self._installation)
        self._arrived = folder / "state" / "arrived"
        (folder / "etc" / "extensions.conf").write_text(DIALPLAN.replace("ARRIVED", str(self._arrived)))
        with (folder / "etc" / "modules.conf").open("a") as modules:
            modules.write("load=func_env.so\nload=app_read.so\n")
        pjsip = folder / "etc" / "pjsip.conf"
        pjsip.write_text(
            pjsip.read_text()
            .replace("#include sipweb/current/pjsip.conf", "")
            .replace("username\n", "username,auth_username\n")
            + "".join(ENDPOINT.format(user=user, dtmf=mode) for user, mode in DTMF_USERS.items())
        )
        self._out = folder / "out"
        self._process = None
        self.start()

    def start(self):
        with self._out.open("w") as out:
            self._process = subprocess.Popen(local_asterisk.argv(self._pbx, self._installation), stdout=out, stderr=out)
        assert local_asterisk.wait_until_up(self._pbx), self._out.read_text()

    def stop(self):
        self._process.kill()
        self._process.wait()

    @property
    def arrived(self):
        """The arrived calls in order: (digits, caller's number, caller's name)."""
        text = self._arrived.read_text() if self._arrived.exists() else ""
        return [tuple(line.split("|", 2)) for line in text.splitlines()]


class FailingProvider(threading.Thread):
    """A provider that answers each INVITE with the next of `answers`.

    The last one is repeated. `invites` counts the calls, `invite` is the text of the last one, and `dialled` has the
    called number of each. With `answers_options` it answers OPTIONS too.
    """

    def __init__(self, *, answers_options=True):
        super().__init__(daemon=True)
        self._responses = {"OPTIONS": "200 OK"} if answers_options else {}
        self.answers, self.invites, self.cancels = ["503 Service Unavailable"], 0, 0
        self.invite, self.dialled = "", []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._calls, self._current = set(), ""
        self.start()

    def run(self):
        while True:
            message, address = self._socket.recvfrom(65536)
            lines = message.decode().split("\r\n")
            copied = [
                re.sub("^To:.*", r"\g<0>;tag=g", line)
                for line in lines
                if re.match("(Via|From|To|Call-ID|CSeq):", line)
            ]
            method = lines[0].split()[0]
            self.invite = message.decode() if method == "INVITE" else self.invite
            self.cancels += method == "CANCEL"
            answer = (self._responses | {"INVITE": self._next(copied, lines[0]), "BYE": "200 OK"}).get(method)
            if answer:
                more = ["Contact: <sip:999@127.0.0.1:9>"] if answer.startswith("3") else []
                sound = SOUND if method == "INVITE" and answer.startswith("2") else ""
                if sound:
                    more = [f"Contact: <sip:g@127.0.0.1:{self.port}>", "Content-Type: application/sdp"]
                reply = [f"SIP/2.0 {answer}", *copied, *more, f"Content-Length: {len(sound)}", "", sound]
                self._socket.sendto("\r\n".join(reply).encode(), address)

    def _next(self, copied, request_line):
        """Return the next response; a retransmission gets the same one again."""
        call = next(line for line in copied if line.startswith("Call-ID:"))
        if call not in self._calls and any(line.endswith("INVITE") for line in copied):
            self._calls.add(call)
            self.invites += 1
            self.dialled.append(unquote(re.search("sip:(.*?)@", request_line)[1]))
            self._current = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return self._current
