"""Recordings of all PBX hosts on each web server: fetched from the host that has them, or in a shared folder."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, update
from werkzeug.serving import make_server

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.core.errors import NotFound
from sipweb.crypto import SecretCipher
from sipweb.db import db, transaction
from sipweb.models import Call, Host
from sipweb.services import generations, host_requests, hosts, recording_cleanup, recordings
from sipweb.services.context import utc_now
from sipweb.services.host_requests import HostRequest, HostUnavailable, read_token
from tests.builders import RECORDED_AT, WHO, audit_entries, make_recording, make_user
from tests.client import Client, HttpClient, soup, text_of
from tests.servers import free_port, health, wait_for

DAY = "2026-11-24"
SEARCHES = {  # → the callers whose recordings are found
    "q=202": ["202"], "q=duration:>4": ["202"], "q=called:22": ["203", "202", "201"], "q=date:2026-11-23": [],
    f"to={DAY}": ["203", "202", "201"],
}  # fmt: skip
pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def asked_anew(monkeypatch):
    """Forget which hosts did not answer in an earlier test."""
    monkeypatch.setattr(host_requests, "_ask_again_at", {})


class Browser(HttpClient):
    """A browser of an administrator, over real HTTP."""

    def _send(self, path, data):
        status, text = super()._send(path, data)
        return SimpleNamespace(status_code=status, text=text)

    def sound(self, path, data=None, **headers):
        """Return status, headers and bytes of a sound that a player asks for, or that a form leads to."""
        request = urllib.request.Request(self._address + path, data, headers)
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.status, answer.headers, answer.read()

    def download(self, path):
        return self.sound(path, f"csrf_token={self._token}".encode())


@dataclass
class PbxHost:
    """A PBX host: its settings, its application, and the address of its web server."""

    name: str
    environ: dict
    app: object
    address: str
    process: subprocess.Popen | None = None

    @property
    def ctx(self):
        return self.app.extensions["sipweb"]

    def sign_in(self):
        browser = Browser(self.address)
        browser.login()
        return browser


@pytest.fixture
def make_app():
    """Return a function that makes applications, whose connections are closed at the end."""
    apps = []

    def make(**environ):
        app = create_app(load({f"SIPWEB_{name.upper()}": str(text) for name, text in environ.items()}))
        app.testing = True
        apps.append(app)
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def two_hosts(make_host, instance, tmp_path):
    """Return two hosts with the same keys and the same database, which have joined; no web server runs."""
    shutil.copytree(instance, tmp_path / "b", symlinks=True)
    both = [make_host("a", instance), make_host("b", tmp_path / "b")]
    with both[0].app.app_context():
        yield both


@pytest.fixture
def make_host(make_app):
    """Return a function that makes a host which has joined."""

    def make(name, folder, **settings):
        settings |= {"instance": folder, "pbx": "files", "pbx_host": name, "host": "0.0.0.0", "port": free_port()}
        environ = {f"SIPWEB_{key.upper()}": str(value) for key, value in settings.items()}
        host = PbxHost(name, environ, make_app(**settings), f"http://127.0.0.1:{settings['port']}")
        join(host)
        return host

    return make


def join(host):
    """Let the host join, as its monitor does, and be heard of for the time of the test."""
    host.ctx.recordings_dir.mkdir(exist_ok=True)
    with host.app.app_context():
        hosts.join(host.ctx)
        set_seen(host.name, timedelta(hours=1))
        db.session.remove()
        db.engine.dispose()


def set_seen(name, since):
    with transaction() as session:
        session.execute(update(Host).where(Host.name == name).values(seen_at=utc_now() + since))


@contextmanager
def web_servers(*pbx_hosts):
    """Run the web servers of hosts, each in processes of its own."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "web"]
    for host in pbx_hosts:
        with open(Path(host.environ["SIPWEB_INSTANCE"]) / "web.log", "w") as log:
            host.process = subprocess.Popen(command, cwd=ROOT, env=os.environ | host.environ, stdout=log, stderr=log)
    try:
        for host in pbx_hosts:
            wait_for(partial(health, host.address), "the web server answers", 60)
        yield
    finally:
        for host in pbx_hosts:
            host.process.terminate()
        assert [host.process.wait(20) for host in pbx_hosts] == [0] * len(pbx_hosts)


