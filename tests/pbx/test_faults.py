"""A generation meets a fault at each of its steps.

Whatever happens: Asterisk's files are one whole generation, the record is true, there is a sentence for the page, no
edit is lost, and everything works again soon after the cause has gone.
"""

import os
import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import event

from sipweb import create_app
from sipweb.config import load
from sipweb.core import asterisk
from sipweb.core.errors import SipwebError
from sipweb.db import db
from sipweb.pbx import control, local_asterisk, verification
from sipweb.pbx.generation_files import GenerationFiles
from sipweb.services import (
    accounts,
    apply_again,
    database_clock,
    drift,
    generation_history,
    generation_run,
    generations,
)
from sipweb.services.context import Actor, utc_now
from sipweb.services.errors import DatabaseFailure, storage_failed
from sipweb.services.host_reports import written_digests
from sipweb.services.state import current_state, live_number
from sipweb.supervisor import local_asterisk_config
from tests.faults import fill, mount, unmount
from tests.pbx.flaky_ami import flaky_ami
from tests.servers import running_asterisk, wait_for

WHO = Actor(None, "test")
STEPS = {  # the function whose call begins a step
    "claim": (generations, "_claim"),
    "render": (asterisk, "pjsip_sections"),
    "write": (GenerationFiles, "write"),
    "activate": (GenerationFiles, "activate"),
    "reload": (control, "reload_changed"),
    "verify": (verification, "differences"),
    "record": (generation_run, "_record"),
}
RECOVERY = 10.0  # seconds after the end of the cause


