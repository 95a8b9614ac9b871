"""The agents' API: acquire, keep and release numbers."""

from dataclasses import replace

import pytest
from sqlalchemy import update

from sipweb.core.asterisk.pjsip import ha1
from sipweb.db import db
from sipweb.models import Lease, User
from sipweb.services import account_secrets, accounts, audit, generations, lease_expiry, leases, users
from sipweb.services.state import live_generation
from tests.builders import AGENT_PASSWORD, WHO, make_user, set_heartbeat_age
from tests.conftest import on_both_databases
from tests.host_rows import add_host, set_present

OWN_HOST = {"host": "127.0.0.1", "port": 15060, "ws": "ws://127.0.0.1:8088/ws"}
REFUSAL = "Brak wolnego numeru lub numer nieprawidłowy"


def log_in(call_api, name="anna", **more):
    return call_api("login", login=name, password=AGENT_PASSWORD, **more)


def test_agent_gets_the_lowest_free_number_and_sip_credentials(call_api, ctx, anna):
    status, login = log_in(call_api)
    assert status == 200
    assert (login["number"], login["name"], login["phone"], login["expires_in"]) == ("200", "Anna Nowak", "builtin", 90)
    account = live_generation(ctx)[1].accounts[0]
    assert login["sip"]["ha1"] == ha1(account, "sipweb", ctx.cipher.decrypt)
    assert login["sip"]["username"] == "200"
    assert ctx.cipher.decrypt(account.secret) not in str(login)
    assert db.session.scalar(db.select(Lease.token_digest)) != login["token"]


@on_both_databases
def test_released_number_is_assigned_to_the_next_agent(call_api, anna, piotr):
    first = log_in(call_api)[1]
    assert log_in(call_api, "piotr")[1]["number"] == "201"
    assert call_api("logout", first["token"]) == (200, {})
    assert call_api("heartbeat", first["token"])[0] == 401
    make_user("ewa", "Ewa Dąb")
    assert log_in(call_api, "ewa")[1]["number"] == "200"


@on_both_databases
def test_second_login_gets_the_same_number_and_a_new_token(call_api, anna):
    first, second = log_in(call_api)[1], log_in(call_api)[1]
    assert first["number"] == second["number"]
    assert call_api("heartbeat", first["token"])[0] == 401
    assert call_api("heartbeat", second["token"]) == (
        200, {"expires_in": 90, "sip_changed": False, "hosts": [OWN_HOST]},
    )  # fmt: skip
    assert log_in(call_api, number="205") == (409, {"error": REFUSAL})


def test_heartbeat_tells_that_the_credential_changed_until_it_is_fetched(call_api, ctx, anna):
    login = log_in(call_api)[1]
    account_secrets.renew_secret(ctx, WHO, 1)
    assert call_api("heartbeat", login["token"])[1]["sip_changed"] is False
    assert generations.generate(ctx, WHO)
    for _ in range(2):
        assert call_api("heartbeat", login["token"])[1]["sip_changed"] is True
    status, fetched = call_api("sip", login["token"])
    assert (status, fetched["sip"] | {"ha1": ""}) == (200, login["sip"] | {"ha1": ""})
    assert fetched["sip"]["ha1"] == ha1(live_generation(ctx)[1].accounts[0], "sipweb", ctx.cipher.decrypt)
    assert call_api("heartbeat", login["token"])[1]["sip_changed"] is False
    assert call_api("sip", "another token")[0] == 401


@pytest.mark.parametrize("number", ["299", "20", "abc", "२०५", "201 OR 1", "1000"])
def test_refusal_has_the_agreed_text_and_the_log_its_reason(call_api, anna, number):
    assert log_in(call_api, number=number) == (409, {"error": REFUSAL})
    assert log_in(call_api, number=number, headers={"Accept-Language": "en"})[1] == {
        "error": "No free number or invalid number"
    }
    entry = audit.entries()[0]
    assert (entry.action, entry.subject, entry.changes) == ("lease.refused", number, {"reason": [None, "unknown"]})
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0


@pytest.mark.parametrize("number", ["", "   "])
def test_blank_number_counts_as_no_number(call_api, anna, number):
    assert log_in(call_api, number=number)[1]["number"] == "200"


def test_agent_must_replace_an_initial_password_in_the_browser(call_api, anonymous):
    make_user("ewa", "Ewa", must_change=True)
    english = {"Accept-Language": "en"}
    message = {"error": "Sign in with a browser first and set a new password."}
    assert log_in(call_api, "ewa", headers=english) == (403, message)
    entry = audit.entries()[0]
    assert (entry.by, entry.action, entry.changes) == ("Ewa", "lease.refused", {"reason": [None, "must_change"]})
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0
    anonymous.login("ewa", AGENT_PASSWORD)
    anonymous.get("/account")
    anonymous.post("/account", old=AGENT_PASSWORD, new="another password", again="another password")
    assert call_api("login", login="ewa", password="another password")[0] == 200


@on_both_databases
def test_new_password_in_the_login_replaces_an_initial_one(call_api):
    make_user("ewa", "Ewa", must_change=True)
    status, login = log_in(call_api, "ewa", new_password="another password", number="205")
    assert (status, login["number"]) == (200, "205")
    assert call_api("heartbeat", login["token"])[0] == 200
    assert [(entry.by, entry.action) for entry in audit.entries()[:3]] == [
        ("Ewa", "lease.acquire"), ("Ewa", "user.password"), ("Ewa", "login"),
    ]  # fmt: skip
    assert log_in(call_api, "ewa")[0] == 401
    assert call_api("login", login="ewa", password="another password")[0] == 200