@contextmanager
def web_server(host):
    """Run the web server of a host in a thread: it starts at once."""
    port = int(host.environ["SIPWEB_PORT"])
    with serving(make_server("127.0.0.1", port, host.app, threaded=True)):
        yield


@contextmanager
def serving(server):
    thread = threading.Thread(target=server.serve_forever, args=[0.01])
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def log_of(host):
    return (Path(host.environ["SIPWEB_INSTANCE"]) / "web.log").read_text()


def rows(page):
    """(caller, duration) of the listed recordings."""
    found = soup(page).select(".recordings tbody tr")
    return [(row.select_one("td.number").text, row.select("td")[3].text) for row in found]


def warnings(page):
    return [text_of(warning) for warning in soup(page).select("#results .warn")]


def button(page, what, index=0):
    """Return the address of the button that plays or downloads a listed recording."""
    return soup(page).select(f".recordings form[action*='/{what}']")[index]["action"]


def memory_of_workers(host):
    """Return the bytes of memory that the workers of a web server have had at most."""
    children = Path(f"/proc/{host.process.pid}/task/{host.process.pid}/children").read_text().split()
    peaks = [Path(f"/proc/{pid}/status").read_text().partition("VmHWM:")[2].split()[0] for pid in children]
    assert peaks
    return sum(map(int, peaks)) * 1024


def test_each_web_server_lists_plays_and_downloads_the_recordings_of_all_hosts(two_hosts):
    a, b = two_hosts
    keys = [make_recording(a.ctx, "201", at=RECORDED_AT), make_recording(b.ctx, "202", at=RECORDED_AT + 60, seconds=5)]
    make_recording(a.ctx, "203", at=RECORDED_AT + 120)
    whole = next(b.ctx.recordings_dir.glob(f"{DAY}/*{keys[1]}.wav")).read_bytes()
    with web_servers(a, b):
        for host, other in ((a, keys[1]), (b, keys[0])):
            client = host.sign_in()
            page = client.get("/recordings")
            assert rows(page) == [("203", "0:03"), ("202", "0:05"), ("201", "0:03")]
            assert warnings(page) == []
            for query, callers in SEARCHES.items():
                assert [caller for caller, _ in rows(client.get(f"/recordings?{query}"))] == callers, (host, query)
            assert other in client.get("/recordings").text
        client = a.sign_in()
        page = client.get("/recordings?q=202")
        sound = soup(client.post(button(page, "listen"))).audio["src"]
        status, headers, body = client.sound(sound)
        assert (status, headers["Content-Type"], headers["Accept-Ranges"], body) == (200, "audio/wav", "bytes", whole)
        status, headers, body = client.sound(sound, Range="bytes=1000-1999")
        assert (status, headers["Content-Range"], body) == (206, f"bytes 1000-1999/{len(whole)}", whole[1000:2000])
        assert client.sound(sound, Range=f"bytes={len(whole)}-")[0] == 416
        (entry,) = audit_entries("recording.listen")
        assert (entry.by, entry.subject) == ("Administrator", "202 → 221234560")
        assert entry.changes["file"][1].endswith(f"{keys[1]}.wav")
        status, headers, body = client.download(button(page, "download"))
        name = f"{DAY}_033334_202_221234560_{keys[1]}.wav"
        assert (status, headers["Content-Disposition"], body) == (200, f"attachment; filename={name}", whole)
        assert len(audit_entries("recording.download")) == 1
        for wrong in (sound.replace("host=b", "host=a"), sound.replace("ticket=", "ticket=x"), sound.split("?")[0]):
            assert client.sound(wrong)[0] == 403
        check_long_file(a, b, client)
        next(b.ctx.recordings_dir.glob(f"{DAY}/*{keys[1]}.wav")).unlink()
        assert client.sound(sound)[0] == 404
        assert "no longer exists" in client.post(button(page, "listen")).text
        for host in two_hosts:  # neither the token nor the ticket
            assert "Bearer" not in log_of(host)
            assert "ticket" not in log_of(host)


def check_long_file(a, b, client):
    """A file of 60 MB takes no memory, and its end is there at once."""
    key = make_recording(b.ctx, "299", at=RECORDED_AT + 500, seconds=1)
    path = next(b.ctx.recordings_dir.glob(f"{DAY}/*{key}.wav"))
    os.truncate(path, 60_000_044)
    sound = soup(client.post(button(client.get("/recordings?q=299"), "listen"))).audio["src"]
    before, began = memory_of_workers(a), time.monotonic()
    assert client.sound(sound, Range="bytes=-10")[2] == bytes(10)
    assert time.monotonic() - began < 1
    assert len(client.sound(sound)[2]) == 60_000_044
    assert memory_of_workers(a) - before < 20_000_000


