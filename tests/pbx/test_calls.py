"""Real phones on a real Asterisk: what the page says is what they can do."""

import time

import pytest

from sipweb.pbx import state as pbx_state
from sipweb.services import accounts, generations, users
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests.conftest import wait_for
from tests.pbx.sip import Phone, register_all

WHO = Actor(None, "test")


@pytest.fixture
def site(live):
    """The services' side of a live system."""
    return live.extensions["sipweb"]


@pytest.fixture
def phone(live, site, tmp_path):
    """Makes a desk phone for a number; the account is added where it does not exist yet."""
    made = []

    def make(number, **changes):
        account = next((a for a in state(site).accounts if a.number == number), None)
        values = {"user_id": None, "phone": "other", "active": True, "recording": False, "level": 10}
        account_id = account.id if account else accounts.add(site, WHO, accounts.Draft(number, **values | changes))
        secret = accounts.reveal(site, WHO, account_id).text
        made.append(Phone(tmp_path, live.config["SETTINGS"].sip_port, number, secret))
        return made[-1]

    yield make
    for one in made:
        one.audio.close()


def generate(site):
    done = generations.generate(site, WHO)
    assert (done.state, done.differences) == ("verified", [])


def registered(site):
    with site.link.open() as asked:
        return set(pbx_state.registered(asked))


def edit(site, number, **changes):
    account = next(a for a in state(site).accounts if a.number == number)
    kept = {name: getattr(account, name) for name in ("user_id", "phone", "active", "recording", "level")}
    accounts.change(site, WHO, account.id, account.version, accounts.Draft(number, **kept | changes))


def test_all_20_accounts_of_a_fresh_system_register_with_their_secrets(live, site, tmp_path):
    secrets = {a.number: accounts.reveal(site, WHO, a.id).text for a in state(site).accounts}
    assert register_all(tmp_path, live.config["SETTINGS"].sip_port, secrets) == 20
    assert registered(site) == set(range(200, 220))


def test_900_accounts_are_generated_verified_and_register(live, site, tmp_path):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.add(site, WHO, accounts.Draft(number, None, "other", True, False, 10))
    generate(site)
    secrets = {a.number: accounts.reveal(site, WHO, a.id).text for a in state(site).accounts}
    assert register_all(tmp_path, live.config["SETTINGS"].sip_port, secrets) == 900
    assert registered(site) == set(range(100, 1000))


def test_a_wrong_secret_an_inactive_and_an_unknown_account_are_refused_alike(site, phone):
    known, inactive, unknown = phone(300), phone(301, active=False), phone(302)
    accounts.delete(site, WHO, state(site).accounts[-1].id)
    generate(site)
    answers = [known.register("wrong-secret-12"), inactive.register(), unknown.register()]
    assert answers == [[401, 401]] * 3
    assert registered(site) == set()
    assert known.register() == [401, 200]


def test_a_changed_secret_works_only_after_the_generation(site, phone):
    old = phone(300)
    generate(site)
    assert old.register() == [401, 200]
    accounts.renew_secret(site, WHO, state(site).accounts[-1].id)
    new = phone(300)
    assert new.secret != old.secret
    assert old.register() == [401, 200]
    assert new.register() == [401, 401]
    generate(site)
    assert new.register() == [401, 200]
    assert old.register() == [401, 401]


def test_two_phones_call_each_other_and_audio_flows_both_ways(site, phone):
    anna = users.create_user(WHO, "anna", "Anna Żółć", "a long password", "agent")
    caller, called = phone(300, user_id=anna), phone(301)
    generate(site)
    assert called.register() == [401, 200]
    with called.waiting() as answer:
        talk = caller.call(301, seconds=2)
        wait_for(lambda: talk.remote_audio and answer.remote_audio, "both sides know where to talk to")
        caller.audio.talk_to(talk.remote_audio)
        called.audio.talk_to(answer.remote_audio)
        assert talk.went_well()
        assert answer.went_well()
    assert talk.statuses == [401, 180, 200, 200]
    assert caller.audio.received > 40
    assert called.audio.received > 40
    assert 'From: "Anna Żółć" <sip:300@' in answer.messages[0]


def test_a_call_survives_a_generation_that_changes_both_of_its_accounts(site, phone):
    caller, called = phone(300), phone(301)
    generate(site)
    assert called.register() == [401, 200]
    with called.waiting() as answer:
        talk = caller.call(301, seconds=4)
        wait_for(lambda: talk.remote_audio and answer.remote_audio, "both sides know where to talk to")
        caller.audio.talk_to(talk.remote_audio)
        called.audio.talk_to(answer.remote_audio)
        edit(site, 300, level=77, recording=True, secret="another secret")
        edit(site, 301, level=55, secret="yet another one")
        generate(site)
        before = caller.audio.received, called.audio.received
        time.sleep(1)
        assert caller.audio.received > before[0] + 30
        assert called.audio.received > before[1] + 30
        assert talk.went_well()
        assert answer.went_well()


def test_a_phone_stays_registered_when_other_values_of_its_account_change(site, phone):
    one = phone(300)
    generate(site)
    assert one.register() == [401, 200]
    edit(site, 300, level=99, recording=True)
    phone(301)
    generate(site)
    assert registered(site) == {300}


def test_unknown_unreachable_and_busy_numbers_are_answered_properly(site, phone):
    caller, called = phone(300), phone(301)
    generate(site)
    assert caller.call(999 - 1).ended()[-1] == 404
    assert caller.call(555).ended()[-1] == 404
    assert caller.call(301).ended()[-1] == 480
    assert called.register() == [401, 200]
    with called.waiting("busy") as busy:
        assert caller.call(301).ended()[-1] == 486
        assert busy.went_well()


def test_an_account_never_shadows_the_emergency_number(site, phone):
    caller, shadow = phone(300), phone(112)
    generate(site)
    assert shadow.register() == [401, 200]
    with shadow.waiting() as waits:
        assert caller.call(112).ended()[-1] != 200
        assert waits.messages == []
