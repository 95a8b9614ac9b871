"""A generation that changes 300 of 900 registered accounts while 20 calls go on."""

import socket

import pytest

from sipweb.db import db, transaction
from sipweb.models import Account
from sipweb.pbx import status
from sipweb.services import generations
from sipweb.services.state import current_state
from tests.builders import WHO, make_900_sip_accounts
from tests.pbx.phones import Phone, PhoneLine, register_all, speak
from tests.servers import app_of_server, free_port, health, serving, wait_for

CALLS = 20


def talk(pairs, seconds):
    """Let all speak that long; return how many packets each side received meanwhile, and how many were lost."""
    streams = [
        (one.rtp, other.number) for caller, called in pairs for one, other in ((caller, called), (called, caller))
    ]
    before = [stream.received(number) for stream, number in streams]
    wait_for(lambda: min(s.received(n) - b for (s, n), b in zip(streams, before, strict=True)) >= seconds * 40, "sound")
    received = [s.received(n) - b for (s, n), b in zip(streams, before, strict=True)]
    return received, [stream.lost(number) for stream, number in streams]


@pytest.mark.long
@pytest.mark.timed
def test_20_calls_and_900_registrations_survive_a_generation_of_300_accounts(instance, tmp_path):
    sip_port = free_port(socket.SOCK_DGRAM)
    with serving(instance, pbx="local", sip_port=str(sip_port)) as address:
        wait_for(lambda: b'"asterisk":"ok"' in health(address), "Asterisk answers")
        app = app_of_server(instance)
        with app.app_context():
            ctx = app.extensions["sipweb"]
            secrets = make_900_sip_accounts(ctx)
            numbers = range(300, 300 + 2 * CALLS)
            others = {number: secret for number, secret in secrets.items() if number not in numbers}
            phones = [Phone(tmp_path, sip_port, number, secrets[number]) for number in numbers]
            assert register_all(tmp_path, sip_port, others, PhoneLine(sip_port)) == len(others)
            assert [phone.register() for phone in phones] == [200] * len(phones)

            pairs = list(zip(phones[::2], phones[1::2], strict=True))
            answers = [called.wait() for _, called in pairs]
            dialogs = [caller.call(called.number) for caller, called in pairs]
            for (caller, called), dialog, answer in zip(pairs, dialogs, answers, strict=True):
                speak(caller, dialog, called, answer)
            lost_before = talk(pairs, 1)[1]

            with transaction() as session:
                for account in session.scalars(db.select(Account).where(Account.number.between(200, 499))):
                    account.level, account.recording, account.version = 77, True, account.version + 1
            done = generations.generate(ctx, WHO)
            assert done.state == "verified"
            assert len(current_state(ctx).live.accounts) == 900
            lost = [after - before for after, before in zip(talk(pairs, 2)[1], lost_before, strict=True)]

            with ctx.pbx.open() as ami:
                assert len(status.registered_phones(ami)) == 900
                assert status.numbers_on_call(ami) == {*numbers}
            for dialog in dialogs:
                dialog.hang_up()
            assert [dialog.ended() for dialog in dialogs] == [200] * CALLS
            assert max(lost) < 10  # 0.2 s of sound
            for phone in phones:
                phone.close()
            db.session.remove()
            db.engine.dispose()
