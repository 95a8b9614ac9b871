"""Agents take, keep and give back numbers over the JSON interface; the administrator sees who and why not."""

import io
import os
import random
import re
import signal
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path

import pytest
from sqlalchemy import update

from sipweb.core.asterisk.pjsip import ha1
from sipweb.db import db
from sipweb.models import Lease, User
from sipweb.services import accounts, agents, audit, generations, users
from sipweb.services.site import Actor, now
from sipweb.services.state import live, state
from sipweb.vault import hash_password
from tests.conftest import _fresh, on_both, serving, wait_for

WHO = Actor(None, "test")
PASSWORD = "a long password"
POLISH = "Brak wolnego numeru lub numer nieprawidłowy"


@pytest.fixture
def anna(app):
    """An agent's id."""
    return users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")


@pytest.fixture
def piotr(app):
    """Another's."""
    return users.create_user(WHO, "piotr", "Piotr Lis", PASSWORD, "agent")


@pytest.fixture
def call(app):
    """POST to the interface: (status, JSON)."""
    client = app.test_client()

    def post(what, token="", headers=None, **body):
        db.session.rollback()
        _fresh()
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.post(f"/api/agent/{what}", json=body, headers=authorization | (headers or {}))
        return answer.status_code, answer.json

    return post


def enter(call, name="anna", **more):
    return call("login", login=name, password=PASSWORD, **more)


def test_an_agent_gets_the_lowest_free_number_and_what_a_phone_needs(call, site, anna):
    status, desk = enter(call)
    assert status == 200
    assert (desk["number"], desk["name"], desk["phone"], desk["expires_in"]) == ("200", "Anna Nowak", "builtin", 90)
    account = live(site)[1].accounts[0]
    assert desk["sip"]["ha1"] == ha1(account, "sipweb", site.vault.decrypt)
    assert desk["sip"]["username"] == "200"
    assert site.vault.decrypt(account.secret) not in str(desk)
    assert db.session.scalar(db.select(Lease.token)) != desk["token"]


@on_both
def test_two_agents_get_different_numbers_and_a_third_the_one_given_back(call, anna, piotr):
    first = enter(call)[1]
    assert enter(call, "piotr")[1]["number"] == "201"
    assert call("logout", first["token"]) == (200, {})
    assert call("heartbeat", first["token"])[0] == 401
    users.create_user(WHO, "ewa", "Ewa Dąb", PASSWORD, "agent")
    assert enter(call, "ewa")[1]["number"] == "200"


@on_both
def test_the_same_agent_again_gets_the_same_number_and_a_new_token(call, anna):
    first, second = enter(call)[1], enter(call)[1]
    assert first["number"] == second["number"]
    assert call("heartbeat", first["token"])[0] == 401
    assert call("heartbeat", second["token"]) == (200, {"expires_in": 90})
    assert enter(call, number="205") == (409, {"error": POLISH})


@pytest.mark.parametrize("number", ["299", "20", "abc", "२०५", "201 OR 1", "1000"])
def test_a_refusal_says_exactly_the_given_text_and_the_log_says_why(call, anna, number):
    assert enter(call, number=number) == (409, {"error": POLISH})
    assert enter(call, number=number, headers={"Accept-Language": "en"})[1] == {
        "error": "No free number or invalid number"
    }
    entry = audit.entries()[0]
    assert (entry.action, entry.subject, entry.changes) == ("agent.refused", number, {"reason": [None, "unknown"]})
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0


@pytest.mark.parametrize("number", ["", "   "])
def test_a_blank_number_means_none(call, anna, number):
    assert enter(call, number=number)[1]["number"] == "200"


