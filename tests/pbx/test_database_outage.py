"""PostgreSQL goes away while a generation is tried: Asterisk and its files go back without it."""

import logging
from contextlib import contextmanager

import pytest

from sipweb.core.errors import StorageFailed
from sipweb.db import db
from sipweb.pbx import control
from sipweb.services import generation_run, generations, hosts
from sipweb.services.generation_history import get_generation
from tests import postgres
from tests.builders import WHO, make_account
from tests.servers import wait_for

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture
def ctx(live_app):
    """A PBX host with a real Asterisk, and a pending account 300."""
    ctx = live_app.extensions["sipweb"]
    hosts.join(ctx)
    wait_for(lambda: generations.reconcile(ctx), "the first generation is verified")
    make_account(ctx, 300, phone="other")
    return ctx


@pytest.fixture
def outage(postgresql):
    """Return a function that cuts all connections to PostgreSQL, which accepts no new ones until the test ends."""
    name = db.engine.url.database

    def begin():
        postgres.run(postgresql, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS false")
        postgres.run(
            postgresql, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name", name=name
        )

    begin.end = lambda: postgres.run(postgresql, f"ALTER DATABASE {name} WITH ALLOW_CONNECTIONS true")
    yield begin
    begin.end()


@contextmanager
def before(monkeypatch, module, name, what):
    """Let something happen when this function is called, before it does its work."""
    original = getattr(module, name)

    def call(*arguments, **options):
        what()
        return original(*arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(module, name, call)
        yield


def runs(ctx, number):
    """Return whether Asterisk has an account."""
    with ctx.pbx.open() as ami:
        return any(item["ObjectName"] == str(number) for item in ami.events("PJSIPShowEndpoints"))


@pytest.mark.parametrize("moment", ["verified", "refused"])
def test_previous_generation_returns_while_the_database_is_away(ctx, outage, monkeypatch, caplog, moment):
    caplog.set_level(logging.INFO)

    def spoil():
        """Change what is about to be loaded, so that Asterisk does not run what was generated."""
        path = ctx.generation_files.path(2) / "pjsip.conf"
        path.write_text(path.read_text().replace("[205]", "[905]"))
        outage()

    step = (generation_run, "_record", outage) if moment == "verified" else (control, "reload_changed", spoil)
    with before(monkeypatch, *step), pytest.raises(StorageFailed):
        generations.generate(ctx, WHO)
    assert ctx.generation_files.current() == 1
    assert not runs(ctx, 300)
    assert runs(ctx, 205)
    assert "Generation 2 is rolled back to 1: " in caplog.text
    assert "The result of generation 2 couldn't be stored: " in caplog.text
    outage.end()
    assert generations.reconcile(ctx)
    assert get_generation(2).state == "interrupted"
    assert generations.generate(ctx, WHO).state == "verified"
    assert runs(ctx, 300)


def test_files_that_were_changed_return_while_the_database_is_away(ctx, outage, monkeypatch):
    path = ctx.generation_files.path(1) / "pjsip.conf"
    text = path.read_text()

    def spoil():
        path.write_text(text.replace("[205]", "[905]"))
        outage()

    with before(monkeypatch, generation_run, "_record", spoil), pytest.raises(StorageFailed):
        generations.generate(ctx, WHO)
    assert (ctx.generation_files.current(), path.read_text()) == (1, text)
    assert runs(ctx, 205)
    assert not runs(ctx, 300)
