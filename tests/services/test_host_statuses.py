"""Two PBX hosts, one database: each server has what all hosts report, and one monitor does the database's work."""

import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event, select, update

from sipweb.core.errors import OperationRefused
from sipweb.db import db, transaction
from sipweb.models import AccountUsage, AddressBlock, Event, Host
from sipweb.monitor import Monitor
from sipweb.pbx.blocked_addresses import NAME
from sipweb.pbx.event_listener import SignInFailure, SignIns
from sipweb.pbx.generation_files import GenerationFiles
from sipweb.pbx.status import Contact, TrunkState
from sipweb.services import (
    blocking,
    database_clock,
    events,
    generations,
    host_duties,
    hosts,
    lease_end,
    leases,
    pbx_status,
    warnings,
)
from sipweb.services.context import utc_now
from sipweb.services.errors import DatabaseFailure
from sipweb.services.state import current_state
from sipweb.services.state_records import Attack, StateCache
from tests import postgres
from tests.builders import WHO, acquire, audit_entries, edit_account, edit_user, make_trunk
from tests.web.accounts.polling import PollingPage

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class Clock:
    """Seconds that do not pass."""

    def __call__(self):
        return 0.0


class PbxHost:
    """A host whose monitor is the test."""

    def __init__(self, ctx):
        self.ctx, self._stamp = ctx, 0
        hosts.join(ctx)
        self.report({})

    def report(self, phones, **values):
        """Store what Asterisk would have told; return whether the row was written."""
        before_after = pbx_status.write_status(self.ctx, phones, accounts=range(200, 220), **values)
        self.changes = before_after
        status = pbx_status.status_to_report(self.ctx, self._stamp)
        hosts.report_present(self.ctx, 0, "", None, status)
        self._stamp = status[0] if status else self._stamp
        return status is not None


def age_report(name, seconds=11):
    """Let a host have been silent for so long, and the others not."""
    with transaction(bump_revision=False) as session:
        session.execute(update(Host).values(present_since=utc_now() - timedelta(hours=1)))
        session.execute(update(Host).where(Host.name == name).values(seen_at=utc_now() - timedelta(seconds=seconds)))


def generate_here(ctx):
    """Generate, while the other host is away: nobody waits for it."""
    age_report("berlin")
    assert generations.generate(ctx, WHO).state == "written"


def phone(place, expires=0, **values):
    return Contact(f"10.0.0.{place}:5060", expires=int(time.time()) + 300 + expires, **values)


@pytest.fixture
def make_host(ctx, tmp_path):
    """Make a further host of the same database."""

    def make(name):
        files = GenerationFiles(tmp_path / name / "asterisk")
        return replace(ctx, host=name, runtime_dir=tmp_path / name / "run", generation_files=files, cache=StateCache())

    return make


@pytest.fixture
def own(ctx):
    """The host of the web server that the tests ask."""
    return PbxHost(ctx)


@pytest.fixture
def other(own, make_host):
    """Another host."""
    return PbxHost(make_host("berlin"))


@pytest.fixture
def web(other, make_host):
    """A web server without a PBX, whose host has a name that is no other's concern."""
    ctx = make_host("pbx")
    return replace(ctx, pbx=replace(ctx.pbx, mode="none"))


def test_every_server_has_the_phones_calls_trunks_and_attacks_of_all_hosts(ctx, own, other, web):
    trunks = {1: TrunkState("Registered", reachable=True), 2: TrunkState("Registered", reachable=True)}
    attack = Attack("192.0.2.7", 20, spared="phone")
    own.report({203: phone(3)}, trunks=trunks, calls=2, on_call=frozenset({203}), attacks=(attack,))
    worse = trunks | {2: TrunkState("Rejected", reachable=False)}
    attacks = replace(attack, attempts=30), Attack("192.0.2.8", 25, blocked_until=time.time() + 60)
    other.report({204: phone(4)}, trunks=worse, calls=1, on_call=frozenset({204, 205}), attacks=attacks,
                 passwords={205: "192.0.2.7"}, reads_leases=False)  # fmt: skip
    for server in (ctx, other.ctx, web):
        db.session.rollback()
        current = pbx_status.current_status(server)
        assert {number: one.host for number, one in current.registrations.items()} == {203: "pbx", 204: "berlin"}
        assert (current.calls, current.on_call, current.problem) == (3, {203, 204, 205}, None)
        assert current.trunks == worse | {2: replace(worse[2], hosts="berlin")}
        assert current.attacks == attacks
        assert current.refusal(205).address == "192.0.2.7"
        assert not pbx_status.has_lease_credentials(server)
    own.report({203: phone(3)}, trunks=worse, calls=2)
    db.session.rollback()
    assert pbx_status.current_status(ctx).trunks == worse  # everywhere
    assert pbx_status.numbers_on_call(ctx) == {204, 205}  # this one has no Asterisk that could be asked
    age_report("berlin")
    for server in (ctx, web):
        current = pbx_status.current_status(server)
        assert (set(current.registrations), current.calls) == ({203}, 2)
        assert current.ended[204] == 0  # its phone is not registered, but was


