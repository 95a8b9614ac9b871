"""Real phones on a real Asterisk: they can do what the page says."""

import re

import pytest

from sipweb.core.accounts import pick
from sipweb.pbx import status
from sipweb.services import account_secrets, accounts, generations, users
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.pbx.phones import Phone, conversation, hear_each_other, register_all, speak
from tests.servers import wait_for

WHO = Actor(None, "test")
OWNER = "Anna Żółć-O'Neil (2), 100%"


@pytest.fixture
def make_phone(live_app, ctx, tmp_path):
    """Create a phone for a number with the saved secret; a missing account is added."""
    made = []

    def make(number, *, username=None, **changes):
        if not saved(ctx, number):
            accounts.create(ctx, WHO, accounts.AccountInput(number=number, **{"phone": "other"} | changes))
        secret = account_secrets.reveal(ctx, WHO, saved(ctx, username or number).id).text
        made.append(Phone(tmp_path, live_app.config["SETTINGS"].sip_port, number, secret, username=username))
        return made[-1]

    yield make
    for one in made:
        one.close()


def saved(ctx, number):
    return next(
        (account for account in current_state(ctx).accounts if account.number == number and not account.deleted), None
    )


def edit(ctx, number, **changes):
    account = saved(ctx, number)
    values = pick(account, accounts.COLUMNS) | changes
    accounts.update(ctx, WHO, account.id, account.version, accounts.AccountInput(**values))


def generate(ctx):
    done = generations.generate(ctx, WHO)
    assert (done.state, done.differences) == ("verified", [])


def ask(ctx, question):
    with ctx.pbx.open() as asked:
        return question(asked)


def registered(ctx):
    """Return number → address."""
    return ask(ctx, status.registered_phones)


def on_call(ctx):
    return ask(ctx, status.numbers_on_call)


def secrets(ctx):
    return {
        account.number: account_secrets.reveal(ctx, WHO, account.id).text for account in current_state(ctx).accounts
    }


def shapes(phone):
    """Return a response without its unique parts: nonce, branch, tag, port."""
    return [re.sub(r'[0-9a-f/]{16,}|(?<=[:="])\d{3,}', "…", message) for message in phone.last.messages]


def use_other_phones(ctx):
    """Give the accounts of a fresh install, which have the built-in phone, to SIP phones."""
    for number in range(200, 220):
        edit(ctx, number, phone="other")


def test_accounts_of_a_fresh_install_register_with_their_secrets(live_app, ctx, tmp_path):
    use_other_phones(ctx)
    generate(ctx)
    assert register_all(tmp_path, live_app.config["SETTINGS"].sip_port, secrets(ctx)) == 20
    assert registered(ctx).keys() == {*range(200, 220)}


def test_900_accounts_are_generated_verified_and_register(live_app, ctx, tmp_path):
    use_other_phones(ctx)
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.create(ctx, WHO, accounts.AccountInput(number=number, phone="other"))
    generate(ctx)
    assert register_all(tmp_path, live_app.config["SETTINGS"].sip_port, secrets(ctx)) == 900
    assert registered(ctx).keys() == {*range(100, 1000)}


def test_wrong_secret_inactive_and_unknown_accounts_look_the_same(ctx, make_phone):
    wrong_secret, inactive, unknown = make_phone(300), make_phone(301, active=False), make_phone(302)
    accounts.delete(ctx, WHO, saved(ctx, 302).id)
    generate(ctx)
    wrong_secret.secret = "not the secret"
    for attempt in (Phone.register, lambda one: one.call(300).ended()):
        assert [attempt(one) for one in (wrong_secret, inactive, unknown)] == [401, 401, 401]
        assert 'realm="sipweb"' in wrong_secret.last.messages[0]
        assert shapes(wrong_secret) == shapes(inactive) == shapes(unknown)
    assert registered(ctx) == {}
    assert make_phone(300).register() == 200


