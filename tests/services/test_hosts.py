"""Several PBX hosts without Asterisk: what each one does for the others."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import select

from sipweb import KEYS_FILE
from sipweb.core.errors import OperationRefused
from sipweb.db import db, transaction
from sipweb.models import Event, Generation, Host
from sipweb.monitor import Monitor
from sipweb.pbx.connection import PbxConnection
from sipweb.pbx.status import Contact
from sipweb.services import drift, generation_follow, generations, host_reports, hosts, key_rotation, pbx_status
from sipweb.services.apply_again import apply_again
from sipweb.services.context import Actor
from sipweb.services.generation_lock import AlreadyGenerating
from sipweb.services.host_monitor import HostMonitor
from sipweb.services.host_views import host_figures
from sipweb.services.state_records import StateCache
from tests.builders import audit_entries, edit_account, make_host
from tests.host_rows import set_present
from tests.servers import wait_for

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
ADMIN = Actor(1, "Administrator", address="192.0.2.99")


@pytest.fixture
def web_server(ctx):
    """Return the context of a web server without a PBX."""
    return replace(ctx, pbx=PbxConnection("none"))


def test_audit_log_names_who_generated_and_from_where_whichever_host_ends_it(ctx, web_server):
    make_host(ctx, "pbx")
    edit_account(ctx, 1, level=50)
    generations._claim(web_server, ADMIN, generations._Target(None))
    assert generation_follow.follow(ctx)
    (entry,) = [one for one in audit_entries("generation.written") if one.subject == "2"]
    assert (entry.by, entry.address) == ("Administrator", "192.0.2.99")


def test_machine_that_replaces_a_lost_one_gets_instructions(app, ctx):
    make_host(ctx, "pbx", seen=60, machine_id="lost")  # restored from a dump; the lost machine's id is in no backup
    with pytest.raises(OperationRefused, match="this one takes its place, run 'flask remove-host pbx' first"):
        hosts.join(ctx)
    assert app.test_cli_runner().invoke(args=["remove-host", "pbx"]).exit_code == 0
    hosts.join(ctx)
    assert [host.was_seen for host in hosts.all_hosts()] == [True]


@pytest.fixture
def successor(ctx):
    """Return the context of a machine that has taken the place of the own one, while that was away."""
    hosts.join(ctx)
    set_present("pbx", is_present=False)
    hosts.remove(ctx, ADMIN, "pbx")
    context = replace(ctx, runtime_dir=ctx.runtime_dir / "successor", cache=StateCache())
    make_host(context, "pbx")
    return context


def row_of_the_host():
    db.session.rollback()
    return db.session.execute(select(Host.__table__)).one()


def test_monitor_of_a_replaced_machine_ends_and_changes_nothing_of_its_successor(ctx, web_server, successor):
    edit_account(ctx, 1, level=50)
    number = generations._claim(web_server, ADMIN, generations._Target(None))[0].number
    with transaction() as session:
        host_reports.report_working(session, successor, number)
    before = row_of_the_host()
    with pytest.raises(OperationRefused, match="Another machine is the PBX host pbx already"):
        Monitor(ctx).tick()
    hosts.report_still_seen(ctx)
    hosts.report_asterisk_down(ctx, OperationRefused("x"))
    assert row_of_the_host() == before
    assert host_reports.states(number) == {"pbx": "working"}


def test_web_server_of_a_replaced_machine_does_nothing_in_the_name_of_its_successor(ctx, web_server, successor):
    edit_account(ctx, 1, level=50)
    before = row_of_the_host()
    for work in (generations.generate, apply_again):
        with pytest.raises(OperationRefused, match="Another machine is the PBX host pbx already"):
            work(ctx, ADMIN)
    with pytest.raises(OperationRefused, match="Another machine"):
        drift.check_now(ctx)
    assert row_of_the_host() == before
    number = generations._claim(web_server, ADMIN, generations._Target(None))[0].number
    with pytest.raises(OperationRefused, match="Another machine"):
        generation_follow.follow(ctx)
    assert host_reports.states(number) == {}
    assert generation_follow.follow(successor)
    assert host_reports.states(number) == {"pbx": "written"}


def test_keys_are_not_renewed_while_any_host_generates(ctx, web_server):
    make_host(ctx, "pbx")
    edit_account(ctx, 1, level=50)
    generations._claim(web_server, ADMIN, generations._Target(None))
    keys = ctx.runtime_dir.parent / KEYS_FILE
    before = keys.read_bytes()
    with pytest.raises(AlreadyGenerating, match="Administrator is already generating"):
        key_rotation.rotate_keys(ctx, ADMIN, keys)
    assert keys.read_bytes() == before
    assert generation_follow.follow(ctx)
    key_rotation.rotate_keys(ctx, ADMIN, keys)


def test_command_that_renews_the_keys_names_the_hosts_that_need_them(app, ctx):
    make_host(ctx, "pbx")
    run = app.test_cli_runner().invoke
    assert "copy keys.json" not in run(args=["rotate-keys"]).output
    make_host(ctx, "b")
    make_host(ctx, "c", seen=60)
    assert "Now copy keys.json to all other machines (PBX hosts: b, c)." in run(args=["rotate-keys"]).output


def test_host_that_was_removed_while_silent_reports_its_phones_again(ctx):
    hosts.join(ctx)
    monitor = HostMonitor(ctx, iter(range(0, 90, 3)).__next__)
    pbx_status.write_status(ctx, {200: Contact("192.0.2.7")})
    monitor.report(None, is_right=True)
    set_present("pbx", is_present=False)
    hosts.remove(ctx, ADMIN, "pbx")
    for _ in range(2):
        monitor.report(None, is_right=True)
        db.session.rollback()
    (host,) = hosts.all_hosts()
    assert (host.generation, host_figures(host)) == (1, (1, 0))


def test_asterisk_that_answers_a_generation_counts_as_up(ctx):
    make_host(ctx, "pbx", problem={"asterisk_down": True, "message": "x", "values": {}})  # its monitor is stopped
    edit_account(ctx, 1, level=50)
    assert generations.generate(ctx, ADMIN).state == "written"


def test_click_at_a_server_without_a_pbx_says_nothing_of_the_host_with_its_name(ctx, web_server):
    make_host(ctx, "a")
    make_host(ctx, "pbx", problem={"asterisk_down": True, "message": "x", "values": {}})
    edit_account(ctx, 1, level=50)
    generations._claim(web_server, ADMIN, generations._Target(None))
    assert {host.name: host.is_present for host in hosts.all_hosts()} == {"a": True, "pbx": False}


def test_what_a_waiting_process_prepared_is_not_kept(ctx, web_server):
    make_host(ctx, "a")
    make_host(ctx, "pbx")
    edit_account(ctx, 1, level=50)
    generations._claim(web_server, ADMIN, generations._Target(None))
    generation_follow.follow(ctx)
    assert ctx.cache.next
    with transaction() as session:  # the monitor has done this host's part
        session.get_one(Generation, 2).state = "verified"
    generations._wait(ctx, 2)
    assert ctx.cache.next is None


def test_two_first_checks_at_once_are_both_stored(app, ctx):
    def check():
        with app.app_context():
            drift.store_drift(ctx, [])
            db.session.remove()

    query = db.text("INSERT INTO drift_check VALUES ('pbx', 1, now())")
    waiting = db.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")

    def is_waiting():
        db.session.rollback()  # PostgreSQL shows a transaction the same activity until it ends
        return db.session.scalar(waiting)

    with ThreadPoolExecutor() as pool:
        with db.engine.begin() as other:
            other.execute(query)
            stored = pool.submit(check)
            wait_for(is_waiting, "it waits for the other check")
        stored.result()
    assert drift.last_check(ctx).generation == 1


def test_generation_in_the_history_has_the_host_that_ran_it_first(ctx, web_server):
    make_host(ctx, "a")
    make_host(ctx, "b")
    edit_account(ctx, 1, level=50)
    generations._claim(web_server, ADMIN, generations._Target(None))
    generation_follow.follow(replace(ctx, host="a"))
    set_present("b", is_present=False)
    assert generation_follow.follow(replace(web_server, host="no host"))  # b is not waited for any more
    assert db.session.scalar(select(Event.host).where(Event.generation == 2)) == "a"


def test_server_without_a_pbx_says_that_there_is_no_host(app, web_server):
    app.extensions["sipweb"] = web_server
    result = app.test_cli_runner().invoke(args=["hosts"])
    assert (result.exit_code, result.stderr) == (1, "There is no PBX host.\n")
