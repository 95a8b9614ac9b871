"""What phones fetch over HTTP, and what they never learn."""

import logging
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sipweb import create_app
from sipweb.config import load
from sipweb.db import db
from sipweb.services import account_secrets, generations, provisioning
from tests.builders import WHO, edit_account
from tests.client import Client

MAC = "001565abcdef"
HERE, ELSEWHERE = "192.0.2.5", "192.0.2.7"


@pytest.fixture
def environ(environ):
    """Sipweb behind a proxy with TLS."""
    return environ | {"SIPWEB_TRUSTED_PROXIES": "1", "SIPWEB_SIP_HOST": "pbx.example.org"}


@pytest.fixture
def token(ctx):
    """The secret of the address of 200's phone."""
    edit_account(ctx, 1, phone="other")
    generations.generate(ctx, WHO)
    return provisioning.set_up(WHO, 1, "yealink", MAC)


def ask(app, token, name=f"{MAC}.cfg", address=HERE, method="GET", **headers):
    """A phone's request, through the proxy."""
    headers = {"X-Forwarded-For": address, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "sipweb.example"} | headers
    return app.test_client().open(f"/provisioning/{token}/{name}", method=method, headers=headers)


def facts(answer):
    """What a client sees of an answer, besides the request's id."""
    headers = {name: value for name, value in answer.headers if name != "X-Request-ID"}
    return answer.status_code, answer.text, headers


def test_phone_gets_its_file_without_a_cookie_uncompressed_and_not_to_be_stored(app, ctx, token):
    answer = ask(app, token, **{"Accept-Encoding": "gzip, br, zstd", "Cookie": "session=x"})
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text.startswith("#!version:1.0.0.1\n")
    assert f"account.1.password = {account_secrets.reveal(ctx, WHO, 1).text}\n" in answer.text
    assert "account.1.sip_server.1.address = pbx.example.org\n" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert {"Set-Cookie", "Content-Encoding", "Location"} & set(answer.headers.keys()) == set()
    assert len(answer.data) > 500  # else it would not be compressed anyway
    assert provisioning.find(1).allowed_address == HERE


@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        ("grandstream", f"cfg{MAC}.xml"), ("snom", f"{MAC.upper()}.xml"), ("snom", f"snomD785-{MAC.upper()}.htm"),
        ("fanvil", f"{MAC}.cfg"), ("linphone", "linphone.xml"),
    ],
)  # fmt: skip
def test_each_vendors_own_file_is_xml_with_the_password(app, ctx, token, vendor, name):
    answer = ask(app, provisioning.set_up(WHO, 1, vendor, MAC), name)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/xml; charset=utf-8")
    texts = {element.text for element in ElementTree.fromstring(answer.data).iter()}  # noqa: S314  # our own text
    assert {"200", account_secrets.reveal(ctx, WHO, 1).text} <= texts


def test_every_refusal_looks_like_an_unknown_address(app, ctx, token):
    unknown = facts(app.test_client().get("/provisioning/", headers={"X-Forwarded-Proto": "https"}))
    assert unknown[:2] == (404, "There is no page at this address.\n")
    refused = [
        ask(app, "x" * 32), ask(app, token, "001565abcde0.cfg"), ask(app, token, "y000000000096.cfg"),
        ask(app, token, "../accounts"),
    ]  # fmt: skip
    assert ask(app, token).status_code == 200
    refused.append(ask(app, token, address=ELSEWHERE))
    edit_account(ctx, 1, active=False)
    refused.append(ask(app, token))
    provisioning.remove(WHO, 1)
    refused.append(ask(app, token))
    assert [facts(answer) for answer in refused] == [unknown] * len(refused)


def test_address_that_is_allowed_gets_the_file_instead_of_the_first(app, token):
    assert [ask(app, token, address=one).status_code for one in (HERE, ELSEWHERE)] == [200, 404]
    provisioning.allow(WHO, 1, ELSEWHERE)
    assert [ask(app, token, address=one).status_code for one in (ELSEWHERE, HERE)] == [200, 404]


def test_without_tls_nothing_is_looked_up_unless_a_setting_allows_it(app, environ, token):
    plain = {"X-Forwarded-Proto": "http"}
    answers = [ask(app, secret, **plain) for secret in (token, "x" * 32)]
    assert {answer.status_code for answer in answers} == {403}
    assert provisioning.find(1).allowed_address == ""
    allowing = create_app(load(environ | {"SIPWEB_PROVISIONING_HTTP": "yes"}))
    assert ask(allowing, token, **plain).status_code == 200


def test_too_many_refusals_make_the_address_wait(app, token):
    answers = [ask(app, "x" * 32) for _ in range(25)]
    assert answers[0].status_code == 404
    assert (answers[-1].status_code, answers[-1].headers["Content-Type"]) == (429, "text/plain; charset=utf-8")
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert ask(app, token).status_code == 429
    assert ask(app, token, address=ELSEWHERE).status_code == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_other_methods_are_refused_and_change_nothing(app, token, method):
    answer = ask(app, token, method=method)
    assert (answer.status_code, answer.headers["Content-Type"]) == (405, "text/plain; charset=utf-8")
    assert provisioning.find(1).allowed_address == ""


def test_secret_of_the_address_is_in_no_log_line(app, token, caplog):
    caplog.set_level(logging.DEBUG)
    for answer in (
        ask(app, token, Referer=f"https://sipweb.example/provisioning/{token}/"), ask(app, token, address=ELSEWHERE),
        ask(app, token, "001565abcde0.cfg"), ask(app, token, method="POST"), ask(app, token, "x/../y"),
        app.test_client().get(f"/provisioning/{token}"),
        ask(app, token, **{"X-Forwarded-Proto": "http"}),
    ):  # fmt: skip
        assert token not in answer.text
    lines = [
        str(record.__dict__) + record.getMessage() for record in caplog.records if record.name.startswith("sipweb")
    ]
    assert any("authz_fail:200,provisioning" in line for line in lines)
    assert not any(token in line for line in lines)


def test_path_in_the_log_has_the_rest(app, token, caplog):
    from sipweb.web.request_log import logged_path

    assert logged_path(f"/provisioning/{token}/{MAC}.cfg") == f"/provisioning/***/{MAC}.cfg"
    assert logged_path(f"/provisioning/{token}") == "/provisioning/***"
    assert logged_path(f"//provisioning/{token}/{MAC}.cfg") == f"//provisioning/***/{MAC}.cfg"


def test_failing_database_is_answered_in_plain_text(app, token):
    app.testing = False
    db.session.execute(db.text("DROP TABLE provisioned_phone"))
    db.session.commit()
    answer = ask(app, token)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert "Set-Cookie" not in answer.headers


def test_language_setting_is_that_of_the_phone(environ, app, token):
    polish = create_app(load(environ | {"SIPWEB_LANGUAGE": "pl"}))
    assert "lang.gui = Polish" in ask(polish, token).text
    assert "lang.gui" not in ask(app, token).text
    assert replace(provisioning.find(1)).allowed_address == HERE


def test_phone_is_no_client_of_the_pages(app, token):
    client = Client(app)
    assert client.get(f"/provisioning/{token}/{MAC}.cfg").status_code == 403  # no TLS
    assert client.get("/accounts").status_code == 302
