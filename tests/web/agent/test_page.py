"""The agent's page over HTTP: acquiring a number, the softphone's credentials, heartbeats and releasing it."""

from datetime import timedelta

import pytest

from sipweb.core.asterisk.pjsip import ha1
from sipweb.db import db
from sipweb.models import Lease
from sipweb.pbx.status import Contact
from sipweb.services import account_secrets, agent_sign_in, audit, generations, lease_expiry, pbx_status
from sipweb.services.context import utc_now
from sipweb.services.state import current_state, live_generation
from tests.builders import AGENT_PASSWORD, WHO, edit_account, edit_user, set_heartbeat_age
from tests.client import Client, soup
from tests.host_rows import add_host, set_present


@pytest.fixture
def agent(app, anna):
    """Return a client that is logged in as an agent."""
    client = Client(app)
    client.get("/login")
    client.post("/login", login="anna", password=AGENT_PASSWORD)
    client.get("/agent")
    return client


def test_agent_acquires_a_number_and_sees_the_softphone(agent, ctx):
    assert agent.post("/agent").status_code == 303
    page = agent.get("/agent")
    assert soup(page).h1.text == "Number 200"
    assert soup(page).select_one("#softphone")["data-user"] == "Anna Nowak"
    assert page.headers["Content-Security-Policy"].endswith("connect-src 'self' ws://127.0.0.1:8088/ws")
    assert current_state(ctx).leases[1].name == "Anna Nowak"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_softphone_gets_the_websockets_of_all_hosts_and_hears_which_are_present(agent):
    add_host("krakow")
    add_host("pbx")
    krakow, pbx = "wss://krakow.example.org/ws", "wss://pbx.example.org/ws"
    agent.post("/agent")
    assert agent.post("/agent/sip-credentials").json["websockets"] == [krakow, pbx]
    set_present("krakow", False)
    page = agent.get("/agent")
    assert page.headers["Content-Security-Policy"].endswith(f"connect-src 'self' {krakow} {pbx}")
    assert soup(page).select_one("#softphone")["data-websockets"] == f"{krakow} {pbx}"
    assert agent.post("/agent/heartbeat").json["websockets"] == [pbx]
    credentials = agent.post("/agent/sip-credentials").json
    assert (credentials["websockets"], credentials["host"]) == ([pbx, krakow], "pbx.example.org")
    set_present("pbx", False)
    assert agent.post("/agent/heartbeat").json["websockets"] == []


def test_other_pages_connect_to_this_server_only(agent):
    assert agent.get("/account").headers["Content-Security-Policy"].strip().endswith("connect-src 'self'")


def test_softphone_gets_a_digest_that_is_in_no_page(agent, ctx):
    agent.post("/agent")
    account = live_generation(ctx)[1].accounts[0]
    answer = agent.post("/agent/sip-credentials")
    assert answer.json["ha1"] == ha1(account, "sipweb", ctx.cipher.decrypt)
    secret, digest = ctx.cipher.decrypt(account.secret), answer.json["ha1"]
    assert secret not in answer.text
    page = agent.get("/agent").text
    assert secret not in page
    assert digest not in page


def test_digest_changes_with_a_generation(agent, ctx):
    agent.post("/agent")
    before = agent.post("/agent/sip-credentials").json["ha1"]
    account_secrets.renew_secret(ctx, WHO, 1)
    assert agent.post("/agent/sip-credentials").json["ha1"] == before
    generations.generate(ctx, WHO)
    assert agent.post("/agent/sip-credentials").json["ha1"] != before


@pytest.mark.parametrize("number", ["777", "abc", "99", "2000", "200; DROP"])
def test_refusal_shows_the_agreed_text_and_keeps_the_input(agent, number):
    answer = agent.post("/agent", number=number)
    assert answer.status_code == 409
    assert soup(answer).select_one("#refusal").text == "No free number or invalid number"
    field = soup(answer).select_one("#number")
    assert (field["value"], field["aria-describedby"]) == (number, "refusal number-hint")
    assert audit.entries()[0].action == "lease.refused"
    agent.post("/language", language="pl")
    polish = soup(agent.post("/agent", number=number))
    assert polish.select_one("#refusal").text == "Brak wolnego numeru lub numer nieprawidłowy"