def test_asterisk_is_a_problem_only_if_no_host_answers(ctx, own, other, web):
    own.report({203: phone(3)})
    other.report({204: phone(4)})

    def lose(host):
        pbx_status.write_problem(host.ctx, OperationRefused("Asterisk is gone"))
        status = pbx_status.status_to_report(host.ctx, host._stamp)
        hosts.report_present(host.ctx, 0, "", None, status)

    lose(other)
    for server in (ctx, web):
        current = pbx_status.current_status(server)
        assert (set(current.registrations), current.problem) == ({203}, None)
    lose(own)
    for server in (ctx, web):
        assert pbx_status.current_status(server).problem.message == "Asterisk is gone"


def test_a_row_is_written_again_only_for_what_others_show(own):
    shown = phone(3, user_agent="T46U", round_trip=10)
    assert own.report({203: shown})
    assert not own.report({203: replace(shown, expires=shown.expires + 60)})
    assert not own.report({203: replace(shown, round_trip=900)})
    assert own.report({203: replace(shown, reachable=False)})
    assert own.report({203: replace(shown, reachable=False)}, calls=1)
    assert not own.report({203: replace(shown, reachable=False)}, calls=1)
    own.ctx.cache.clear()  # another PostgreSQL server answers, which may lack the row's last text
    assert own.report({203: replace(shown, reachable=False)}, calls=1)


def test_phone_that_moved_is_shown_where_it_registered_last_and_forgotten_where_it_was(ctx, own, other):
    edit_account(ctx, 7, phone="other", max_contacts=2)
    generate_here(ctx)
    here = {203: phone(3), 204: phone(4), 206: phone(9)}
    own.report(here)
    other.report({203: phone(5, expires=1), 204: phone(6, expires=-1), 206: phone(8, expires=1)})
    found = pbx_status.registered_phones(ctx)
    assert {number: found[number].host for number in (203, 204)} == {203: "berlin", 204: "pbx"}
    assert found[206].phones == 2  # both work, each at its host
    assert pbx_status.moved_away(ctx, here) == {203}
    assert pbx_status.moved_away(other.ctx, other.changes[1].registrations) == {204}
    renewed = here | {203: phone(3, expires=2)}
    assert pbx_status.moved_away(ctx, renewed) == set()
    age_report("berlin")
    assert pbx_status.moved_away(ctx, here) == set()


def test_clocks_of_hosts_may_differ(ctx, own, other, monkeypatch):
    here = {203: phone(3), 204: phone(4)}
    own.report(here)
    monkeypatch.setattr(database_clock, "time", SimpleNamespace(time=lambda: time.time() + 3600))  # the other's clock
    other.report({203: phone(5, expires=3602), 204: phone(6, expires=3598)})
    monkeypatch.undo()
    assert pbx_status.moved_away(ctx, here) == {203}
    assert {n: one.host for n, one in pbx_status.registered_phones(ctx).items()} == {203: "berlin", 204: "pbx"}


def test_open_list_is_updated_when_a_phone_of_any_host_changes_and_when_a_host_goes_or_returns(admin, own, other):
    own.report({203: phone(3)})
    other.report({204: phone(4)})
    page = PollingPage(admin)
    assert page.poll().status_code == 204
    statements = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    assert page.poll().status_code == 204
    assert len(statements) == 3, statements  # who asks, what is new, and which hosts are there
    other.report({204: phone(4), 205: phone(5)})
    assert page.states() == {6}
    own.report({203: phone(33)})
    assert page.states() == {4}
    age_report("berlin")
    assert page.states() == {5, 6}
    assert page.poll().status_code == 204
    hosts.report_present(other.ctx, 0, "", None, None)
    assert page.states() == {5, 6}
    assert "berlin" in admin.get("/accounts").text


def test_move_to_another_host_is_one_event(ctx, own, other):
    own_writer, other_writer = events.EventWriter(ctx), events.EventWriter(other.ctx)
    own.report({203: phone(3)})
    own_writer.write(*own.changes, {})
    other.report({203: phone(5, expires=1)})
    other_writer.write(*other.changes, {})
    own.report({})
    own_writer.write(*own.changes, {})
    query = select(Event.kind, Event.host).where(Event.kind != "generated").order_by(Event.id)
    assert [tuple(row) for row in db.session.execute(query)] == [("registered", "pbx"), ("moved", "berlin")]
    failure = SignInFailure("200", "1.2.3.4", "wrong_password", 29_000_000)
    for writer in (own_writer, other_writer, other_writer):
        writer.write(*own.changes, {failure: 1})
    query = select(Event.host, Event.count).where(Event.kind == "auth_failed").order_by(Event.host)
    assert [tuple(row) for row in db.session.execute(query)] == [("berlin", 2), ("pbx", 1)]


