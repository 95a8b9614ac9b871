"""What the imports of accounts and of users have in common: the preview, its refusals, and the upload between both."""

import json
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, delete, insert, select

from ..core.csv_files import Table
from ..core.errors import N_, Invalid, NotFound, OperationRefused
from ..core.import_file import REFUSED, ImportLine, changed_since, seen_versions
from ..crypto import token_digest
from ..db import db, transaction
from ..models import ImportUpload, WebSession
from .context import ServiceContext, utc_now
from .errors import ChangedSincePreview, DatabaseFailure, failure_reason

logger = logging.getLogger(__name__)
UPLOAD_LIFETIME = timedelta(minutes=30)
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
        NotFound: the session has ended meanwhile.
    """
    token = secrets.token_urlsafe(32)
    content = ctx.cipher.encrypt(json.dumps({"name": upload.name, "text": upload.text}, ensure_ascii=False))
    with transaction(bump_revision=False) as session:
        session.execute(delete(ImportUpload).where(has_expired()))  # first: SQLite lets nobody else write from here on
        # on PostgreSQL another upload of this session waits here
        if session.scalar(select(WebSession.id).where(WebSession.id == session_id).with_for_update()) is None:
            raise NotFound(N_("This session has already ended."))
        session.execute(delete(ImportUpload).where(ImportUpload.session_id == session_id))
        values = {"token_digest": token_digest(token), "kind": kind, "created_at": utc_now(), "content": content}
        session.execute(insert(ImportUpload).values(session_id=session_id, **values))
    return token


def load_upload(ctx: ServiceContext, session_id: int, kind: str, token: str) -> Upload:
    """Return the file of a token.

    Raises:
        NotFound: it is too old, of another session, or was replaced.
    """
    is_this = (ImportUpload.session_id == session_id, ImportUpload.token_digest == token_digest(token))
    content = db.session.scalar(select(ImportUpload.content).where(*is_this, ImportUpload.kind == kind, ~has_expired()))
    if content is None:
        raise NotFound(EXPIRED)
    try:
        return Upload(**json.loads(ctx.cipher.decrypt(content)))
    except OperationRefused:  # its key was replaced
        raise NotFound(EXPIRED) from None


def delete_upload(session_id: int) -> None:
    """Delete the file of a session, whose import is done. If that fails, it is deleted when it has expired."""
    try:
        with transaction(bump_revision=False) as session:
            session.execute(delete(ImportUpload).where(ImportUpload.session_id == session_id))
    except DatabaseFailure as error:  # the import itself is saved, and may have passwords to show
        logger.warning("The uploaded file of an import couldn't be deleted: %s", failure_reason(error))


def has_expired() -> ColumnElement[bool]:
    """Return the condition that an uploaded file was kept for too long."""
    return ImportUpload.created_at < utc_now() - UPLOAD_LIFETIME