def test_pages_of_several_hosts_have_each_recording_once_and_only_who_may_listen_gets_sound(two_hosts):
    a, b = two_hosts
    for number in range(130):
        host = two_hosts[number % 3 > 0]
        make_recording(host.ctx, str(300 + number), at=RECORDED_AT - number // 2, seconds=1, uid=str(number),
                       day=DAY if number < 80 else "2026-11-23")  # fmt: skip
    make_user("ewa", "Ewa", "auditor")
    ewa = Client(a.app)
    with web_server(b):
        ewa.login("ewa", "a long password")
        page, seen = ewa.get("/recordings"), []
        while page:
            seen += [caller for caller, _ in rows(page)]
            older = soup(page).select_one("a[href^='/recordings?before=']")
            page = ewa.get(older["href"]) if older else None
        assert sorted(seen) == [str(300 + number) for number in range(130)]
        assert "listen" not in ewa.get("/recordings").text
        answer = ewa.post(f"/recordings/{DAY}/1-1.1/listen?host=b", htmx=True)
        assert answer.status_code == 403


def test_host_that_does_not_answer_is_named_and_the_page_stays_quick(two_hosts):
    a, b = two_hosts
    make_recording(a.ctx, "201")
    key = make_recording(b.ctx, "202", at=RECORDED_AT + 60)
    admin = Client(a.app)
    admin.login()
    missing = ["Recordings of the PBX host b can't be shown now."]
    with web_server(b):
        sound = soup(admin.post(f"/recordings/{DAY}/{key}/listen?host=b")).audio["src"]
        assert warnings(admin.get("/recordings")) == []
    with socket.create_server(("127.0.0.1", int(b.environ["SIPWEB_PORT"]))):  # it hangs: takes requests, answers none
        assert (rows(timed(admin, 2.5)), warnings(timed(admin, 0.5))) == ([("201", "0:03")], missing)
    host_requests._ask_again_at.clear()
    assert warnings(timed(admin, 1)) == missing  # nobody listens there
    answer = admin.post(f"/recordings/{DAY}/{key}/listen?host=b", htmx=True)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (503, "#alert")
    assert "The PBX host b, which has this recording, doesn't answer." in answer.text.replace("&#39;", "'")
    assert admin.get(sound).status_code == 503
    assert audit_entries("recording.listen")[1:] == []
    host_requests._ask_again_at.clear()
    set_seen("b", -timedelta(minutes=1))
    set_web_address("b", "http://192.0.2.1:8000")  # an address where nobody answers: it is not even asked
    assert warnings(timed(admin, 0.5)) == missing
    assert warnings(admin.get("/recordings?q=999")) == missing
    assert "No recordings yet" not in admin.get("/recordings?q=").text


def test_host_that_hangs_or_never_finishes_takes_a_thread_for_a_limited_time_and_once(two_hosts, monkeypatch):
    a, _b = two_hosts
    monkeypatch.setattr(host_requests, "ANSWER_TIMEOUT", 0.5)
    requests = (
        lambda: recordings.get_recording(a.ctx, DAY, "1-1.1", "b"),
        lambda: recordings.open_sound(a.ctx, DAY, "1-1.1", "b", {}, as_attachment=False),
    )
    with answering("[" * 40, pause=0.1):
        assert seconds_until_unavailable(requests[0]) < 2
        assert [seconds_until_unavailable(request) < 0.2 for request in requests] == [True, True]
    with socket.create_server(("127.0.0.1", 0)) as server:
        for request in requests:
            set_web_address("b", f"http://127.0.0.1:{server.getsockname()[1]}")
            assert seconds_until_unavailable(request) > 0.5
            assert seconds_until_unavailable(request) < 0.2
        host_requests._ask_again_at.clear()
        set_seen("b", -timedelta(minutes=1))
        assert [seconds_until_unavailable(request) < 0.2 for request in requests] == [True, True]


def seconds_until_unavailable(request):
    began = time.monotonic()
    with pytest.raises(HostUnavailable):
        request()
    return time.monotonic() - began


