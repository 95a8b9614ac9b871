"""The real thing for every test: a migrated SQLite file, the application, a browser's client, an Asterisk of its own."""

import itertools
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import html5lib
import pytest
from flask import g

from sipweb import KEYS, create_app
from sipweb.cli import compile_languages
from sipweb.config import ROOT, load
from sipweb.core.errors import Refused
from sipweb.db import db, migrate
from sipweb.pbx import local
from sipweb.pbx.ami import Ami
from sipweb.serve import local_pbx
from sipweb.services import setup
from sipweb.vault import make_keys
from tests import postgres

PASSWORD = "administrator-1"
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
_PORTS = itertools.cycle(range(11000 + WORKER * 2500, 13500 + WORKER * 2500))


def pytest_runtest_logreport(report):
    """Where everything can be had, nothing may be skipped."""
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """An instance after `flask setup` with PBX=files, made once and copied for each test."""
    return _set_up(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(scope="session")
def postgresql():
    """A server where databases may be made: its URL."""
    with postgres.server() as url:
        if url is None:
            pytest.skip("no PostgreSQL: run make tools")
        yield url


@pytest.fixture(scope="session")
def migrated_postgresql(tmp_path_factory, postgresql):
    """The same on PostgreSQL: the instance, and its database's URL."""
    with postgres.copied(postgresql, "migrated") as url:
        instance = tmp_path_factory.mktemp("migrated")
        _settle_on(instance, url)
        yield _set_up(instance), url


def _settle_on(instance, url):
    (instance / "sipweb.env").write_text(f"DATABASE_URL={url.render_as_string(hide_password=False)}\n")


def _set_up(instance):
    compile_languages()
    make_keys(instance / KEYS)
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))
    with app.app_context():
        migrate(ROOT / "migrations")
        setup.begin()
        setup.administrator(PASSWORD)
        setup.first_accounts(app.extensions["sipweb"])
        db.session.remove()
        db.engine.dispose()  # a database that somebody is connected to cannot be copied
    return instance


on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request):
    """Where the test's data are kept: SQLite, and with @on_both once more PostgreSQL."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def instance(request, database, tmp_path):
    """A fresh set-up system's folder."""
    path = tmp_path / "i"
    if database == "sqlite":
        shutil.copytree(request.getfixturevalue("migrated"), path, symlinks=True)
        yield path
        return
    migrated, template = request.getfixturevalue("migrated_postgresql")
    with postgres.copied(request.getfixturevalue("postgresql"), "test", template.database) as url:
        shutil.copytree(migrated, path, symlinks=True)
        _settle_on(path, url)
        yield path


@pytest.fixture
def environ(instance):
    """The settings of the test, as environment variables."""
    return {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}


@pytest.fixture
def app(environ):
    """The application over the fresh system."""
    app = create_app(load(environ))
    app.testing = True
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def site(app):
    """What the services work with."""
    return app.extensions["sipweb"]


class Client:
    """A browser's side of the conversation; every page it gets is checked."""

    def __init__(self, app):
        self._client = app.test_client()
        self.token = ""

    def get(self, url, *, htmx=False, **kwargs):
        _fresh()
        return self._check(self._client.get(url, headers=_headers(htmx), **kwargs), htmx)

    def post(self, url, *, htmx=False, **data):
        _fresh()
        answer = self._client.post(url, data={"csrf_token": self.token, **data}, headers=_headers(htmx))
        return self._check(answer, htmx)

    def login(self, login="admin", password=PASSWORD):
        self.get("/login")
        answer = self.post("/login", login=login, password=password)
        self.get("/accounts")
        return answer

    def _check(self, answer, htmx):
        if answer.mimetype != "text/html" or not answer.text:
            return answer
        if found := re.search(r'name="csrf_token" value="([^"]+)"', answer.text):
            self.token = found[1]
        if not htmx and answer.status_code not in (302, 303):
            check_page(answer.text)
        return answer


def _fresh():
    """A request inside the test's application context would inherit the last one's `g`."""
    for name in list(g):
        g.pop(name)


def _headers(htmx):
    return {"HX-Request": "true", "HX-Current-URL": "http://localhost/accounts"} if htmx else {}


def check_page(text):
    """Valid HTML, one h1, a title that starts with it, no id twice, a token in every form that posts."""
    text = text.replace("hx-target:inherited", "hx-target").replace("hx-swap:inherited", "hx-swap")
    tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    headings = ["".join(h.itertext()).strip() for h in tree.iter("h1")]
    assert len(headings) == 1
    assert tree.find(".//title").text.startswith(headings[0])
    ids = [element.get("id") for element in tree.iter() if element.get("id")]
    assert len(ids) == len(set(ids)), "an id stands twice"
    for form in tree.iter("form"):
        if form.get("method") == "post":
            assert form.find(".//input[@name='csrf_token']") is not None


