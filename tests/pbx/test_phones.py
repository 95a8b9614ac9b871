"""Real phones on a real Asterisk: what the page says is what they can do."""

import re

import pytest

from sipweb.pbx import state as pbx_state
from sipweb.services import accounts, generations, users
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests.conftest import wait_for
from tests.pbx.phones import Phone, conversation, hear_each_other, register_all

WHO = Actor(None, "test")
OWNER = "Anna Żółć-O'Neil (2), 100%"


@pytest.fixture
def site(live):
    """The services' side of a live system."""
    return live.extensions["sipweb"]


@pytest.fixture
def phone(live, site, tmp_path):
    """Makes a desk phone for a number, with the secret saved now; an account that does not exist is added."""
    made = []

    def make(number, *, username=None, **changes):
        if not saved(site, number):
            values = {"user_id": None, "phone": "other", "active": True, "recording": False, "level": 10}
            accounts.add(site, WHO, accounts.Draft(number, **values | changes))
        secret = accounts.reveal(site, WHO, saved(site, username or number).id).text
        made.append(Phone(tmp_path, live.config["SETTINGS"].sip_port, number, secret, username))
        return made[-1]

    yield make
    for one in made:
        one.close()


def saved(site, number):
    return next((account for account in state(site).accounts if account.number == number and not account.deleted), None)


def edit(site, number, **changes):
    account = saved(site, number)
    kept = {name: getattr(account, name) for name in ("user_id", "phone", "active", "recording", "level")}
    accounts.change(site, WHO, account.id, account.version, accounts.Draft(number, **kept | changes))


def generate(site):
    done = generations.generate(site, WHO)
    assert (done.state, done.differences) == ("verified", [])


def ask(site, question):
    with site.link.open() as asked:
        return question(asked)


def registered(site):
    """Number → address."""
    return ask(site, pbx_state.registered)


def on_call(site):
    return ask(site, pbx_state.on_call)


def secrets(site):
    return {account.number: accounts.reveal(site, WHO, account.id).text for account in state(site).accounts}


def shapes(phone):
    """What was answered, without its numbers and names of one message: nonce, branch, tag, port."""
    return [re.sub(r'[0-9a-f/]{16,}|(?<=[:="])\d{3,}', "…", message) for message in phone.last.messages]


def test_all_20_accounts_of_a_fresh_system_register_with_their_secrets(live, site, tmp_path):
    assert register_all(tmp_path, live.config["SETTINGS"].sip_port, secrets(site)) == 20
    assert registered(site).keys() == {*range(200, 220)}


def test_900_accounts_are_generated_verified_and_register(live, site, tmp_path):
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.add(site, WHO, accounts.Draft(number, None, "other", True, False, 10))
    generate(site)
    assert register_all(tmp_path, live.config["SETTINGS"].sip_port, secrets(site)) == 900
    assert registered(site).keys() == {*range(100, 1000)}


def test_a_wrong_secret_an_inactive_account_and_an_unknown_number_cannot_be_told_apart(site, phone):
    known, inactive, unknown = phone(300), phone(301, active=False), phone(302)
    accounts.delete(site, WHO, saved(site, 302).id)
    generate(site)
    known.secret = "not the secret"
    for attempt in (Phone.register, lambda one: one.call(300).ended()):
        assert [attempt(one) for one in (known, inactive, unknown)] == [401, 401, 401]
        assert 'realm="sipweb"' in known.last.messages[0]
        assert shapes(known) == shapes(inactive) == shapes(unknown)
    assert registered(site) == {}
    assert phone(300).register() == 200


def test_an_account_made_inactive_works_until_its_generation_and_not_after(site, phone):
    one, other = phone(300), phone(301)
    generate(site)
    assert one.register() == 200
    edit(site, 300, active=False)
    assert one.register() == 200
    generate(site)
    assert one.register() == 401
    assert one.call(301).ended() == 401
    assert other.call(300).ended() == 404


def test_a_changed_secret_works_only_after_the_generation(site, phone):
    old = phone(300)
    generate(site)
    assert old.register() == 200
    accounts.renew_secret(site, WHO, saved(site, 300).id)
    new = phone(300)
    assert new.secret != old.secret
    assert (old.register(), new.register()) == (200, 401)
    generate(site)
    assert (old.register(), new.register()) == (401, 200)


def test_a_secret_of_signs_that_mean_something_elsewhere_works(site, phone):
    phone(300)
    edit(site, 300, secret=r"""a: "b", 'c' \d; %20 ${X} <e>=>#&""")
    generate(site)
    assert phone(300).register() == 200