def timed(client, seconds):
    began = time.monotonic()
    page = client.get("/recordings")
    assert time.monotonic() - began < seconds
    return page


def test_shared_folder_shows_each_file_once_and_asks_nobody(two_hosts, make_host, make_app, instance, tmp_path):
    shared = tmp_path / "shared"
    a, b = (make_host(host.name, host.environ["SIPWEB_INSTANCE"], recordings=shared) for host in two_hosts)
    make_recording(a.ctx, "201")
    make_recording(b.ctx, "202", at=RECORDED_AT + 60)
    admin = Client(a.app)
    admin.login()
    page = admin.get("/recordings")  # no web server runs
    assert [caller for caller, _ in rows(page)] == ["202", "201"]
    assert warnings(page) == []
    assert "host=" not in str(soup(page).select_one(".recordings"))
    with web_server(b):
        (shared / ".sipweb-host-b").unlink()  # then b is asked
        assert [caller for caller, _ in rows(admin.get("/recordings"))] == ["202", "201"]
        shutil.copytree(instance, tmp_path / "web", symlinks=True, ignore=shutil.ignore_patterns("recordings"))
        web = Client(make_app(instance=tmp_path / "web", pbx="none", pbx_host="a"))
        web.login()
        page = web.get("/recordings")
        assert [caller for caller, _ in rows(page)] == ["202", "201"]
        assert soup(page).select_one(".head + .warn") is None  # it needs no folder
    join(b)
    host_requests._ask_again_at.clear()
    assert warnings(admin.get("/recordings")) == []


def add_calls(*calls):
    """Add a recorded call for each host and key."""
    at = datetime.fromtimestamp(RECORDED_AT, UTC)
    common = {"started_at": at, "answered_at": at, "ended_at": at + timedelta(seconds=3), "result": "answered"}
    with transaction() as session:
        session.execute(insert(Call), [
            common | {"host": host, "unique_id": str(number), "recording": f"{DAY}/{key}"}
            for number, (host, key) in enumerate(calls)
        ])  # fmt: skip


def test_calls_of_all_hosts_can_be_played_if_the_recording_exists(two_hosts):
    a, b = two_hosts
    here, there = make_recording(a.ctx), make_recording(b.ctx, at=RECORDED_AT + 60)
    add_calls(("a", here), ("b", there), ("b", "1-1.1"), ("gone", "1-1.2"))
    admin = Client(a.app)
    admin.login()
    with web_server(b):
        addresses = [form["action"] for form in soup(admin.get("/calls")).select(".calls form")]
        assert [("host=b" in address, there in address, here in address) for address in addresses] == [
            (True, True, False), (False, False, True),
        ]  # fmt: skip
        assert soup(admin.post(addresses[0])).audio
    host_requests._ask_again_at.clear()
    assert len(soup(admin.get("/calls")).select(".calls form")) == 3  # nobody knows whether b still has them
    assert admin.get("/calls/export").text.count(f"{DAY}/") == 3
    for text in ("[1]", f'{{"{DAY}": 1}}'):
        with answering(text):
            assert len(soup(admin.get("/calls")).select(".calls form")) == 3


def players(page):
    """Return key → host of the recordings of calls that can be played."""
    addresses = [urlsplit(form["action"]) for form in soup(page).select(".calls form")]
    return {address.path.split("/")[3]: parse_qs(address.query).get("host", [""])[0] for address in addresses}


@pytest.fixture
def third_host(make_host, instance, tmp_path):
    """Return a function that makes the host c."""

    def make():
        shutil.copytree(instance, tmp_path / "c", symlinks=True, ignore=shutil.ignore_patterns("run", "recordings"))
        return make_host("c", tmp_path / "c")

    return make


def test_calls_of_a_renamed_or_removed_host_can_be_played_wherever_the_recording_is(two_hosts, third_host):
    a, b = two_hosts
    c = third_host()
    here, at_b, at_c = (make_recording(host.ctx, at=RECORDED_AT + n) for n, host in enumerate((a, b, c)))
    add_calls(*(("pbx", key) for key in (here, at_b, at_c, "1-1.1")))
    admin = Client(a.app)
    admin.login()
    with web_server(b), web_server(c):
        page = admin.get("/calls")
        assert players(page) == {here: "", at_b: "b", at_c: "c"}
        for form in soup(page).select(".calls form"):
            assert soup(admin.post(form["action"])).audio
        assert admin.get("/calls/export").text.count(f"{DAY}/") == 3
    with web_server(c):
        set_seen("b", -timedelta(minutes=1))
        assert players(admin.get("/calls")) == {here: "", at_c: "c"}