def test_each_host_denies_what_any_host_blocked_until_it_is_unblocked(ctx, own, other):
    blockers = [blocking.Blocker(one, lambda: 1000.0) for one in (ctx, other.ctx)]

    def run(blocker, **wrong):
        blocker.run(SignIns(wrong.get("wrong", {}), ()), tuple, lambda: None)
        return (blocker._file.directory / NAME).read_text()

    run(blockers[0], wrong={"192.0.2.7": 50})
    run(blockers[1], wrong={"192.0.2.8": 60})
    texts = [run(one) for one in (*blockers, *blockers)]
    assert all(address in text for text in texts for address in ("192.0.2.7", "192.0.2.8"))
    assert {block.address: block.attempts for block in blocking.active_blocks()} == {"192.0.2.7": 50, "192.0.2.8": 60}
    with transaction(bump_revision=False) as session:  # both hosts blocked it in the same moment
        [row] = session.scalars(select(AddressBlock).where(AddressBlock.address == "192.0.2.7"))
        session.add(AddressBlock(address=row.address, begun_at=row.begun_at, ends_at=row.ends_at, attempts=50))
    blocking.unblock(WHO, row.id)
    assert all("192.0.2.7" not in text and "192.0.2.8" in text for text in map(run, blockers))
    other.report({203: Contact("192.0.2.9:5060")})
    run(blockers[0], wrong={"192.0.2.9": 50})
    assert "192.0.2.9" not in {block.address for block in blocking.active_blocks()}  # a phone of the other host


def test_one_monitor_does_the_work_of_the_database_until_it_ends(ctx, own, other, postgresql):
    first, second = host_duties.DatabaseDuties(), host_duties.DatabaseDuties()
    assert [first.acquire(), second.acquire(), first.acquire(), second.acquire()] == [True, False, True, False]
    db.session.remove()
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
    postgres.run(postgresql, cut, name=db.engine.url.database)
    assert second.acquire()
    with pytest.raises(DatabaseFailure):
        first.acquire()
    assert not first.acquire()
    second.release()


def test_a_monitor_goes_on_with_the_database_s_work_where_another_ended(ctx, own, other, anna, piotr):
    monitors = [Monitor(one, Clock()) for one in (other.ctx, ctx)]
    trunk_id = make_trunk(ctx)
    generate_here(ctx)
    own.report({}, trunks={trunk_id: TrunkState(reachable=False)})
    for warning in warnings.emergency_warnings(ctx, current_state(ctx)):
        warnings.acknowledge(ctx, WHO, warning.problem.fingerprint)

    def work():
        """Let both monitors work twice; return which of them does the database's work, and what is counted."""
        for monitor in (*monitors, *monitors):
            db.session.rollback()
            monitor.poll()
        [usage] = db.session.scalars(select(AccountUsage))
        return [monitor._has_duties for monitor in monitors], usage.in_use, usage.peak

    def end_first():
        """Let the first monitor's connection end, as if the process did."""
        monitors[0]._duties._connection.invalidate()
        monitors[0]._duties.release()

    held = {agent: acquire(ctx, agent) for agent in ("anna", "piotr")}
    assert work() == ([True, False], 2, 2)
    assert audit_entries("warning.expire") == []  # known from the other host's row too
    end_first()
    monitors.reverse()
    own.report({}, trunks={trunk_id: TrunkState(reachable=True)})
    leases.release(ctx, held["anna"].token, "")
    assert work() == ([True, False], 1, 2)
    assert len(audit_entries("warning.expire")) == 1
    end_first()


def test_leases_are_announced_to_all_hosts(ctx, own, anna):
    with db.engine.connect() as listener:
        driver = listener.connection.driver_connection
        driver.autocommit = True
        driver.execute("LISTEN sipweb")

        def is_heard():
            return [one.payload for one in driver.notifies(timeout=2, stop_after=1)] == ["leases"]

        lease = acquire(ctx)
        assert is_heard()
        leases.release(ctx, lease.token, "")
        assert is_heard()
        acquire(ctx)
        assert is_heard()
        lease_end.release_by_admin(ctx, WHO, 1)
        assert is_heard()
        acquire(ctx)
        assert is_heard()
        edit_user(ctx, anna, active=False)
        assert is_heard()
        driver.autocommit = False
