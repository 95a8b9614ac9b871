"""Whatever dies when: Asterisk's files are one whole generation, and the next generation sets the record straight."""

import os
import signal
import subprocess
import sys

import pytest

from sipweb import tend
from sipweb.services import accounts, audit, generations, history
from sipweb.services.site import Actor
from sipweb.services.state import state
from tests.conftest import wait_for

WHO = Actor(None, "test")
CHILD = """
import os, signal, sys
from sipweb import create_app
from sipweb.pbx import release, state
from sipweb.services import generations
from sipweb.services.site import Actor

name, when = sys.argv[1:]
owner = next(o for o in (release.Release, state, generations) if hasattr(o, name))
original = getattr(owner, name)

def dying(*args, **kwargs):
    if when == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    original(*args, **kwargs)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(owner, name, dying)
app = create_app()
with app.app_context():
    generations.generate(app.extensions["sipweb"], Actor(None, "the dying one"))
"""


def die(environ, step, when):
    child = subprocess.run(
        [sys.executable, "-c", CHILD, step, when], env={**os.environ, **environ}, capture_output=True, check=False
    )
    assert child.returncode == -signal.SIGKILL, child.stderr.decode()


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["render", "write", "switch", "_close"])
def test_a_killed_generation_leaves_one_whole_generation(app, site, environ, step, when):
    accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
    die(environ, step, when)
    files = site.release.read(site.release.current())
    assert set(files) == {"pjsip.conf", "extensions.conf"}
    assert files["pjsip.conf"].splitlines()[0] == files["extensions.conf"].splitlines()[0]
    done = generations.generate(site, WHO)
    assert done.state == "written"
    assert [view.state for view in history.newest()] == ["written", "interrupted", "written"]
    assert site.release.current() == 3


@pytest.mark.parametrize("step", ["write", "switch", "_close"])
def test_the_background_process_sets_a_killed_generation_right_by_itself(app, site, environ, step):
    assert tend.look(site, False)
    accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
    die(environ, step, "after")
    assert tend.look(site, True)
    assert [view.state for view in history.newest()] == ["interrupted", "written"]
    newest = audit.entries()[0]
    assert (newest.by, newest.action, newest.subject) == ("sipweb", "generation.interrupted", "2")
    assert site.release.current() == 1
    assert not generations.broken_off(site)


def test_a_disk_that_takes_no_file_leaves_the_old_state_and_is_said(app, site):
    accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
    (site.release.directory / ".draft-000002").write_text("a file in the way of the folder")
    done = generations.generate(site, WHO)
    assert (done.state, done.message) == ("refused", "The files could not be written: %(why)s.")
    assert site.release.current() == 1
    assert len(state(site).plan) == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("step", ["write", "switch", "reload", "differences", "_close"])
def test_a_killed_generation_is_taken_back_from_the_real_asterisk(live, pbx, step, when):
    site = live.extensions["sipweb"]
    wait_for(lambda: generations.settle(site), "the first generation is verified")
    accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
    die(pbx, step, when)
    assert generations.settle(site)
    with site.link.open() as asked:
        running = {item["ObjectName"] for item in asked.events("PJSIPShowAuths")}
    assert "300" not in running
    assert "219" in running
    assert [view.state for view in history.newest()] == ["interrupted", "verified"]
    assert len(state(site).plan) == 1
    assert generations.generate(site, WHO).state == "verified"