def test_calls_of_present_hosts_are_asked_of_their_own_host_only(two_hosts, third_host):
    a, b = two_hosts
    third_host()  # its web server does not run
    key = make_recording(b.ctx)
    add_calls(("a", "1-1.1"), ("b", key))
    admin = Client(a.app)
    admin.login()
    with web_server(b):
        assert players(admin.get("/calls")) == {key: "b"}
        assert "c" not in host_requests._ask_again_at
        add_calls(("pbx", "1-1.2"))
        assert players(admin.get("/calls")) == {key: "b"}
        assert "c" in host_requests._ask_again_at


def token(ctx, host="b", action="find", arguments=(DAY, "1-1.1"), at=0.0):
    content = {"host": host, "at": time.time() + at, "action": action, "arguments": list(arguments)}
    return host_requests._serializer(ctx).dumps(content)


def test_internal_address_answers_nothing_without_a_valid_token(two_hosts):
    a, b = two_hosts
    key = make_recording(b.ctx)
    client = b.app.test_client()

    def ask(authorization):
        headers = {"Authorization": authorization} if authorization else {}
        answer = client.get(host_requests.PATH, headers=headers, buffered=True)
        return answer.status_code, answer.get_data()

    exists = {"action": "sound", "arguments": (DAY, key, False)}
    assert ask(f"Bearer {token(a.ctx, **exists)}")[0] == 200
    assert ask(f"Bearer {token(a.ctx, **exists, at=-50)}")[0] == 200  # clocks differ
    other_keys = replace(a.ctx, cipher=SecretCipher(["A" * 43 + "="], "00" * 32))
    refused = {
        ask(authorization)
        for arguments in (exists, {"action": "sound", "arguments": (DAY, "1-1.1", False)})
        for authorization in (
            "", "Bearer ", "Bearer x.y", f"Bearer {token(a.ctx, **arguments)}x", f"Basic {token(a.ctx, **arguments)}",
            f"Bearer {token(a.ctx, host='a', **arguments)}", f"Bearer {token(other_keys, **arguments)}",
            f"Bearer {token(a.ctx, at=-70, **arguments)}", f"Bearer {token(a.ctx, at=70, **arguments)}",
        )
    }  # fmt: skip
    assert refused == {(403, b"This address is for other hosts of this system.\n")}
    secret = b.ctx.recordings_dir.parent / "keys.json"
    assert secret.is_file()
    for day, name in (
        ("..", "keys.json"),
        ("../..", key),
        (f"{DAY}/../{DAY}", key),
        (DAY, "../../keys.json"),
        (DAY, ""),
    ):
        assert ask(f"Bearer {token(a.ctx, action='sound', arguments=(day, name, True))}") == (404, b"Not found.\n")
        assert ask(f"Bearer {token(a.ctx, arguments=(day, name))}") == (200, b"null\n")
        assert ask(f"Bearer {token(a.ctx, action='keys', arguments=[day])}")[0] == 200
    assert ask(f"Bearer {token(a.ctx, action='delete')}")[0] == 404
    assert client.post(host_requests.PATH).status_code in (400, 405)
    assert read_token(b.ctx, token(a.ctx)) == HostRequest("find", [DAY, "1-1.1"])


def test_reason_why_a_host_was_not_asked_or_refused_is_in_the_log(two_hosts, caplog, monkeypatch):
    a, b = two_hosts
    monkeypatch.setattr("sipweb.logs._PROCESS_START", -1000.0)
    monkeypatch.setattr(host_requests, "_state_logs", {})
    make_recording(b.ctx)
    with web_server(b):
        other = replace(a.ctx, cipher=SecretCipher(["A" * 43 + "="], "00" * 32))
        assert recordings.search(other).unavailable == ("b",)
        with pytest.raises(HostUnavailable):
            recordings.get_recording(other, DAY, "1-1.1", "b")
        with pytest.raises(NotFound):
            recordings.get_recording(a.ctx, DAY, "1-1.1", "c")
    set_web_address("b", "")  # it listens at 127.0.0.1
    assert recordings.search(a.ctx).unavailable == ("b",)
    refused, unknown = [record.getMessage() for record in caplog.records if record.name == host_requests.__name__]
    assert refused.endswith("HTTP status 403: refused; are keys.json and the clocks the same?")
    assert unknown.endswith("SIPWEB_HOST of that host is not an address that others reach")


