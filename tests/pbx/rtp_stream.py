"""The sound of a SIP phone, counted by its sender."""

import socket
import struct
import threading
import time
from collections import defaultdict, deque

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
        self._keys, self._pressed_at = deque(), 0
        self.drop_every = 0  # each so many-th packet is not sent, as if it were lost; 0: none
        self._last_digit = None
        self._socket.bind(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.start()

    def send_to(self, port):
        """Send a packet every 20 ms to that address; None stops."""
        self._target = port

    def press(self, digits):
        """Send DTMF digits (RFC 4733): 100 ms each, with 100 ms of sound behind it."""
        for digit in digits:
            event = "0123456789*#".index(digit)
            pressed = [struct.pack("!BBH", event, 10, 160 * count) for count in range(1, 6)]
            released = [struct.pack("!BBH", event, 0x8A, 800)] * 3
            self._keys += [*pressed, *released, *[None] * 5]

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
            event = self._keys.popleft() if self._keys else None
            self._pressed_at = (self._pressed_at or self._sent) if event else 0
            if event:  # all packets of one digit have the time of the first
                stamp = self._pressed_at * 160
                header = struct.pack("!BBHII", 0x80, DTMF, self._sent & 0xFFFF, stamp, self._number)
                self._socket.sendto(header + event, ("127.0.0.1", self._target))
                return
            if self.drop_every and self._sent % self.drop_every == 0:
                return
            header = struct.pack("!BBHII", 0x80, 8, self._sent & 0xFFFF, self._sent * 160, self._number)
            sound = struct.pack("!HI", self._number, self._sent).ljust(160, b"\xd5")
            self._socket.sendto(header + sound, ("127.0.0.1", self._target))
