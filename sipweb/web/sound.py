"""The file of a recording as a response."""

from flask import Response, send_file

from ..services.local_recordings import Recording


def send_recording(recording: Recording, *, as_attachment: bool) -> Response:
    """Send the file, or the part of it that a player asks for."""
    return send_file(
        recording.path,
        "audio/wav",
        conditional=True,
        etag=False,
        as_attachment=as_attachment,
        download_name=f"{recording.day}_{recording.path.name}",
    )
