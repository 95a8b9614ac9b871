"""Two hosts with a real Asterisk each: what a click, a refusal, a death and a return lead to."""

import shutil
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest
from bs4 import BeautifulSoup

from sipweb import KEYS_FILE
from sipweb.config import ROOT
from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.crypto import make_keys
from tests.client import text_of
from tests.hosts.pair import Machine
from tests.pbx.phones import Phone
from tests.servers import wait_for

CLAIM_AND_DIE = """
import os, signal
from sipweb import create_app
from sipweb.services import generations, hosts
from sipweb.services.context import Actor

hosts.notify = lambda about: os.kill(os.getpid(), signal.SIGKILL)
app = create_app()
with app.app_context():
    generations.generate(app.extensions["sipweb"], Actor(None, "the killed process"))
"""
TRY_AND_DIE = """
import os, signal, time
from sipweb import create_app
from sipweb.pbx import control
from sipweb.services import generation_follow, generations
from sipweb.services.context import Actor

control.reload = control.reload_changed = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
app = create_app()
with app.app_context():
    while True:
        {step}
        time.sleep(0.05)
"""
GENERATE = 'generations.generate(app.extensions["sipweb"], Actor(None, "the killed process"))'
FOLLOW = 'generation_follow.follow(app.extensions["sipweb"])'


def killed(machine, script):
    """Run a script on a machine until it has killed itself."""
    result = machine.run_python(script)
    assert result.returncode == -signal.SIGKILL, result.stderr


def table(machine, path, name):
    """Return host → cells of a table of hosts on a page."""
    page = BeautifulSoup(machine.admin.get(path)[1], "html5lib")
    rows = page.select(f"table.{name} tbody tr")
    return {row.th.text.strip(): [text_of(cell) for cell in row.select("td")] for row in rows}


def state_of(machine, host):
    """Return the state of a host as the page of the generations of a server shows it."""
    return table(machine, "/generation", "hosts")[host][0]


def test_click_at_either_server_is_verified_on_both(pair):
    for machine in pair.machines:
        number = pair.add_account()
        status, page, _ = machine.click()
        assert status == 200, page
        generation, state = pair.newest()
        assert state == "verified"
        assert pair.reports(generation) == [("a", "verified"), ("b", "verified")]
        assert pair.have(number)
        wait_for(pair.agrees, "both report it", 5)
        assert pair.pending() == 0


def test_of_two_clicks_at_once_one_is_refused(pair):
    before = pair.newest()[0]
    pair.add_account()
    answers = pair.click_at_once()
    assert sorted(status for status, _, _ in answers) == [200, 409]
    refused = next(page for status, page, _ in answers if status == 409)
    assert "Administrator is already generating the configuration." in text_of(BeautifulSoup(refused, "html5lib"))
    assert pair.newest() == (before + 1, "verified")


@pytest.mark.parametrize(
    ("refusing", "clicked"),
    [("b", "a"), *(pytest.param(*names, marks=pytest.mark.long) for names in ["aa", "ab", "bb"])],
)
def test_refusal_of_one_host_leaves_both_on_the_old_configuration(pair, refusing, clicked):
    live, number = pair.live(), pair.newest()[0] + 1
    host, machine = getattr(pair, refusing), getattr(pair, clicked)
    account = pair.add_account()
    with host.refusing(number):
        status, page, _ = machine.click()
        assert status == 200
        assert pair.newest() == (number, "refused")
        expected = {"a": [("a", "refused")], "b": [("a", "verified"), ("b", "refused")]}
        assert pair.reports(number) == expected[refusing]
        wait_for(lambda: pair.lack(account), "both are back", 5)
        assert pair.live() == live
        assert set(pair.hosts().values()) == {live}
        assert pair.pending() == 1
    assert "Couldn't write the files: File exists" in text_of(BeautifulSoup(page, "html5lib"))
    status, _, message = table(machine, f"/generation/{number}", "host-reports")[refusing]
    assert (status, "Couldn't write the files: File exists" in message) == ("failed", True)
    assert machine.click()[0] == 200
    assert pair.newest() == (number + 1, "verified")


@pytest.mark.long
def test_of_two_clicks_at_once_one_is_refused_each_time(pair):
    for _ in range(10):
        test_of_two_clicks_at_once_one_is_refused(pair)


@pytest.mark.long
@pytest.mark.parametrize("name", ["a", "b"])
def test_dead_host_is_not_waited_for_and_catches_up(pair, name):
    dead, other = (getattr(pair, one) for one in (name, "ab".replace(name, "")))
    dead.die()
    pair.add_account()
    status, page, seconds = other.click()
    assert status == 200, page
    generation, state = pair.newest()
    assert (state, pair.reports(generation)) == ("verified", [(other.name, "verified")])
    assert seconds < 12
    number = pair.add_account()
    status, page, seconds = other.click()
    assert (status, pair.newest()) == (200, (generation + 1, "verified"))
    assert seconds < 1
    assert state_of(other, name).startswith("away since ")
    dead.come_back()
    wait_for(pair.agrees, "it has caught up", 5)
    assert number in dead.accounts()
    assert pair.reports(generation) == [(other.name, "verified")]
    assert state_of(other, name) == "runs it"