def test_agent_with_another_phone_sees_whether_it_responds(agent, anna, ctx):
    edit_account(ctx, 6, phone="other", user_id=anna)
    generations.generate(ctx, WHO)
    edit_user(ctx, anna, external_phone="other")
    agent.post("/agent", number="205")
    for contacts, state in (
        ({}, "away"),
        ({205: Contact("10.0.0.6")}, "registered"),
        ({205: Contact("10.0.0.6", reachable=False)}, "unreachable"),
    ):
        pbx_status.write_status(ctx, contacts)
        assert soup(agent.get("/agent")).select_one("#registration-state")["data-state"] == state
        assert agent.post("/agent/heartbeat").json["reachable"] is (state != "unreachable")


def test_lease_expires_without_heartbeat(agent):
    agent.post("/agent")
    set_heartbeat_age(80)
    assert agent.post("/agent/heartbeat").json == {
        "number": "200",
        "phone": "builtin",
        "contact": "",
        "reachable": True,
        "sip_changed": False,
        "notice": "",
        "websockets": ["ws://127.0.0.1:8088/ws"],
    }
    assert utc_now() - db.session.scalar(db.select(Lease.last_seen_at)) < timedelta(seconds=5)
    set_heartbeat_age(91)
    lease_expiry.expire_leases()
    assert agent.post("/agent/heartbeat").status_code == 401
    assert "no longer have your previous number" in soup(agent.get("/agent")).select_one("form .warn").text
    assert soup(agent.get("/agent")).select_one("form .warn") is None


def test_logout_releases_the_number(agent, ctx):
    agent.post("/agent")
    assert agent.post("/agent/logout").status_code == 303
    assert current_state(ctx).leases == {}
    agent.post("/agent")
    assert len(current_state(ctx).leases) == 1
    agent.post("/logout")
    assert current_state(ctx).leases == {}


def test_login_in_the_application_takes_the_number_from_the_page(agent, ctx):
    agent.post("/agent")
    assert agent_sign_in.login_and_acquire(ctx, "anna", AGENT_PASSWORD, None, "").number == 200
    assert agent.post("/agent/heartbeat").status_code == 401


def test_changing_own_password_keeps_the_lease(agent, ctx):
    agent.post("/agent")
    agent.get("/account")
    new = "another long password"
    assert agent.post("/account", old=AGENT_PASSWORD, new=new, again=new).status_code == 303
    assert soup(agent.get("/agent")).h1.text == "Number 200"
    assert agent.post("/agent/heartbeat").status_code == 200
    agent_sign_in.login_and_acquire(ctx, "anna", new, None, "")
    agent.post("/account", old=new, new=AGENT_PASSWORD, again=AGENT_PASSWORD)
    assert agent.post("/agent/heartbeat").status_code == 401  # a number lost to another login stays lost


def test_deactivating_an_agent_ends_the_session(agent, ctx, anna):
    agent.post("/agent")
    edit_user(ctx, anna, active=False)
    assert agent.get("/agent").headers["Location"].startswith("/login")
    assert current_state(ctx).leases == {}


def test_anonymous_and_csrf_less_requests_are_rejected(anonymous, agent):
    for path in ("/agent", "/agent/sip-credentials", "/agent/heartbeat", "/agent/logout"):
        assert anonymous.post(path).headers["Location"].startswith("/login")
        agent.token, token = "forged", agent.token
        assert agent.post(path).status_code == 400
        agent.token = token
    assert agent.post("/agent/sip-credentials").status_code == 401
    assert agent.get("/agent/sip-credentials").status_code == 405
