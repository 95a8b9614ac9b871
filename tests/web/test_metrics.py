"""Figures for Prometheus."""

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sipweb import create_app
from sipweb.config import load
from sipweb.pbx.status import Contact
from sipweb.services import health, pbx_status
from tests.builders import acquire, edit_account
from tests.client import reset_request_globals

TOKEN = "a-token-of-prometheus"


def figures(response):
    """Return name and labels → value."""
    assert response.status_code == 200
    families = text_string_to_metric_families(response.text)
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_figures_are_those_of_the_database_and_the_monitor(admin, ctx, anna):
    acquire(ctx)
    edit_account(ctx, 2, level=77)
    edit_account(ctx, 3, active=False)
    health.report_alive(ctx)
    reset_request_globals()
    found = figures(admin.get("/metrics"))
    expected = {
        "up": 1, "database_up": 1, "problems": 0, "accounts": 20, "accounts_active": 19, "accounts_free": 19,
        "accounts_in_use": 1, "pending_changes": 2, "generation": 1, "undeletable_recordings": 0,
    }  # fmt: skip
    assert {name: found[f"sipweb_{name}",] for name in expected} == expected
    assert abs(found["sipweb_monitor_last_seen_timestamp_seconds",] - ctx.created_at) < 60
    assert abs(found["sipweb_generation_timestamp_seconds",] - ctx.created_at) < 3600
    assert {key[1] for key in found if key[0] == "sipweb_disk_free_bytes"} == {"instance", "recordings"}
    assert any(key[0] == "sipweb_info" for key in found)


def test_figures_of_asterisk_are_those_that_the_monitor_stored(environ):
    app = create_app(load(environ | {"SIPWEB_PBX": "ami", "SIPWEB_AMI_PORT": "1", "SIPWEB_AMI_SECRET": "x"}))
    with app.app_context():
        ctx, client = app.extensions["sipweb"], app.test_client()
        assert figures(client.get("/metrics"))["sipweb_asterisk_up",] == 0
        pbx_status.write_status(ctx, {203: Contact("10.0.0.5")}, calls=4)
        found = figures(client.get("/metrics"))
    assert [found[f"sipweb_{name}",] for name in ("asterisk_up", "registered_phones", "calls")] == [1, 1, 4]


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200), ("::1", {}, 200), ("10.0.0.5", {}, 403), ("", {}, 403),
        ("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, 403), ("127.0.0.1", {"Authorization": f"Bearer {TOKEN}"}, 200),
    ],
)  # fmt: skip
def test_without_a_token_only_this_machine_gets_figures(app, address, headers, status):
    reply = app.test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert reply.status_code == status


def test_proxied_requests_are_not_local_even_where_proxies_are_trusted(environ):
    app = create_app(load(environ | {"SIPWEB_TRUSTED_PROXIES": "1"}))
    for forwarded in ("10.0.0.5", "127.0.0.1"):
        assert app.test_client().get("/metrics", headers={"X-Forwarded-For": forwarded}).status_code == 403


@pytest.mark.parametrize(
    ("header", "status"),
    [(f"Bearer {TOKEN}", 200), (f"Bearer {TOKEN}x", 401), (TOKEN, 401), ("Bearer ", 401), ("", 401), ("Bearer ą", 401)],
)
def test_with_a_token_everybody_needs_it(environ, header, status):
    app = create_app(load(environ | {"SIPWEB_METRICS_TOKEN": TOKEN}))
    reply = app.test_client().get("/metrics", headers={"Authorization": header.encode().decode("latin1")})
    assert reply.status_code == status
    assert TOKEN not in reply.text
