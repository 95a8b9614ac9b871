"""Fixtures of tests with a real Asterisk: a provider, routes and SIP phones."""

import pytest

from sipweb.db import db, transaction
from sipweb.models import Account, OutboundRoute, Trunk
from sipweb.services import generations
from sipweb.services.context import Actor
from sipweb.services.state import live_generation
from tests.pbx.phones import Phone
from tests.pbx.provider import SECRET, USER, Provider

WHO = Actor(None, "test")
PHONE_SECRET = "sip-phone-secret-1"


@pytest.fixture
def provider(tmp_path):
    """The second Asterisk."""
    (tmp_path / "provider" / "state" / "log").mkdir(parents=True)
    provider = Provider(tmp_path / "provider")
    yield provider
    provider.stop()


@pytest.fixture
def outbound_routing(live_app, provider):
    """Save trunks and routes, generate, and return the live snapshot.

    Trunk 1 leads to the unused port `dead`, trunk 2 to the provider.
    """
    ctx = live_app.extensions["sipweb"]

    def save(*rules, dead=None, **trunk):
        secret = ctx.cipher.encrypt(SECRET)
        with transaction() as session:
            session.add(Trunk(id=1, name="Dead", host="127.0.0.1", port=dead or 9, active=bool(dead)))
            session.add(Trunk(id=2, name="Provider", host="127.0.0.1", port=provider.port, username=USER, secret=secret,
                              fingerprint=ctx.cipher.fingerprint(SECRET), **trunk))  # fmt: skip
            session.flush()
            for position, rule in enumerate(rules, 1):
                session.add(OutboundRoute(**{"name": f"R{position}", "position": position, "trunk_id": 2} | rule))
        done = generations.generate(ctx, WHO)
        assert done.state == "verified", done.differences
        return live_generation(ctx)[1]

    return save


@pytest.fixture
def sip_phone(live_app, tmp_path):
    """Create a registered phone with a number.

    Keywords set more fields of the account.
    """
    phones, ctx = [], live_app.extensions["sipweb"]

    def make(number, **values):
        with transaction() as session:
            account = session.scalar(db.select(Account).where(Account.number == number))
            for name, value in (values | {"phone": "other", "version": account.version + 1}).items():
                setattr(account, name, value)
            account.secret = ctx.cipher.encrypt(PHONE_SECRET)
            account.fingerprint = ctx.cipher.fingerprint(PHONE_SECRET)
        generations.generate(ctx, WHO)
        phones.append(Phone(tmp_path, live_app.config["SETTINGS"].sip_port, number, PHONE_SECRET))
        assert phones[-1].register() == 200
        return phones[-1]

    yield make
    for phone in phones:
        phone.close()
