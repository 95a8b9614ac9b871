"""The tester's word is the dialplan's deed: 200 generated rule sets, asked of the real Asterisk and its provider."""

import os
import re
import socket
import time

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from sipweb.core.asterisk import render
from sipweb.core.routing import CAUSES, decide
from sipweb.core.snapshot import Account, PbxSettings, Rule, Snapshot, Trunk
from sipweb.pbx import state as pbx_state
from tests.conftest import wait_for
from tests.core.test_patterns import PATTERNS
from tests.pbx.provider import SECRET, USER

SETS, EACH = int(os.environ.get("SIPWEB_TEST_SETS", "200")), 4  # rule sets, and numbers dialled with each
LEVELS = st.sampled_from([0, 9, 10, 11, 50, 100])
PLAIN = st.sampled_from(["22.*", "22[0-9]{3}", "0.+", "[0-4]+", "2?5.*|7[78]9?", ".*", "112", "[*]6.*", "9{3}.?"])
NUMBERS = st.text("0123456789", min_size=1, max_size=6) | st.sampled_from(
    ["112", "22000", "22007", "22009", "00123", "*60", "12345", "+48220"]
)
RULES = st.lists(
    st.builds(
        dict, pattern=st.one_of(PLAIN, PLAIN, PATTERNS), level=LEVELS, strip=st.integers(0, 3), prepend=st.sampled_from(["", "0", "+48", "9"]),
        trunk_id=st.sampled_from([1, 2, 2]), emergency=st.booleans(),
    ),
    min_size=1,
    max_size=5,
)  # fmt: skip
ACCOUNTS = (Account(1, 200, None, "Automat Automat", "other", False, 10, "", ""),)


class Manager:
    """A manager that may originate, and hears how each call ended. (Only tests have one.)"""

    def __init__(self, port):
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._text = ""
        self.send(Action="Login", Username="reader", Secret="reader")

    def close(self):
        self._socket.close()

    def send(self, **fields):
        self._socket.sendall(("".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n").encode())

    def causes(self, count, seconds):
        """Tag → cause of the calls that ended, when there are so many, or time is up."""
        deadline, found = time.monotonic() + seconds, {}
        self._socket.settimeout(1)
        while len(found) < count and time.monotonic() < deadline:
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
                    found[item["CallerIDNum"]] = int(item["Cause"])
        return found


def expected(decision):
    """What arrives at the provider, with the level of the last answer: the trunk 1 is dead, a last 9 is congestion."""
    arrived = []
    for way in decision.tries:
        if way.trunk.id == 1 or not way.sent:
            continue
        arrived.append(way.sent)
        if not way.sent.endswith("9"):
            break
    return arrived


def generated():
    """200 rule sets with the calls to make under each: the same in every run."""
    found = []

    @seed(20261124)
    @settings(max_examples=SETS, phases=[Phase.generate], database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(RULES, st.lists(st.tuples(LEVELS, NUMBERS), min_size=EACH, max_size=EACH))
    def collect(rules, calls):
        found.append((rules, calls))

    collect()
    return found


def test_for_200_rule_sets_asterisk_does_what_the_tester_says(live, pbx, provider):
    site = live.extensions["sipweb"]
    trunks = (
        Trunk(1, "Dead", "127.0.0.1", 9, "udp", "", "", "", False, "", ""),
        Trunk(2, "Alive", "127.0.0.1", provider.port, "udp", USER, "", "", False, site.vault.encrypt(SECRET), "x"),
    )
    sets, dialplan = [], ""
    for place, (rules, calls) in enumerate(generated()):
        numbered = [Rule(id=i, position=i, name=f"R{i}", **rule) for i, rule in enumerate(rules, 1)]
        snapshot = Snapshot.of(ACCOUNTS, PbxSettings(), trunks, numbered)
        files = render(snapshot, lambda text: site.vault.decrypt(text) if text else "")
        sets.append((snapshot, calls))
        dialplan += re.sub(r"sipweb-(?!trunk-)(\w+)", rf"set{place}-\1", files["extensions.conf"])
    current = live.config["SETTINGS"].asterisk_dir / "sipweb" / "current"
    (current / "pjsip.conf").write_text(files["pjsip.conf"])
    (current / "extensions.conf").write_text(dialplan)
    with site.link.open() as ami:
        pbx_state.reload(ami)
    with site.link.open() as ami:
        wait_for(
            lambda: {t: s.reachable for t, s in pbx_state.trunks(ami).items()} == {1: False, 2: True},
            "the trunks are known",
        )
    manager = Manager(int(pbx["SIPWEB_AMI_PORT"]))
    dialled, causes = {}, {}
    for place, (snapshot, calls) in enumerate(sets):
        for level, number in calls:
            tag = str(10000 + len(dialled))
            dialled[tag] = (snapshot, level, number)
            manager.send(Action="Originate", Channel=f"Local/{number}@set{place}-internal/n", Application="Wait", Data="1",
                         CallerID=tag, Variable=f"__SIPWEB_LEVEL={level}", Async="true", Timeout="60000")  # fmt: skip
        if len(dialled) % 800 == 0 or place + 1 == len(sets):
            causes |= manager.causes(len(dialled) - len(causes), 60)
    manager.close()
    assert len(causes) >= len(dialled) * 0.9
    arrived = {tag: [digits for digits, caller, _ in provider.arrived if caller == tag] for tag in dialled}
    for tag, (snapshot, level, number) in dialled.items():
        decision = decide(level, number, snapshot)
        case = (level, number, snapshot.rules, decision)
        assert arrived[tag] == expected(decision), case
        if decision.refusal:
            assert causes.get(tag) == CAUSES[decision.refusal], case
    refusals = {decide(level, number, snapshot).refusal for snapshot, level, number in dialled.values()}
    assert refusals >= {"", "level", "no_rule"}
    assert sum(map(bool, arrived.values())) > 100
