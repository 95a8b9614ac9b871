"""The phones that set themselves up."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base
from .utc_datetime import UTCDateTime


class ProvisionedPhone(Base):
    """The phone that fetches its settings for an account, from an address that contains a secret of its own.

    Without a foreign key: a deleted account that is restored still has its phone. `mac` is None where the vendor's file
    has a fixed name. `token_digest` is a digest. `allowed_address` is where the phone may ask from, "" before it asked;
    `refused_address` where it was refused last.
    """

    __tablename__ = "provisioned_phone"
    __table_args__ = (
        CheckConstraint("vendor IN ('yealink', 'grandstream', 'snom', 'fanvil', 'linphone')", name="vendor"),
    )
    account_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    vendor: Mapped[str] = mapped_column(String(20))
    mac: Mapped[str | None] = mapped_column(String(12), unique=True)
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    allowed_address: Mapped[str] = mapped_column(String(64), default="")
    first_fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_fetched_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_agent: Mapped[str] = mapped_column(String(200), default="")
    refused_address: Mapped[str] = mapped_column(String(64), default="")
    refused_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
