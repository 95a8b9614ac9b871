"""The softphone with two PBX hosts, a and b, on PostgreSQL; its page is on a web server without a PBX."""

import time

import pytest
from playwright.sync_api import expect

from sipweb.db import db
from sipweb.pbx import status
from sipweb.pbx.local_asterisk import find_asterisk
from sipweb.services.hosts import all_hosts
from tests import postgres
from tests.browser.conftest import close_contexts
from tests.browser.softphone.steps import call, count_packets, wait_until_registered
from tests.builders import make_user
from tests.hosts.pair import Machine, Pair
from tests.servers import wait_for

pytestmark = pytest.mark.long
HEARTBEAT = 20  # seconds
UNTIL_ABSENT = 10  # seconds
KEEP_SOCKETS = """
const Real = WebSocket;
globalThis.sockets = [];
globalThis.WebSocket = class extends Real {
  constructor(...options) {
    super(...options);
    sockets.push(this);
  }
};
"""


@pytest.fixture(scope="module")
def shared_hosts(tmp_path_factory, postgresql, postgresql_template):
    """Two hosts and a web server, with the agents Anna and Piotr."""
    if find_asterisk() is None:
        pytest.skip("no Asterisk: run make pbx")
    template, url = postgresql_template
    with postgres.copied(postgresql, "softphone", url.database) as database:
        pair = Pair(tmp_path_factory.mktemp("hosts"), template, database)
        web = Machine("web", pair.copy_instance("web"), pbx="none")
        try:
            with pair.app.app_context():
                for name in ("Anna", "Piotr"):
                    make_user(name.lower(), f"{name} Nowak")
            yield pair, web
        finally:
            if web.is_running:
                web.die()
            pair.end()


@pytest.fixture
def hosts(shared_hosts):
    """Both hosts, present, with the same generation."""
    pair, web = shared_hosts
    if not web.is_running:
        web.start()
    pair.start()
    wait_for(web.is_well, "the web server answers", 60)
    wait_for(lambda: are_present(pair), "both hosts are present")
    return pair.machines


def are_present(pair):
    with pair.app.app_context():
        found = [host.is_present for host in all_hosts()]
        db.session.remove()
    return found == [True, True]


@pytest.fixture
def call_center(hosts, shared_hosts, chromium):
    """What `start_work` needs."""
    yield (shared_hosts[1].address,)
    close_contexts(chromium)


def numbers(machine):
    """Return the numbers that are registered at a host."""
    with machine.ami() as ami:
        return set(status.registered_phones(ami))


def test_softphone_registers_at_the_second_host_when_the_first_is_killed(start_work, hosts):
    a, b = hosts
    anna = wait_until_registered(start_work("anna"))
    assert (numbers(a), numbers(b)) == ({200}, set())
    a.die()
    wait_for(lambda: numbers(b) == {200}, "the phone is registered at the other host", 10)
    wait_until_registered(anna)


@pytest.mark.parametrize("process", ["", "asterisk.conf"], ids=["host", "asterisk"])
def test_softphone_leaves_a_host_that_hangs(start_work, hosts, process):
    a, b = hosts
    anna = wait_until_registered(start_work("anna"))
    with a.stopped(process):
        wait_for(lambda: numbers(b) == {200}, "the phone is registered at the other host", 60)
        wait_until_registered(anna)
    wait_for(lambda: numbers(a) == set(), "the first host has no contact", 10)  # what the phone sent it arrives now


def test_softphone_in_a_call_stays_until_its_end(start_work, hosts):
    a, b = hosts
    anna, piotr = wait_until_registered(start_work("anna")), wait_until_registered(start_work("piotr"))
    anna.add_init_script(KEEP_SOCKETS)
    anna.reload()
    wait_until_registered(anna)
    call(anna, piotr, "201")
    anna.evaluate("sockets.at(-1).close()")
    expect(anna.locator("#registration-state")).to_have_attribute("data-state", "lost")
    wait_until_registered(anna)
    assert (numbers(a), numbers(b)) == ({200, 201}, set())
    # it counts as absent, though its Asterisk works; `serve` would restart the monitor
    with a.stopped("serve"), a.stopped("monitor"):
        time.sleep(UNTIL_ABSENT + HEARTBEAT + 2)
        assert numbers(b) == set()
        assert min(count_packets(anna).values()) > 30
        anna.get_by_role("button", name="Hang up").click()  # over the new connection, to the host that has the call
        expect(piotr.locator("#call-message")).to_have_text("Call ended")
        wait_for(lambda: numbers(b) == {200, 201}, "both phones are registered at the other host", HEARTBEAT + 5)
