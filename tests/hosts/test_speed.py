"""How soon after a click both hosts have verified the generation."""

import pytest
from sqlalchemy import update

from sipweb.db import db, transaction
from sipweb.models import Account

pytestmark = [pytest.mark.long, pytest.mark.timed]


def generate(pair, machine, seconds):
    number = pair.newest()[0] + 1
    status, page, taken = machine.click()
    assert status == 200, page
    assert pair.newest() == (number, "verified")
    assert pair.reports(number) == [("a", "verified"), ("b", "verified")]
    assert taken < seconds


def test_click_is_quick(pair):
    for machine in pair.machines * 2:
        pair.add_account()
        generate(pair, machine, 1.0)
    while pair.add_account() < 999:
        pass
    generate(pair, pair.a, 3.0)
    for machine in pair.machines * 2:
        with pair.app.app_context():
            with transaction() as session:
                session.execute(update(Account).values(recording=~Account.recording, version=Account.version + 1))
            db.session.remove()
        assert pair.pending() > 700
        generate(pair, machine, 3.0)
