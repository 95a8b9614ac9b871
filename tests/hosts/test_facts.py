"""Two Asterisks, one database: a phone that moves is forgotten where it was, and both have all leases."""

import re
import shutil
import time
from html import unescape

import pytest

from sipweb import create_app
from sipweb.config import load
from sipweb.db import db, transaction
from sipweb.models import Account
from sipweb.monitor import POLL_INTERVAL, Monitor
from sipweb.pbx import astdb, status
from sipweb.services import agent_sign_in, generations, hosts, leases, pbx_status
from sipweb.services.state import live_generation
from tests.builders import AGENT_PASSWORD, WHO, make_user
from tests.client import soup, text_of
from tests.pbx.conftest import PHONE_SECRET
from tests.pbx.phones import Phone
from tests.servers import rtp_ports, running_asterisk, wait_for

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


class PbxHost:
    """A host with an Asterisk, and its monitor, which works when the test says so."""

    def __init__(self, environ):
        app = create_app(load(environ))
        self.ctx, self.sip_port = app.extensions["sipweb"], app.config["SETTINGS"].sip_port
        self._now = 0.0
        self.monitor = Monitor(self.ctx, lambda: self._now)
        hosts.join(self.ctx)

    def work(self):
        """Let the monitor do its work of 3 seconds; return the numbers of the phones that Asterisk has then."""
        self._now += POLL_INTERVAL
        self.monitor.tick()
        return self.phones()

    def phones(self):
        """Return the numbers of the phones that Asterisk has."""
        with self.ctx.pbx.open() as ami:
            return set(status.registered_phones(ami))

    def leases(self):
        """Return the numbers that Asterisk has as leased."""
        with self.ctx.pbx.open() as ami:
            return {int(number) for _family, number in astdb.read_entries(ami)}


@pytest.fixture
def two_hosts(app, ctx, instance, tmp_path):
    """Two hosts with one live generation, in which 203 is a desk phone."""
    with transaction() as session:
        account = session.scalar(db.select(Account).where(Account.number == 203))
        account.phone, account.version = "other", account.version + 1
        account.secret, account.fingerprint = ctx.cipher.encrypt(PHONE_SECRET), ctx.cipher.fingerprint(PHONE_SECRET)
    assert generations.generate(ctx, WHO).state == "written"
    second = tmp_path / "second"
    shutil.copytree(instance, second, symlinks=True, ignore=shutil.ignore_patterns("run"))
    with (
        running_asterisk(instance, pbx_host="berlin") as one,
        running_asterisk(second, pbx_host="warsaw", rtp_ports=rtp_ports(2)) as other,
    ):
        made = [PbxHost(environ) for environ, _process in (one, other)]
        yield made
        for host in made:
            host.monitor._duties.release()


@on_postgresql
def test_a_phone_that_moves_is_forgotten_where_it_was_and_both_asterisks_have_all_leases(two_hosts, tmp_path):
    berlin, warsaw = two_hosts
    phones = [Phone(tmp_path, host.sip_port, 203, PHONE_SECRET) for host in (berlin, warsaw, berlin)]
    for phone, here, there in ((phones[0], berlin, warsaw), (phones[1], warsaw, berlin), (phones[2], berlin, warsaw)):
        assert phone.register() == 200
        assert here.work() == {203}
        there.monitor.notified("status")
        there.monitor.tick()  # it is not due to poll yet
        assert there.phones() == set()
        assert there.work() == set()
        assert here.work() == {203}
        for host in two_hosts:
            assert pbx_status.registered_phones(host.ctx)[203].host == here.ctx.host
        time.sleep(1.1)  # registrations are told apart by the second
    for phone in phones:
        phone.close()
    make_user("anna", "Anna Nowak")
    lease = agent_sign_in.login_and_acquire(berlin.ctx, "anna", AGENT_PASSWORD, "205", "")
    warsaw.work()
    assert (berlin.leases(), warsaw.leases()) == ({205}, {205})
    leases.release(warsaw.ctx, lease.token, "")
    berlin.work()
    assert (berlin.leases(), warsaw.leases()) == (set(), set())


@pytest.mark.long
def test_servers_show_where_a_phone_is_and_leases_reach_all_hosts_at_once(pair, tmp_path):
    number = pair.add_account()
    code, page, _seconds = pair.a.click()
    assert code in (200, 303), page
    wait_for(pair.agrees, "both hosts run it, verified")
    with pair.app.app_context():
        ctx = pair.app.extensions["sipweb"]
        assert str(number) in live_generation(ctx)[1].by_number, text_of(soup(page).main)
        secret = ctx.cipher.decrypt(live_generation(ctx)[1].by_number[str(number)].secret)
    phones = [Phone(tmp_path, machine.sip_port, number, secret) for machine in (*pair.machines, pair.a)]
    for phone, here, there in zip(phones, (pair.a, pair.b, pair.a), (pair.b, pair.a, pair.b), strict=True):
        assert phone.register() == 200
        place = rf"127\.0\.0\.1:{phone._line.port} · {here.name} · (\d+ ms · )?Test phone/1.0"
        for machine in pair.machines:
            wait_for(lambda machine=machine, place=place: re.search(place, page_of(machine)), place, 7)
        wait_for(lambda there=there: number not in phones_at(there), "the other host has forgotten it", 5)
        assert number in phones_at(here)
    for phone in phones:
        phone.close()
    with pair.app.app_context():
        make_user("anna", "Anna Nowak")
        lease = agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, "")
        for machine in pair.machines:
            wait_for(lambda machine=machine: lease.number in leases_at(machine), "the lease is there", 1)
        leases.release(ctx, lease.token, "")
        for machine in pair.machines:
            wait_for(lambda machine=machine: lease.number not in leases_at(machine), "the lease is gone", 1)
        db.session.remove()


def page_of(machine):
    return unescape(machine.admin.get("/accounts")[1])


def phones_at(machine):
    with machine.ami() as ami:
        return set(status.registered_phones(ami))


def leases_at(machine):
    with machine.ami() as ami:
        return {int(number) for _family, number in astdb.read_entries(ami)}