@pytest.fixture
def stranger(app):
    """Somebody who is not logged in."""
    return Client(app)


@pytest.fixture
def admin(app):
    """A logged-in administrator."""
    client = Client(app)
    assert client.login().status_code == 303
    return client


def free_port(kind=socket.SOCK_STREAM):
    """A port that nobody uses now, and that this process gives to nobody else.

    It lies below those that the system lends to outgoing connections: one of these could take it before its user does;
    and above 10080, the last one that Chromium opens no page on.
    """
    for port in _PORTS:
        with socket.socket(socket.AF_INET, kind) as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def rtp_ports(kind):
    """A range for sound, of this process alone: each of its three kinds of Asterisk has its own. Room for four processes."""
    first = 21000 + (WORKER * 3 + kind) * 900
    return f"{first}-{first + 899}"


@pytest.fixture
def pbx(_pbx):
    """A live system: a real Asterisk on ports of its own runs the set-up's generation. Yields its settings."""
    return _pbx[0]


@pytest.fixture
def asterisk(_pbx):
    """Its process."""
    return _pbx[1]


@pytest.fixture
def _pbx(instance):
    installation = local.find()
    if installation is None:
        pytest.skip("no Asterisk: run make pbx")
    environ = {
        "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "local", "SIPWEB_AMI_PORT": str(free_port()),
        "SIPWEB_SIP_PORT": str(free_port(socket.SOCK_DGRAM)), "SIPWEB_WS_PORT": str(free_port()),
        "SIPWEB_RTP_PORTS": rtp_ports(0),
    }  # fmt: skip
    settings = create_app(load(environ)).config["SETTINGS"]
    asterisk = local_pbx(settings)
    local.configure(asterisk, installation)
    with (asterisk.directory / "manager.conf").open("a") as more:  # tests read files back by Asterisk's own parser
        more.write("\n[reader]\nsecret=reader\nread=config,call\nwrite=config,originate,system\n")
    # Others have a name for their system: it stands in each call's unique id.
    with (asterisk.directory / "asterisk.conf").open("a") as more:
        more.write("systemname=pbx-1\n")
    with open(instance / "asterisk.out", "w") as out:
        process = subprocess.Popen(local.argv(asterisk, installation), stdout=out, stderr=out)
    try:
        assert local.wait_until_up(asterisk), Path(instance / "asterisk.out").read_text()
        wait_for(lambda: _knows(asterisk), "Asterisk read its accounts")
        yield environ, process
    finally:
        process.kill()
        process.wait()


def _knows(asterisk):
    try:
        with Ami.connect("127.0.0.1", asterisk.ami_port, asterisk.ami_user, asterisk.ami_secret) as asked:
            asked.events("ShowDialPlan", Context="sipweb-accounts")
            return len(asked.events("PJSIPShowEndpoints")) > 20
    except Refused:
        return False


def wait_for(condition, what, seconds=20.0):
    """Come back when the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.1)


@pytest.fixture
def live(pbx):
    """The application beside a real Asterisk."""
    app = create_app(load(pbx))
    app.testing = True
    with app.app_context():
        yield app


@contextmanager
def serving(instance, **settings):
    """`flask serve` as a user starts it, on ports of its own; yields its address and ends it properly."""
    ports = {name: str(free_port()) for name in ("port", "ami_port", "ws_port")}
    ports["sip_port"] = str(free_port(socket.SOCK_DGRAM))
    ports["rtp_ports"] = rtp_ports(1)
    ports |= settings
    environ = {f"SIPWEB_{name.upper()}": value for name, value in ports.items()}
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env={**os.environ, "SIPWEB_INSTANCE": str(instance), **environ},
    )
    address = f"http://127.0.0.1:{ports['port']}"
    try:
        wait_for(lambda: fetched(address), "the server answers", 60)
        yield address
    finally:
        process.terminate()
        assert process.wait(20) == 0


def fetched(address):
    """What /healthz says; nothing while nobody answers."""
    try:
        with urllib.request.urlopen(f"{address}/healthz", timeout=5) as answer:
            return answer.read()
    except OSError:
        return b""


class Visitor:
    """An administrator with cookies, over real HTTP, for races between several processes."""

    def __init__(self, address):
        jar = urllib.request.HTTPCookieProcessor()
        self._address, self._opener = address, urllib.request.build_opener(jar)
        self._token = ""

    def get(self, path):
        return self._send(path, None)

    def post(self, path, **data):
        return self._send(path, urlencode({"csrf_token": self._token, **data}).encode())

    def login(self):
        self.get("/login")
        return self.post("/login", login="admin", password=PASSWORD)

    def _send(self, path, data):
        request = urllib.request.Request(self._address + path, data, {"HX-Request": "true"} if data else {})
        try:
            with self._opener.open(request, timeout=60) as answer:
                status, text = answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                status, text = answer.code, answer.read().decode()
        if found := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self._token = found[1]
        return status, text
