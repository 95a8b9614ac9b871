"""Trunks without HTTP: versions, the password, and what the audit log keeps."""

from dataclasses import replace

import pytest

from sipweb.core.errors import Invalid, OperationRefused
from sipweb.db import db
from sipweb.models import Trunk
from sipweb.services import audit, routes, trunks
from sipweb.services.context import Actor
from sipweb.services.errors import StaleEdit

WHO = Actor(None, "test")
PROVIDER = trunks.TrunkInput("Provider", "sip.example.org", 5060, "udp", "us", "", "", False, True, "a secret")


@pytest.fixture
def trunk_id(ctx):
    """One trunk's id."""
    return trunks.create_trunk(ctx, WHO, PROVIDER)


def test_empty_password_keeps_the_saved_one_and_is_not_logged(ctx, trunk_id):
    trunks.update_trunk(ctx, WHO, trunk_id, 1, replace(PROVIDER, port=5080, secret=""))
    assert ctx.cipher.decrypt(db.session.get(Trunk, trunk_id).secret) == "a secret"
    assert audit.entries()[0].changes == {"port": [5060, 5080]}
    trunks.update_trunk(ctx, WHO, trunk_id, 2, replace(PROVIDER, port=5080, secret="another"))
    assert ctx.cipher.decrypt(db.session.get(Trunk, trunk_id).secret) == "another"
    assert audit.entries()[0].changes == {"secret": []}


def test_stale_edit_carries_the_saved_trunk_and_changes_nothing(ctx, trunk_id):
    trunks.update_trunk(ctx, WHO, trunk_id, 1, replace(PROVIDER, name="Renamed", secret=""))
    with pytest.raises(StaleEdit) as stale:
        trunks.update_trunk(ctx, WHO, trunk_id, 1, replace(PROVIDER, port=5080))
    assert stale.value.saved == trunks.list_trunks()[0]
    assert (stale.value.saved.name, stale.value.saved.version, stale.value.saved.port) == ("Renamed", 2, 5060)
    assert stale.value.saved.has_secret


def test_saving_without_a_change_raises_no_version_and_is_not_logged(ctx, trunk_id):
    entries = len(audit.entries())
    trunks.update_trunk(ctx, WHO, trunk_id, 1, replace(PROVIDER, secret=""))
    assert trunks.list_trunks()[0].version == 1
    assert len(audit.entries()) == entries


def test_duplicate_name_and_registration_without_a_user_are_rejected(ctx, trunk_id):
    for values, field in ((PROVIDER, "name"), (replace(PROVIDER, name="B", username="", register=True), "username")):
        with pytest.raises(Invalid) as error:
            trunks.create_trunk(ctx, WHO, values)
        assert error.value.field == field


def test_trunk_is_deleted_only_when_no_route_uses_it(ctx, trunk_id):
    route_id = routes.create_route(WHO, routes.RouteInput("Warsaw", "22.*", 10, trunk_id, 0, "", False, True))
    with pytest.raises(OperationRefused, match=r"^Can't delete Provider: it is used by Warsaw\.$"):
        trunks.delete_trunk(WHO, trunk_id)
    routes.delete_route(WHO, route_id)
    trunks.delete_trunk(WHO, trunk_id)
    assert trunks.list_trunks() == ()
