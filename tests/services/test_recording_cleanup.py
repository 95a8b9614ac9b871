"""Deletion of old recordings and of those without sound."""

from dataclasses import replace
from datetime import timedelta

from sipweb.services import audit, recording_cleanup
from sipweb.services.context import utc_now
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
    assert recording_cleanup.delete_expired(ctx) == 3
    assert {path.name for path in ctx.recordings_dir.iterdir()} == {new, "2020-01-01", "2020-02-31"}
    assert audit.entries()[0].action == "recording.expired"
    assert recording_cleanup.delete_expired(ctx) == 0
    assert recording_cleanup.delete_expired(replace(ctx, recording_days=0)) == 0


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
