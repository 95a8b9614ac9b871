"""Listens to the events that Asterisk sends by itself: reloads, sign-ins of phones, and calls."""

import logging
import threading
import time
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from ..core.errors import OperationRefused
from .ami import AmiLoginRefused, Message
from .call_records import CallRecord, CallRecords
from .connection import PbxConnection

logger = logging.getLogger(__name__)
CONNECT_DELAY = 0.25  # seconds from one attempt to the next: an Asterisk that has just started takes calls at once
LOGIN_DELAY = 2.0  # seconds after a refused login
SILENCE = 60.0  # seconds without an event, after which the connection is checked
UNKNOWN = "<unknown>"  # the account in an event about an unknown number
MAX_FAILURES = 10_000  # kinds of failures kept until the next `take_failures`
REASONS = {  # Asterisk's events (measured on Asterisk 22)
    "ChallengeResponseFailed": "wrong_password",
    "InvalidPassword": "wrong_password",
    "InvalidAccountID": "unknown_number",
    "FailedACL": "address_not_allowed",
}
WRONG_PASSWORD = ("ChallengeResponseFailed", "InvalidPassword")  # events about a password, also of an unknown number


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


@dataclass(frozen=True, slots=True)
class SignIns:
    """How many passwords from each address were wrong, and the addresses from which one was right."""

    wrong: Mapping[str, int]
    right: Collection[str]


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
        self._wrong_passwords: Counter[str] = Counter()  # by address
        self._right_passwords: set[str] = set()  # addresses
        self._last_passwords: dict[int, str] = {}  # see `take_passwords`
        # the unknown number of a phone's requests, by its address and Call-ID, and whether its last one was counted
        self._unknown_numbers: dict[tuple[str, str], tuple[str, bool]] = {}

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
            except AmiLoginRefused:
                time.sleep(LOGIN_DELAY)
            except OperationRefused:  # PbxConnection logs it
                time.sleep(CONNECT_DELAY)
            except Exception:  # an event that nobody expected must not end the thread
                logger.exception("An event of Asterisk can't be understood")
                time.sleep(LOGIN_DELAY)

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
        elif message.get("Service") == "PJSIP":
            self._add_sign_in(event, message)

    def _add_sign_in(self, event: str, message: Message) -> None:
        address, number = _host(message.get("RemoteAddress", "")), message.get("AccountID", "")
        is_number = len(number) == 3 and number.isascii() and number.isdecimal()  # there are no more than 900
        with self._lock:
            if is_number and (event == "SuccessfulAuth" or event in WRONG_PASSWORD):
                self._last_passwords[int(number)] = "" if event == "SuccessfulAuth" else address
            if event == "SuccessfulAuth" and len(self._right_passwords) < MAX_FAILURES:
                self._right_passwords.add(address)
            elif event in WRONG_PASSWORD and (
                address in self._wrong_passwords or len(self._wrong_passwords) < MAX_FAILURES
            ):
                self._wrong_passwords[address] += 1
        if event in REASONS:
            self._add_failure(event, address, message)

    def _add_failure(self, event: str, address: str, message: Message) -> None:
        """Count a failure.

        An unknown number is named in an event of its own, before that of its password, but only while its address has
        made 5 requests or more within the last 5 seconds (measured on Asterisk 22.10).
        """
        number, reason = message.get("AccountID", "")[:80], REASONS[event]
        request = message.get("RemoteAddress", ""), message.get("SessionID", "")
        if event == "InvalidAccountID":
            self._remember_unknown_number(request, number, counted=True)
        elif number == UNKNOWN:
            number, counted = self._unknown_numbers.get(request, ("", False))
            if counted:
                self._remember_unknown_number(request, number, counted=False)
                return
            reason = "unknown_number"
        failure = SignInFailure(number, address, reason, int(time.time() // 60))
        with self._lock:
            if failure in self._failures or len(self._failures) < MAX_FAILURES:
                self._failures[failure] += 1

    def _remember_unknown_number(self, request: tuple[str, str], number: str, *, counted: bool) -> None:
        if len(self._unknown_numbers) >= MAX_FAILURES:
            self._unknown_numbers.clear()
        self._unknown_numbers[request] = number, counted

    def wait(self, seconds: float) -> None:
        """Wait, but only until Asterisk was started or reloaded, which `take_reload` tells."""
        if self._wake.wait(seconds):
            self._wake.clear()

    def wake(self) -> None:
        """End the present `wait`, or the next one."""
        self._wake.set()

    def take_reload(self) -> bool:
        """Return whether Asterisk was started or reloaded since the last call."""
        with self._lock:
            reloaded, self._reloaded = self._reloaded, False
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

    def take_sign_ins(self) -> SignIns:
        """Return what passwords phones have sent since the last call."""
        with self._lock:
            sign_ins = SignIns(dict(self._wrong_passwords), self._right_passwords)
            self._wrong_passwords, self._right_passwords = Counter(), set()
        return sign_ins

    def take_passwords(self) -> dict[int, str]:
        """Return number → from where its last password since the last call was wrong, or "" if that was right."""
        with self._lock:
            passwords, self._last_passwords = self._last_passwords, {}
        return passwords

    def take_failures(self) -> dict[SignInFailure, int]:
        """Return how often each failure occurred since the last call."""
        with self._lock:
            failures, self._failures = self._failures, Counter()
        return dict(failures)


def _host(address: str) -> str:
    """Return the host of Asterisk's address, as in IPV4/UDP/127.0.0.1/49577."""
    parts = address.split("/")
    return parts[2][:80] if len(parts) == 4 else ""
