"""Fixtures of tests over HTTP."""

import pytest

from sipweb.db import db
from tests.client import reset_request_globals


@pytest.fixture
def call_api(app):
    """Return a function that sends a POST to the agents' API and returns (status, JSON)."""
    client = app.test_client()

    def post(action, token="", headers=None, **body):
        db.session.rollback()
        reset_request_globals()
        authorization = {"Authorization": f"Bearer {token}"} if token else {}
        response = client.post(f"/api/agent/{action}", json=body, headers=authorization | (headers or {}))
        return response.status_code, response.json

    return post