def test_who_must_change_the_password_does_so_in_the_browser_first(call, stranger):
    users.create_user(WHO, "ewa", "Ewa", PASSWORD, "agent", must_change=True)
    english = {"Accept-Language": "en"}
    sentence = {"error": "Log in with your browser first and choose a password of your own."}
    assert enter(call, "ewa", headers=english) == (401, sentence)
    entry = audit.entries()[0]
    assert (entry.by, entry.action, entry.changes) == ("Ewa", "agent.refused", {"reason": [None, "must_change"]})
    assert db.session.scalar(db.select(db.func.count(Lease.id))) == 0
    stranger.login("ewa", PASSWORD)
    stranger.get("/account")
    stranger.post("/account", old=PASSWORD, new="another password", again="another password")
    assert call("login", login="ewa", password="another password")[0] == 200


def test_another_agents_number_is_refused(call, anna, piotr):
    assert enter(call, number="205")[0] == 200
    assert enter(call, "piotr", number="205") == (409, {"error": POLISH})
    assert audit.entries()[0].changes == {"reason": [None, "busy"]}


def test_a_wrong_password_is_401_and_many_are_429(call, anna):
    answers = [call("login", login="anna", password="wrong")[0] for _ in range(7)]
    assert answers[:5] == [401] * 5
    assert answers[-1] == 429


@on_both
def test_ninety_seconds_of_silence_end_a_lease(call, anna, piotr):
    desk = enter(call)[1]
    db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=89)))
    db.session.commit()
    assert agents.expire() == 0
    assert call("heartbeat", desk["token"])[0] == 200
    db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=91)))
    db.session.commit()
    assert call("heartbeat", desk["token"])[0] == 401
    assert agents.expire() == 1
    assert enter(call, "piotr")[1]["number"] == "200"


@on_both
def test_another_password_and_deactivation_end_a_lease(call, anna):
    desk = enter(call)[1]
    users.set_password(WHO, "anna", "another long password")
    assert call("heartbeat", desk["token"])[0] == 401
    desk = call("login", login="anna", password="another long password")[1]
    db.session.execute(update(User).where(User.id == anna).values(active=False))
    db.session.commit()
    assert call("heartbeat", desk["token"])[0] == 401


@pytest.mark.parametrize(
    "body",
    [
        {}, {"login": "anna"}, {"login": 1, "password": "x"}, {"login": "a", "password": "b", "number": 205},
        {"login": "a", "password": "b", "number": None}, {"login": "a", "password": "b", "admin": "yes"},
        {"login": ["a"], "password": "b"}, {"login": "a" * 5000, "password": "b"},
    ],
)  # fmt: skip
def test_malformed_requests_get_400_and_a_sentence(call, body):
    status, answer = call("login", **body)
    assert status == 400
    assert answer["error"]


def test_other_content_types_and_broken_json_get_400(app, anna):
    client = app.test_client()
    for data, kind in (
        ("login=anna", "application/x-www-form-urlencoded"),
        ("{", "application/json"),
        ("[]", "application/json"),
    ):
        answer = client.post("/api/agent/login", data=data, content_type=kind)
        assert (answer.status_code, bool(answer.json["error"])) == (400, True)


@pytest.mark.parametrize(
    "body",
    [
        "[" * 4000,
        '{"login":' * 400,
        "[" * 500_000,
        "[" * 2_000_000,
        '{"login": "anna", "password": "%s"}' % ("x" * 5000),
    ],
)
def test_what_is_deep_or_huge_and_says_no_length_gets_400_too(app, anna, body):
    for sent in (
        {"data": body},
        {"input_stream": io.BytesIO(body.encode()), "environ_overrides": {"wsgi.input_terminated": True}},
    ):
        answer = app.test_client().post("/api/agent/login", content_type="application/json", **sent)
        assert (answer.status_code, list(answer.json)) == (400, ["error"])


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize("body", ["a=b&evil=1", "a=" + "b" * 300_000])
def test_who_is_there_still_says_so_in_json_or_with_nothing(app, call, anna, kind, body):
    headers = {"Authorization": f"Bearer {enter(call)[1]['token']}"}
    for what in ("heartbeat", "logout"):
        answer = app.test_client().post(f"/api/agent/{what}", data=body, content_type=kind, headers=headers)
        assert (answer.status_code, list(answer.json)) == (400, ["error"])
    assert call("heartbeat", headers["Authorization"].split()[1])[0] == 200


