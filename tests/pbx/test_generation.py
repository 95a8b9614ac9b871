"""Generations on a real Asterisk: what the page says is what the PBX does, or the old state is back."""

import threading
import time
from contextlib import ExitStack
from dataclasses import replace

import pytest

from sipweb.core.asterisk.pjsip import ha1
from sipweb.core.errors import Refused
from sipweb.core.snapshot import RENDERER, Rule
from sipweb.db import transaction
from sipweb.models import Generation
from sipweb.pbx import ami
from sipweb.pbx import state as pbx_state
from sipweb.services import accounts, generations, history, presence
from sipweb.services.site import Actor
from sipweb.services.state import live as live_generation
from sipweb.services.state import state

WHO = Actor(None, "test")


def draft(number, **changes):
    values = {"user_id": None, "phone": "other", "active": True, "recording": False, "level": 10, "secret": ""}
    return accounts.Draft(number, **values | changes)


def running(site):
    with site.link.open() as asked:
        return {item["ObjectName"]: item for item in asked.events("PJSIPShowAuths")}


def test_the_first_generation_is_verified_when_asterisk_is_up(live):
    site = live.extensions["sipweb"]
    assert history.newest()[0].state == "written"
    tries = (generations.settle(site) or time.sleep(0.5) for _ in range(20))
    assert any(tries)
    assert history.newest()[0].state == "verified"


def test_a_generation_brings_changed_added_and_removed_accounts(live):
    site = live.extensions["sipweb"]
    accounts.add(site, WHO, draft(300, secret="a secret of 300"))
    accounts.change(site, WHO, 1, 1, draft(400, recording=True, level=55))
    accounts.delete(site, WHO, 2)
    before = running(site)
    assert "200" in before
    assert "300" not in before
    done = generations.generate(site, WHO)
    assert (done.state, done.differences) == ("verified", [])
    after = running(site)
    assert "200" not in after
    assert "201" not in after
    wanted = next(account for account in live_generation(site)[1].accounts if account.number == 300)
    assert ha1(wanted, "sipweb", site.vault.decrypt) in after["300"].values()
    assert len(state(site).plan) == 0
    assert generations.generate(site, WHO) is None


def test_900_changed_accounts_are_verified(live):
    site = live.extensions["sipweb"]
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.add(site, WHO, draft(number))
    done = generations.generate(site, WHO)
    assert (done.state, done.differences) == ("verified", [])


def test_a_duplicate_section_beside_our_files_is_caught_and_the_old_state_is_back(live):
    site = live.extensions["sipweb"]
    accounts.add(site, WHO, draft(300))
    neighbour = live.config["SETTINGS"].asterisk_dir / "pjsip.conf"
    neighbour.write_text(neighbour.read_text() + "\n[300]\ntype=endpoint\n")
    done = generations.generate(site, WHO)
    assert done.state == "refused"
    assert any(difference["name"] == "300" for difference in done.differences)
    assert site.release.current() == 1
    assert live_generation(site)[0] == 1
    assert "300" not in running(site)
    assert len(state(site).plan) == 1


def test_an_option_that_asterisk_does_not_know_is_caught(live, monkeypatch):
    site = live.extensions["sipweb"]
    accounts.add(site, WHO, draft(300))
    original = type(site.release).write

    def write(self, number, files):
        broken = files["pjsip.conf"].replace("[300]\ntype=endpoint", "[300]\ntype=endpoint\nno_such_option=1")
        original(self, number, files | {"pjsip.conf": broken})

    monkeypatch.setattr(type(site.release), "write", write)
    done = generations.generate(site, WHO)
    assert done.state == "refused"
    assert site.release.current() == 1


def test_with_asterisk_down_generating_is_refused_and_nothing_is_touched(app, site):
    site.link = replace(site.link, mode="ami", port=1, timeout=1.0)
    accounts.add(site, WHO, draft(300))
    with pytest.raises(ami.AmiDown):
        generations.generate(site, WHO)
    assert site.release.current() == 1
    assert len(history.newest()) == 1


def test_while_a_generation_runs_another_is_refused_at_once_and_its_author_named(app, site):
    accounts.add(site, WHO, draft(300))
    with generations._alone(site):
        generations._claim(site, Actor(None, "ewa"), None)
        start = time.monotonic()
        with pytest.raises(Refused, match="generating") as refusal:
            generations.generate(site, WHO)
        assert time.monotonic() - start < 1
        assert refusal.value.values == {"who": "ewa"}


def test_a_generation_waits_for_the_background_process_to_have_looked(app, site):
    accounts.add(site, WHO, draft(300))
    look = ExitStack()
    look.enter_context(generations._alone(site))
    threading.Timer(1.0, look.close).start()
    start = time.monotonic()
    assert generations.generate(site, WHO).state == "written"
    assert time.monotonic() - start > 0.9


def test_an_asterisk_that_still_loads_is_not_called_reachable_and_generating_says_why(live, asterisk):
    site = live.extensions["sipweb"]
    accounts.add(site, WHO, draft(300))
    assert presence.reachable(site)
    with replace(site.link, user="reader", secret="reader").open() as reader:
        reader.action("ModuleLoad", Module="pbx_config.so", LoadType="unload")
        assert not presence.reachable(site)
        with pytest.raises(Refused, match="still starting"):
            generations.generate(site, WHO)
        reader.action("ModuleLoad", Module="pbx_config.so", LoadType="load")
    assert presence.reachable(site)
    assert generations.generate(site, WHO).state == "verified"


def test_what_an_earlier_sipweb_wrote_is_not_compared_and_what_this_one_wrote_is(live):
    site = live.extensions["sipweb"]
    saved = replace(live_generation(site)[1], rules=(Rule(1, 1, "R", "1", 0, 1),))
    for renderer, settled in ((RENDERER - 1, True), (RENDERER, False)):
        with transaction() as session:
            session.get_one(Generation, 1).snapshot = replace(saved, renderer=renderer).to_json()
        site.live = None
        assert generations.settle(site) is settled


def test_line_breaks_never_reach_asterisk(live):
    site = live.extensions["sipweb"]
    with site.link.open() as asked, pytest.raises(Refused):
        asked.action("PJSIPShowEndpoint", Endpoint="200\r\nAction: Originate")
    assert pbx_state.Difference("200", "x").wanted == ""
