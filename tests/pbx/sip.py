"""Real SIP clients: sipp speaks, the audio is counted where it arrives."""

import re
import shutil
import socket
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import free_port, wait_for

SCENARIOS = Path(__file__).parent / "scenarios"


class Phone:
    """A desk phone with one number, on a port of its own."""

    def __init__(self, folder, sip_port, number, secret):
        if shutil.which("sipp") is None:
            pytest.skip("no sipp: run make tools")
        self._folder, self._sip_port, self.number, self.secret = folder, sip_port, number, secret
        self.port, self.audio = free_port(socket.SOCK_DGRAM), Audio()
        self._count = 0

    def register(self, secret=None):
        """The statuses of the answers: [401, 200] when it worked."""
        return self._run("register", f"{self.number};{self._auth(secret)}").ended()

    def call(self, number, seconds=0.5):
        """Dial and talk that long, then hang up."""
        return self._run("call", f"{self.number};{self._auth()};{number}", "-d", str(int(seconds * 1000)))

    @contextmanager
    def waiting(self, scenario="answer"):
        """Wait for one call and treat it by the scenario."""
        waits = self._run(scenario, str(self.number))
        wait_for(lambda: _bound(self.port), "the phone listens")
        try:
            yield waits
        finally:
            waits.kill()

    def _auth(self, secret=None):
        return f"[authentication username={self.number} password={secret or self.secret}]"

    def _run(self, scenario, row, *options):
        self._count += 1
        base = self._folder / f"{self.number}-{self._count}"
        base.with_suffix(".csv").write_text(f"SEQUENTIAL\n{row}\n")
        target = [] if scenario in ("answer", "busy") else [f"127.0.0.1:{self._sip_port}"]
        return Talk(base, [
            "sipp", *target, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-inf", str(base.with_suffix(".csv")),
            "-i", "127.0.0.1", "-p", str(self.port), "-m", "1", "-nostdin", "-timeout", "30", "-trace_msg",
            "-message_file", str(base.with_suffix(".log")), "-key", "media", str(self.audio.port), *options,
        ])  # fmt: skip


class Talk:
    """One run of sipp: what was said so far, and how it ended."""

    def __init__(self, base, command):
        self._log = base.with_suffix(".log")
        with base.with_suffix(".out").open("w") as out:
            self._process = subprocess.Popen(command, cwd=base.parent, stdout=out, stderr=out)

    @property
    def messages(self):
        """The messages that came in, whole."""
        text = self._log.read_text(errors="replace") if self._log.exists() else ""
        return [part for part in text.split("-----------------------------------------------") if "received [" in part]

    @property
    def statuses(self):
        """Of the final and ringing answers that came in."""
        found = (re.search(r"^SIP/2.0 (\d+)", message, re.MULTILINE) for message in self.messages)
        return [int(match[1]) for match in found if match and match[1] != "100"]

    @property
    def remote_audio(self):
        """Asterisk's audio port, as its SDP said."""
        ports = re.findall(r"^m=audio (\d+)", "".join(self.messages), re.MULTILINE)
        return int(ports[-1]) if ports else None

    def ended(self):
        """All statuses, when the talk is over."""
        self._process.wait(35)
        return self.statuses

    def went_well(self):
        """Whether the talk went to its end as the scenario says."""
        return self._process.wait(35) == 0

    def kill(self):
        self._process.kill()
        self._process.wait()


class Audio:
    """One end of the sound: sends G.711 packets of 20 ms and counts those that arrive."""

    def __init__(self):
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port, self.received, self._target = self._socket.getsockname()[1], 0, None
        threading.Thread(target=self._listen, daemon=True).start()

    def talk_to(self, port):
        """Send to Asterisk from now on."""
        self._target = port
        threading.Thread(target=self._talk, daemon=True).start()

    def close(self):
        self._target = None
        self._socket.close()

    def _listen(self):
        try:
            while self._socket.recv(2048):
                self.received += 1
        except OSError:
            return

    def _talk(self):
        number = 0
        try:
            while self._target:
                header = struct.pack("!BBHII", 0x80, 8, number & 0xFFFF, number * 160, self.port)
                self._socket.sendto(header + b"\xd5" * 160, ("127.0.0.1", self._target))
                number += 1
                time.sleep(0.02)
        except OSError:
            return


def register_all(folder, sip_port, secrets):
    """Register all these accounts (number → secret); how many succeeded, by sipp's own count."""
    if shutil.which("sipp") is None:
        pytest.skip("no sipp: run make tools")
    rows = "".join(f"{n};[authentication username={n} password={secret}]\n" for n, secret in secrets.items())
    (folder / "all.csv").write_text("SEQUENTIAL\n" + rows)
    done = subprocess.run(
        ["sipp", f"127.0.0.1:{sip_port}", "-sf", str(SCENARIOS / "register.xml"), "-inf", str(folder / "all.csv"),
         "-i", "127.0.0.1", "-p", str(free_port(socket.SOCK_DGRAM)), "-m", str(len(secrets)), "-r", "300", "-nostdin",
         "-timeout", "60", "-key", "media", "0"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(re.findall(r"Successful call\s*\|\s*\d+\s*\|\s*(\d+)", done.stdout)[-1])


def _bound(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False
