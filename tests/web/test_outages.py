"""The database or the disk fails: what pages, the JSON interface, the log and /healthz say, and what comes back."""

import logging
import os
import re
import sys
import time
from contextvars import Context
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from sipweb.crypto import SecretCipher
from sipweb.db import db
from sipweb.monitor import Monitor
from sipweb.services import health, leases
from sipweb.services.state import current_state
from sipweb.version import schemas
from tests import faults
from tests.builders import acquire
from tests.client import Client, reset_request_globals, soup

LOCKED = "The database is locked by another program."
READ_ONLY = "The database can't be written."
FULL = "The disk with the database is full."
DOWN = "The database doesn't answer."
OTHER = "The database has the schema of another version of sipweb."
EDIT = {"version": "1", "number": "200", "level": "77", "phone": "builtin", "active": "on", "owner": ""}
# the fault, the database, what a page and /healthz say
FAULTS = [
    (faults.locked, "sqlite", (LOCKED, LOCKED)),
    (faults.read_only, "sqlite", (READ_ONLY, READ_ONLY)),
    (faults.disk_full, "sqlite", (FULL, "The disk with sipweb's data is full.")),
    (faults.other_schema, "sqlite", (OTHER, "The database has an older schema")),
    (faults.other_schema, "postgresql", (OTHER, "The database has an older schema")),
    (faults.gone, "postgresql", (DOWN, DOWN)),
    (faults.standby, "postgresql", (READ_ONLY, READ_ONLY)),
]


