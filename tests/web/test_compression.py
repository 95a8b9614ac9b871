"""What goes over the wire: zstd, br and gzip; secrets as they are; tokens under a mask of their own."""

import gzip
import itertools
import re

import brotli
import pytest
from backports import zstd
from bs4 import BeautifulSoup

from sipweb.config import ROOT
from sipweb.core.asterisk.pjsip import ha1
from sipweb.services import account_secrets, accounts, generations, users
from sipweb.services.context import Actor
from sipweb.services.state import live_generation
from sipweb.web.csrf import masked_token, unmasked
from tests.builders import make_recording
from tests.client import Client, reset_request_globals
from tests.web.test_rights import WHO_MAY, filled

WHO = Actor(None, "test")
PASSWORD = "a long password"
DECODERS = {"zstd": zstd.decompress, "br": brotli.decompress, "gzip": gzip.decompress}
CHROMIUM = "gzip, deflate, br, zstd"
each_encoding = pytest.mark.parametrize("encoding", DECODERS)


def ask(client, url, encoding=None, *, method="GET", data=None, **headers):
    """The answer; its body is read, so that a file is closed."""
    reset_request_globals()
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if encoding is not None:
        sent["Accept-Encoding"] = encoding
    answer = client._client.open(url, method=method, data=data, headers=sent)
    answer.get_data()
    answer.close()
    return answer


def encoding_of(answer):
    return answer.headers.get("Content-Encoding")


def decoded(answer):
    return DECODERS.get(encoding_of(answer), bytes)(answer.data)


def vary(answer):
    return {name.strip().lower() for name in answer.headers["Vary"].split(",")}


def without_tokens(content):
    return re.sub(rb'name="csrf_token"\s+value="[^"]+"', b"", content)


