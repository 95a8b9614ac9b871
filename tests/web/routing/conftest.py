"""What the tests of trunks, routes and the dial test share."""

import pytest

from sipweb.services import generations
from sipweb.services.context import Actor

WHO = Actor(None, "test")
SECRET = "a secret of the trunk"
TRUNK = {
    "name": "Provider",
    "host": "sip.example.org",
    "port": "5060",
    "transport": "udp",
    "user": "us",
    "secret": SECRET,
    "active": "y",
}
ROUTE = {
    "name": "Warsaw",
    "pattern": "22[0-9]{7}",
    "level": "10",
    "trunk_id": "1",
    "strip": "0",
    "prepend": "+48",
    "active": "y",
}


@pytest.fixture
def outbound_routing(admin):
    """One trunk and two routes."""
    assert admin.post("/trunks", **TRUNK).status_code == 303
    for name in ("Warsaw", "Abroad"):
        assert admin.post("/routes", **ROUTE | {"name": name}).status_code == 303


@pytest.fixture
def generated(admin, outbound_routing, ctx):
    """Warsaw from level 10, Abroad from 50; 201 has level 50, all others 10; all of that is live."""
    admin.post(
        "/routes/2",
        **ROUTE | {"name": "Abroad", "pattern": "00.+", "level": "50", "strip": "2", "prepend": "+"},
        version="1",
    )
    admin.post("/accounts/2", number="201", user="", phone="builtin", active="y", level="50", version="1")
    assert generations.generate(ctx, WHO).state == "written"
