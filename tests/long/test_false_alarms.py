"""Ten minutes of edits, logins, generations and restarts of Asterisk: no page ever reports drift."""

import json
import os
import random
import time
import urllib.request
from contextlib import suppress

import pytest

from sipweb.core.errors import SipwebError
from sipweb.db import db
from sipweb.services import generations, leases
from sipweb.services.context import Actor
from tests.builders import edit_account, make_user
from tests.servers import app_of_server, kill_asterisk, serving, wait_for

DURATION = float(os.environ.get("TEST_SECONDS", "600"))
WHO = Actor(None, "test")


def health(address):
    with urllib.request.urlopen(f"{address}/healthz", timeout=10) as answer:
        return json.load(answer)


@pytest.mark.long
def test_edits_generations_and_restarts_are_no_drift(instance):
    rounds = restarts = 0
    chance = random.Random(14)
    with serving(instance, drift_interval="1", pbx="local") as address:
        app = app_of_server(instance)
        with app.app_context():
            ctx = app.extensions["sipweb"]
            wait_for(lambda: health(address)["drift"] == 0, "the first search", 60)
            agents, sessions = [make_user(f"agent{n}", f"Agent {n}") for n in range(10)], {}
            end = time.monotonic() + DURATION
            while time.monotonic() < end:
                for _ in range(chance.randint(1, 4)):
                    edit_account(ctx, chance.randint(1, 20), level=chance.randint(0, 100))
                for agent in chance.sample(agents, 3):
                    _log_in_or_out(ctx, sessions, agent)
                rounds += _generated(ctx)
                assert health(address)["drift"] in (0, None)
                if chance.random() < 0.1:
                    with suppress(AssertionError):  # it is being restarted
                        kill_asterisk(instance)
                        restarts += 1
                for _ in range(chance.randint(1, 5)):
                    time.sleep(chance.random())
                    assert health(address)["drift"] in (0, None)
            db.session.remove()
            db.engine.dispose()
    assert rounds > DURATION / 20
    assert restarts > DURATION / 60


def _log_in_or_out(ctx, sessions, agent):
    if session := sessions.pop(agent, None):
        with suppress(leases.LeaseExpired):  # it had no heartbeat
            leases.release(ctx, session.token, "")
    else:
        sessions[agent] = leases.acquire(ctx, agent, None, "")


def _generated(ctx):
    """Generate; return whether that was possible: Asterisk may be starting."""
    try:
        return generations.generate(ctx, WHO) is not None
    except SipwebError:
        return False
