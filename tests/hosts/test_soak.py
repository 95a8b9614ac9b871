"""Two PBX hosts with 900 accounts, 500 agents and 20 calls, while a random process is killed every 30 seconds.

Environment: SIPWEB_TEST_SOAK_SECONDS, SIPWEB_TEST_SEED of a run to be repeated, and SIPWEB_TEST_WRITE_FIGURES=yes to
write the last part of docs/performance.md.
"""

import os
import random
import statistics
import subprocess
import time
from collections import Counter
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from sipweb.config import ROOT
from tests.hosts import soak
from tests.hosts.test_facts import leases_at
from tests.servers import wait_for

SECONDS = float(os.environ.get("SIPWEB_TEST_SOAK_SECONDS", "1200"))
KILL_EVERY = 30.0  # seconds
CALLS = 20
DOCUMENT = ROOT / "docs" / "performance.md"
HEADING = "## Two PBX hosts while processes are killed"


def conversations(pair, folder, secrets, deaths):
    """Return the calls: half of them begin at each host, and each fifth is between the hosts."""
    numbers = iter(soak.OTHERS)
    for n in range(CALLS):
        here, there = pair.machines if n % 2 else pair.machines[::-1]
        called = there if n % 5 == 0 else here
        yield soak.Conversation(folder, (here, next(numbers)), (called, next(numbers)), secrets, deaths.of_asterisk)


@contextmanager
def at_work(workers):
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        for worker in workers:
            worker.join()


def kill_processes(pair, deaths, choice):
    """Kill one each 30 seconds, at a random moment of them; return when all is up again."""
    begun = time.monotonic()
    times = [begun + n * KILL_EVERY + choice.uniform(5, 25) for n in range(round(SECONDS / KILL_EVERY))]
    while time.monotonic() < begun + SECONDS:
        if times and time.monotonic() >= times[0] and deaths.cause():
            times.pop(0)
        deaths.keep_running()
        time.sleep(0.2)

    def are_well():
        deaths.keep_running()
        return all(machine.is_running and machine.is_well() for machine in pair.machines)

    wait_for(are_well, f"all is up: {deaths.history}", 90)


@pytest.mark.long
def test_nothing_is_lost_while_processes_die(shared_pair, tmp_path):
    seed, pair = int(os.environ.get("SIPWEB_TEST_SEED", random.randrange(10**6))), shared_pair
    ids, secrets = soak.add_accounts(pair)
    pair.start()
    tokens = soak.start_working(pair)
    held = pair.rows("SELECT id, number, token_digest FROM lease ORDER BY id")
    assert {number for _id, number, _digest in held} == {*soak.AGENTS}
    before, choice = pair.newest()[0], random.Random(seed)

    deaths = soak.Deaths(pair, choice)
    agents = soak.Agents([machine.address for machine in pair.machines], tokens)
    changes = soak.Changes(pair.machines, ids, seed)
    visitors = [soak.Visitor(machine) for machine in pair.machines]
    calls = list(conversations(pair, tmp_path, secrets, deaths))
    with at_work([agents, changes, *visitors, *calls]):
        wait_for(lambda: all(call.made for call in calls), f"all phones talk: {[call.cut for call in calls]}", 120)
        memory = [{machine.name: soak.memory(machine) for machine in pair.machines}]
        kill_processes(pair, deaths, choice)
    history = f"SIPWEB_TEST_SEED={seed} {deaths.history}"
    wait_for(lambda: pair.newest()[1] != "running" and pair.a.click()[0] == 200, f"a click succeeds: {history}", 90)
    wait_for(pair.agrees, f"both run the same: {history}", 30)

    assert [worker.problems for worker in (agents, changes, *visitors, *calls) if worker.problems] == []
    saved = dict(pair.rows("SELECT number, level FROM account"))
    assert changes.levels.items() <= saved.items(), history
    assert [soak.levels(machine) for machine in pair.machines] == [saved, saved], history
    assert agents.refused == [], history
    assert pair.rows("SELECT id, number, token_digest FROM lease ORDER BY id") == held, history
    assert [soak.accepted(machine.address, tokens) for machine in pair.machines] == [len(tokens)] * 2, history
    for machine in pair.machines:
        wait_for(lambda machine=machine: leases_at(machine) == {*soak.AGENTS}, f"it has the leases: {history}", 10)
    assert [call.cut for call in calls if call.cut] == [], history
    text = "".join(machine.log.read_text() for machine in pair.machines)
    assert "Traceback" not in text, text[text.index("Traceback") - 500 :][:5000]

    # all of that was really done
    query = "SELECT state, extract(epoch FROM finished_at - started_at) FROM generation WHERE number > :before"
    generations = pair.rows(query, before=before)
    assert min(changes.edits, len(generations)) >= SECONDS / soak.CHANGE_EVERY / 2
    assert len(agents.heartbeats) >= len(tokens) * SECONDS / soak.HEARTBEAT_EVERY * 0.8
    memory.append({machine.name: soak.memory(machine) for machine in pair.machines})
    figures = {
        **changes_made(changes, generations, deaths),
        **calls_and_heartbeats(calls, agents, visitors),
        **memory_used(*memory),
    }
    (tmp_path / "figures").write_text(table(figures))
    if os.environ.get("SIPWEB_TEST_WRITE_FIGURES"):
        write(figures)