def test_the_sentences_are_polish_by_default_and_every_answer_is_json(app, call, anna):
    assert call("login", login="anna", pasword="x")[1] == {"error": "Nieznane pole: 'pasword'"}
    assert call("login", login="anna", headers={"Accept-Language": "en"})[1] == {"error": "Missing field: password"}
    for address, status, polish in (
        ("/api/agent/login", 405, "Tego adresu używa się inaczej."),
        ("/api/agent/nothing", 404, "Nie ma takiej strony."),
        ("/api/agent/nothing?x=%00", 400, "Serwer tego nie zrozumiał."),
    ):
        _fresh()
        answer = app.test_client().get(address)
        assert (answer.status_code, answer.json["error"]) == (status, polish)


def test_the_end_of_an_old_token_does_not_end_the_login_that_took_its_place(call, site, anna, monkeypatch):
    old = enter(call)[1]["token"]
    found, new = agents._lease(old), []
    monkeypatch.setattr(agents, "_lease", lambda _token: new.append(enter(call)[1]["token"]) or found)
    agents.logout(site, old, "")  # another login comes between the look and the end
    monkeypatch.undo()
    assert call("heartbeat", new[0])[0] == 200


def test_no_token_a_strangers_and_a_cookie_open_nothing(call, admin):
    for token in ("", "x", "Bearer"):
        assert call("heartbeat", token)[0] == 401
        assert call("logout", token)[0] == 401
    assert admin._client.post("/api/agent/heartbeat", json={}).status_code == 401


@on_both
def test_the_administrator_sees_who_uses_what_and_takes_it_back(call, admin, site, anna):
    desk = enter(call)[1]
    page = admin.get("/accounts").text
    assert "In use by Anna Nowak since" in page
    assert "19</b> free" in page
    assert page.count("<tbody id=") - 20 <= 1
    assert admin.get("/accounts?show=in-use").text.count('<tbody id="account-') == 1
    assert "An agent uses 200 now" in admin.post("/accounts/1/delete", htmx=True).text
    answer = admin.post("/accounts/1/release", htmx=True, version="1")
    assert "200 is free again." in answer.text
    assert "works until the next generation" in answer.text
    assert call("heartbeat", desk["token"])[0] == 401
    assert [change.fields[0].field for change in state(site).plan.changed] == ["secret"]
    assert admin.post("/accounts/1/release", htmx=True).status_code == 404


@pytest.mark.parametrize("case", [("builtin", False, ["2"]), ("other", False, ["2"]), ("other", True, [])])
def test_a_release_leaves_the_row_open_and_renews_only_the_version_that_it_raised(admin, site, anna, case):
    """Another phone's account keeps its password; but not while it is the built-in one's on the PBX."""
    phone, generated, versions = case
    accounts.change(site, WHO, 1, 1, accounts.Draft(200, None, phone, True, False, 20))
    if generated:
        generations.generate(site, WHO)
    agents.enter(site, anna, "200", "")
    answer = admin.post("/accounts/1/release", htmx=True)
    assert answer.headers["HX-Retarget"] == "#edit-1-shown"
    assert "<tbody" not in answer.text
    assert 'hx-target="#edit-1-release" hx-swap="delete"' in answer.text
    assert re.findall(r"#edit-1-version\[value='(\d)'\]", answer.text) == versions


@on_both
def test_a_lease_goes_on_until_the_generation_that_removes_its_account(call, site, anna):
    desk = enter(call)[1]
    accounts.switch(site, WHO, 1, 1, name="active", value=False)
    assert call("heartbeat", desk["token"])[0] == 200
    assert generations.generate(site, WHO).state == "written"
    assert call("heartbeat", desk["token"])[0] == 401
    assert enter(call)[1]["number"] == "201"


