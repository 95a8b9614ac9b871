"""A simulation of hosts that follow core.rollout while they die and return, and while a failover loses commits."""

import itertools
from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipweb.core.rollout import DONE, FAILED, Rollout, result, wanted

HOSTS = ("a", "b", "c")
AWAY_AFTER = 10.0  # seconds
GAP = 5.0  # seconds; a host that is not heard of for so long has not been present all the time
WATCHED_FOR = 7.0  # seconds that another host must have been present since a host was last heard of
HEARD_WITHIN = 6.0  # seconds; a host that works is heard of so often while the database can be reached
OUTAGE_INTERVAL = 12.0  # seconds between two outages at least: hosts are heard of in between
LOOK_INTERVAL = 3.0  # a host that no notification reaches looks after so long
RETRY = 1.2  # seconds between two hosts that try again to reach the database
STEP = 0.4  # a host takes so long to switch, and so long to verify
SILENT_FOR = 60.0  # a rollout in which nobody reports for so long is interrupted


def test_first_host_tries_it_before_the_others():
    tried = Rollout(1, 2, HOSTS)
    assert [wanted(tried, host) for host in HOSTS] == [2, 1, 1]
    assert [wanted(replace(tried, reports={"a": "working"}), host) for host in HOSTS] == [2, 1, 1]
    assert [wanted(replace(tried, reports={"a": "verified"}), host) for host in HOSTS] == [2, 2, 2]
    assert [wanted(replace(tried, running=None), host) for host in HOSTS] == [1, 1, 1]


def test_host_that_returns_does_not_try_it_while_another_does():
    tried = Rollout(1, 2, HOSTS, {"b": "working"})
    assert [wanted(tried, host) for host in HOSTS] == [1, 2, 1]
    assert wanted(replace(tried, present=("a", "c")), "a") == 2


@pytest.mark.parametrize("state", FAILED)
def test_what_one_host_refused_is_wanted_nowhere(state):
    failed = Rollout(1, 2, HOSTS, {"a": "verified", "b": state, "c": "working"})
    assert [wanted(failed, host) for host in HOSTS] == [1, 1, 1]
    assert result(failed) == state


def test_rollout_waits_for_the_hosts_that_are_present():
    proven = Rollout(1, 2, HOSTS, {"a": "verified", "b": "working"})
    assert result(proven) == ""
    assert result(replace(proven, present=("a",))) == "verified"
    assert result(replace(proven, present=("a", "c"))) == ""
    assert result(replace(proven, present=(), reports={"a": "working"})) == ""
    assert result(replace(proven, reports={"a": "verified", "b": "written", "c": "verified"})) == "written"
    assert result(Rollout(1)) == ""


@dataclass(frozen=True)
class Database:
    """What is committed: the digest of each generation by its number, and the rows of the hosts.

    A host was `seen` last then, without a gap `since` then; `heard` is `seen` by the clock `reachable`.
    """

    digests: dict[int, int] = field(default_factory=lambda: {1: 1})
    live: int = 1
    running: int | None = None
    reports: dict[str, str] = field(default_factory=dict)
    reported_at: float = 0.0
    seen: dict[str, float] = field(default_factory=lambda: dict.fromkeys(HOSTS, 0.0))
    since: dict[str, float] = field(default_factory=lambda: dict.fromkeys(HOSTS, 0.0))
    heard: dict[str, float] = field(default_factory=lambda: dict.fromkeys(HOSTS, 0.0))


@dataclass
class Host:
    """A PBX machine. `part` is what it is about to run: number, digest, and whether it reports about it."""

    name: str
    digest: int = 1
    verified: bool = True
    state: str = "up"  # or "dead", or "stopped": it goes on later
    part: tuple[int, int, bool] | None = None
    switched: bool = False
    due: float = 0.0
    refuses: bool = False
    changes: int = 0  # how often it went and returned


