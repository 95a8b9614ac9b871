"""After any crash Asterisk's files are one complete generation.

The next generation reconciles.
"""

import os
import signal
import subprocess
import sys

import pytest

from sipweb.monitor import POLL_INTERVAL, Monitor
from sipweb.services import accounts, audit, generation_history, generations
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.servers import wait_for

WHO = Actor(None, "test")
CHILD = """
import os, signal, sys
from sipweb import create_app
from sipweb.core import asterisk
from sipweb.pbx import control, verification
from sipweb.pbx.generation_files import GenerationFiles
from sipweb.services import generation_run, generations
from sipweb.services.context import Actor

name, when = sys.argv[1:]
owner = next(o for o in (GenerationFiles, control, verification, generation_run, asterisk) if hasattr(o, name))
original = getattr(owner, name)

def die(*args, **kwargs):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, die)
app = create_app()
with app.app_context():
    generations.generate(app.extensions["sipweb"], Actor(None, "the killed process"))
"""


def generate_and_die(environ, step, when):
    child = subprocess.run(
        [sys.executable, "-c", CHILD, step, when], env={**os.environ, **environ}, capture_output=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["pjsip_sections", "write", "activate", "close_if_complete"])
def test_killed_generation_leaves_one_complete_generation(app, ctx, environ, step, when):
    accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
    generate_and_die(environ, step, when)
    files = ctx.generation_files.read(ctx.generation_files.current())
    assert set(files) == {"pjsip.conf", "extensions.conf"}
    assert files["pjsip.conf"].splitlines()[0] == files["extensions.conf"].splitlines()[0]
    done = generations.generate(ctx, WHO)
    assert done.state == "written"
    assert [view.state for view in generation_history.recent_generations()] == ["written", "interrupted", "written"]
    assert ctx.generation_files.current() == 3


@pytest.mark.parametrize("step", ["write", "activate", "close_if_complete"])
def test_monitor_reconciles_a_killed_generation(app, ctx, environ, step):
    now = 0.0
    monitor = Monitor(ctx, clock=lambda: now)
    monitor.tick()
    assert monitor.reconciled
    accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
    generate_and_die(environ, step, "after")
    now = POLL_INTERVAL
    monitor.tick()
    assert monitor.reconciled
    assert [view.state for view in generation_history.recent_generations()] == ["interrupted", "written"]
    newest = audit.entries()[0]
    assert (newest.by, newest.action, newest.subject) == ("sipweb", "generation.interrupted", "2")
    assert ctx.generation_files.current() == 1
    assert not generations.needs_reconciling(ctx)


def test_write_error_keeps_the_previous_generation_and_is_recorded(app, ctx):
    accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
    (ctx.generation_files.directory / ".draft-000002").write_text("a file in the way of the folder")
    done = generations.generate(ctx, WHO)
    assert (done.state, done.message) == ("refused", "Couldn't write the files: %(why)s (%(name)s).")
    assert done.values == {"why": "File exists", "name": ".draft-000002"}
    assert ctx.generation_files.current() == 1
    assert len(current_state(ctx).plan) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["write", "activate", "reload_changed", "differences", "close_if_complete"])
def test_killed_generation_is_rolled_back_on_a_real_asterisk(live_app, pbx, step, when):
    ctx = live_app.extensions["sipweb"]
    wait_for(lambda: generations.reconcile(ctx), "the first generation is verified")
    accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
    generate_and_die(pbx, step, when)
    assert generations.reconcile(ctx)
    with ctx.pbx.open() as ami:
        running = {item["ObjectName"] for item in ami.events("PJSIPShowAuths")}
    assert "300" not in running
    assert "219" in running
    assert [view.state for view in generation_history.recent_generations()] == ["interrupted", "verified"]
    assert len(current_state(ctx).plan) == 1
    assert generations.generate(ctx, WHO).state == "verified"
