"""Asterisk hangs, or the connection to it is lost, at any step: the old state is back and the record says so."""

import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sipweb.core.errors import Refused
from sipweb.pbx.ami import Ami, AmiDown
from sipweb.services import accounts, generations
from sipweb.services.site import Actor
from sipweb.services.state import state

WHO = Actor(None, "test")
STEPS = [("Reload", 1), ("Reload", 2), ("PJSIPShowEndpoints", 2), ("PJSIPShowAors", 2), ("ShowDialPlan", 3)]


class Line(threading.Thread):
    """A line to the real Asterisk that fails once: at the nth sending of an action it is cut, or goes silent."""

    def __init__(self, port, action, count, how):
        super().__init__(daemon=True)
        self._port, self._action, self._left, self._how = port, b"Action: " + action.encode() + b"\r", count, how
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port, self.failed = self._server.getsockname()[1], False

    def run(self):
        while True:
            try:
                near = self._server.accept()[0]
            except OSError:
                return
            far = socket.create_connection(("127.0.0.1", self._port))
            for source, target, watched in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._carry, args=(source, target, watched), daemon=True).start()

    def _carry(self, source, target, watched):
        silent = False
        while data := _quietly(source.recv, 65536):
            if watched and not self.failed and self._action in data:
                self._left -= data.count(self._action)
                self.failed = self._left <= 0
                if self.failed and self._how == "cut":
                    break
                silent = self.failed
            if not silent:
                _quietly(target.sendall, data)
        for end in (source, target):
            _quietly(end.shutdown, socket.SHUT_RDWR)
            end.close()

    def close(self):
        self._server.close()


def _quietly(work, *args):
    try:
        return work(*args)
    except OSError:
        return b""


@contextmanager
def line(site, action, count, how):
    """The site's AMI over a failing line."""
    good, failing = site.link, Line(site.link.port, action, count, how)
    failing.start()
    site.link = replace(good, port=failing.port, timeout=1.0)
    try:
        yield failing
    finally:
        site.link = good
        failing.close()


def running(site):
    with site.link.open() as asked:
        return {item["ObjectName"] for item in asked.events("PJSIPShowAuths")}


@pytest.mark.parametrize("how", ["cut", "hang"])
@pytest.mark.parametrize(("action", "count"), STEPS)
def test_a_line_that_fails_midway_brings_the_old_state_back(live, action, count, how):
    site = live.extensions["sipweb"]
    accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
    with line(site, action, count, how) as failing:
        done = generations.generate(site, WHO)
    assert failing.failed
    assert done.state == "refused"
    assert done.message.startswith("Asterisk broke off" if how == "cut" else "Asterisk did not answer")
    assert done.values["back"] == "back"
    assert site.release.current() == 1
    assert "300" not in running(site)
    assert "219" in running(site)
    assert len(state(site).plan) == 1
    assert generations.generate(site, WHO).state == "verified"


def test_asterisk_killed_midway_leaves_the_old_files_and_the_record_says_what_is_not_known(live, asterisk):
    site = live.extensions["sipweb"]
    accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
    original = type(site.release).switch

    def kill_after_switch(self, number):
        original(self, number)
        asterisk.kill()
        asterisk.wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(site.release), "switch", kill_after_switch)
        done = generations.generate(site, WHO)
    assert (done.state, done.values["back"]) == ("refused", "unknown")
    assert site.release.current() == 1
    assert len(state(site).plan) == 1
    with pytest.raises(AmiDown):
        generations.generate(site, WHO)


def _asterisk_says(*answers):
    """A server that greets, lets anybody in, and then sends these bytes."""
    server = socket.create_server(("127.0.0.1", 0))

    def serve():
        connection = server.accept()[0]
        connection.sendall(b"Asterisk Call Manager/9\r\n")
        for answer in (b"Response: Success\r\nActionID: 1\r\n\r\n", *answers):
            connection.recv(65536)
            _quietly(connection.sendall, answer)
        connection.close()
        server.close()

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\rb", "a\0b"])
def test_a_value_with_a_line_break_is_refused_before_anything_is_sent(value):
    port = _asterisk_says(b"Response: Success\r\nActionID: 2\r\n\r\n")
    with Ami.connect("127.0.0.1", port, "u", "s", 2.0) as asked:
        with pytest.raises(Refused, match="line break"):
            asked.action("PJSIPShowEndpoint", Endpoint=value)
        assert asked.action("Ping")["Response"] == "Success"


def test_an_answer_without_end_is_given_up_at_the_cap(monkeypatch):
    monkeypatch.setattr("sipweb.pbx.ami.LARGEST", 100_000)
    port = _asterisk_says(b"x" * 300_000)
    with Ami.connect("127.0.0.1", port, "u", "s", 5.0) as asked, pytest.raises(AmiDown, match="does not end"):
        asked.action("Ping")


def test_a_refused_login_is_said_without_the_secret(live):
    link = replace(live.extensions["sipweb"].link, secret="wrong-secret-123")
    with pytest.raises(Refused) as refused, link.open():
        pass
    assert "wrong-secret-123" not in str(refused.value)
    assert "Login" in str(refused.value)