@pytest.mark.long
def test_hosts_go_on_when_the_claimer_is_killed(pair):
    number, generation = pair.add_account(), pair.newest()[0] + 1
    killed(pair.b, CLAIM_AND_DIE)  # before it has notified anybody
    wait_for(lambda: pair.newest() == (generation, "verified"), "it is verified without another click", 4)
    assert pair.reports(generation) == [("a", "verified"), ("b", "verified")]
    assert pair.have(number)


@pytest.mark.long
def test_generation_that_the_first_host_did_not_survive_is_interrupted(pair):
    live, number, generation = pair.live(), pair.add_account(), pair.newest()[0] + 1
    with pair.a.stopped("sipweb-monitor"):
        killed(pair.a, TRY_AND_DIE.format(step=GENERATE))
        assert pair.reports(generation) == [("a", "working")]
        assert pair.b.click()[0] == 409
    check_interrupted(pair, generation, live, number)
    assert pair.reports(generation) == [("a", "interrupted")]


@pytest.mark.long
def test_generation_that_the_second_host_did_not_survive_is_interrupted(pair):
    live, number, generation = pair.live(), pair.add_account(), pair.newest()[0] + 1
    with ThreadPoolExecutor() as threads:
        with pair.b.stopped("sipweb-monitor"):
            answer = threads.submit(pair.a.click)
            killed(pair.b, TRY_AND_DIE.format(step=FOLLOW))
            assert pair.reports(generation) == [("a", "verified"), ("b", "working")]
        assert answer.result()[0] == 200
    check_interrupted(pair, generation, live, number)
    assert pair.reports(generation) == [("a", "verified"), ("b", "interrupted")]


def check_interrupted(pair, generation, live, number):
    """Check that a generation ends as interrupted, both hosts run the one before, and the next one succeeds."""
    wait_for(lambda: pair.newest() == (generation, "interrupted"), "it is interrupted", 10)
    wait_for(lambda: pair.lack(number), "both run the old one", 5)
    assert pair.live() == live
    assert pair.agrees()
    assert pair.pending() == 1
    assert pair.b.click()[0] == 200
    assert pair.newest() == (generation + 1, "verified")
    assert pair.have(number)


@pytest.mark.long
@pytest.mark.parametrize("name", ["a", "b"])
def test_machine_that_dies_in_its_part_is_not_waited_for(pair, name):
    dead, other = (getattr(pair, one) for one in (name, "ab".replace(name, "")))
    number, generation = pair.add_account(), pair.newest()[0] + 1
    with ThreadPoolExecutor() as threads:
        with dead.stopped("sipweb-monitor"):
            if name == "a":
                killed(dead, TRY_AND_DIE.format(step=GENERATE))
            else:
                threads.submit(other.click)
                killed(dead, TRY_AND_DIE.format(step=FOLLOW))
            dead.die()
        wait_for(lambda: pair.newest() == (generation, "verified"), "the other one has verified it", 15)
    assert number in other.accounts()
    dead.come_back()
    wait_for(pair.agrees, "it has caught up", 5)
    assert number in dead.accounts()
    assert pair.newest() == (generation, "verified")


@pytest.mark.long
def test_stopped_asterisk_refuses_the_generation(pair):
    """It may be stopped in any part: nothing waits for it for long, and it catches up when it goes on."""
    generation = pair.newest()[0] + 1
    pair.add_account()
    with pair.b.stopped(f"{pair.b.instance}/asterisk/asterisk.conf"):
        status, page, seconds = pair.a.click()
        assert status == 200, page
        assert seconds < 12
        assert pair.newest()[0] == generation
    wait_for(pair.agrees, "both run the same", 15)
    if pair.newest()[1] == "refused":
        assert pair.a.click()[0] == 200
    assert pair.newest()[1] == "verified"
    assert pair.a.accounts() == pair.b.accounts()


@pytest.mark.long
def test_files_that_were_put_there_by_hand_are_noticed(pair):
    live = pair.live()[0]
    number = pair.add_account()
    assert pair.a.click()[0] == 200
    wait_for(pair.agrees, "both run it")
    for name in ("pjsip.conf", "extensions.conf"):
        shutil.copy(pair.b.files_of(live) / name, pair.b.files_of(pair.live()[0]) / name)
    pair.b.kill_asterisk()
    wait_for(lambda: 200 in pair.b.accounts(), "Asterisk is back", 15)
    assert number not in pair.b.accounts()
    wait_for(lambda: state_of(pair.a, "b").startswith("differs"), "the page shows it", 5)
    assert state_of(pair.a, "a") == "runs it"
    pair.b.admin.post("/generation/apply")
    assert number in pair.b.accounts()
    wait_for(lambda: state_of(pair.a, "b") == "runs it", "the page shows that too", 10)


