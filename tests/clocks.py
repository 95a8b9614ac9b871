"""A machine whose clock is wrong."""

import time
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from sipweb.services import context


@contextmanager
def wrong_clock(seconds):
    """Let this process be on a machine whose clock is so many seconds ahead; the database's stays right."""
    right_time = time.time

    class WrongDatetime(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime.now(tz) + timedelta(seconds=seconds)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(context, "datetime", WrongDatetime)
        patch.setattr(time, "time", lambda: right_time() + seconds)
        yield
