"""Fixtures of tests that make calls."""

import pytest

from sipweb.services import users
from tests.client import PASSWORD
from tests.pbx.conftest import WHO


@pytest.fixture
def ctx(live_app):
    """Return the context of a live system."""
    return live_app.extensions["sipweb"]


@pytest.fixture
def agent_phone(sip_phone):
    """Create a phone whose account belongs to an agent of its own."""

    def make(number, *, recording):
        owner = users.create_user(WHO, f"a{number}", f"Agent {number}", PASSWORD, "agent", external_phone="other")
        made = sip_phone(number, recording=recording, user_id=owner)
        made.owner = owner
        return made

    return make
