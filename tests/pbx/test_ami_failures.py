"""Asterisk hangs or disconnects at any step: sipweb rolls back and records it."""

import logging
import socket
import threading
from dataclasses import replace

import pytest

from sipweb import logs
from sipweb.core.errors import OperationRefused
from sipweb.pbx.ami import AmiClient, AmiUnavailable
from sipweb.pbx.control import check_ready
from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.pbx.flaky_ami import flaky_ami, quietly

WHO = Actor(None, "test")
STEPS = [("Reload", 1), ("Reload", 2), ("PJSIPShowEndpoints", 1), ("PJSIPShowAors", 1), ("ShowDialPlan", 3)]


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
            quietly(connection.sendall, answer)
        connection.close()
        server.close()

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1]


@pytest.mark.parametrize("value", ["a\r\nAction: Originate", "a\nb", "a\rb", "a\0b"])
def test_value_with_a_line_break_is_refused_before_anything_is_sent(value):
    port = _asterisk_says(b"Response: Success\r\nActionID: 3\r\n\r\n")
    with AmiClient.connect("127.0.0.1", port, "u", "s", 2.0) as ami:
        with pytest.raises(OperationRefused, match="Line breaks"):
            ami.action("PJSIPShowEndpoint", Endpoint=value)
        assert ami.action("Ping")["Response"] == "Success"


def test_next_action_skips_responses_that_nobody_read():
    port = _asterisk_says(
        b"Response: Error\r\nActionID: 2\r\nMessage: unknown\r\n\r\nResponse: Success\r\nActionID: 3\r\n\r\n",
        b"Response: Success\r\nActionID: 4\r\nPing: Pong\r\n\r\n",
    )
    with AmiClient.connect("127.0.0.1", port, "u", "s", 2.0) as ami:
        next(
            ami.iterate_responses(
                [("PJSIPShowEndpoint", {"Endpoint": "200"}), ("PJSIPShowEndpoint", {"Endpoint": "201"})]
            )
        )
        assert ami.action("Ping")["Ping"] == "Pong"


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
    assert "rejected the AMI user" in str(refused.value)


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
