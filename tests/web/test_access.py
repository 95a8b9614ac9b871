"""What every page has in common: sign-in, token, policy, addresses that are not as expected."""

import re
from urllib.parse import urljoin

import pytest
from sqlalchemy import text

from sipweb.db import db
from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from tests.client import PASSWORD, Client, reset_request_globals, soup
from tests.conftest import on_both_databases


def test_ended_session_in_an_edit_leaves_the_page_and_leads_to_the_login(anonymous):
    answer = anonymous.post("/accounts/7", htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (401, "#alert")
    assert "HX-Redirect" not in answer.headers
    link = soup(answer).a
    assert link["target"] == "_blank"
    assert "edit%3D7" in link["href"] or "edit=7" in link["href"]


@pytest.mark.parametrize("body", ["[1]", '"x"', '{"login": 5, "password": "x"}', "[" * 2000])
def test_form_does_not_accept_json(anonymous, body):
    anonymous.get("/login")
    headers = {"X-CSRFToken": anonymous.token}
    answer = anonymous._client.post("/login", data=body, content_type="application/json", headers=headers)
    assert answer.status_code == 422


def test_malformed_addresses_are_no_errors(admin, anonymous):
    headers = {"HX-Request": "true", "HX-Current-URL": "http://[x"}
    reset_request_globals()
    assert anonymous._client.get("/accounts/1/edit", headers=headers).status_code == 401
    for page in ("/accounts", "/users"):
        assert admin.get(f"{page}?edit={'9' * 5000}").status_code == 200


@on_both_databases
def test_huge_number_and_failing_query_are_answered_with_a_message(app):
    app.add_url_rule("/broken", view_func=lambda: str(db.session.execute(text("SELECT nothing FROM nowhere"))))
    admin, huge = Client(app), "9" * 15
    admin.login()
    assert admin.get(f"/users/{huge}/assignment?number=205").status_code == 404
    assert admin.get(f"/accounts/updates?seen={huge}-0", htmx=True).status_code == 200
    assert admin.get(f"/users/{huge}/assignment", htmx=True).status_code == 404
    assert admin.get(f"/users/1/assignment?number={huge}", htmx=True).status_code == 200
    app.testing = False
    answer = admin.get("/broken")
    assert answer.status_code == 500
    assert "The details are in the server log." in answer.text


def test_static_files_are_cached_only_by_their_hash(anonymous):
    page = soup(anonymous.get("/login"))
    stylesheet = page.select_one("link[rel=stylesheet]")["href"]
    script = page.select_one("script[type=module]")["src"]
    for url, cached in (
        (stylesheet, True),
        ("/static/app.css?other", False),
        ("/static/app.css", False),
        ("/static/none.css", False),
        (script, True),
        (f"{script}?other", False),
        ("/static/app.js", False),
    ):
        with anonymous.get(url) as answer:
            assert ("immutable" in answer.headers["Cache-Control"]) is cached, url


@pytest.mark.parametrize("number", ["", "200", "201"])
def test_imported_modules_are_preloaded_and_cached(app, ctx, admin, number):
    accounts.update(ctx, Actor(None, "test"), 2, 1, accounts.AccountInput(number=201, phone="other"))
    generations.generate(ctx, Actor(None, "test"))
    if number:
        admin.post("/agent", number=number)
    page = soup(admin.get("/agent"))
    preloaded = {link["href"] for link in page.select("link[rel=modulepreload]")}
    scripts = {script["src"] for script in page.select("script[type=module]")}
    imported, new = set(), scripts
    while new:
        imports = set()
        for address in new:
            with admin.get(address, buffered=True) as answer:
                assert "immutable" in answer.headers["Cache-Control"]
                imports |= {urljoin(address, path) for path in re.findall(r'^import .*?"(\..*?)";', answer.text, re.M)}
        new = imports - imported
        imported |= imports
    assert imported == preloaded - scripts == preloaded
    assert len(imported) >= 5


def test_sixth_attempt_after_five_wrong_passwords_must_wait(anonymous):
    anonymous.get("/login")
    answers = [anonymous.post("/login", login="admin", password="wrong") for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2


def test_sixth_change_of_the_own_password_must_wait_too(admin):
    admin.get("/account")
    new = "another long password"
    answers = [admin.post("/account", old="wrong", new=new, again=new) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 2


@pytest.mark.parametrize("target", ["//evil.example", "/\\evil.example", "https://evil.example"])
def test_login_redirects_to_no_other_site(anonymous, target):
    anonymous.get("/login")
    answer = anonymous._client.post(
        "/login", query_string={"next": target},
        data={"csrf_token": anonymous.token, "login": "admin", "password": PASSWORD},
    )  # fmt: skip
    assert answer.location == "/"


def test_pages_have_a_strict_policy_and_are_not_stored(admin):
    headers = admin.get("/accounts").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("url", ["/accounts", "/login", "/none", "/healthz", "/api/agent/login", "/static/app.css"])
def test_every_response_has_the_security_headers(admin, url):
    headers = admin.get(url, buffered=True).headers
    policy = headers["Content-Security-Policy"]
    for directive in ("object-src 'none'", "base-uri 'none'", "form-action 'self'", "frame-ancestors 'none'"):
        assert directive in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert "Access-Control-Allow-Origin" not in headers
    assert "charset=utf-8" in headers["Content-Type"] or headers["Content-Type"] == "application/json"


PAGES = [
    "/accounts", "/accounts?edit=3", "/accounts?add=1", "/accounts?show=free&sort=-user&q=2", "/generation",
    "/generation/1", "/audit", "/audit?q=account:200", "/account", "/account/second-factor", "/agent",
    "/accounts/3/delete",
]  # fmt: skip


@pytest.mark.parametrize("url", PAGES)
@pytest.mark.parametrize("language", ["en", "pl"])
def test_every_page_is_valid_html(admin, url, language):
    admin.post("/language", language=language)
    assert admin.get(url).status_code == 200


@pytest.mark.parametrize("host", ["a..b", ".a", "x" * 64, "x" * 5000], ids=["dots", "dot", "label", "long"])
@pytest.mark.parametrize("url", ["/login", "/accounts", "/none", "/static/app.css", "/api/agent/login"])
def test_host_that_is_none_is_refused(app, url, host):
    answer = app.test_client(use_cookies=False).get(url, headers={"Host": host})
    assert (answer.status_code, answer.mimetype) == (400, "text/plain")
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("host", ['evil"><script>', "evil.example", "[::1", "a b", "h:99999999"])
@pytest.mark.parametrize("url", ["/login", "/none", "/accounts"])
def test_host_is_not_reflected(app, url, host):
    reset_request_globals()
    answer = app.test_client(use_cookies=False).get(url, headers={"Host": host, "Referer": f"http://{host}/x"})
    assert answer.status_code in (200, 302, 404)
    assert "evil" not in answer.text + (answer.location or "")
    assert answer.status_code != 302 or answer.location.startswith("/login")


def test_head_request_deletes_nothing(admin):
    assert admin._client.head("/accounts/20/delete").status_code == 200
    assert admin.get("/accounts/20/row", htmx=True).status_code == 200