@pytest.mark.parametrize(
    ("asked", "chosen"),
    [
        (None, None), ("", None), ("identity", None), ("deflate", None), ("*;q=0", None),
        ("zstd", "zstd"), ("br", "br"), ("gzip", "gzip"), ("GZIP", "gzip"), ("*", "zstd"),
        (CHROMIUM, "zstd"), ("gzip, deflate, br", "br"), ("gzip, deflate", "gzip"),
        ("gzip;q=0", None), ("zstd;q=0, br;q=0, gzip;q=0", None), ("gzip;q=0, identity", None),
        ("zstd;q=0, *", "br"), ("br;q=0, zstd;q=0.0, *;q=0.1", "gzip"),
        ("zstd;q=0.2, gzip;q=0.8", "gzip"), ("gzip;q=0.5, identity", None), ("gzip, identity;q=0.5", "gzip"),
        ("nonsense;;q=x, gzip", "gzip"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("url", ["/accounts", "/static/app.css"])
def test_best_encoding_that_the_browser_accepts_is_used(admin, url, asked, chosen):
    answer = ask(admin, url, asked)
    assert answer.status_code == 200
    assert encoding_of(answer) == chosen
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert without_tokens(decoded(answer)) == without_tokens(ask(admin, url).data)


@pytest.mark.parametrize("encoding", [None, "identity", *DECODERS])
def test_every_response_has_a_vary_header(admin, encoding):
    assert vary(ask(admin, "/accounts", encoding)) == {"accept-encoding", "hx-request", "cookie"}
    assert "accept-encoding" in vary(ask(admin, "/static/app.css", encoding))


@each_encoding
def test_fragments_are_compressed_and_small_responses_are_not(admin, encoding):
    row = ask(admin, "/accounts/1/edit", encoding, HX_Request="true")
    assert encoding_of(row) == encoding
    assert BeautifulSoup(decoded(row), "html5lib").select_one("[name=level]")
    for url in ("/healthz", "/static/icon.svg"):
        assert encoding_of(ask(admin, url, encoding)) is None


@each_encoding
def test_each_encoding_of_a_static_file_has_its_own_etag(anonymous, encoding):
    plain, packed = ask(anonymous, "/static/app.css"), ask(anonymous, "/static/app.css", encoding)
    assert packed.get_etag()[0] == f"{plain.get_etag()[0]}:{encoding}"
    again = ask(anonymous, "/static/app.css", encoding, If_None_Match=packed.headers["ETag"])
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == packed.headers["ETag"]
    assert "accept-encoding" in vary(again)
    assert ask(anonymous, "/static/app.css", encoding, If_None_Match='"another"').status_code == 200
    assert ask(anonymous, "/static/app.css", If_None_Match=packed.headers["ETag"]).status_code == 200
    assert ask(anonymous, "/static/app.css", If_None_Match=plain.headers["ETag"]).status_code == 304


@each_encoding
@pytest.mark.parametrize("url", ["/accounts", "/static/app.css"])
def test_head_has_the_headers_of_get_and_no_content(admin, url, encoding):
    head, get = (ask(admin, url, encoding, method=method) for method in ("HEAD", "GET"))
    assert head.data == b""
    for name in ("Content-Encoding", "Content-Type", "ETag", "Vary", "Cache-Control"):
        assert head.headers.get(name) == get.headers.get(name)
    if url.startswith("/static"):  # a page's token is compressed to another length each time
        assert head.content_length == len(get.data)


@pytest.mark.parametrize("encoding", [None, *DECODERS])
def test_range_of_a_static_file_is_not_compressed(anonymous, encoding):
    whole = ask(anonymous, "/static/app.css", encoding)
    part = ask(anonymous, "/static/app.css", encoding, Range="bytes=100-199")
    assert (part.status_code, encoding_of(part)) == (206, None)
    assert part.data == (ROOT / "static" / "app.css").read_bytes()[100:200]
    # Who has the beginning in another encoding gets the whole, not the plain file's next part.
    rest = ask(anonymous, "/static/app.css", encoding, Range="bytes=100-199", If_Range=whole.headers["ETag"])
    assert rest.status_code == (200 if encoding else 206)
    assert decoded(rest) == (decoded(whole) if encoding else part.data)


def test_changed_static_file_is_compressed_again(app, anonymous, tmp_path):
    app.static_folder = str(tmp_path)
    for line in (b"first " * 200, b"second " * 200):
        (tmp_path / "app.css").write_bytes(line)
        for _ in range(2):
            assert decoded(ask(anonymous, "/static/app.css", "zstd")) == line


def test_other_spellings_of_an_address_are_not_cached(app, anonymous):
    cached = app.extensions["compression"]._files
    for spelling in ("app.css", "./app.css", "././app.css", "app.css?x"):
        assert encoding_of(ask(anonymous, f"/static/{spelling}", "br")) == "br"
        ask(anonymous, "/login", "br")
    assert len(cached) == 1


@each_encoding
def test_recordings_are_sent_uncompressed_and_in_ranges(ctx, admin, encoding):
    key = make_recording(ctx)
    address = admin.post(f"/recordings/2026-11-24/{key}/download").location
    whole = ask(admin, address, encoding)
    assert encoding_of(whole) is None
    assert whole.data.startswith(b"RIFF")
    part = ask(admin, address, encoding, Range="bytes=4-99")
    assert (part.status_code, part.data) == (206, whole.data[4:100])


def test_responses_with_a_secret_are_not_compressed(app, ctx, admin):
    """Each address, asked for with and without htmx; a body that holds a password or a digest must be as it is."""
    app.config["COMPRESS_MIN_SIZE"] = 1
    for number in (201, 202):
        accounts.update(ctx, WHO, number - 199, 1, accounts.AccountInput(number=number, phone="other"))
    users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")
    generations.generate(ctx, WHO)
    admin.post("/agent", number="203")
    token = admin.token
    kept = live_generation(ctx)[1].accounts
    secrets = {ctx.cipher.decrypt(account.secret) for account in kept}
    secrets |= {ha1(account, "sipweb", ctx.cipher.decrypt) for account in kept}
    shown = set()
    login = app.test_client()
    reset_request_globals()
    asked = [
        ("/api/agent/login", login.post("/api/agent/login", json={"login": "anna", "password": PASSWORD},
                                        headers={"Accept-Encoding": CHROMIUM}))
    ]  # fmt: skip
    for method, url in sorted((method, filled(address)) for address, method in WHO_MAY):
        if url.startswith("/api/") or url.endswith(("/logout", "/delete", "/release", "/secret/new")):
            continue
        for htmx in ("false", "true"):
            for address in (url, url.replace("/2/", "/1/")):
                data = {"csrf_token": token} if method == "POST" else None
                asked.append((address, ask(admin, address, CHROMIUM, method=method, data=data, HX_Request=htmx)))
    for url, answer in asked:
        if any(secret.encode() in decoded(answer) for secret in secrets):
            assert encoding_of(answer) is None, url
            shown.add(url)
    assert {"/accounts/1/secret", "/accounts/2/secret", "/api/agent/login"} < shown
    assert any(url.startswith("/agent/") for url in shown)


def test_response_to_a_new_password_is_not_compressed(admin):
    for htmx in ("true", "false"):
        data = {"csrf_token": admin.token}
        answer = ask(admin, "/accounts/1/secret/new", CHROMIUM, method="POST", data=data, HX_Request=htmx)
        assert (answer.status_code, encoding_of(answer)) in ((200, None), (303, None))


def test_new_users_password_is_not_compressed(admin):
    form = {"csrf_token": admin.token, "name": "Anna", "login": "anna", "role": "agent"}
    form |= {"work_mode": "automatic", "external_phone": "builtin"}
    answer = ask(admin, "/users", "gzip", method="POST", data=form)
    assert b"Temporary password" in answer.data
    assert encoding_of(answer) is None


def test_phone_settings_are_compressed_only_without_the_password(admin, ctx):
    accounts.update(ctx, WHO, 1, 1, accounts.AccountInput(number=200, phone="other"))
    assert encoding_of(ask(admin, "/accounts/1/phone", "gzip")) == "gzip"
    shown = ask(admin, "/accounts/1/secret", "gzip", method="POST", data={"csrf_token": admin.token})
    assert encoding_of(shown) is None
    assert account_secrets.reveal(ctx, WHO, 1).text in shown.text


def test_each_page_masks_the_token_differently(admin):
    tokens = []
    for _ in range(3):
        page = BeautifulSoup(admin.get("/accounts").text, "html5lib")
        fields = {field["value"] for field in page.select("[name=csrf_token]")}
        assert len(fields) == 1  # the same in all forms of a page, which costs less when it is compressed
        tokens.append(fields.pop())
    for one, other in itertools.pairwise(tokens):
        assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 4  # by chance 1 of 64
    for token in tokens:
        admin.token = token
        assert admin.post("/language", language="en").status_code == 303


@pytest.mark.parametrize("token", ["", "x", "żółć", "AAAA", "AAA", "=" * 9, "A" * 243])
def test_invalid_token_is_rejected(admin, token):
    admin.token = token
    assert admin.post("/language", language="en").status_code == 400


def test_token_of_another_session_is_rejected(app, admin):
    other = Client(app)
    other.get("/login")
    admin.token = other.token
    assert admin.post("/language", language="en").status_code == 400


def test_masked_token_can_be_unmasked(app):
    with app.test_request_context():
        shown = masked_token()
        assert shown == masked_token()
        assert unmasked(shown) not in (None, shown)


def test_compressed_list_of_900_accounts_stays_below_size_limit(ctx, admin):
    users.create_user(WHO, "anna", "Anna Nowak", PASSWORD, "agent")
    for number in {*range(100, 1000)} - {*range(200, 220)}:
        accounts.create(ctx, WHO, accounts.AccountInput(number=number))
    for encoding, most in (("zstd", 24_000), ("br", 34_000), ("gzip", 54_000)):
        answer = ask(admin, "/accounts", encoding)
        page = decoded(answer)
        assert page.count(b'<tbody id="account-') == 900
        assert len(answer.data) <= most
    assert not re.search(b"<button[^>]* form=", page)  # each would have Chromium look through the whole page
    assert "All 900 numbers are in use" in admin.get("/accounts?add=1").text
