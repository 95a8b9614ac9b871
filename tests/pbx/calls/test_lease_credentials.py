"""The credential of a lease, with real phones: it ends with the lease, and belongs to no generation."""

import subprocess
import time
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.core.asterisk.pjsip import ha1
from sipweb.db import db, transaction
from sipweb.models import Lease
from sipweb.monitor import Monitor
from sipweb.pbx import astdb, local_asterisk, status
from sipweb.services import account_secrets, accounts, drift, generations, lease_end, lease_expiry, lease_sync, leases
from sipweb.services.context import utc_now
from sipweb.services.state import current_state, live_generation
from sipweb.services.state_records import StateCache
from sipweb.supervisor import local_asterisk_config
from tests.builders import make_user
from tests.pbx.conftest import WHO
from tests.pbx.websocket_phone import WebSocketPhone
from tests.servers import wait_for


@pytest.fixture
def work(live_app, ctx):
    """Return a function that logs an agent in and returns the session and the agent's phone."""
    phones = []

    def work(name, number=None):
        user = db.session.scalar(db.select(leases.User.id).where(leases.User.login == name)) or make_user(name, name)
        agent_session = leases.acquire(ctx, user, number, "")
        phones.append(WebSocketPhone(live_app.config["SETTINGS"].ws_port, agent_session.number, agent_session.ha1))
        return agent_session, phones[-1]

    yield work
    for phone in phones:
        phone.close()


def registered(ctx):
    with ctx.pbx.open() as ami:
        return status.registered_phones(ami).keys()


def release(ctx, number):
    account_id = db.session.scalar(db.select(Lease.account_id).where(Lease.number == number))
    return lease_end.release_by_admin(ctx, WHO, account_id)


def expire(ctx, session):
    with transaction(bump_revision=False) as database:
        age = utc_now() - lease_sync.HEARTBEAT_TIMEOUT - timedelta(seconds=1)
        database.execute(update(Lease).where(Lease.number == session.number).values(last_seen_at=age))
    lease_expiry.expire_leases()
    Monitor(ctx).poll()


ENDS = {
    "release": lambda ctx, session: release(ctx, session.number),
    "logout": lambda ctx, session: leases.release(ctx, session.token, ""),
    "expiry": expire,
}


@pytest.mark.parametrize("end", ENDS)
def test_previous_holder_can_neither_register_nor_call(ctx, work, end):
    session, old = work("anna")
    assert old.register() == 200
    start = time.monotonic()
    ENDS[end](ctx, session)
    assert registered(ctx) == set()
    assert time.monotonic() - start < 5
    assert old.register() == 401
    assert old.call(201) == 401
    assert not current_state(ctx).plan
    next_session, new = work("piotr")
    assert (next_session.number, next_session.ha1 != session.ha1) == (200, True)
    assert (old.register(), new.register(), old.call(201)) == (401, 200, 401)
    assert new.call(201) == 480


def test_own_password_of_an_account_in_use_does_not_work(ctx, work, live_app):
    session, _ = work("anna")
    account = live_generation(ctx)[1].by_id[1]
    phone = WebSocketPhone(live_app.config["SETTINGS"].ws_port, 200, ha1(account, session.realm, ctx.cipher.decrypt))
    assert phone.register() == 401
    phone.close()


def test_leases_are_neither_pending_nor_drift_and_survive_generations(ctx, work):
    session, phone = work("anna")
    assert phone.register() == 200
    account_secrets.renew_secret(ctx, WHO, 1)
    accounts.set_flag(ctx, WHO, 2, 1, name="recording", value=True)
    assert generations.generate(ctx, WHO).state == "verified"
    assert registered(ctx) == {200}
    assert not current_state(ctx).plan
    assert drift.check_now(ctx) == frozenset()
    assert generations.reconcile(ctx)  # as after a restart of the monitor
    assert not leases.get_session(ctx, session.token).sip_changed
    assert phone.register() == 200
    with ctx.pbx.open() as ami:
        place = {"Family": astdb.AUTH_FAMILY, "Key": "200"}
        [entry] = ami.events("DBGet", **place)
        ami.action("DBPut", **place, Val=entry["Val"].replace("MD5:", "MD5:0")[:-3] + '"}')
        lease_sync.sync_all_leases(ctx, ami)
        assert ami.events("DBGet", **place)[0]["Val"] == entry["Val"]
    assert registered(ctx) == set()  # whoever registered meanwhile
    assert phone.register() == 200


def test_changing_the_realm_reaches_the_leases(ctx, work):
    session, phone = work("anna")
    ctx = replace(ctx, pbx_settings=replace(ctx.pbx_settings, realm="another"), cache=StateCache())
    assert generations.generate(ctx, WHO).state == "verified"
    changed = leases.get_session(ctx, session.token)
    assert (changed.sip_changed, changed.realm) == (True, "another")
    phone.ha1 = leases.issue_credential(ctx, session.token).ha1
    assert phone.ha1 != session.ha1
    assert not leases.get_session(ctx, session.token).sip_changed
    assert phone.register() == 200
    assert drift.check_now(ctx) == frozenset()


def test_lease_works_at_once_after_a_restart_of_asterisk(ctx, work, asterisk, live_app):
    _, phone = work("anna")
    time.sleep(1.5)  # Asterisk writes its database to the disk once a second
    asterisk.kill()
    asterisk.wait()
    configuration = local_asterisk_config(live_app.config["SETTINGS"])
    command = local_asterisk.argv(configuration, local_asterisk.find_asterisk())
    again = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert local_asterisk.wait_until_up(configuration)
        answers = []

        def is_answered():
            with suppress(ConnectionError):  # Asterisk is still starting
                answers.append(phone.register())
            return answers

        wait_for(is_answered, "the first answer to a registration")
        assert answers == [200]
    finally:
        again.kill()
        again.wait()
