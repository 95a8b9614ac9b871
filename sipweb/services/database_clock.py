"""The present time by the clock of the database, which several hosts share."""

import time
from typing import Any

from sqlalchemy import extract, func, select

from ..db import db
from .context import utc_now

NOW = func.timezone("UTC", func.clock_timestamp())  # the database's clock: those of the hosts may differ
EPOCH = extract("epoch", func.clock_timestamp())


def can_have_several() -> bool:
    """Return whether the database can be shared by several hosts."""
    return db.engine.dialect.name != "sqlite"


def database_time() -> Any:
    """Return the present time for a column: by the database's clock where hosts with clocks of their own share it."""
    return NOW if can_have_several() else utc_now()


def clock_ahead() -> float:
    """Return by how many seconds the database's clock is ahead of ours."""
    return float(db.session.scalar(select(EPOCH)) or 0) - time.time() if can_have_several() else 0.0