def changes_made(changes, generations, deaths):
    states = Counter(state for state, _seconds in generations)
    seconds = [float(took) for state, took in generations if state == "verified"]
    return {
        "processes and connections killed": f"{sum(deaths.counts.values())}: {listed(deaths.counts)}",
        "edits": f"{changes.edits}, none lost; that no server answered: {changes.unsaved}",
        "generations": listed(states),
        "generation that was verified": median_and_95th(seconds),
    }


def calls_and_heartbeats(calls, agents, visitors):
    beats = agents.heartbeats
    failed = sum(beat.status != 200 for beat in beats)
    made, ended, not_made = (sum(getattr(call, n) for call in calls) for n in ("made", "ended_by_death", "not_made"))
    return {
        "heartbeats": f"{len(beats):,}; not answered and sent to the other server: {failed}",
        "heartbeat that was accepted": median_and_95th([beat.seconds for beat in beats if beat.status == 200]),
        "longest time of an agent without an accepted heartbeat": f"{agents.longest_gap:.1f} s of the 90 s allowed",
        "calls": f"{made}; ended by the death of their Asterisk: {ended}, otherwise: 0; "
        f"that could not be made just after a death: {not_made}",
        "longest time in which no web server answered": f"{soak.longest_silence(visitors):.1f} s",
    }


def memory_used(first, last):
    """Return the lines about memory: name of the machine → kind → PSS in MB, at the start and at the end."""
    return {
        f"memory (PSS) of {kind} on host {name}": f"{start:.0f} MB, at the end {last[name][kind]:.0f} MB"
        for name, kinds in first.items()
        for kind, start in kinds.items()
    }


def listed(counts):
    return ", ".join(f"{what} {count}" for what, count in sorted(counts.items()))


def median_and_95th(seconds):
    return f"{statistics.median(seconds):.2f} s (median), {statistics.quantiles(seconds, n=20)[-1]:.2f} s (95%)"


def table(figures):
    return "\n".join(["| figure | |", "| --- | --- |", *[f"| {what} | {value} |" for what, value in figures.items()]])


def write(figures):
    """Write the last part of docs/performance.md."""
    commit = subprocess.check_output(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True)
    first = DOCUMENT.read_text().partition(f"\n{HEADING}")[0]
    DOCUMENT.write_text(
        f"""{first}
{HEADING}

{SECONDS / 60:.0f} minutes of two web servers and two PBX hosts, each with a real Asterisk, on one PostgreSQL: 900
accounts, {len(soak.AGENTS)} agents with a heartbeat every {soak.HEARTBEAT_EVERY:.0f} s, {CALLS} calls, an edit and a
generation every {soak.CHANGE_EVERY:.0f} s, and every {KILL_EVERY:.0f} s something that is killed: a web worker, a web
server, a monitor, `flask serve`, an Asterisk, all of a machine at once, or a connection of PostgreSQL. `flask serve`
and the machine are started again after {soak.DOWN:.0f} s. No edit was lost, no agent lost the number, and no call was
cut whose Asterisk lived. Written by `tests/hosts/test_soak.py`.

{table(figures)}

- {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {commit.strip()}, {os.cpu_count()} cores, which the test shares
"""
    )