@pytest.fixture
def instance_on_small_disk(tmp_path):
    """Mount a small disk where the instance will be."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    faults.mount("-t", "tmpfs", "-o", "size=16m", "tmpfs", tmp_path)
    yield
    faults.unmount(tmp_path)


@pytest.fixture
def system(request, database):
    """Prepare what the fault needs: a small disk, or PostgreSQL; return the folder and the server."""
    if request.node.callspec.params["fault"] is faults.disk_full:
        request.getfixturevalue("instance_on_small_disk")
    server = request.getfixturevalue("postgresql") if database == "postgresql" else None
    return request.getfixturevalue("instance"), server


def check_answers(client, agent, message):
    """Check a page, a fragment and the JSON interface."""
    for language, heading in (("en", "Something went wrong"), ("pl", "Wystąpił błąd")):
        with client._client.session_transaction() as session:
            session["language"] = language
        page = client.post("/accounts/1", **EDIT)
        assert (page.status_code, page.retry_after is not None) == (503, True)
        if language == "en":
            assert message in unescape(page.text)
        assert soup(page).h1.text == heading
    assert soup(page).select_one("main p:nth-of-type(2)")
    reset_request_globals()
    fragment = client.post("/accounts/1", htmx=True, **EDIT)
    assert (fragment.status_code, fragment.headers["HX-Retarget"]) == (503, "#alert")
    reset_request_globals()
    headers = {"Authorization": f"Bearer {agent.token}", "Accept-Language": "en"}
    beat = client._client.post("/api/agent/heartbeat", headers=headers)
    if message == OTHER:
        return
    assert (beat.status_code, beat.retry_after is not None) == (503, True)
    assert beat.json["error"].startswith(message)


@pytest.mark.parametrize(("fault", "database", "texts"), FAULTS, indirect=["database"])
def test_fault_is_named_everywhere_and_nothing_is_lost(system, fault, texts, request, caplog):
    message, problem = texts
    app, ctx = request.getfixturevalue("app"), request.getfixturevalue("ctx")
    request.getfixturevalue("anna")
    admin, leaving, agent = Client(app), Client(app), acquire(ctx)
    admin.login()
    leaving.login()
    caplog.clear()
    with fault(*system):
        check_answers(admin, agent, message)
        reset_request_globals()
        assert leaving.post("/logout").status_code == 303
        reset_request_globals()
        seen = admin.get("/healthz")
        assert seen.status_code == 503
        assert problem in seen.json["problems"][0]
        assert admin.get("/healthz/live").status_code == 200
        assert "sipweb_up 0.0" in admin.get("/metrics").text
        lines = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
        assert len(lines) == 1, lines
        assert lines[0].startswith("The database failed: ")
        assert not re.search(r"\b77\b", lines[0])
    db.session.rollback()
    assert leaving.get("/accounts").status_code == 302
    assert admin.post("/accounts/1", htmx=True, **EDIT).status_code == 200
    assert current_state(ctx).by_id[1].level == 77
    leases.heartbeat(agent.token)
    assert admin.get("/healthz").status_code == 200


def test_newer_schema_makes_the_server_unhealthy(admin):
    with faults.newer_schema(oldest="9999"):
        seen = admin.get("/healthz")
        assert seen.status_code == 503
        assert "a newer schema (9999)" in seen.json["problems"][0]
    assert admin.get("/healthz").status_code == 200


def test_newer_schema_that_allows_this_version_is_named(admin):
    assert "newer_schema" not in admin.get("/healthz").json
    with faults.newer_schema(oldest=schemas()[-1]):
        seen = admin.get("/healthz")
        assert (seen.status_code, seen.json["newer_schema"], seen.json["problems"]) == (200, "9999", [])
        assert admin.post("/accounts/1", htmx=True, **EDIT).status_code == 200


def test_keys_that_do_not_fit_make_the_server_unhealthy(admin, app, ctx):
    other = SecretCipher(["K" * 43 + "="], "00" * 32)
    app.extensions["sipweb"] = replace(ctx, cipher=other)
    seen = admin.get("/healthz")
    assert seen.status_code == 503
    assert "keys.json" in seen.json["problems"][0]
    app.extensions["sipweb"] = ctx
    assert admin.get("/healthz").json["problems"] == []


def test_what_another_server_would_have_too_is_only_named(admin, ctx, instance, monkeypatch):
    (ctx.runtime_dir / "undeletable-recordings").write_text("3\n")
    (instance / "keys.json").rename(instance / "keys")
    monkeypatch.setattr(health, "MIN_FREE_BYTES", 1 << 60)
    seen = admin.get("/healthz")
    assert seen.status_code == 200
    assert [problem.partition(":")[0][:30] for problem in seen.json["problems"]] == [
        "keys.json is missing. Put it b", "Recordings that are too old co", "The disk with sipweb's data ha",
        "The disk with the recordings h",
    ]  # fmt: skip


def test_silent_monitor_makes_the_server_unhealthy(admin, app, ctx):
    def age(seconds):
        os.utime(ctx.runtime_dir / health.ALIVE, (time.time() - seconds,) * 2)

    app.extensions["sipweb"] = silent = replace(ctx, created_at=time.time() - 61)
    for report, status in ((lambda: None, 503), (lambda: health.report_alive(silent), 200), (lambda: age(59), 200),
                           (lambda: age(61), 503)):  # fmt: skip
        report()
        assert admin.get("/healthz").status_code == status
    assert "The background process doesn't run" in admin.get("/healthz").json["problems"][0]
    app.extensions["sipweb"] = ctx  # this process has just been started, and the monitor with it
    assert admin.get("/healthz").status_code == 200


@pytest.mark.parametrize("hours", [2, -2])
def test_clock_that_is_set_takes_no_number_away(admin, ctx, anna, monkeypatch, hours):
    seconds, agent = iter(range(0, 100_000)), acquire(ctx)  # the monitor reads its clock several times in a round
    monitor = Monitor(ctx, lambda: next(seconds))
    for _ in range(60):
        monitor.tick()
        leases.heartbeat(agent.token)
    health.report_alive(ctx)
    set_clock(monkeypatch, timedelta(hours=hours))
    os.utime(ctx.runtime_dir / health.ALIVE, (time.time(),) * 2)  # the monitor's next round
    monitor.poll()
    assert admin.get("/healthz").json["problems"] == []
    if hours > 0:  # longer than a session may be unused
        admin.login()
    assert "Anna Nowak" in admin.get("/accounts").text
    leases.heartbeat(agent.token)
    for _ in range(60):
        monitor.tick()
    leases.heartbeat(agent.token)


def set_clock(monkeypatch, shift):
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + shift.total_seconds())
    for module in [module for name, module in sys.modules.items() if name.startswith("sipweb")]:
        if hasattr(module, "utc_now"):
            monkeypatch.setattr(module, "utc_now", lambda: datetime.now(UTC) + shift)


def test_response_is_sent_if_the_database_goes_away_after_it_was_made(app, monkeypatch):
    closed = []

    def close(session):
        closed.append(session)
        raise OperationalError("ROLLBACK", {}, Exception("server closed the connection unexpectedly"))

    def get():
        return Context().run(app.test_client().get, "/healthz").status_code  # outside of the test's context

    app.testing = False
    with monkeypatch.context() as patch:
        patch.setattr(Session, "close", close)
        assert get() == 200
    assert closed
    assert get() == 200
