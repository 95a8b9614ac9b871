"""Outbound routes without HTTP: their order, versions, and what the audit log keeps."""

from dataclasses import replace

import pytest

from sipweb.core.errors import Invalid, NotFound
from sipweb.services import audit, routes, trunks
from sipweb.services.context import Actor
from sipweb.services.errors import StaleEdit

WHO = Actor(None, "test")


@pytest.fixture
def route(ctx):
    """The values of a route over the only trunk."""
    provider = trunks.TrunkInput("Provider", "sip.example.org", 5060, "udp", "", "", "", False, True)
    return routes.RouteInput("R1", "22.*", 10, trunks.create_trunk(ctx, WHO, provider), 0, "", False, True)


def order():
    return [(route.position, route.name) for route in routes.list_routes()]


def test_routes_are_created_at_the_end_moved_and_renumbered(route):
    for name in ("R1", "R2", "R3"):
        routes.create_route(WHO, replace(route, name=name))
    assert order() == [(1, "R1"), (2, "R2"), (3, "R3")]
    assert routes.move_route(WHO, 3, 1) is None
    assert order() == [(1, "R3"), (2, "R1"), (3, "R2")]
    assert audit.entries()[0].changes == {"position": [3, 1]}
    assert routes.move_route(WHO, 3, 99) == 2
    assert routes.move_route(WHO, 1, 1) is None  # it is the first already
    assert audit.entries()[0].changes == {"position": [1, 3]}
    routes.delete_route(WHO, 1)
    assert order() == [(1, "R2"), (2, "R3")]
    assert {route.version for route in routes.list_routes()} == {1}


def test_stale_edit_carries_the_saved_route_with_its_trunks_name(route):
    route_id = routes.create_route(WHO, route)
    routes.update_route(WHO, route_id, 1, replace(route, level=20))
    with pytest.raises(StaleEdit) as stale:
        routes.update_route(WHO, route_id, 1, replace(route, level=30))
    assert stale.value.saved == routes.list_routes()[0]
    assert (stale.value.saved.level, stale.value.saved.version, stale.value.saved.trunk) == (20, 2, "Provider")


def test_audit_log_names_the_trunk(ctx, route):
    other = trunks.TrunkInput("Other", "sip.example.org", 5060, "udp", "", "", "", False, True)
    route_id = routes.create_route(WHO, route)
    assert audit.entries()[0].changes["trunk_id"] == [None, "Provider"]
    routes.update_route(WHO, route_id, 1, replace(route, trunk_id=trunks.create_trunk(ctx, WHO, other)))
    assert audit.entries()[0].changes == {"trunk_id": ["Provider", "Other"]}


def test_unknown_trunks_and_routes_are_rejected(route):
    with pytest.raises(Invalid) as error:
        routes.create_route(WHO, replace(route, trunk_id=9))
    assert error.value.field == "trunk_id"
    with pytest.raises(NotFound):
        routes.move_route(WHO, 9, 1)
