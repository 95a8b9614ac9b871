"""What the imports of accounts and of users have in common: the preview, its refusals, and the upload between both."""

import hashlib
import json
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.csv_files import Table
from ..core.errors import N_, Invalid, NotFound, OperationRefused, StorageFailed
from ..core.import_file import REFUSED, ImportLine, changed_since, seen_versions
from .context import ServiceContext
from .errors import ChangedSincePreview

UPLOAD_LIFETIME = 30 * 60  # seconds
EXPIRED = N_("This upload is no longer here. Choose the file again.")
MAX_NAMED = 10  # records that a message names


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do. `columns` says which column holds which field, `format` whose file it is.

    `emergency_numbers` are those of accounts that would be added.
    """

    table: Table
    columns: Mapping[str, int]
    lines: Sequence[ImportLine]
    format: str = ""
    emergency_numbers: Sequence[str] = ()

    def of(self, outcome: str) -> list[ImportLine]:
        """Return the lines of one outcome."""
        return [line for line in self.lines if line.outcome == outcome]

    @property
    def seen(self) -> dict[str, int]:
        """The versions that this preview shows, by the records' keys."""
        return seen_versions(self.lines)


class LinesRefused(Invalid):
    """Some lines can't be imported, so none was."""


def check_lines(lines: Sequence[ImportLine], seen: Mapping[str, int] | None, *, skip_refused: bool) -> None:
    """Check that lines may be imported.

    Raises:
        ChangedSincePreview: they differ from what was `seen`; None if there was no preview.
        LinesRefused: there are refused ones, unless they are skipped.
    """
    if seen is not None and (keys := changed_since(lines, seen)):
        names = ", ".join(keys[:MAX_NAMED]) + (" …" if len(keys) > MAX_NAMED else "")
        message = N_("Changed since the preview: %(names)s. Nothing was imported. Look at the new preview.")
        raise ChangedSincePreview(message, names=names)
    refused = [line for line in lines if line.outcome == REFUSED]
    if refused and not skip_refused:
        message = N_("Nothing was imported: line %(line)s and %(count)s more are refused.")
        if len(refused) == 1:
            message = N_("Nothing was imported: line %(line)s is refused.")
        raise LinesRefused(message, line=refused[0].line, count=len(refused) - 1)


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file whose import is being previewed."""

    name: str
    text: str


def store_upload(ctx: ServiceContext, session_id: int, kind: str, upload: Upload) -> str:
    """Keep a file until it is imported, and return the token that opens it.

    It is encrypted, because it may contain passwords. It can be read in the same session only, for half an hour, and
    replaces an earlier one of this session.

    Raises:
        StorageFailed: the disk is full.
    """
    delete_expired_uploads(ctx)
    token, path = secrets.token_urlsafe(32), _path(ctx, session_id)
    content = {"token": token, "kind": kind, "name": upload.name, "text": upload.text}
    draft = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(ctx.cipher.encrypt(json.dumps(content)))
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise StorageFailed(N_("The file can't be kept for the preview: the disk is full or read-only.")) from None
    return token


def load_upload(ctx: ServiceContext, session_id: int, kind: str, token: str) -> Upload:
    """Return the file of a token.

    Raises:
        NotFound: it is too old, of another session, or was replaced.
    """
    path = _path(ctx, session_id)
    try:
        if path.stat().st_mtime < time.time() - UPLOAD_LIFETIME:
            raise NotFound(EXPIRED)
        content = json.loads(ctx.cipher.decrypt(path.read_text()))
    except (OSError, OperationRefused):
        raise NotFound(EXPIRED) from None
    if not secrets.compare_digest(content["token"].encode(), token.encode()) or content["kind"] != kind:
        raise NotFound(EXPIRED)
    return Upload(content["name"], content["text"])


def delete_upload(ctx: ServiceContext, session_id: int) -> None:
    """Delete the file of a session."""
    _path(ctx, session_id).unlink(missing_ok=True)


def delete_expired_uploads(ctx: ServiceContext) -> None:
    """Delete the files that were kept for too long."""
    for path in _folder(ctx).glob("*"):
        try:
            if path.stat().st_mtime < time.time() - UPLOAD_LIFETIME:
                path.unlink()
        except OSError:  # another process deleted it
            continue


def _path(ctx: ServiceContext, session_id: int) -> Path:
    return _folder(ctx) / hashlib.sha256(f"import {session_id}".encode()).hexdigest()[:16]


def _folder(ctx: ServiceContext) -> Path:
    return ctx.runtime_dir / "uploads"
