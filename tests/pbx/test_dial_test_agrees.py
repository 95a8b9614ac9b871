"""The dial test agrees with the dialplan.

200 generated sets of routes are tried on a real Asterisk.
"""

import os
import re
import socket
import time
from itertools import zip_longest

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sipweb.core.asterisk import Renderer, render
from sipweb.core.numbers import normalize_dialled_number
from sipweb.core.outbound_routing import HANGUP_CAUSES, route_call
from sipweb.core.snapshot import Account, InactiveAccount, PbxSettings, Route, Snapshot, Trunk
from sipweb.pbx import control, status
from tests.core.test_dial_patterns import PATTERNS
from tests.pbx.provider import SECRET, USER
from tests.servers import wait_for

SETS, EACH = int(os.environ.get("SIPWEB_TEST_SETS", "200")), 8  # sets of routes, and numbers dialled with each
SEPARATED = st.lists(st.sampled_from(["", "", " ", "-", ".", "(", ")", "/", ") "]), min_size=8, max_size=8)
LEVELS = st.sampled_from([0, 9, 10, 11, 50, 100])
PLAIN = st.sampled_from(["22.*", "22[0-9]{3}", "0.+", "[0-4]+", "2?5.*|7[78]9?", ".*", "112", "[*]6.*", "9{3}.?"])
NUMBERS = st.text("0123456789", min_size=1, max_size=6) | st.sampled_from(
    ["112", "201", "22000", "22007", "22009", "00123", "*60", "12345", "+48220"]
)
SPELLED = st.builds(
    lambda number, separators: "".join(map("".join, zip_longest(number, separators[: len(number)], fillvalue=""))),
    NUMBERS | st.sampled_from(["200", "999", "997", "201", "998"]),
    SEPARATED,
)
RULES = st.lists(
    st.builds(
        dict, pattern=st.one_of(PLAIN, PLAIN, PATTERNS), level=LEVELS, strip_digits=st.integers(0, 3),
        prepend_digits=st.sampled_from(["", "0", "+48", "9"]),
        trunk_id=st.sampled_from([1, 2, 2]), emergency=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip
ACCOUNTS = (Account(id=1, number=200, phone="other", user="Automat Automat", secret="", fingerprint=""),)
INACTIVE = (InactiveAccount(2, 201), InactiveAccount(3, 998))


class Manager:
    """An AMI user that may originate calls and sees how they end. Only tests have one."""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._text = ""
        self.send(Action="Login", Username="reader", Secret="reader")

    def close(self):
        self._socket.close()

    def send(self, **fields):
        self._socket.sendall(("".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n").encode())

    def causes(self, count, seconds):
        """Return tag → cause of the ended calls, after so many or a time-out."""
        deadline, causes = time.monotonic() + seconds, {}
        self._socket.settimeout(1)
        while len(causes) < count and time.monotonic() < deadline:
            try:
                self._text += self._socket.recv(65536).decode(errors="replace")
            except TimeoutError:
                continue
            *events, self._text = self._text.split("\r\n\r\n")
            for event in events:
                item = dict(line.split(": ", 1) for line in event.split("\r\n") if ": " in line)
                if (
                    item.get("Event") == "Hangup"
                    and item["Channel"].startswith("Local/")
                    and item["Channel"].endswith(";2")
                ):
                    causes[item["CallerIDNum"]] = int(item["Cause"])
        return causes


def expected(decision):
    """Return what arrives at the provider, with the level of the last answer.

    Trunk 1 does not respond. The provider rejects what ends in 8 or 9, so the next trunk is tried, and is busy for what
    ends in 7. An emergency call tries every trunk.
    """
    arrived, failures = [], ("7", "8", "9") if decision.emergency else ("8", "9")
    for attempt in decision.attempts:
        if attempt.trunk.id == 1 or not attempt.dialed:
            continue
        arrived.append(attempt.dialed)
        if not attempt.dialed.endswith(failures):
            break
    return arrived


def generated():
    """Return 200 sets of routes with the calls to make, the same in every run."""
    sets = []

    @seed(20261124)
    @settings(max_examples=SETS, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(RULES, st.lists(st.tuples(LEVELS, NUMBERS | SPELLED), min_size=EACH, max_size=EACH))
    def collect(rules, calls):
        sets.append((rules, calls))

    collect()
    return sets


@pytest.mark.long
def test_asterisk_agrees_with_the_dial_test_for_200_route_sets(live_app, pbx, provider):
    ctx = live_app.extensions["sipweb"]
    trunks = (
        Trunk(1, "Dead", "127.0.0.1", 9, "udp", "", "", "", False, "", ""),
        Trunk(2, "Alive", "127.0.0.1", provider.port, "udp", USER, "", "", False, ctx.cipher.encrypt(SECRET), "x"),
    )
    sets, dialplan = [], ""
    for index, (rules, calls) in enumerate(generated()):
        numbered = [Route(id=i, position=i, name=f"R{i}", **rule) for i, rule in enumerate(rules, 1)]
        snapshot = Snapshot.build(ACCOUNTS, PbxSettings(), trunks, numbered, INACTIVE)
        files = render(snapshot, Renderer(lambda text: ctx.cipher.decrypt(text) if text else ""))
        sets.append((snapshot, calls))
        # these calls come from no account, so the test gives them their level
        text = files["extensions.conf"].replace("=${SIPWEB_ACCOUNT_LEVEL})", "=${TEST_LEVEL})")
        dialplan += re.sub(r"sipweb-(?!trunk-)(\w+)", rf"set{index}-\1", text)
    current = live_app.config["SETTINGS"].asterisk_dir / "sipweb" / "current"
    (current / "pjsip.conf").write_text(files["pjsip.conf"])
    (current / "extensions.conf").write_text(dialplan)
    with ctx.pbx.open() as ami:
        control.reload(ami)
    with ctx.pbx.open() as ami:
        wait_for(
            lambda: {t: s.reachable for t, s in status.trunk_states(ami).items()} == {1: False, 2: True},
            "the trunks are known",
        )
    manager = Manager(int(pbx["SIPWEB_AMI_PORT"]))
    dialled, causes = {}, {}
    for index, (snapshot, calls) in enumerate(sets):
        for level, number in calls:
            tag = str(10000 + len(dialled))
            dialled[tag] = (snapshot, level, number)
            manager.send(
                Action="Originate", Channel=f"Local/{number}@set{index}-internal/n", Application="Wait", Data="1",
                CallerID=tag, Variable=f"__TEST_LEVEL={level}", Async="true", Timeout="60000",
            )  # fmt: skip
        if len(dialled) % 800 == 0 or index + 1 == len(sets):
            causes |= manager.causes(len(dialled) - len(causes), 60)
    manager.close()
    assert len(causes) >= len(dialled) * 0.9
    arrived = {tag: [digits for digits, caller, _ in provider.arrived if caller == tag] for tag in dialled}
    for tag, (snapshot, level, number) in dialled.items():
        decision = route_call(level, normalize_dialled_number(number), snapshot)
        case = (level, number, snapshot.routes, decision)
        assert arrived[tag] == expected(decision), case
        if decision.reason:
            assert causes.get(tag) == HANGUP_CAUSES[decision.reason], case
    refusals = {
        route_call(level, normalize_dialled_number(number), snapshot).reason
        for snapshot, level, number in dialled.values()
    }
    assert refusals >= {"", "level", "no_rule", "inactive"}
    assert sum(map(bool, arrived.values())) > 100
