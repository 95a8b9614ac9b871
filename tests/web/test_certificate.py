"""The TLS certificate and its key are checked: at start, in /healthz and on the pages of administrators."""

import logging
from dataclasses import replace

import pytest

from sipweb.child_process import PARENT
from sipweb.core.phone_server import PhoneServer
from tests.certificates import make_certificate
from tests.client import soup, text_of


@pytest.fixture
def use_tls(app, ctx):
    """Use these files for TLS, from now on."""

    def use(cert, key):
        server = PhoneServer("pbx.example.org", ports={"tls": 5061}, tls_cert=str(cert), tls_key=str(key))
        app.extensions["sipweb"] = replace(ctx, phone_server=server)

    return use


def problems(client):
    """What /healthz reports, which must be what a page warns of."""
    reported = client.get("/healthz").json["problems"]
    shown = [text_of(warning) for warning in soup(client.get("/users")).select("#warnings > p.warn")]
    assert shown == reported
    return reported


def test_a_valid_certificate_is_reported_with_its_expiry_date_only(admin, tmp_path, use_tls):
    assert "tls_expires" not in admin.get("/healthz").json
    use_tls(*make_certificate(tmp_path))
    assert admin.get("/healthz").json["tls_expires"].startswith("20")
    assert problems(admin) == []


@pytest.mark.parametrize(
    ("valid", "problem"),
    [((-9, -1), "certificate expired on 20"), ((1, 99), "valid only from"), ((-1, 13), "expires on"), ((-1, 15), "")],
)
def test_a_certificate_out_of_date_is_a_problem(admin, tmp_path, use_tls, valid, problem):
    use_tls(*make_certificate(tmp_path, valid_from=valid[0], days=valid[1]))
    found = problems(admin)
    assert len(found) == bool(problem)
    assert problem in "".join(found)


def test_a_key_or_certificate_that_cannot_be_used_is_a_problem_until_it_is_replaced(admin, tmp_path, use_tls):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    cert, key = make_certificate(tmp_path / "a")
    _, other_key = make_certificate(tmp_path / "b")
    use_tls(cert, other_key)
    assert problems(admin) == ["The TLS key doesn't fit the certificate: phones can't connect over TLS."]
    key.replace(other_key)
    assert problems(admin) == []
    cert.write_text("no certificate")
    assert problems(admin) == ["The file in SIPWEB_TLS_CERT has no certificate in PEM format."]
    cert.unlink()
    assert problems(admin) == ["The file in SIPWEB_TLS_CERT can't be read."]
    cert, key = make_certificate(tmp_path / "a")
    key.write_text("no key")
    use_tls(cert, key)
    assert problems(admin) == ["The file in SIPWEB_TLS_KEY has no key in PEM format that needs no password."]
    key.unlink()
    assert problems(admin) == ["The file in SIPWEB_TLS_KEY can't be read."]


def test_the_server_logs_the_problems_when_it_starts(app, tmp_path, use_tls, caplog, monkeypatch):
    monkeypatch.setattr("sipweb.supervisor.serve", lambda *_arguments, **_options: None)
    monkeypatch.setenv(PARENT, str(app.config["SETTINGS"].instance))  # else the command starts itself again
    monkeypatch.setattr("sipweb.logs.configure", lambda _format: None)
    monkeypatch.setattr("os.umask", lambda mask: 0)
    use_tls(*make_certificate(tmp_path, valid_from=-9, days=-1))
    with caplog.at_level(logging.WARNING):
        assert app.test_cli_runner().invoke(args=["serve"]).exit_code == 0
    assert "The TLS certificate expired on" in caplog.text
