"""The agents' API: malformed and unauthorised requests."""

import io
from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from sipweb.crypto import SecretCipher
from tests.client import reset_request_globals
from tests.web.agent.test_api import log_in


def test_wrong_password_returns_401_and_repeated_ones_429(call_api, anna):
    answers = [call_api("login", login="anna", password="wrong")[0] for _ in range(7)]
    assert answers[:5] == [401] * 5
    assert answers[-1] == 429


def test_password_that_cannot_be_decrypted_is_no_mistake_of_the_program(app, call_api, ctx, anna):
    app.extensions["sipweb"] = replace(ctx, cipher=SecretCipher([Fernet.generate_key().decode()], "00"))
    status, answer = log_in(call_api)
    assert (status, list(answer)) == (503, ["error"])


@pytest.mark.parametrize(
    "body",
    [
        {}, {"login": "anna"}, {"login": 1, "password": "x"}, {"login": "a", "password": "b", "number": 205},
        {"login": "a", "password": "b", "number": None}, {"login": "a", "password": "b", "admin": "yes"},
        {"login": ["a"], "password": "b"}, {"login": "a" * 5000, "password": "b"},
    ],
)  # fmt: skip
def test_malformed_requests_return_400_with_a_message(call_api, body):
    status, answer = call_api("login", **body)
    assert status == 400
    assert answer["error"]


def test_other_content_types_and_broken_json_return_400(app, anna):
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
def test_deep_or_huge_bodies_return_400_with_or_without_length(app, anna, body):
    for sent in (
        {"data": body},
        {"input_stream": io.BytesIO(body.encode()), "environ_overrides": {"wsgi.input_terminated": True}},
    ):
        answer = app.test_client().post("/api/agent/login", content_type="application/json", **sent)
        assert (answer.status_code, list(answer.json)) == (400, ["error"])


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"])
@pytest.mark.parametrize("body", ["a=b&evil=1", "a=" + "b" * 300_000])
def test_heartbeat_accepts_json_or_empty_body(app, call_api, anna, kind, body):
    headers = {"Authorization": f"Bearer {log_in(call_api)[1]['token']}"}
    for action in ("heartbeat", "logout"):
        answer = app.test_client().post(f"/api/agent/{action}", data=body, content_type=kind, headers=headers)
        assert (answer.status_code, list(answer.json)) == (400, ["error"])
    assert call_api("heartbeat", headers["Authorization"].split()[1])[0] == 200


def test_messages_are_polish_by_default_and_every_response_is_json(app, call_api, anna):
    assert call_api("login", login="anna", pasword="x")[1] == {"error": "Nieznane pole: 'pasword'"}
    assert call_api("login", login="anna", headers={"Accept-Language": "en"})[1] == {"error": "Missing field: password"}
    for address, status, polish in (
        ("/api/agent/login", 405, "Ta operacja jest niedostępna pod tym adresem."),
        ("/api/agent/nothing", 404, "Pod tym adresem nie ma strony."),
        ("/api/agent/nothing?x=%00", 400, "Nieprawidłowe żądanie."),
    ):
        reset_request_globals()
        answer = app.test_client().get(address)
        assert (answer.status_code, answer.json["error"]) == (status, polish)


def test_missing_foreign_and_cookie_tokens_are_rejected(call_api, admin):
    for token in ("", "x", "Bearer"):
        assert call_api("heartbeat", token)[0] == 401
        assert call_api("logout", token)[0] == 401
    assert admin._client.post("/api/agent/heartbeat", json={}).status_code == 401
