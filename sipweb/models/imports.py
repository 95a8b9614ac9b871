"""The uploaded files of imports."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class ImportUpload(Base):
    """The file that a browser's session has uploaded, between the preview of its import and the import.

    `token_digest` is a digest of what the preview's address has. `kind` is "accounts" or "users". `content` is the
    encrypted JSON {"name": …, "text": …}, of some megabytes at most. The row is deleted by the import, with the
    session, or when it has expired.
    """

    __tablename__ = "import_upload"
    session_id: Mapped[int] = mapped_column(
        ForeignKey("web_session.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    token_digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    content: Mapped[str] = mapped_column(Text)
