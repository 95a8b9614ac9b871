"""Two hosts whose PostgreSQL fails over to its standby."""

import time
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import URL

from tests import postgres
from tests.conftest import set_up, use_database
from tests.hosts.pair import Pair, in_threads
from tests.servers import free_port, wait_for

pytestmark = pytest.mark.long
RECOVERY = 5.0  # seconds from the death of the primary until nothing fails any more


@pytest.fixture
def clusters():
    """Return a primary and a standby that follows it."""
    primary, standby = postgres.Cluster(free_port()), postgres.Cluster(free_port())
    try:
        primary.create()
        primary.start()
        standby.follow(primary)
        standby.start()
        yield primary, standby
    finally:
        standby.remove()
        primary.remove()


@pytest.fixture
def pair(clusters, tmp_path):
    """Return two hosts whose URL names both servers."""
    servers = tuple(f"{cluster.url.host}:{cluster.url.port}" for cluster in clusters)
    query = {"host": servers, "target_session_attrs": "read-write"}
    url = URL.create("postgresql", "sipweb", database="postgres", query=query)
    template = tmp_path / "template" / "i"
    template.mkdir(parents=True)
    use_database(template, url)
    pair = Pair(tmp_path, set_up(template), url)
    try:
        pair.start()
        yield pair
    finally:
        pair.end()


@contextmanager
def visits(pair):
    """Ask for a page of both servers all the time; yield the times of the visits that failed."""
    failed = []

    def visit(machine, end):
        while not end.wait(0.1):
            if machine.admin.get("/accounts")[0] != 200:
                failed.append(time.monotonic())

    with in_threads(visit, pair.machines):
        yield failed


def numbers_on_page(machine):
    page = BeautifulSoup(machine.admin.get("/accounts")[1], "html5lib")
    return {int(cell.text) for cell in page.select("tbody th[scope=row]") if cell.text.strip().isdigit()}


def test_standby_is_promoted(pair, clusters):
    primary, standby = clusters
    monitors = [machine.processes("sipweb-monitor") for machine in pair.machines]
    assert all(monitors)
    number = pair.add_account()
    with visits(pair) as failed:
        time.sleep(1)
        primary.kill()
        killed_at = time.monotonic()
        standby.promote()
        wait_for(lambda: pair.a.click()[0] == 200, "a generation is made", RECOVERY)
        time.sleep(RECOVERY)
    assert all(at - killed_at < RECOVERY for at in failed), [at - killed_at for at in failed]
    assert pair.have(number)
    wait_for(pair.agrees, "both run it", 5)
    assert [machine.processes("sipweb-monitor") for machine in pair.machines] == monitors
    text = "".join(machine.log.read_text() for machine in pair.machines)
    assert "Traceback" not in text


def test_lost_commits_are_nowhere_any_more(pair, clusters):
    primary, standby = clusters
    live = pair.live()
    standby.stop_receiving()
    lost = pair.add_account()
    assert pair.a.click()[0] == 200
    lost_generation = pair.newest()
    assert lost_generation == (live[0] + 1, "verified")
    wait_for(pair.agrees, "both run it")
    assert pair.have(lost)
    assert all(lost in numbers_on_page(machine) for machine in pair.machines)

    primary.kill()
    standby.promote()
    wait_for(
        lambda: all(machine.admin.get("/accounts")[0] == 200 for machine in pair.machines), "both answer", RECOVERY
    )
    assert not any(lost in numbers_on_page(machine) for machine in pair.machines)
    assert all(machine.admin.get(f"/generation/{lost_generation[0]}")[0] == 404 for machine in pair.machines)
    wait_for(lambda: pair.lack(lost), "both are back", 10)
    wait_for(lambda: pair.agrees() and pair.live() == live, "both say so", 5)

    number = pair.add_account()
    assert pair.b.click()[0] == 200
    assert pair.newest() == lost_generation  # its number and state, but other accounts
    assert pair.have(number)
    assert pair.lack(lost)
    wait_for(pair.agrees, "both say so", 5)