def test_nobody_registers_or_calls_under_another_number(site, phone):
    honest, victim = phone(300), phone(301)
    generate(site)
    thief = phone(301, username=300)
    assert thief.register() == 401
    assert thief.call(300).ended() == 401
    assert [honest.register(to=number) for number in (301, 555)] == [404, 404]
    assert registered(site) == {}
    assert victim.register() == 200


def test_two_phones_hear_each_other_and_the_called_one_shows_the_owner(site, phone):
    anna = users.create_user(WHO, "anna", OWNER, "a long password", "agent")
    caller, called = phone(300, user_id=anna), phone(301)
    generate(site)
    assert called.register() == 200
    with conversation(caller, called) as (talk, answer):
        assert hear_each_other(caller, called) == 0
        assert on_call(site) == {300, 301}
        assert 180 in talk.statuses
        assert f'From: "{OWNER}" <sip:300@' in answer.messages[0]
    wait_for(lambda: not on_call(site), "the call is over in Asterisk too")


def test_a_call_goes_on_through_a_generation_that_changes_all_of_its_accounts(site, phone):
    anna = users.create_user(WHO, "anna", OWNER, "a long password", "agent")
    caller, called = phone(300), phone(301)
    generate(site)
    assert called.register() == 200
    with conversation(caller, called):
        assert hear_each_other(caller, called) == 0
        edit(site, 300, user_id=anna, level=77, recording=True, secret="another secret")
        edit(site, 301, level=55, secret="yet another one")
        generate(site)
        assert hear_each_other(caller, called) == 0
        assert on_call(site) == {300, 301}
    wait_for(lambda: not on_call(site), "the call is over in Asterisk too")


def test_a_call_goes_on_through_a_generation_that_removes_its_accounts(site, phone):
    caller, called = phone(300), phone(301)
    generate(site)
    assert called.register() == 200
    with conversation(caller, called):
        accounts.delete(site, WHO, saved(site, 300).id)
        edit(site, 301, active=False)
        generate(site)
        assert hear_each_other(caller, called) == 0
    wait_for(lambda: not on_call(site), "the call is over in Asterisk too")


def test_a_phone_stays_registered_and_can_be_called_when_its_own_or_another_account_changes(site, phone):
    caller, called = phone(300), phone(301)
    generate(site)
    assert called.register() == 200
    before = registered(site)
    for number, changes in (
        (300, {"level": 50}),
        (301, {"level": 99, "recording": True}),
        (301, {"user_id": None, "phone": "other", "level": 7}),
    ):
        edit(site, number, **changes)
        generate(site)
        assert registered(site) == before
    with conversation(caller, called):
        pass


def test_numbers_that_are_unknown_unreachable_or_busy_are_answered_as_phones_know_it(site, phone):
    caller, called = phone(300), phone(301)
    generate(site)
    assert caller.call(555).ended() == 404
    assert caller.call(301).ended() == 480
    assert called.register() == 200
    refusal = called.wait(busy=True)
    assert caller.call(301).ended() == 486
    refusal.ended()


def test_an_account_never_shadows_an_emergency_number(site, phone):
    numbers = [int(number) for number in site.settings.emergency]
    assert 112 in numbers
    caller, shadows = phone(300), [phone(number) for number in numbers]
    generate(site)
    assert [shadow.register() for shadow in shadows] == [200] * len(shadows)
    assert registered(site).keys() == {*numbers}
    waiting = [shadow.wait() for shadow in shadows]
    assert [caller.call(number).ended() for number in numbers] == [503] * len(numbers)  # there is no trunk
    assert [talk.messages for talk in waiting] == [[]] * len(waiting)


@pytest.mark.parametrize("between", [False, True])
def test_a_number_given_to_somebody_else_does_not_ring_on_the_old_phone(site, phone, between):
    old, caller = phone(300), phone(301)
    generate(site)
    assert old.register() == 200
    accounts.delete(site, WHO, saved(site, 300).id)
    if between:
        generate(site)
    phone(300)
    generate(site)
    waiting, talk = old.wait(), caller.call(300)
    wait_for(lambda: talk.statuses[-1:] not in ([], [401]), "an answer")
    assert waiting.messages == []
    assert registered(site) == {}
    assert talk.ended() == 480


def test_a_phone_with_the_old_password_does_not_ring_any_more(site, phone):
    stolen, caller = phone(300), phone(301)
    generate(site)
    assert stolen.register() == 200
    accounts.renew_secret(site, WHO, saved(site, 300).id)
    generate(site)
    assert registered(site) == {}
    assert caller.call(300).ended() == 480
    assert stolen.register() == 401
    assert phone(300).register() == 200