def test_a_deleted_account_that_lives_on_can_be_taken_back_too(admin, site, anna):
    accounts.delete(site, WHO, 1)
    agents.enter(site, anna, "200", "")
    assert 'formaction="/accounts/1/release"' in admin.get("/accounts").text
    answer = admin.post("/accounts/1/release", htmx=True)
    assert "200 is free again. Its old password, which the agent" in answer.text
    assert answer.headers["HX-Retarget"] == "#account-1"
    assert "/release" not in answer.text


def _crowd(count):
    """So many agents, u0, u1 …"""
    hashed = hash_password(PASSWORD)
    db.session.add_all(User(login=f"u{i}", name=f"U {i}", password_hash=hashed, role="agent") for i in range(count))
    db.session.commit()


@on_both
def test_of_200_simultaneous_logins_20_get_different_numbers_and_180_the_text(instance, app, anna):
    _crowd(200)
    with serving(instance, pbx="files", workers="4") as address, ThreadPoolExecutor(40) as pool:
        answers = list(pool.map(lambda i: _enter(address, f"u{i}"), range(200)))
    assert sorted(status for status, _ in answers) == [200] * 20 + [409] * 180
    assert {answer["number"] for status, answer in answers if status == 200} == {str(n) for n in range(200, 220)}
    assert all(answer == {"error": POLISH} for status, answer in answers if status == 409)


@on_both
def test_a_worker_killed_amid_logins_loses_no_account(instance, app, anna):
    _crowd(20)
    names = [f"u{i % 20}" for i in range(400)]  # many more than are answered before somebody is cut off
    with serving(instance, pbx="files", workers="4") as address, ThreadPoolExecutor(20) as pool:
        waiting = [pool.submit(_try_to_enter, address, name) for name in names]
        wait_for(lambda: sum(answer.done() for answer in waiting) >= 3, "some are in")
        wait_for(lambda: _cut_off(waiting) or _kill_a_worker(instance), "somebody is cut off")
        asked = [(name, answer) for name, answer in zip(names, waiting, strict=True) if not answer.cancel()]
        got = {(name, _number(answer.result(60))) for name, answer in asked if answer.result(60)}
        held = _held()
        assert got <= {(name, number) for name, (_lease, number) in held.items()}
        again = {_number(_enter(address, name)) for name in sorted(set(names))}  # also who never heard of a number
        assert again == {str(number) for number in range(200, 220)}
        assert held.items() <= _held().items()
        assert _enter(address, "anna") == (409, {"error": POLISH})
        db.session.execute(update(Lease).values(seen=now() - timedelta(seconds=91)))
        db.session.commit()
        assert _number(_enter(address, "anna")) == "200"


def _cut_off(waiting):
    return any(answer.done() and answer.result() is None for answer in waiting)


def _kill_a_worker(instance):
    """Whichever: the first may have had nothing to do at that moment, and nobody notices."""
    with suppress(ProcessLookupError):
        os.kill(random.choice(_workers(instance)), signal.SIGKILL)


def _number(answer):
    status, desk = answer
    assert status == 200
    return desk["number"]


def _held():
    """Login → id and number of the lease."""
    db.session.rollback()
    query = db.select(User.login, Lease.id, Lease.number).join(Lease, Lease.user_id == User.id)
    return {login: (lease, str(number)) for login, lease, number in db.session.execute(query)}


def _workers(instance):
    """The processes that answer: gunicorn's children, in the folder's server."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (
                b"gunicorn" in (process / "cmdline").read_bytes()
                and str(instance).encode() in (process / "environ").read_bytes()
            ):
                found.append(int(process.name))
    parents = {pid: int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in found}
    return [pid for pid in found if parents[pid] in found]


def _try_to_enter(address, name):
    """What _enter says; None when the connection was cut."""
    try:
        return _enter(address, name)
    except (OSError, HTTPException):
        return None


def _enter(address, name):
    import json
    import urllib.error
    import urllib.request

    body = json.dumps({"login": name, "password": PASSWORD}).encode()
    request = urllib.request.Request(f"{address}/api/agent/login", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.code, json.load(answer)