@contextmanager
def answering(text, pause=0.0, status=200, **headers):
    """Let the web server of b be one that answers everything with this text, at once or byte by byte."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):  # the name that the library calls
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            with suppress(OSError):  # nobody reads it any more
                for byte in text if pause else ():
                    self.wfile.write(byte.encode())
                    time.sleep(pause)
                self.wfile.write(b"" if pause else text.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        set_web_address("b", f"http://127.0.0.1:{server.server_port}")
        yield


def set_web_address(host, address):
    with transaction() as session:
        session.execute(update(Host).where(Host.name == host).values(web_address=address))
    host_requests._ask_again_at.clear()


def test_answer_that_is_no_list_of_recordings_is_left_out(two_hosts):
    a, _b = two_hosts
    good = [DAY, "033334_205_22_1-1.1.wav", 3]
    lists = [
        [good, [DAY, "../keys.json", 3]],
        [good, ["..", good[1], 3]],
        [["x"]],
        None,
        [[*good[:2], "3"]],
        [good] * 102,
    ]
    answers = [json.dumps({"hosts": ["b"], "recordings": one}) for one in lists]
    for text in (*answers, "{}", "[]", "<html>", "[" * 100_000):
        with answering(text):
            assert recordings.search(a.ctx) == recordings.RecordingPage((), False, ("b",)), text
            with pytest.raises((HostUnavailable, NotFound)):
                recordings.get_recording(a.ctx, DAY, "1-1.1", "b")


def test_redirect_of_another_host_is_not_followed(two_hosts):
    """It leads to where the token would be accepted, and the recording is."""
    a, b = two_hosts
    make_recording(b.ctx)
    with web_server(b), answering("", status=302, Location=f"{b.address}{host_requests.PATH}"):
        found = recordings.search(a.ctx)
        assert (found.recordings, found.unavailable) == ((), ("b",))


def test_type_and_name_of_a_sound_of_another_host_are_decided_here(two_hosts):
    a, _b = two_hosts
    name = "033334_205_22_1-1.1.wav"
    admin = Client(a.app)
    admin.login()
    with answering(json.dumps([DAY, name, 3])):
        sound = soup(admin.post(f"/recordings/{DAY}/1-1.1/listen?host=b", htmx=True)).audio["src"]
    for answered, filename in ((f"attachment; filename={DAY}_{name}", name), ("inline; filename=x.html", "1-1.1.wav")):
        with answering("<html>", Content_Type="text/html", Content_Disposition=answered):
            for address, disposition in ((sound, "inline"), (f"{sound}&download=1", "attachment")):
                with admin.get(address) as response:
                    assert response.headers["Content-Type"] == "audio/wav"
                    sent = response.headers["Content-Disposition"]
                    assert sent == f"{disposition}; filename={DAY}_{filename}"
    with answering("x", Last_Modified="yesterday\r\n or today"):
        for _ in range(3):  # more than may be played at once: each is closed
            with pytest.raises(ValueError, match="newline"):
                admin.get(sound)


def test_empty_file_of_another_host_is_kept_in_a_shared_folder(two_hosts):
    """The phone of the other host may be ringing; a number of the host is part of the key."""
    a, _b = two_hosts
    now, today = int(utc_now().timestamp()), utc_now().date().isoformat()
    own, other = (recording_cleanup.host_suffix(name) for name in "ab")
    folder = a.ctx.recordings_dir / today
    folder.mkdir()
    paths = [folder / f"033334_205_22_{now}-{now}.{call}.wav" for call in (f"1{own}", f"2{own}", f"3{other}", "4")]
    for path in paths:
        path.write_bytes(bytes(44))
    set_seen("b", -timedelta(minutes=1))  # it has no monitor here that could follow
    assert generations.generate(a.ctx, WHO).state == "written"
    found = recording_cleanup.find_empty_recordings(a.ctx)
    assert found == {paths[0]: f"{now}.1", paths[1]: f"{now}.2"}
    recording_cleanup.delete_empty_recordings(found, {f"{now}.1"})
    assert sorted(folder.iterdir()) == sorted([paths[0], *paths[2:]])
