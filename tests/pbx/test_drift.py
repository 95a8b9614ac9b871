"""Drift on a real Asterisk: what was changed by hand is found, and applying the configuration again repairs it."""

import re
import subprocess
import time
from dataclasses import replace

import pytest

from sipweb.core.asterisk.pjsip import SIP_DOMAIN
from sipweb.core.errors import OperationRefused
from sipweb.core.snapshot import RENDERER_VERSION
from sipweb.db import transaction
from sipweb.models import Generation
from sipweb.monitor import Monitor
from sipweb.pbx import control, local_asterisk
from sipweb.pbx.event_listener import EventListener
from sipweb.services import apply_again, drift, generations
from sipweb.services.context import Actor
from sipweb.services.generation_lock import generation_lock
from sipweb.services.state import current_state, live_generation
from sipweb.supervisor import local_asterisk_config
from tests.servers import wait_for

WHO = Actor(None, "test")


@pytest.fixture
def ctx(live_app):
    """The context of a live system whose generation is verified."""
    ctx = live_app.extensions["sipweb"]
    assert generations.reconcile(ctx)
    return ctx


@pytest.fixture
def files(live_app):
    """The folder of the files that Asterisk reads."""
    return (live_app.config["SETTINGS"].asterisk_dir / "sipweb" / "current").resolve()


@pytest.fixture
def detector(ctx):
    """The background process's search, with a clock that the test moves."""
    clock = [0.0]
    detector = drift.DriftDetector(ctx, lambda: clock[0])
    detector.clock = clock
    return detector


def pass_seconds(detector, seconds):
    """Let the detector run for so many seconds of its clock."""
    end = detector.clock[0] + seconds
    while detector.clock[0] < end:
        detector.run()
        detector.clock[0] += max(0.1, min(detector.remaining(), end - detector.clock[0]))
    detector.run()


