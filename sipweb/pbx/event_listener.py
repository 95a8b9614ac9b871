"""Listens to the events that Asterisk sends by itself: reloads, sign-ins that failed, and calls."""

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass

from ..core.errors import OperationRefused
from .ami import Message
from .call_records import CallRecord, CallRecords
from .connection import PbxConnection

logger = logging.getLogger(__name__)
RECONNECT_DELAY = 2.0  # seconds
SILENCE = 60.0  # seconds without an event, after which the connection is checked
UNKNOWN = "<unknown>"  # the account in an event about an unknown number
MAX_FAILURES = 10_000  # kinds of failures kept until the next `take_failures`
REASONS = {  # Asterisk's events (measured on Asterisk 22)
    "ChallengeResponseFailed": "wrong_password",
    "InvalidPassword": "wrong_password",
    "InvalidAccountID": "unknown_number",
    "FailedACL": "address_not_allowed",
}


@dataclass(frozen=True, slots=True)
class SignInFailure:
    """Failed sign-ins of a phone: the account's number as it was sent, the address without its port, and the reason.

    `minute` is the time in minutes (Unix time). An Asterisk that finds accounts by auth_username too does not name an
    unknown number: then `number` is "".
    """

    number: str
    address: str
    reason: str
    minute: int


class EventListener(threading.Thread):
    """A thread with a connection of its own, which reconnects. It keeps no challenge, response or password."""

    def __init__(self, pbx: PbxConnection) -> None:
        super().__init__(name="AMI events", daemon=True)
        self._pbx = pbx
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._reloaded = False
        self._failures: Counter[SignInFailure] = Counter()
        self._calls = CallRecords()
        self._reconnect = False
        self._names_unknown_numbers = False  # in an event before the one without the number

    def run(self) -> None:
        """Listen until the process ends."""
        while True:
            try:
                with self._pbx.open(events="system,security,cdr,reporting") as ami:
                    self._reconnect = False
                    while not self._reconnect:
                        if message := ami.next_event(SILENCE):
                            self.handle(message)
                        else:
                            ami.action("Ping")
            except OperationRefused:  # PbxConnection logs it
                time.sleep(RECONNECT_DELAY)
            except Exception:  # an event that nobody expected must not end the thread
                logger.exception("An event of Asterisk can't be understood")
                time.sleep(RECONNECT_DELAY)

    def handle(self, message: Message) -> None:
        """Keep what an event tells."""
        event = message.get("Event", "")
        if event == "Cdr":
            with self._lock:
                self._calls.add_record(message)
        elif event in ("RTCPSent", "RTCPReceived"):
            with self._lock:
                self._calls.add_report(message)
        elif event in ("Reload", "FullyBooted"):
            self._reconnect = message.get("Module") == "manager"  # the user's rights are read at the sign-in
            with self._lock:
                self._reloaded = True
                self._wake.set()
        elif event in REASONS and message.get("Service", "PJSIP") == "PJSIP":
            self._add_failure(event, message)

    def _add_failure(self, event: str, message: Message) -> None:
        number, reason = message.get("AccountID", "")[:80], REASONS[event]
        if event == "InvalidAccountID":
            self._names_unknown_numbers = True
        if number == UNKNOWN:
            if self._names_unknown_numbers:
                return
            number, reason = "", "unknown_number"
        failure = SignInFailure(number, _host(message.get("RemoteAddress", "")), reason, int(time.time() // 60))
        with self._lock:
            if failure in self._failures or len(self._failures) < MAX_FAILURES:
                self._failures[failure] += 1

    def wait(self, seconds: float) -> None:
        """Wait, but only until Asterisk was started or reloaded, which `take_reload` tells."""
        self._wake.wait(seconds)

    def take_reload(self) -> bool:
        """Return whether Asterisk was started or reloaded since the last call."""
        with self._lock:
            reloaded, self._reloaded = self._reloaded, False
            self._wake.clear()
        return reloaded

    def take_calls(self) -> list[list[CallRecord]]:
        """Return the call records of each channel that ended since the last call."""
        with self._lock:
            return self._calls.take()

    @property
    def heard_calls(self) -> bool:
        """Whether Asterisk has sent a call record."""
        return self._calls.heard_records

    @property
    def heard_quality(self) -> bool:
        """Whether Asterisk has sent a report about the quality of a call."""
        return self._calls.heard_quality

    def take_failures(self) -> dict[SignInFailure, int]:
        """Return how often each failure occurred since the last call."""
        with self._lock:
            failures, self._failures = self._failures, Counter()
        return dict(failures)


def _host(address: str) -> str:
    """Return the host of Asterisk's address, as in IPV4/UDP/127.0.0.1/49577."""
    parts = address.split("/")
    return parts[2][:80] if len(parts) == 4 else ""
