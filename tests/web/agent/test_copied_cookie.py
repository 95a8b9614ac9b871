"""What a copy of an agent's cookie is good for, after the agent has ended the session or replaced the password.

Everybody who has the cookie can read it: it is signed, not encrypted.
"""

import json
import zlib
from base64 import urlsafe_b64decode

import pytest

from sipweb.services.state import current_state
from sipweb.web.auth import LEASE_TOKEN
from tests.builders import AGENT_PASSWORD, add_totp, code_of, make_user
from tests.client import Client, reset_request_globals, soup

NEW_PASSWORD = "another long password"


@pytest.fixture
def agent(app, anna):
    """Return a client that works with a number in a browser."""
    client = Client(app)
    client.login("anna", AGENT_PASSWORD)
    client.get("/agent")
    assert client.post("/agent").status_code == 303
    client.get("/agent")
    return client


@pytest.fixture
def other(app, agent):
    """Return another browser of the same user."""
    client = Client(app)
    client.login("anna", AGENT_PASSWORD)
    client.get("/sessions")
    return client


def token_in(client):
    """Return the token of the number, as the cookie has it."""
    value = client._client.get_cookie("session").value
    compressed, content = value.startswith("."), value.lstrip(".").partition(".")[0]
    text = urlsafe_b64decode(content + "==")
    return json.loads(zlib.decompress(text) if compressed else text)[LEASE_TOKEN]


def statuses(app, token):
    """Return what the agent application's interface answers to this token."""
    answers = []
    for action in ("sip", "heartbeat", "logout"):
        reset_request_globals()
        headers = {"Authorization": f"Bearer {token}"}
        answers.append(app.test_client().post(f"/api/agent/{action}", json={}, headers=headers).status_code)
    return answers


def test_token_of_a_browser_is_refused_without_its_session(app, agent):
    assert statuses(app, token_in(agent)) == [401] * 3
    assert agent.post("/agent/heartbeat").status_code == 200


def test_own_new_password_keeps_the_page_and_leaves_the_copy_worthless(app, agent):
    copy, token = app.test_client(), token_in(agent)
    copy.set_cookie("session", agent._client.get_cookie("session").value)
    agent.get("/account")
    assert agent.post("/account", old=AGENT_PASSWORD, new=NEW_PASSWORD, again=NEW_PASSWORD).status_code == 303
    assert agent.post("/agent/sip-credentials").status_code == 200
    assert agent.post("/agent/heartbeat").status_code == 200
    reset_request_globals()
    assert copy.get("/agent").location.startswith("/login")
    assert statuses(app, token) == [401] * 3


def test_sign_out_everywhere_releases_the_number_at_once(app, agent, other, ctx):
    token = token_in(agent)
    assert other.post("/sessions/end").status_code == 303
    assert current_state(ctx).leases == {}
    assert statuses(app, token) == [401] * 3


def test_sign_out_everywhere_ends_the_agent_application_too(app, anna, ctx, call_api):
    token = call_api("login", login="anna", password=AGENT_PASSWORD)[1]["token"]
    browser = Client(app)
    browser.login("anna", AGENT_PASSWORD)
    browser.get("/sessions")
    browser.post("/sessions/end")
    assert call_api("heartbeat", token)[0] == 401
    assert current_state(ctx).leases == {}


def test_sign_out_everywhere_ends_a_sign_in_that_waits_for_its_second_factor(app, ctx):
    user_id = make_user("ewa", "Ewa Lis", "administrator")
    key, [recovery_code, *_] = add_totp(ctx, user_id)
    waiting, signed_in = Client(app), Client(app)
    for client in (waiting, signed_in):
        client.get("/login")
        client.get(client.post("/login", login="ewa", password=AGENT_PASSWORD).location)
    assert signed_in.post("/login/second-factor", recovery_code=recovery_code).status_code == 303
    signed_in.get("/sessions")
    signed_in.post("/sessions/end")
    answer = waiting.post("/login/second-factor", code=code_of(key, later=1))
    assert answer.location.startswith("/login")
    assert waiting.get("/accounts").location.startswith("/login")


def end_of_other(client):
    """Have a client sign out the user's other browser."""
    [form] = soup(client.get("/sessions")).select("tbody form")
    return client.post(form["action"])


def test_signing_out_another_browser_releases_its_number(agent, other, ctx):
    assert end_of_other(other).status_code == 303
    assert current_state(ctx).leases == {}
    assert "Your number has been released." in other.get("/sessions").text


def test_signing_out_another_browser_keeps_the_number_of_this_one(agent, other, ctx):
    assert end_of_other(agent).status_code == 303
    assert len(current_state(ctx).leases) == 1
    assert agent.post("/agent/heartbeat").status_code == 200
