"""Deletion of old recordings and of those without sound."""

import errno
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sipweb.config import ROOT
from sipweb.core.snapshot import HostAddress
from sipweb.services import audit, recording_cleanup
from sipweb.services.context import utc_now
from sipweb.services.recording_cleanup import Deletion
from sipweb.services.recording_files import WAV_HEADER_BYTES


def write_recording(ctx, day, *, timestamp=1795491214, sound=b"sound"):
    """Write a file as Asterisk names it; return its path."""
    folder = ctx.recordings_dir / day
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"033334_205_221234560_{timestamp}-{timestamp}.12.wav"
    path.write_bytes(bytes(WAV_HEADER_BYTES) + sound)
    return path


def test_only_expired_recordings_are_deleted(ctx):
    today = utc_now().date()
    old, new = (today - timedelta(days=91)).isoformat(), (today - timedelta(days=90)).isoformat()
    write_recording(ctx, old)
    write_recording(ctx, new)
    write_recording(ctx, "2020-01-01")
    (ctx.recordings_dir / "2020-01-01" / "notes.txt").write_text("kept")
    (ctx.recordings_dir / "2020-02-31").mkdir()
    write_recording(ctx, "2020-01-02", sound=b"")  # of a call that nobody answered, while sipweb was stopped
    assert recording_cleanup.delete_expired(ctx) == Deletion(3)
    assert {path.name for path in ctx.recordings_dir.iterdir()} == {new, "2020-01-01", "2020-02-31"}
    assert audit.entries()[0].action == "recording.expired"
    assert recording_cleanup.delete_expired(ctx) == Deletion()
    assert recording_cleanup.delete_expired(replace(ctx, recording_days=0)) == Deletion()


def recorded_days(ctx):
    return {path.parent.name for path in ctx.recordings_dir.glob("*/*.wav")}


def hosts_of(ctx, tmp_path, *, shared):
    """Return the contexts of a host that keeps recordings 10 days and of one that keeps them 30 days."""
    folders = (tmp_path / "shared",) * 2 if shared else (tmp_path / "a", tmp_path / "b")
    return [
        replace(ctx, host=name, recordings_dir=folder, recording_days=days, runtime_dir=tmp_path / f"run-{name}")
        for name, folder, days in zip("ab", folders, (10, 30), strict=True)
    ]


def test_each_host_deletes_its_own_recordings_after_its_own_days(ctx, tmp_path):
    days = [(utc_now().date() - timedelta(days=age)).isoformat() for age in (5, 20, 40)]
    a, b = hosts_of(ctx, tmp_path, shared=False)
    for host in (a, b):
        for day in days:
            write_recording(host, day)
    assert recording_cleanup.delete_expired(a) == Deletion(2)
    assert (recorded_days(a), recorded_days(b)) == ({days[0]}, {*days})
    assert recording_cleanup.delete_expired(b) == Deletion(1)
    assert (recorded_days(a), recorded_days(b)) == ({days[0]}, {*days[:2]})


def test_in_a_shared_folder_the_smallest_number_of_days_counts(ctx, tmp_path):
    days = [(utc_now().date() - timedelta(days=age)).isoformat() for age in (5, 20, 40)]
    a, b = hosts_of(ctx, tmp_path, shared=True)
    for day in days:
        write_recording(a, day)
    assert recording_cleanup.delete_expired(b) == Deletion(1)
    assert recorded_days(a) == {*days[:2]}
    assert recording_cleanup.delete_expired(a) == Deletion(1)
    assert recorded_days(b) == {days[0]}
    assert (recording_cleanup.undeletable(a), recording_cleanup.undeletable(b)) == (0, 0)


def test_hosts_that_delete_in_a_shared_folder_at_once_delete_each_file_once(ctx, tmp_path, monkeypatch):
    a, b = (replace(one, recording_days=10) for one in hosts_of(ctx, tmp_path, shared=True))
    for timestamp in range(10, 30):
        write_recording(a, "2020-01-01", timestamp=timestamp)
    deletions, listed = [], recording_cleanup.files_of_day

    def list_then_let_the_other_host_delete(*arguments):
        found = listed(*arguments)
        monkeypatch.undo()
        deletions.append(recording_cleanup.delete_expired(b))
        return found

    monkeypatch.setattr(recording_cleanup, "files_of_day", list_then_let_the_other_host_delete)
    deletions.append(recording_cleanup.delete_expired(a))
    assert deletions == [Deletion(20), Deletion()]
    assert recorded_days(a) == set()


