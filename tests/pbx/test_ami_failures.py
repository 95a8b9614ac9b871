"""Asterisk hangs or disconnects at any step: sipweb rolls back and records it."""

import logging
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from sipweb import logs
from sipweb.core.errors import OperationRefused
from sipweb.pbx.ami import AmiClient, AmiUnavailable
from sipweb.pbx.control import check_ready
from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from sipweb.services.state import current_state

WHO = Actor(None, "test")
STEPS = [("Reload", 1), ("Reload", 2), ("PJSIPShowEndpoints", 2), ("PJSIPShowAors", 2), ("ShowDialPlan", 3)]


class FlakyAmi(threading.Thread):
    """A connection to the real Asterisk that fails once.

    It is cut, or stays silent, at the nth sending of an action.
    """

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
def flaky_ami(ctx, action, count, how):
    """Yield a failing connection, and a context whose AMI is behind it."""
    failing = FlakyAmi(ctx.pbx.port, action, count, how)
    failing.start()
    try:
        yield failing, replace(ctx, pbx=replace(ctx.pbx, port=failing.port, timeout=1.0))
    finally:
        failing.close()


def running(ctx):
    with ctx.pbx.open() as ami:
        return {item["ObjectName"] for item in ami.events("PJSIPShowAuths")}


@pytest.mark.parametrize("how", ["cut", "hang"])
@pytest.mark.parametrize(("action", "count"), STEPS)
def test_failing_connection_restores_the_previous_generation(live_app, action, count, how):
    ctx = live_app.extensions["sipweb"]
    accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
    with flaky_ami(ctx, action, count, how) as (failing, behind_it):
        done = generations.generate(behind_it, WHO)
    assert failing.failed
    assert done.state == "refused"
    assert done.message.startswith("Asterisk closed" if how == "cut" else "Asterisk didn't respond")
    assert done.rollback == "back"
    assert ctx.generation_files.current() == 1
    assert "300" not in running(ctx)
    assert "219" in running(ctx)
    assert len(current_state(ctx).plan) == 1
    assert generations.generate(ctx, WHO).state == "verified"


def test_asterisk_killed_during_a_generation_keeps_the_previous_files(live_app, asterisk):
    ctx = live_app.extensions["sipweb"]
    accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
    original = type(ctx.generation_files).activate

    def kill_after_activate(self, number):
        original(self, number)
        asterisk.kill()
        asterisk.wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(ctx.generation_files), "activate", kill_after_activate)
        done = generations.generate(ctx, WHO)
    assert (done.state, done.rollback) == ("refused", "unknown")
    assert ctx.generation_files.current() == 1
    assert len(current_state(ctx).plan) == 1
    with pytest.raises(AmiUnavailable):
        generations.generate(ctx, WHO)


def _asterisk_says(*answers):
    """A server that accepts the login and then sends these bytes."""
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
def test_value_with_a_line_break_is_refused_before_anything_is_sent(value):
    port = _asterisk_says(b"Response: Success\r\nActionID: 2\r\n\r\n")
    with AmiClient.connect("127.0.0.1", port, "u", "s", 2.0) as ami:
        with pytest.raises(OperationRefused, match="Line breaks"):
            ami.action("PJSIPShowEndpoint", Endpoint=value)
        assert ami.action("Ping")["Response"] == "Success"


def test_response_without_end_is_refused_at_the_size_limit(monkeypatch):
    monkeypatch.setattr("sipweb.pbx.ami.MAX_RESPONSE_BYTES", 100_000)
    port = _asterisk_says(b"x" * 300_000)
    with (
        AmiClient.connect("127.0.0.1", port, "u", "s", 5.0) as ami,
        pytest.raises(AmiUnavailable, match="unexpectedly long"),
    ):
        ami.action("Ping")


def test_refused_login_names_no_secret(live_app):
    connection = replace(live_app.extensions["sipweb"].pbx, secret="wrong-secret-123")
    with pytest.raises(OperationRefused) as refused, connection.open():
        pass
    assert "wrong-secret-123" not in str(refused.value)
    assert "Login" in str(refused.value)


def test_lost_connection_and_its_return_are_logged_once(live_app, caplog, monkeypatch):
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(logs, "STARTUP_TIME", 0)
    ctx = live_app.extensions["sipweb"]
    with flaky_ami(ctx, "ModuleCheck", 1, "cut") as (_failing, ctx):
        address = f"{ctx.pbx.host}:{ctx.pbx.port}"
        with pytest.raises(AmiUnavailable), ctx.pbx.open() as ami:
            check_ready(ami)
        for _ in range(2):
            with ctx.pbx.open() as ami:
                check_ready(ami)
    assert [(r.name, r.levelname, r.getMessage()) for r in caplog.records] == [
        ("sipweb.pbx.connection", "WARNING",
         f"The connection to {address} failed: Asterisk closed the connection."),
        ("sipweb.pbx.connection", "INFO", f"The connection to {address} works again"),
    ]  # fmt: skip
    assert ctx.pbx.secret not in caplog.text
