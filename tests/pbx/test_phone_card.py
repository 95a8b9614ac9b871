"""The settings and the QR code of a phone's card register ordinary softphones over each transport."""

import pytest
import segno

from sipweb import create_app
from sipweb.config import load
from sipweb.pbx import status
from sipweb.services import generations
from tests.builders import WHO, edit_account
from tests.certificates import make_certificate
from tests.client import Client, soup, text_of
from tests.pbx.softphones import baresip, linphone
from tests.servers import running_asterisk, wait_for

SECRET = "a:b@c/d?e;f%20g&h"  # each of these characters has a meaning in a SIP address


@pytest.fixture
def app(instance, tmp_path, transports):
    """A live system with these transports, in which 205 is an account for another phone."""
    cert, key = make_certificate(tmp_path)
    with running_asterisk(instance, sip_transports=transports, tls_cert=str(cert), tls_key=str(key)) as (environ, _):
        app = create_app(load(environ))
        with app.app_context():
            edit_account(app.extensions["sipweb"], 6, phone="other")
            assert generations.generate(app.extensions["sipweb"], WHO).state == "verified"
            yield app


def card_of(app):
    """What the page of 205 shows once its password is shown."""
    client = Client(app)
    client.login()
    client.get("/accounts/6/phone")
    return soup(client.post("/accounts/6/secret"))


def hand_out(app):
    """The page of cards, with that of 205."""
    client = Client(app)
    client.login()
    page = soup(client.post("/accounts/cards", id="6"))
    assert text_of(page.select_one(".card code")) == SECRET


def typed(page):
    """The settings that a user types into a phone, for each transport."""
    lines = {text_of(name): text_of(name.find_next_sibling("dd")) for name in page.select("#phone-settings dt")}
    common = {"host": lines["Server"], "number": lines["Username"], "secret": page.select_one("#secret").text}
    if "Transport" in lines:
        return [common | {"transport": lines["Transport"].lower(), "port": lines["Port"]}]
    ports = {name.removeprefix("Port for ").lower(): port for name, port in lines.items() if name.startswith("Port ")}
    return [common | {"transport": transport, "port": port} for transport, port in ports.items()]


def registered(app):
    with app.extensions["sipweb"].pbx.open() as ami:
        return status.registered_phones(ami).get(205)


@pytest.mark.parametrize("transports", ["tls", "tcp", "udp,tcp,tls"])
def test_card_registers_baresip_and_its_code_linphone_over_each_transport(app, tmp_path, transports, monkeypatch):
    page, authority = card_of(app), tmp_path / "cert.pem"
    assert [settings["transport"] for settings in typed(page)] == transports.split(",")
    for settings in typed(page):
        before = registered(app)
        with baresip(tmp_path / settings["transport"], settings, authority):
            wait_for(lambda before=before: registered(app) not in (None, before), f"baresip registers: {settings}")
    before, codes = registered(app), []
    edit_account(app.extensions["sipweb"], 6, secret=SECRET)
    generations.generate(app.extensions["sipweb"], WHO)
    make = segno.make
    monkeypatch.setattr(segno, "make", lambda text, **options: codes.append(text) or make(text, **options))
    card_of(app)
    hand_out(app)
    assert codes[0] == codes[1]
    with linphone(tmp_path / "linphone", codes[1], authority):
        wait_for(lambda: registered(app) not in (None, before), f"linphone registers: {codes}")