def test_deactivated_account_works_until_the_next_generation(ctx, make_phone):
    one, other = make_phone(300), make_phone(301)
    generate(ctx)
    assert one.register() == 200
    edit(ctx, 300, active=False)
    assert one.register() == 200
    generate(ctx)
    assert one.register() == 401
    assert one.call(301).ended() == 401
    assert other.call(300).ended() == 404


def test_changed_secret_works_only_after_the_generation(ctx, make_phone):
    old = make_phone(300)
    generate(ctx)
    assert old.register() == 200
    account_secrets.renew_secret(ctx, WHO, saved(ctx, 300).id)
    new = make_phone(300)
    assert new.secret != old.secret
    assert (old.register(), new.register()) == (200, 401)
    generate(ctx)
    assert (old.register(), new.register()) == (401, 200)


def test_secret_with_special_characters_works(ctx, make_phone):
    make_phone(300)
    edit(ctx, 300, secret=r"""a: "b", 'c' \d; %20 ${X} <e>=>#&""")
    generate(ctx)
    assert make_phone(300).register() == 200


def test_phone_cannot_register_or_call_with_another_number(ctx, make_phone):
    honest, victim = make_phone(300), make_phone(301)
    generate(ctx)
    impostor = make_phone(301, username=300)
    assert impostor.register() == 401
    assert impostor.call(300).ended() == 401
    for number in (301, 555):  # Asterisk takes the name of the authentication: the phone's own number
        honest.register(to=number)
        assert registered(ctx).keys() <= {300}
    assert victim.register() == 200


def test_two_phones_hear_each_other_and_show_the_callers_name(ctx, make_phone):
    anna = users.create_user(WHO, "anna", OWNER, "a long password", "agent")
    caller, called = make_phone(300, user_id=anna), make_phone(301)
    generate(ctx)
    assert called.register() == 200
    with conversation(caller, called) as (dialog, answer):
        assert hear_each_other(caller, called) == 0
        assert on_call(ctx) == {300, 301}
        assert 180 in dialog.statuses
        assert f'From: "{OWNER}" <sip:300@' in answer.messages[0]
    wait_for(lambda: not on_call(ctx), "the call is over in Asterisk too")


def test_call_continues_when_a_generation_changes_its_accounts(ctx, make_phone):
    anna = users.create_user(WHO, "anna", OWNER, "a long password", "agent")
    caller, called = make_phone(300), make_phone(301)
    generate(ctx)
    assert called.register() == 200
    with conversation(caller, called):
        assert hear_each_other(caller, called) == 0
        edit(ctx, 300, user_id=anna, level=77, recording=True, secret="another secret")
        edit(ctx, 301, level=55, secret="yet another one")
        generate(ctx)
        assert hear_each_other(caller, called) == 0
        assert on_call(ctx) == {300, 301}
    wait_for(lambda: not on_call(ctx), "the call is over in Asterisk too")


def test_call_continues_when_a_generation_removes_its_accounts(ctx, make_phone):
    caller, called = make_phone(300), make_phone(301)
    generate(ctx)
    assert called.register() == 200
    with conversation(caller, called):
        accounts.delete(ctx, WHO, saved(ctx, 300).id)
        edit(ctx, 301, active=False)
        generate(ctx)
        assert hear_each_other(caller, called) == 0
    wait_for(lambda: not on_call(ctx), "the call is over in Asterisk too")


def test_phone_stays_registered_when_any_account_changes(ctx, make_phone):
    caller, called = make_phone(300), make_phone(301)
    generate(ctx)
    assert called.register() == 200
    before = registered(ctx)
    for number, changes in (
        (300, {"level": 50}),
        (301, {"level": 99, "recording": True}),
        (301, {"user_id": None, "phone": "other", "level": 7}),
    ):
        edit(ctx, number, **changes)
        generate(ctx)
        assert registered(ctx) == before
    with conversation(caller, called):
        pass


