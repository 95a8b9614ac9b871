"""The revision of the database, by which caches know what has changed."""

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from ..db import Base


class Revision(Base):
    """One row; every transaction raises it (see db.transaction)."""

    __tablename__ = "revision"
    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[int] = mapped_column(default=0)


# The value of a column that says in which revision its row was last written. A cache of revision N reads only rows with
# a higher one.
CURRENT_REVISION = select(Revision.value).scalar_subquery()