def test_file_that_cannot_be_deleted_stops_no_other_and_is_counted(ctx, monkeypatch):
    kept = {write_recording(ctx, "2020-01-01", timestamp=at) for at in (10, 30)}
    others = [write_recording(ctx, day, timestamp=20) for day in ("2020-01-01", "2020-01-02")]
    assert recording_cleanup.undeletable(ctx) == 0
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse(kept, Path.unlink))
        deletion = recording_cleanup.delete_expired(ctx)
    assert (deletion.deleted, deletion.undeletable, recording_cleanup.undeletable(ctx)) == (2, 2, 2)
    assert deletion.reason.endswith(".wav: Permission denied")
    assert not any(path.exists() for path in others)
    assert recording_cleanup.delete_expired(ctx).deleted == 2
    assert recording_cleanup.undeletable(ctx) == 0


def refuse(paths, unlink):
    """Return an `unlink` that may not delete these, as in a folder that belongs to Asterisk."""

    def unlink_unless_refused(path, missing_ok=False):
        if path in paths:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        unlink(path, missing_ok=missing_ok)

    return unlink_unless_refused


def test_many_recordings_are_deleted_in_parts(ctx, monkeypatch):
    monkeypatch.setattr(recording_cleanup, "MAX_DELETIONS", 3)
    for at in range(5):
        write_recording(ctx, "2020-01-01", timestamp=at)
        write_recording(ctx, "2020-01-02", timestamp=at)
    deletions = [recording_cleanup.delete_expired(ctx) for _ in range(4)]
    assert [(one.deleted, one.more) for one in deletions] == [(3, True), (3, True), (3, True), (1, False)]
    assert list(ctx.recordings_dir.iterdir()) == []


def test_empty_recordings_of_ended_calls_are_deleted(ctx):
    now, today = int(utc_now().timestamp()), utc_now().date().isoformat()
    active = write_recording(ctx, today, timestamp=now, sound=b"")
    ended = write_recording(ctx, today, timestamp=now - 1, sound=b"")
    with_sound = write_recording(ctx, today, timestamp=now - 2)
    old = write_recording(ctx, today, timestamp=now - 7 * 3600, sound=b"")
    empty = recording_cleanup.find_empty_recordings(ctx)
    assert empty == {active: f"{now}.12", ended: f"{now - 1}.12"}
    recording_cleanup.delete_empty_recordings(empty, {f"{now}.12"})
    assert set(active.parent.iterdir()) == {active, with_sound, old}


def test_files_of_calls_that_ring_are_known_while_a_removed_host_is_in_the_live_generation(ctx):
    """And afterwards, for those that ring since then."""
    now, today = int(utc_now().timestamp()), utc_now().date().isoformat()
    path = write_recording(ctx, today, timestamp=now, sound=b"")
    path = path.rename(path.with_stem(path.stem + recording_cleanup.host_suffix(ctx.host)))
    addresses = tuple(HostAddress(name, "192.0.2.1", 5060) for name in ("a", ctx.host))
    for known in (addresses, ()):
        live = replace(ctx, pbx_settings=replace(ctx.pbx_settings, hosts=known))
        assert recording_cleanup.find_empty_recordings(live) == {path: f"{now}.12"}


def test_folder_that_asterisk_made_stops_no_deletion_elsewhere(ctx, instance):
    """The day's folder belongs to Asterisk's user, without the README's setfacl line."""
    if os.geteuid() != 0:
        pytest.skip("needs root to give a folder to another user")
    kept, deleted = write_recording(ctx, "2020-01-01"), write_recording(ctx, "2020-01-02")
    shutil.chown(kept.parent, "nobody")
    script = (
        "from sipweb.services import recording_cleanup as r; from wsgi import app; app.app_context().push();"
        "print(r.delete_expired(app.extensions['sipweb']))"
    )
    done = subprocess.run(  # as a user who may not do everything
        ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner", sys.executable, "-c", script],
        cwd=ROOT, check=True, capture_output=True, text=True,
        env={**os.environ, "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"},
    )  # fmt: skip
    reason = f"{kept}: Permission denied"
    assert done.stdout == f"Deletion(deleted=1, undeletable=1, reason={reason!r}, more=False)\n"
    assert (kept.exists(), deleted.exists(), recording_cleanup.undeletable(ctx)) == (True, False, 1)