def test_unknown_unreachable_busy_and_declining_numbers_get_standard_statuses(ctx, make_phone):
    caller, called = make_phone(300), make_phone(301)
    generate(ctx)
    assert caller.call(555).ended() == 404
    assert caller.call(301).ended() == 480
    assert called.register() == 200
    refusal = called.wait(busy=True)
    assert caller.call(301).ended() == 486
    refusal.ended()
    refusal = called.wait(decline=True)
    assert caller.call(301).ended() == 603
    refusal.ended()


KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
SOUNDS = {
    "G.722": ("m=audio [media] RTP/AVP 9 101", "a=rtpmap:9 G722/8000"),
    "SRTP": ("m=audio [media] RTP/SAVP 8 101", KEY, "a=rtpmap:8 PCMA/8000"),
    "optional SRTP": ("m=audio [media] RTP/AVP 8 101", KEY, "a=rtpmap:8 PCMA/8000"),
}


@pytest.mark.parametrize("sound", SOUNDS)
def test_phone_that_insists_on_its_sound_reaches_one_with_pcma(ctx, make_phone, sound):
    caller, called = make_phone(300), make_phone(301)
    generate(ctx)
    assert called.register() == 200
    answer, dialog = called.wait(), caller.call(301, SOUNDS[sound])
    wait_for(lambda: 200 in dialog.statuses, "it is answered")
    offered, answered = answer.messages[0], next(m for m in dialog.messages if m.startswith("SIP/2.0 200"))
    assert "a=crypto:" in offered
    assert "RTP/AVP" in offered
    assert ("G722/8000" in answered) is (sound == "G.722")
    assert ("a=crypto:" in answered) is (sound != "G.722")
    dialog.hang_up()
    assert dialog.ended() == 200
    answer.ended()


def test_account_never_shadows_an_emergency_number(ctx, make_phone):
    numbers = [int(number) for number in ctx.pbx_settings.emergency_numbers]
    assert 112 in numbers
    caller, shadows = make_phone(300), [make_phone(number) for number in numbers]
    generate(ctx)
    assert [shadow.register() for shadow in shadows] == [200] * len(shadows)
    assert registered(ctx).keys() == {*numbers}
    waiting = [shadow.wait() for shadow in shadows]
    assert [caller.call(number).ended() for number in numbers] == [503] * len(numbers)  # there is no trunk
    assert [dialog.messages for dialog in waiting] == [[]] * len(waiting)


@pytest.mark.parametrize("between", [False, True])
def test_reassigned_number_does_not_ring_on_the_old_phone(ctx, make_phone, between):
    old, caller = make_phone(300), make_phone(301)
    generate(ctx)
    assert old.register() == 200
    accounts.delete(ctx, WHO, saved(ctx, 300).id)
    if between:
        generate(ctx)
    make_phone(300)
    generate(ctx)
    waiting, dialog = old.wait(), caller.call(300)
    wait_for(lambda: dialog.statuses[-1:] not in ([], [401]), "an answer")
    assert waiting.messages == []
    assert registered(ctx) == {}
    assert dialog.ended() == 480


def test_phone_with_the_old_password_does_not_ring(ctx, make_phone):
    stolen, caller = make_phone(300), make_phone(301)
    generate(ctx)
    assert stolen.register() == 200
    account_secrets.renew_secret(ctx, WHO, saved(ctx, 300).id)
    generate(ctx)
    assert registered(ctx) == {}
    assert caller.call(300).ended() == 480
    assert stolen.register() == 401
    assert make_phone(300).register() == 200


def test_held_party_hears_music(sip_phone):
    caller, called = sip_phone(200), sip_phone(201)
    answer, dialog = called.wait(), caller.call_to_hold(201)
    speak(caller, dialog, called, answer)
    caller.rtp.send_to(None)
    dialog.hang_up()  # hold
    wait_for(lambda: len(set(called.rtp.sound)) > 20, "music")  # speech has the same byte nearly everywhere
    heard = called.rtp.packets
    wait_for(lambda: called.rtp.packets > heard + 50, "a second of music")
    assert len(set(called.rtp.sound)) > 20
    dialog.hang_up()
    assert dialog.ended() == 200
    answer.ended()