@pytest.mark.long
def test_second_machine_of_a_name_is_refused(pair):
    result = Machine("b", pair.copy_instance("second")).run("serve")
    assert result.returncode == 1
    assert "Another machine is the PBX host b already. Set SIPWEB_PBX_HOST to another name." in result.stderr
    assert "Traceback" not in result.stderr
    assert pair.agrees()


def remove_host(machine, name):
    """Remove a host as soon as it counts as away."""
    wait_for(lambda: machine.run("remove-host", name).returncode == 0, f"{name} is removed", 40)


@pytest.mark.long
def test_machine_that_was_replaced_while_its_network_was_away_does_nothing_more(pair):
    new = Machine("b", pair.copy_instance("successor"), 0)
    row = "SELECT machine_id, sip_port FROM host WHERE name = 'b'"
    try:
        with pair.b.stopped(""):
            remove_host(pair.a, "b")
            new.come_back()
            new.sign_in()
            wait_for(lambda: new.click()[0] == 200, "nothing is pending")
            wait_for(pair.agrees, "a and the new b run the same", 20)
            before = pair.rows(row)
        is_taken = "Another machine is the PBX host b already."
        wait_for(lambda: is_taken in pair.b.log.read_text(), "its monitor has ended", 20)
        assert "Traceback" not in pair.b.log.read_text()
        number = pair.add_account()
        status, page, _ = pair.b.click()
        assert (status, is_taken in text_of(BeautifulSoup(page, "html5lib"))) == (409, True)
        assert pair.a.click()[0] == 200
        wait_for(pair.agrees, "a and the new b run the same", 10)
        assert number in new.accounts()
        assert number not in pair.b.accounts()
        assert pair.rows(row) == before
    finally:
        for machine in (new, pair.b):
            machine.die()
        remove_host(pair.a, "b")


@pytest.mark.long
@pytest.mark.parametrize("command", ["setup", "serve"])
def test_machine_with_other_keys_is_refused(pair, command):
    instance = pair.copy_instance(f"keys-{command}")
    (instance / KEYS_FILE).unlink()
    make_keys(instance / KEYS_FILE)
    result = Machine("c", instance).run(command)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].startswith(f"{KEYS_FILE} and SECRETS_KEYS do not belong to this database")
    assert "Traceback" not in result.stderr
    assert set(pair.hosts()) == {"a", "b"}


OTHER_VERSION = """
import sipweb.core.snapshot
sipweb.core.snapshot.RENDERER_VERSION += 1
"""


@pytest.mark.long
def test_host_of_another_version_makes_no_generation(pair, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(OTHER_VERSION)
    live = pair.live()
    pair.b.stop()
    pair.b.environ["PYTHONPATH"] = f"{tmp_path}:{ROOT}"
    try:
        pair.b.come_back()
        others = "SELECT count(*) FROM host WHERE name = 'b' AND problem IS NULL AND renderer_version <> :ours"
        wait_for(lambda: pair.rows(others, ours=RENDERER_VERSION) == [(1,)], "b is present")
        number, before = pair.add_account(), pair.newest()
        for machine in pair.machines:
            status, page, _ = machine.click()
            assert status == 409
            assert "sipweb has another version on the PBX host" in text_of(BeautifulSoup(page, "html5lib"))
        assert (pair.newest(), pair.live()) == (before, live)
        assert pair.lack(number)
    finally:
        del pair.b.environ["PYTHONPATH"]
        pair.b.stop()
        pair.b.come_back()
    wait_for(pair.agrees, "both run the same", 10)
    assert pair.a.click()[0] == 200
    assert number in pair.b.accounts()


@pytest.mark.long
def test_contacts_of_a_changed_password_are_removed_on_both_hosts(pair, tmp_path):
    numbers = [pair.add_account() for _ in pair.machines]
    assert pair.a.click()[0] == 200
    wait_for(pair.agrees, "both run it")
    phones = []
    try:
        for number, machine in zip(numbers, pair.machines, strict=True):
            phones.append(Phone(tmp_path, machine.sip_port, number, pair.password(number)))
            assert phones[-1].register() == 200
            assert machine.contacts() == {number}
        for number in numbers:
            pair.change_password(number)
        assert pair.a.click()[0] == 200
        for machine in pair.machines:
            wait_for(lambda machine=machine: not machine.contacts(), f"{machine.name} has removed it", 5)
        assert [phone.register() for phone in phones] == [401, 401]
    finally:
        for phone in phones:
            phone.close()
