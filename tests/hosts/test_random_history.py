"""Deaths, stops and refusals at random on two hosts with a real Asterisk each, with clicks at both all the time."""

import os
import random
import signal
import time
from contextlib import ExitStack, contextmanager, suppress

import pytest

from tests.hosts.pair import in_threads
from tests.servers import wait_for

SECONDS = 120
FAULTS = (
    ("power",), ("power",), ("refuse",), ("kill", "sipweb-monitor"), ("kill", "sipweb-web"), ("kill", "asterisk.conf"),
    ("stop", "sipweb-monitor", 4), ("stop", "sipweb-monitor", 12), ("stop", "asterisk.conf", 7),
)  # fmt: skip


@contextmanager
def clicks(pair):
    """Press the button at both servers all the time."""

    def click(machine, end):
        while not end.wait(0.3):
            with suppress(OSError):  # it is down
                machine.click()

    with in_threads(click, pair.machines):
        yield


def cause(pair, machine, fault, word="", seconds=0):
    """Cause a fault on a machine, and wait until it is over."""
    if fault == "power":
        if machine.is_running:
            machine.die()
        else:
            machine.start()
    elif fault == "refuse":
        with ExitStack() as stack, suppress(FileExistsError):
            stack.enter_context(machine.refusing(pair.newest()[0] + 1))
            time.sleep(2)
    elif fault == "kill":
        for pid in machine.processes(word):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    elif machine.processes(word):
        with machine.stopped(word):
            time.sleep(seconds)


@pytest.mark.long
def test_hosts_agree_after_a_random_history(pair):
    seed = int(os.environ.get("SIPWEB_TEST_SEED", random.randrange(10**6)))
    choice, history, numbers = random.Random(seed), [f"SIPWEB_TEST_SEED={seed}"], []
    before, end = pair.newest()[0], time.monotonic() + SECONDS
    with clicks(pair):
        while time.monotonic() < end:
            for pause in (1, choice.choice([0, 0.1, 0.5, 2])):
                numbers.append(pair.add_account())
                time.sleep(pause)
            machine, fault = choice.choice(pair.machines), choice.choice(FAULTS)
            history.append((machine.name, *fault))
            cause(pair, machine, *fault)
    for machine in pair.machines:
        if not machine.is_running:
            machine.start()
    for machine in pair.machines:
        wait_for(machine.is_well, f"{machine.name} is back: {history}", 60)
    wait_for(lambda: pair.newest()[1] != "running" and pair.a.click()[0] == 200, f"a click succeeds: {history}", 90)
    wait_for(pair.agrees, f"both run the same: {history}", 30)
    wait_for(lambda: {*numbers} <= pair.a.accounts() == pair.b.accounts(), f"no edit is lost: {history}", 10)
    states = pair.rows("SELECT state FROM generation WHERE number > :before", before=before)
    assert len(states) > 10, (states, history)
    text = "".join(machine.log.read_text() for machine in pair.machines)
    assert "Traceback" not in text, text[text.index("Traceback") - 500 :][:5000]