@pytest.mark.parametrize(
    ("new", "message"),
    [
        ("short", "Use at least 12 characters."), ("x" * 201, "Use at least 12 characters."),
        (AGENT_PASSWORD, "The new password must differ from the current one."),
    ],
)  # fmt: skip
def test_refused_new_password_returns_400_and_changes_nothing(call_api, new, message):
    make_user("ewa", "Ewa", must_change=True)
    assert log_in(call_api, "ewa", new_password=new, headers={"Accept-Language": "en"}) == (400, {"error": message})
    assert audit.entries()[0].action == "login"
    assert log_in(call_api, "ewa", new_password="")[0] == 403
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0


def test_new_password_with_a_wrong_one_returns_401(call_api, anna):
    assert call_api("login", login="anna", password="wrong", new_password="another password")[0] == 401
    assert log_in(call_api)[0] == 200


def test_new_password_is_kept_when_no_number_is_free(call_api, anna):
    assert log_in(call_api, number="299", new_password="another password") == (409, {"error": REFUSAL})
    assert call_api("login", login="anna", password="another password")[0] == 200


def test_number_in_use_is_refused(call_api, anna, piotr):
    assert log_in(call_api, number="205")[0] == 200
    assert log_in(call_api, "piotr", number="205") == (409, {"error": REFUSAL})
    assert audit.entries()[0].changes == {"reason": [None, "busy"]}


@on_both_databases
def test_lease_ends_after_90_seconds_without_heartbeat(call_api, anna, piotr):
    login = log_in(call_api)[1]
    set_heartbeat_age(89)
    assert lease_expiry.expire_leases() == 0
    assert call_api("heartbeat", login["token"])[0] == 200
    set_heartbeat_age(91)
    assert lease_expiry.expire_leases() == 1
    assert call_api("heartbeat", login["token"])[0] == 401
    assert log_in(call_api, "piotr")[1]["number"] == "200"


@on_both_databases
def test_new_password_and_deactivation_end_a_lease(call_api, anna):
    login = log_in(call_api)[1]
    users.set_password(WHO, "anna", "another long password")
    assert call_api("heartbeat", login["token"])[0] == 401
    login = call_api("login", login="anna", password="another long password")[1]
    db.session.execute(update(User).where(User.id == anna).values(active=False))
    db.session.commit()
    assert call_api("heartbeat", login["token"])[0] == 401


def test_release_with_an_old_token_keeps_the_newer_login(call_api, ctx, anna, monkeypatch):
    old = log_in(call_api)[1]["token"]
    lease, new = leases._valid_lease(old), []
    monkeypatch.setattr(leases, "_valid_lease", lambda _token: new.append(log_in(call_api)[1]["token"]) or lease)
    leases.release(ctx, old, "")  # another login between the check and the end
    monkeypatch.undo()
    assert call_api("heartbeat", new[0])[0] == 200


@on_both_databases
def test_lease_continues_until_a_generation_removes_its_account(call_api, ctx, anna):
    login = log_in(call_api)[1]
    accounts.set_flag(ctx, WHO, 1, 1, name="active", value=False)
    assert call_api("heartbeat", login["token"])[0] == 200
    assert generations.generate(ctx, WHO).state == "written"
    assert call_api("heartbeat", login["token"])[0] == 401
    assert log_in(call_api)[1]["number"] == "201"


def test_login_names_the_port_of_each_transport_the_preferred_one_first(app, ctx, call_api, anna):
    server = replace(ctx.phone_server, ports={"tls": 15061, "udp": 15060})
    app.extensions["sipweb"] = replace(ctx, phone_server=server)
    sip = log_in(call_api)[1]["sip"]
    assert (sip["transport"], sip["port"]) == ("tls", 15061)
    assert sip["transports"] == [{"transport": "tls", "port": 15061}, {"transport": "udp", "port": 15060}]


@on_both_databases
def test_login_names_a_single_host_once(call_api, anna):
    sip = log_in(call_api)[1]["sip"]
    assert sip["hosts"] == [OWN_HOST] == [{name: sip[name] for name in OWN_HOST}]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_login_names_all_hosts_and_a_heartbeat_those_that_are_present(call_api, anna):
    add_host("krakow")
    add_host("warsaw", sip_port=5061, sip_transport="tls")
    set_present("krakow", False)
    krakow, warsaw = (
        {"host": f"{name}.example.org", "port": port, "ws": f"wss://{name}.example.org/ws"}
        for name, port in (("krakow", 5060), ("warsaw", 5061))
    )
    login = log_in(call_api)[1]
    sip = login["sip"]
    assert sip["hosts"] == [warsaw, krakow]
    assert (sip["host"], sip["port"], sip["transport"], sip["ws"]) == (
        "warsaw.example.org", 5061, "tls", "wss://warsaw.example.org/ws",
    )  # fmt: skip
    assert call_api("heartbeat", login["token"])[1]["hosts"] == [warsaw]
    set_present("krakow", True)
    assert call_api("heartbeat", login["token"])[1]["hosts"] == [krakow, warsaw]
    assert call_api("sip", login["token"])[1]["sip"]["hosts"] == [krakow, warsaw]