@pytest.fixture(scope="module")
def system(instance_template, tmp_path_factory):
    """A live system on a disk of its own, whose Asterisk the tests stop, kill and start again."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    instance = tmp_path_factory.mktemp("faults") / "i"
    instance.mkdir()
    mount("-t", "tmpfs", "-o", "size=24m", "tmpfs", instance)
    try:
        shutil.copytree(instance_template, instance, symlinks=True, dirs_exist_ok=True)
        with running_asterisk(instance) as (environ, process):
            app = create_app(load(environ))
            with app.app_context():
                ctx = app.extensions["sipweb"]
                ctx = replace(ctx, pbx=replace(ctx.pbx, timeout=1.0))
                settings = local_asterisk_config(app.config["SETTINGS"])
                system = SimpleNamespace(app=app, ctx=ctx, process=process, settings=settings, instance=instance)
                wait_for(lambda: generations.reconcile(ctx), "the first generation is verified")
                yield system
                system.process.kill()
                system.process.wait()
                db.session.remove()
                db.engine.dispose()
    finally:
        unmount(instance)


# The faults: each is there while its context is entered.


@contextmanager
def asterisk_stopped(system):
    system.process.send_signal(signal.SIGSTOP)
    try:
        yield
    finally:
        system.process.send_signal(signal.SIGCONT)


@contextmanager
def asterisk_killed(system):
    system.process.kill()
    system.process.wait()
    try:
        yield
    finally:
        command = local_asterisk.argv(system.settings, local_asterisk.find_asterisk())
        system.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@contextmanager
def disk_full(system):
    fill(system.instance)
    try:
        yield
    finally:
        (system.instance / "filler").unlink()


@contextmanager
def files_read_only(system):
    folder = system.ctx.generation_files.directory
    mount("--bind", folder, folder)
    mount("-o", "remount,bind,ro", folder)
    try:
        yield
    finally:
        unmount(folder)


@contextmanager
def folder_where_the_files_belong(system):
    """Another file system, which can't be removed, where the new files belong."""
    folder = system.ctx.generation_files.path(generation_history.newest_generation()[0] + system.next_number)
    folder.mkdir(exist_ok=True)
    mount("-t", "tmpfs", "tmpfs", folder)
    try:
        yield
    finally:
        unmount(folder)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database_locked(system):
    with closing(sqlite3.connect(system.instance / "sipweb.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with _pragma("busy_timeout=200", "busy_timeout=10000"):
            yield
        other.execute("ROLLBACK")


@contextmanager
def database_read_only(system):
    with _pragma("query_only=ON", "query_only=OFF"):
        yield


@contextmanager
def _pragma(setting, normal):
    """Set something of each connection to the database while it lasts."""
    db.session.rollback()

    def begin(connection, *_):
        connection.execute(f"PRAGMA {setting}")

    event.listen(db.engine, "checkout", begin)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", begin)
        db.session.rollback()
        with db.engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA {normal}")


@contextmanager
def clock_set_back(system):
    with pytest.MonkeyPatch.context() as patch:
        for module in (database_clock, drift):
            patch.setattr(module, "utc_now", lambda: utc_now() - timedelta(hours=3))
        yield


FAULTS = [
    *((asterisk_stopped, step) for step in ("claim", "render", "write", "activate", "reload", "verify")),
    *((asterisk_killed, step) for step in ("claim", "render", "write", "activate", "reload", "verify")),
    *((disk_full, step) for step in ("claim", "render", "write", "activate", "reload", "verify", "record")),
    *((files_read_only, step) for step in ("claim", "render", "write", "activate")),
    *((folder_where_the_files_belong, step) for step in ("claim", "render", "write")),
    *((database_locked, step) for step in ("claim", "record")),
    *((database_read_only, step) for step in ("claim", "record")),
    *((clock_set_back, step) for step in ("claim", "record")),
]
AMI_STEPS = [
    ("Login", 1), ("ModuleCheck", 1), ("ModuleCheck", 2), ("PJSIPShowEndpoint", 1), ("Reload", 1), ("Reload", 2),
    ("PJSIPShowEndpoints", 1), ("PJSIPShowAuths", 1), ("PJSIPShowAors", 1), ("PJSIPShowEndpoint", 2),
    ("ShowDialPlan", 1), ("ShowDialPlan", 6),
]  # fmt: skip
AMI_FAULTS = [
    *((how, *step) for step in AMI_STEPS for how in ("cut", "hang")),
    *(pytest.param(how, *step, marks=pytest.mark.long) for step in AMI_STEPS for how in ("garble", "delay")),
]


def change(system):
    """Save an edit that the generation shall bring to the PBX, to accounts and dialplan; return the level."""
    account = current_state(system.ctx).by_id[1]
    level = account.level % 90 + 1
    new = {"level": level, "pickup_group": level % 60 + 1}
    values = accounts.AccountInput(**{name: getattr(account, name) for name in accounts.COLUMNS} | new)
    accounts.update(system.ctx, WHO, 1, account.version, values)
    return level


def attempt(ctx):
    """Generate; return the generation, or None and the sentence that says why there is none."""
    try:
        return generations.generate(ctx, WHO), ""
    except SipwebError as error:
        return None, str(error)
    except DatabaseFailure as error:  # the page's handler
        return None, str(storage_failed(error))
    finally:
        db.session.rollback()


@contextmanager
def fault_at(system, fault, step):
    """Let the fault begin when the step does, once, and end with this context."""
    owner, name = STEPS[step]
    original, entered = getattr(owner, name), []
    system.next_number = 1 if step == "claim" else 0

    def begin(*args, **kwargs):
        if not entered:
            entered.append(fault(system))
            entered[0].__enter__()
        return original(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, begin)
        yield entered
    for context in entered:
        context.__exit__(None, None, None)


def check_recovery(system, level, done, sentence):
    """Everything that must hold whatever happened."""
    ctx = system.ctx
    end = time.monotonic() + RECOVERY
    assert done or sentence
    assert "Traceback" not in sentence
    if done and done.state == "refused":
        assert done.message
    wait_for(lambda: _reconciled(ctx), "Asterisk runs the live generation", RECOVERY)
    number = live_number()
    assert ctx.generation_files.current() == number
    assert list(ctx.generation_files.states(number, written_digests(ctx, number))) == []
    assert drift.find_drift(ctx, full=True) == frozenset()
    state = current_state(ctx)
    assert state.by_id[1].level == level  # the edit is there, and pending unless it is live
    assert len(state.plan) == (0 if done and done.state == "verified" else 1)
    records = generation_history.recent_generations(limit=3)
    assert [view.number for view in records if view.is_live] in ([number], [])
    assert all(view.state != "running" for view in records)
    if done:
        assert {view.number: view.state for view in records}[done.number] == done.state
    done, sentence = attempt(ctx)
    assert (done.state if done else "nothing to do") in ("verified", "nothing to do"), sentence
    assert not current_state(ctx).plan
    assert time.monotonic() < end


def _reconciled(ctx):
    try:
        return generations.reconcile(ctx)
    except SipwebError:
        return False


@pytest.mark.parametrize(("fault", "step"), FAULTS, ids=lambda value: getattr(value, "__name__", value))
def test_fault_at_a_step_leaves_a_whole_generation_and_a_true_record(system, fault, step):
    level = change(system)
    with fault_at(system, fault, step) as entered:
        done, sentence = attempt(system.ctx)
    assert entered
    check_recovery(system, level, done, sentence)


@pytest.mark.parametrize(("how", "action", "count"), AMI_FAULTS)
def test_failing_ami_leaves_a_whole_generation_and_a_true_record(system, how, action, count):
    level = change(system)
    with flaky_ami(system.ctx, action, count, how) as (failing, behind_it):
        done, sentence = attempt(behind_it)
    assert failing.failed
    if how == "delay":
        assert done.state == "verified"
    check_recovery(system, level, done, sentence)


@pytest.mark.parametrize("fault", [disk_full, files_read_only])
def test_version_is_applied_again_after_a_fault(system, fault):
    ctx = system.ctx
    (ctx.generation_files.path(live_number()) / "pjsip.conf").write_text("mine")
    with fault(system), pytest.raises(SipwebError, match="Couldn't write the files") as refused:
        apply_again.apply_again(ctx, WHO)
    assert "Traceback" not in str(refused.value)
    assert apply_again.apply_again(ctx, WHO).differences == ()
    assert drift.find_drift(ctx, full=True) == frozenset()


def test_old_files_that_cannot_be_removed_are_named(system):
    ctx = system.ctx
    old = ctx.generation_files.path(0)  # the oldest of more than 20
    others = [ctx.generation_files.path(900_000 + number) for number in range(30)]
    for folder in (old, *others):
        folder.mkdir()
    mount("-t", "tmpfs", "tmpfs", old)
    try:
        level = change(system)
        done, sentence = attempt(ctx)
    finally:
        unmount(old)
        for folder in (old, *others):
            shutil.rmtree(folder, ignore_errors=True)
    assert done.state == "verified"
    assert done.message % done.values == f"Old files couldn't be removed: {old.name}. Check their owner."
    check_recovery(system, level, done, sentence)