def change(path, old, new):
    """Replace text in a file, which must contain it."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def reload(ctx):
    with ctx.pbx.open() as ami:
        control.reload(ami)
    time.sleep(0.3)


def changed_endpoint(files):
    change(files / "pjsip.conf", "context=sipweb-internal", "context=evil")


def added_endpoint(files):
    with (files / "pjsip.conf").open("a") as file:
        file.write("\n[777]\ntype=endpoint\ncontext=sipweb-internal\naors=777\n\n[777]\ntype=aor\nmax_contacts=1\n")


def removed_endpoint(files):
    text = (files / "pjsip.conf").read_text()
    start, end = text.index("[205]"), text.index("[206]")
    (files / "pjsip.conf").write_text(text[:start] + text[end:])


def removed_second_endpoint(files):
    text = (files / "pjsip.conf").read_text()
    start = text.index(f"[200@{SIP_DOMAIN}]")
    (files / "pjsip.conf").write_text(text[:start] + text[text.index("\n[", start) + 1 :])


def added_second_endpoint(files):
    with (files / "pjsip.conf").open("a") as file:
        file.write(f"\n[777@{SIP_DOMAIN}]\ntype=endpoint\nidentify_by=ip\n")


def changed_auth(files):
    text = (files / "pjsip.conf").read_text()
    (files / "pjsip.conf").write_text(re.sub(r"MD5:[0-9a-f]{32}", "MD5:" + "0" * 32, text, count=2))


def changed_level(files):
    change(files / "extensions.conf", "exten => 200,1,Set(SIPWEB_CALLED_LEVEL=10)",
           "exten => 200,1,Set(SIPWEB_CALLED_LEVEL=100)")  # fmt: skip


def changed_line(files):
    change(files / "extensions.conf", "Hangup(${EXTEN:1})", "Hangup(16)")


def added_include(files):
    change(files / "extensions.conf", "include => sipweb-emergency", "include => evil\ninclude => sipweb-emergency")


def removed_context(files):
    text = (files / "extensions.conf").read_text()
    start = text.index("[sipweb-hangup]")
    (files / "extensions.conf").write_text(text[:start] + text[text.index("\n[", start) + 1 :])


INCLUDED = "sipweb-emergency, sipweb-features, sipweb-accounts, sipweb-inactive, sipweb-outgoing"
CHANGES = {  # the file that is changed, and the difference in what Asterisk runs
    changed_endpoint: ("pjsip.conf", ("200", "context", "sipweb-internal", "evil")),
    added_endpoint: ("pjsip.conf", ("777", "endpoint", "absent", "present")),
    removed_endpoint: ("pjsip.conf", ("205", "endpoint", "present", "missing")),
    removed_second_endpoint: ("pjsip.conf", (f"200@{SIP_DOMAIN}", "endpoint", "present", "missing")),
    added_second_endpoint: ("pjsip.conf", (f"777@{SIP_DOMAIN}", "endpoint", "absent", "present")),
    changed_auth: ("pjsip.conf", ("200", "secret", "", "")),
    changed_level: ("extensions.conf", ("200", "level", "10", "100")),
    changed_line: ("extensions.conf", ("_X.", "sipweb-hangup, 8", "Hangup(${EXTEN:1})", "Hangup(16)")),
    added_include: ("extensions.conf", ("sipweb-internal", "include", INCLUDED, f"evil, {INCLUDED}")),
    removed_context: ("extensions.conf", ("sipweb-hangup", "context", "present", "missing")),
}  # fmt: skip


def stored(ctx):
    return {(one.name, one.field, one.expected, one.actual) for one in current_state(ctx).drift}


@pytest.mark.parametrize("tamper", CHANGES, ids=lambda tamper: tamper.__name__)
def test_what_asterisk_runs_differently_is_found_and_applied_again(ctx, files, detector, tamper):
    pass_seconds(detector, 1)
    assert stored(ctx) == set()
    tamper(files)
    reload(ctx)
    detector.request()  # as after Asterisk's event
    detector.run()
    assert stored(ctx) == set()  # a difference counts when it is seen twice
    pass_seconds(detector, 1)
    name, difference = CHANGES[tamper]
    assert {difference, (name, "file", "present", "changed")} <= stored(ctx)
    text = (files / name).read_text()
    applied = apply_again.apply_again(ctx, WHO)
    assert (applied.differences, len(applied.kept)) == ((), 1)
    assert (files / applied.kept[0]).read_text() == text
    assert re.fullmatch(rf"kept-\d{{8}}T\d{{12}}Z-{name}", applied.kept[0])
    assert stored(ctx) == set()
    pass_seconds(detector, 1)
    assert stored(ctx) == set()


@pytest.mark.parametrize(
    ("tamper", "state"),
    [
        (lambda path: path.write_text(path.read_text() + ";"), "changed"),
        (lambda path: path.unlink(), "missing"),
        (lambda path: (path.rename(path.with_name("real")), path.symlink_to("real")), "link"),
        (lambda path: (path.unlink(), path.mkdir()), "not a file"),
    ],
    ids=["changed", "removed", "link", "folder"],
)
def test_changed_file_is_found_before_any_reload(ctx, files, detector, tamper, state):
    pass_seconds(detector, 1)
    tamper(files / "pjsip.conf")
    pass_seconds(detector, ctx.drift_interval + 2)  # one interval, and the second look
    assert stored(ctx) == {("pjsip.conf", "file", "present", state)}
    since = current_state(ctx).drift[0].first_seen
    pass_seconds(detector, ctx.drift_interval)
    assert current_state(ctx).drift[0].first_seen == since
    assert apply_again.apply_again(ctx, WHO).differences == ()
    pass_seconds(detector, 2)
    assert stored(ctx) == set()


def test_link_to_other_files_is_found(ctx, files, detector):
    link = files.parent / "current"
    other = files.parent / "other"
    other.mkdir()
    link.unlink()
    link.symlink_to("other")
    pass_seconds(detector, 2)
    assert ("current", "file", files.name, "missing") in stored(ctx)
    assert apply_again.apply_again(ctx, WHO).kept == ()
    assert link.resolve() == files


def test_folder_in_place_of_the_link_is_kept(ctx, files):
    link = files.parent / "current"
    link.unlink()
    link.mkdir()
    (link / "pjsip.conf").write_text("mine")
    (kept,) = apply_again.apply_again(ctx, WHO).kept
    assert (files / kept / "pjsip.conf").read_text() == "mine"


def test_files_that_were_changed_are_not_loaded_by_a_reconciliation(ctx, files):
    changed_endpoint(files)
    assert generations.reconcile(ctx)  # Asterisk runs what it ran
    reload(ctx)
    assert not generations.reconcile(ctx)
    assert ("200", "context") in {(one.name, one.field) for one in drift.check_now(ctx)}


def test_restart_with_another_configuration_is_found(ctx, files, asterisk, live_app):
    listener = EventListener(ctx.pbx)
    listener.start()
    monitor = Monitor(ctx, listener=listener)
    monitor.tick()
    changed_endpoint(files)
    asterisk.kill()
    asterisk.wait()
    settings = local_asterisk_config(live_app.config["SETTINGS"])
    command = local_asterisk.argv(settings, local_asterisk.find_asterisk())
    again = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert local_asterisk.wait_until_up(settings)

        def is_found():
            monitor.tick()
            return ("200", "context", "sipweb-internal", "evil") in stored(ctx)

        wait_for(is_found, "the difference is found", 15)
        assert apply_again.apply_again(ctx, WHO).differences == ()
    finally:
        again.kill()
        again.wait()


def test_comparison_waits_while_a_generation_runs(ctx, detector):
    with generation_lock(ctx):
        detector.run()
        with pytest.raises(OperationRefused):
            drift.find_drift(ctx, full=True)
    assert drift.last_check(ctx) is None
    pass_seconds(detector, drift.RETRY_DELAY)
    assert drift.last_check(ctx).generation == current_state(ctx).generation


def test_interval_of_zero_switches_the_search_off(ctx, files):
    detector = drift.DriftDetector(replace(ctx, drift_interval=0), lambda: 0.0)
    (files / "pjsip.conf").unlink()
    detector.run()
    assert drift.last_check(ctx) is None
    assert detector.remaining() == float("inf")


def test_event_between_the_two_looks_does_not_bring_the_second_one_forward(ctx, files, detector):
    pass_seconds(detector, 1)
    (files / "pjsip.conf").unlink()
    detector.request()
    detector.run()
    detector.clock[0] += 0.3
    detector.request()
    detector.run()
    assert stored(ctx) == set()
    pass_seconds(detector, 1)
    assert stored(ctx) == {("pjsip.conf", "file", "present", "missing")}


def test_generation_of_an_earlier_sipweb_is_not_called_compared(ctx, detector):
    number = current_state(ctx).generation
    with transaction() as session:
        row = session.get_one(Generation, number)
        row.snapshot = replace(live_generation(ctx)[1], renderer_version=RENDERER_VERSION - 1).to_json()
    ctx.cache.live = ctx.cache.state = None
    with pytest.raises(OperationRefused, match="sipweb was updated"):
        drift.check_now(ctx)
    pass_seconds(detector, 5)
    assert drift.last_check(ctx) is None
