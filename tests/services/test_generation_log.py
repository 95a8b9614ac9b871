"""What a generation writes to the log."""

import logging

import pytest

from sipweb.services import accounts, generations
from sipweb.services.context import Actor
from sipweb.services.state import live_generation

ACTOR = Actor(None, "test")


@pytest.fixture
def pending(ctx):
    """A pending change, so that there is something to generate."""
    accounts.create(ctx, ACTOR, accounts.AccountInput(number=300, phone="other"))


def log_lines(caplog):
    return [(r.levelname, r.getMessage()) for r in caplog.records if r.name.startswith("sipweb.services.generation")]


def test_generation_logs_number_author_state_and_time(ctx, pending, caplog):
    caplog.set_level(logging.INFO)
    generations.generate(ctx, ACTOR)
    claimed, ended = log_lines(caplog)
    assert claimed == ("INFO", "Generation 2 is claimed by test")
    assert ended[1].startswith("Generation 2 ended: written after ")
    assert ended[1].endswith(" ms")


def test_rollback_is_logged_with_its_reason(ctx, pending, caplog):
    (ctx.generation_files.directory / ".draft-000002").write_text("a file in the place of the folder")
    assert generations.generate(ctx, ACTOR).state == "refused"
    [(_level, message)] = [line for line in log_lines(caplog) if line[0] == "WARNING"]
    assert message.startswith("Generation 2 is rolled back to 1: Couldn't write the files: ")


def test_log_contains_no_sip_password(ctx, pending, caplog):
    caplog.set_level(logging.DEBUG)
    generations.generate(ctx, ACTOR)
    for account in live_generation(ctx)[1].accounts:
        assert ctx.cipher.decrypt(account.secret) not in caplog.text
