"""The sound of a SIP phone, counted by its sender."""

import socket
import struct
import threading
import time
from collections import defaultdict

PACKET = 0.02  # seconds of sound
DTMF = 101  # the payload type of DTMF


class RtpStream(threading.Thread):
    """A phone's sound: G.711 packets with the speaker's number and a counter.

    `packets` counts all sound, also from other senders; `sound` is the last packet's.
    `digits` are the received DTMF digits.
    """

    def __init__(self, number):
        super().__init__(daemon=True)
        self._number, self._target, self._sent, self._closed = number, None, 0, False
        self._socket, self._received = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), defaultdict(set)
        self.packets, self.sound, self.digits = 0, b"", ""
        self._last_digit = None
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.start()

    def send_to(self, port):
        """Send a packet every 20 ms to that address; None stops."""
        self._target = port

    def received(self, number):
        """Return how many packets of that speaker arrived, without duplicates."""
        return len(self._received[number])

    def lost(self, number):
        """Return how many are missing between the first and the last one."""
        counts = set(self._received[number])
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
                self._send_packet()
            self._socket.settimeout(max(0.001, due - time.monotonic()))
            try:
                packet = self._socket.recv(2048)
            except TimeoutError:
                continue
            if packet[1] & 0x7F == DTMF:
                self._record_digit(packet)
                continue
            self.packets, self.sound = self.packets + 1, packet[12:]
            _, number, count = struct.unpack_from("!12sHI", packet)
            self._received[number].add(count)

    def _record_digit(self, packet):
        """Record one DTMF digit, which is many packets with one time stamp (RFC 4733)."""
        stamp = packet[4:8]
        if stamp != self._last_digit:
            self._last_digit, self.digits = stamp, self.digits + "0123456789*#"[packet[12]]

    def _send_packet(self):
        if self._target:
            self._sent += 1
            header = struct.pack("!BBHII", 0x80, 8, self._sent & 0xFFFF, self._sent * 160, self._number)
            sound = struct.pack("!HI", self._number, self._sent).ljust(160, b"\xd5")
            self._socket.sendto(header + sound, ("127.0.0.1", self._target))