class Simulation:
    """Hosts and their database, whose clock is `now`. Each look, and each report, is one transaction.

    `unreachable` is for how many seconds nobody could reach the database.
    """

    def __init__(self):
        self.now, self.unreachable, self.failed_over_at, self.last_digest = 0.0, 0.0, -1.0, 1
        self.outage_due = 0.0
        self.commits = [Database()]
        self.hosts = {name: Host(name) for name in HOSTS}
        self.verified_digests = {1}
        self.since = {}  # hosts → what is wrong with them, and since when

    @property
    def db(self):
        return self.commits[-1]

    def commit(self, **values):
        self.commits.append(replace(self.db, **values))

    # what happens

    def click(self):
        self.close()
        if self.db.running is None:
            self.last_digest += 1
            number = max(self.db.digests) + 1
            digests = {**self.db.digests, number: self.last_digest}
            self.commit(digests=digests, running=number, reports={}, reported_at=self.now)

    def notify(self, names):
        """Let a notification reach these hosts."""
        for host in map(self.hosts.get, names):
            if host.state == "up":
                self.act(host)

    def wait(self, seconds):
        end = self.now + seconds
        while due := [one for one in self.hosts.values() if one.state == "up" and one.due <= end]:
            host = min(due, key=lambda one: one.due)
            self.now = max(self.now, host.due)
            self.check()
            self.act(host)
        self.now = end
        self.check()

    @property
    def reachable(self):
        """A clock that stands still while nobody can reach the database."""
        return self.now - self.unreachable

    def lose_database(self, seconds, order=HOSTS):
        """Let nobody reach the database for a while; then hosts return to it in this order."""
        if self.now < self.outage_due:
            return
        self.now += seconds
        self.outage_due = self.now + OUTAGE_INTERVAL
        self.unreachable += seconds
        for position, host in enumerate(order):
            self.hosts[host].due = max(self.hosts[host].due, self.now + position * RETRY)

    def die(self, name):
        self.change(name, "dead")

    def stop(self, name):
        if self.hosts[name].state == "up":
            self.change(name, "stopped")

    def come_back(self, name):
        if self.hosts[name].state == "dead":
            self.hosts[name].part = None
        self.change(name, "up")

    def change(self, name, state):
        host = self.hosts[name]
        if host.state != state:
            host.state, host.due = state, self.now
            host.changes += 1

    def refuse(self, name):
        self.hosts[name].refuses = True

    def fail_over(self, lost):
        """Lose the last commits."""
        del self.commits[max(1, len(self.commits) - lost) :]
        self.failed_over_at, self.since = self.reachable, {}

    # what hosts do

    def act(self, host):
        if host.part is None:
            self.look(host)
        elif not host.switched:
            self.switch(host)
        else:
            self.verify(host)
        host.due = self.now + (STEP if host.part else LOOK_INTERVAL)
        self.check()

    def look(self, host):
        self.commit(
            since=self.db.since if self.now - self.db.seen[host.name] < GAP else {**self.db.since, host.name: self.now},
            seen={**self.db.seen, host.name: self.now},
            heard={**self.db.heard, host.name: self.reachable},
        )
        if self.db.running and self.db.reports.get(host.name) == "working":
            self.report(host, "interrupted")
        self.close()
        number = wanted(self.rollout(), host.name)
        digest = self.db.digests[number]
        if number == self.db.running and self.db.reports.get(host.name) not in DONE:
            self.report(host, "working")
            host.part, host.switched = (number, digest, True), False
        elif (host.digest, host.verified) != (digest, True):
            host.part, host.switched = (number, digest, False), False

    def switch(self, host):
        _, digest, _ = host.part
        if digest not in self.verified_digests and self.heard_of([host.name]):
            others = [one.name for one in self.hosts.values() if one.part and one.switched and one.digest == digest]
            assert not self.heard_of(others), f"{host.name} tries what {others} try"
        host.digest, host.verified, host.switched = digest, False, True

    def verify(self, host):
        (number, digest, reports), host.part = host.part, None
        host.verified = not (reports and host.refuses)
        host.refuses = False
        if host.verified:
            self.verified_digests.add(digest)
        # After a failover another generation may have the number.
        if reports and self.db.running == number and self.db.digests[number] == digest:
            self.report(host, "verified" if host.verified else "refused")
            self.close()
        self.look(host)

    def report(self, host, state):
        self.commit(reports={**self.db.reports, host.name: state}, reported_at=self.now)

    def close(self):
        if not self.db.running:
            return
        state = result(self.rollout())
        if state in DONE:
            self.commit(live=self.db.running, running=None)
        elif state in FAILED or self.now - self.db.reported_at > SILENT_FOR:
            self.commit(running=None)

    def rollout(self):
        present = tuple(name for name in HOSTS if self.is_present(name))
        return Rollout(self.db.live, self.db.running, present, self.db.reports)

    def is_present(self, name):
        seen, fresh = self.db.seen, [one for one in HOSTS if self.now - self.db.seen[one] < AWAY_AFTER]
        watched = [min(seen[one] - self.db.since[one], seen[one] - seen[name]) for one in fresh]
        return name in fresh or (bool(fresh) and max(watched) < WATCHED_FOR)

    # what must hold

    def heard_of(self, names):
        """Return which of the hosts the database has heard of, since the failover if there was one.

        The time in which nobody could reach the database does not count.
        """
        since = max(self.reachable - HEARD_WITHIN, self.failed_over_at)
        return [name for name in names if self.db.heard[name] > since]

    def check(self):
        """Check that no host runs what is not verified, and no two run different generations, for too long.

        That is longer than a host may be away unnoticed. What a host was about when it went is not counted.
        """
        present = [self.hosts[name] for name in self.heard_of(HOSTS)]
        wrong = {one.name: (one.digest, one.changes) for one in present if not one.verified}
        verified = [one for one in present if one.verified]
        for one, other in itertools.combinations(verified, 2):
            if one.digest != other.digest:
                wrong[one.name + other.name] = one.digest, other.digest, one.changes, other.changes
        before = {names: since for names, since in self.since.items() if wrong.get(names) == since[0]}
        self.since = {names: before.get(names, (what, self.reachable)) for names, what in wrong.items()}
        for names, (what, since) in self.since.items():
            assert self.reachable - since <= AWAY_AFTER, f"{names} for too long: {what}"

    def check_end(self):
        """Check that all hosts run one generation when all are back and nothing happens any more."""
        for host in self.hosts.values():
            host.refuses = False
            self.come_back(host.name)
        self.wait(20)
        if self.db.running:
            self.wait(SILENT_FOR)
        assert self.db.running is None
        assert {(one.digest, one.verified) for one in self.hosts.values()} == {(self.db.digests[self.db.live], True)}


EVENTS = (
    *[("click",)] * 8,
    *[("notify", HOSTS)] * 6,
    *[("notify", (name,)) for name in HOSTS] * 3,
    *[("wait", seconds) for seconds in (0.1, 0.3, 0.5, 0.5, 1, 3, 3, 8, 12, 65)],
    *[(what, name) for what in ("die", "stop", "refuse") for name in HOSTS],
    *[("come_back", name) for name in HOSTS] * 3,
    *[("fail_over", lost) for lost in (1, 2, 3, 6, 20)],
    *[("lose_database", seconds, order) for seconds in (2, 4, 9, 30) for order in (HOSTS, HOSTS[::-1])],
)
histories = st.lists(st.sampled_from(EVENTS), min_size=20, max_size=120)


def check_history(history):
    simulation = Simulation()
    for name, *arguments in history:
        getattr(simulation, name)(*arguments)
        simulation.check()
    simulation.check_end()


@given(histories)
@settings(max_examples=1000, deadline=None)
def test_hosts_agree_whatever_happens(history):
    check_history(history)


@pytest.mark.long
@given(histories)
@settings(max_examples=30_000, deadline=None)
def test_hosts_agree_in_many_histories(history):
    check_history(history)
