"""Two Asterisks and phones: ours, the provider's, and who calls through them."""

import pytest

from sipweb.db import db, transaction
from sipweb.models import Account, Rule, Trunk
from sipweb.services import generations
from sipweb.services.site import Actor
from sipweb.services.state import live as live_generation
from tests.pbx.phones import Phone
from tests.pbx.provider import SECRET, USER, Provider

WHO = Actor(None, "test")
PHONE_SECRET = "desk-phone-secret-1"


@pytest.fixture
def provider(tmp_path):
    """The second Asterisk."""
    (tmp_path / "provider" / "state" / "log").mkdir(parents=True)
    found = Provider(tmp_path / "provider")
    yield found
    found.stop()


@pytest.fixture
def way_out(live, provider):
    """Saves trunks (1 leads nowhere, at the port `dead`; 2 to the provider) and rules; generates; gives the live snapshot."""
    site = live.extensions["sipweb"]

    def save(*rules, dead=None, **trunk):
        secret = site.vault.encrypt(SECRET)
        with transaction() as session:
            session.add(Trunk(id=1, name="Dead", host="127.0.0.1", port=dead or 9, active=bool(dead)))
            session.add(Trunk(id=2, name="Provider", host="127.0.0.1", port=provider.port, user=USER, secret=secret,
                              fingerprint=site.vault.fingerprint(SECRET), **trunk))  # fmt: skip
            session.flush()
            for position, rule in enumerate(rules, 1):
                session.add(Rule(**{"name": f"R{position}", "position": position, "trunk_id": 2} | rule))
        done = generations.generate(site, WHO)
        assert done.state == "verified", done.differences
        return live_generation(site)[1]

    return save


@pytest.fixture
def desk_phone(live, tmp_path):
    """Makes a registered phone with a number; what else the account shall have as keywords."""
    made, site = [], live.extensions["sipweb"]

    def make(number, **values):
        with transaction() as session:
            account = session.scalar(db.select(Account).where(Account.number == number))
            for name, value in (values | {"phone": "other", "version": account.version + 1}).items():
                setattr(account, name, value)
            account.secret = site.vault.encrypt(PHONE_SECRET)
            account.fingerprint = site.vault.fingerprint(PHONE_SECRET)
        generations.generate(site, WHO)
        made.append(Phone(tmp_path, live.config["SETTINGS"].sip_port, number, PHONE_SECRET))
        assert made[-1].register() == 200
        return made[-1]

    yield make
    for one in made:
        one.close()
