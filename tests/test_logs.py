"""The log: what it contains, and what it never may."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from sipweb.db import db


def test_failing_statement_shows_no_values(app):
    with pytest.raises(SQLAlchemyError) as failure:
        db.session.execute(text("SELECT * FROM missing WHERE secret = :secret"), {"secret": "hunter2"})
    assert "missing" in str(failure.value)
    assert "hunter2" not in str(failure.value)
