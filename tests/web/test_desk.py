"""The agent's page over HTTP: a number, what the softphone needs, staying, and leaving."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from sipweb.core.asterisk.pjsip import ha1
from sipweb.db import db
from sipweb.models import Lease
from sipweb.services import accounts, agents, audit, generations, users
from sipweb.services.site import Actor, now
from sipweb.services.state import live, state
from tests.conftest import Client

WHO = Actor(None, "test")
PASSWORD = "a long password"


@pytest.fixture
def anna(app):
    """An agent, logged in."""
    users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")
    client = Client(app)
    client.get("/login")
    client.post("/login", login="anna", password=PASSWORD)
    client.get("/agent")
    return client


def test_an_agent_takes_a_number_and_sits_at_the_desk(anna, site):
    assert anna.post("/agent").status_code == 303
    page = anna.get("/agent")
    assert "<h1>Number 200</h1>" in page.text
    assert page.headers["Content-Security-Policy"].endswith("connect-src 'self' ws://127.0.0.1:8088/ws")
    assert state(site).leases[1].name == "Anna Nowak"


def test_other_pages_may_connect_to_us_only(anna):
    assert anna.get("/account").headers["Content-Security-Policy"].strip().endswith("connect-src 'self'")


def test_the_softphone_gets_a_digest_that_is_in_no_page(anna, site):
    anna.post("/agent")
    account = live(site)[1].accounts[0]
    answer = anna.post("/agent/phone")
    assert answer.json["ha1"] == ha1(account, "sipweb", site.vault.decrypt)
    secret, digest = site.vault.decrypt(account.secret), answer.json["ha1"]
    assert secret not in answer.text
    page = anna.get("/agent").text
    assert secret not in page
    assert digest not in page


def test_the_digest_follows_a_generation(anna, site):
    anna.post("/agent")
    before = anna.post("/agent/phone").json["ha1"]
    accounts.renew_secret(site, WHO, 1)
    assert anna.post("/agent/phone").json["ha1"] == before
    generations.generate(site, WHO)
    assert anna.post("/agent/phone").json["ha1"] != before


@pytest.mark.parametrize("number", ["777", "abc", "99", "2000", "200; DROP"])
def test_a_refusal_is_the_given_text_and_keeps_what_was_typed(anna, number):
    answer = anna.post("/agent", number=number)
    assert answer.status_code == 409
    assert ">No free number or invalid number</p>" in answer.text
    assert f'value="{number}"' in answer.text
    assert audit.entries()[0].action == "agent.refused"
    anna.post("/language", language="pl")
    assert ">Brak wolnego numeru lub numer nieprawidłowy</p>" in anna.post("/agent", number=number).text


def test_a_heartbeat_keeps_the_number_and_silence_loses_it(anna):
    anna.post("/agent")
    db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=80)))
    db.session.commit()
    assert anna.post("/agent/heartbeat").json == {"number": "200", "phone": "builtin", "contact": ""}
    assert now() - db.session.scalar(db.select(Lease.seen)) < timedelta(seconds=5)
    db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=91)))
    db.session.commit()
    assert anna.post("/agent/heartbeat").status_code == 401
    assert "no longer yours" in anna.get("/agent").text
    assert "no longer yours" not in anna.get("/agent").text


def test_leaving_and_logging_out_give_the_number_back(anna, site):
    anna.post("/agent")
    assert anna.post("/agent/logout").status_code == 303
    assert state(site).leases == {}
    anna.post("/agent")
    assert len(state(site).leases) == 1
    anna.post("/logout")
    assert state(site).leases == {}


def test_the_application_takes_the_number_from_the_page(anna, site):
    anna.post("/agent")
    assert agents.login(site, "anna", PASSWORD, None, "").number == 200
    assert anna.post("/agent/heartbeat").status_code == 401


def test_another_own_password_takes_no_number_away(anna, site):
    anna.post("/agent")
    anna.get("/account")
    new = "another long password"
    assert anna.post("/account", old=PASSWORD, new=new, again=new).status_code == 303
    assert "<h1>Number 200</h1>" in anna.get("/agent").text
    assert anna.post("/agent/heartbeat").status_code == 200
    agents.login(site, "anna", new, None, "")
    anna.post("/account", old=new, new=PASSWORD, again=PASSWORD)
    assert anna.post("/agent/heartbeat").status_code == 401  # what another window took is not taken back by that


def test_a_deactivated_agents_desk_is_closed(anna, site):
    anna.post("/agent")
    user = next(user for user in users.listed(site) if user.login == "anna")
    draft = users.UserDraft(user.name, user.login, user.role, False, user.work_mode, user.external_phone)
    users.change_user(site, WHO, user.id, user.version, draft)
    assert anna.get("/agent").headers["Location"].startswith("/login")
    assert state(site).leases == {}


def test_strangers_and_forged_forms_get_nothing(stranger, anna):
    for path in ("/agent", "/agent/phone", "/agent/heartbeat", "/agent/logout"):
        assert stranger.post(path).headers["Location"].startswith("/login")
        anna.token, token = "forged", anna.token
        assert anna.post(path).status_code == 400
        anna.token = token
    assert anna.post("/agent/phone").status_code == 401
    assert anna.get("/agent/phone").status_code == 405
