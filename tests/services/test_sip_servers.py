"""The servers that phones register at, and their order."""

from dataclasses import replace

import pytest

from sipweb.core.phone_server import PhoneServer
from sipweb.db import transaction
from sipweb.models import Host
from sipweb.services.sip_servers import present, present_first, sip_servers, websockets
from tests.conftest import on_both_databases
from tests.host_rows import add_host, set_present

on_postgresql = pytest.mark.parametrize("database", ["postgresql"], indirect=True)
OWN = PhoneServer("192.0.2.1", ports={"udp": 5070, "tls": 5071})


@pytest.fixture
def ctx(ctx):
    return replace(ctx, phone_server=OWN, websocket="ws://192.0.2.1:8088/ws", host="warsaw")


def without_pbx(ctx):
    """A web server alone, whose settings name no PBX."""
    return replace(ctx, pbx=replace(ctx.pbx, mode="none"), host="pbx", phone_server=PhoneServer(ports={"udp": 15060}))


def sockets(ctx):
    return websockets(present_first(sip_servers(ctx)))


@on_both_databases
def test_single_host_has_what_its_settings_say(ctx, database):
    if database == "postgresql":
        add_host("warsaw", sip_host="old.example.org")
    (server,) = sip_servers(ctx)
    assert (server.host, server.ports, server.websocket) == ("192.0.2.1", OWN.ports, "ws://192.0.2.1:8088/ws")
    assert present([server]) == (server,)


@on_postgresql
def test_phones_try_hosts_by_name_and_the_softphone_those_first_that_are_present(ctx):
    add_host("warsaw")
    add_host("krakow")
    assert [server.host for server in sip_servers(ctx)] == ["krakow.example.org", "warsaw.example.org"]
    assert sockets(ctx) == ["wss://krakow.example.org/ws", "wss://warsaw.example.org/ws"]
    set_present("krakow", False)
    assert [server.host for server in sip_servers(ctx)] == ["krakow.example.org", "warsaw.example.org"]
    assert sockets(ctx) == ["wss://warsaw.example.org/ws", "wss://krakow.example.org/ws"]
    assert websockets(present(sip_servers(ctx))) == ["wss://warsaw.example.org/ws"]
    with transaction(bump_revision=False) as session:
        session.get(Host, "warsaw").problem = {"asterisk_down": True}
    assert present(sip_servers(ctx)) == ()
    assert sockets(ctx) == ["wss://krakow.example.org/ws", "wss://warsaw.example.org/ws"]


@on_postgresql
def test_hosts_behind_one_proxy_share_a_websocket(ctx):
    for name in ("krakow", "warsaw"):
        add_host(name, websocket="wss://pbx.example.org/ws")
    assert sockets(ctx) == ["wss://pbx.example.org/ws"]


@on_postgresql
def test_other_host_has_the_transports_of_this_one(ctx):
    add_host("krakow", sip_port=5080)
    add_host("warsaw", sip_port=5061, sip_transport="tls")
    assert [server.ports for server in sip_servers(ctx)] == [{"udp": 5080, "tls": 5081}, {"udp": 5060, "tls": 5061}]
    assert [server.address.host_and_port for server in sip_servers(ctx)] == [
        "krakow.example.org:5080", "warsaw.example.org:5061",
    ]  # fmt: skip


@on_postgresql
def test_web_server_without_a_pbx_names_the_hosts_that_have_one(ctx):
    web = without_pbx(ctx)
    add_host("pbx", sip_port=5061, sip_transport="tls")
    (server,) = sip_servers(web)
    assert (server.host, server.ports, server.websocket) == (
        "pbx.example.org",
        {"tls": 5061},
        "wss://pbx.example.org/ws",
    )
    add_host("second")
    assert [server.host for server in sip_servers(web)] == ["pbx.example.org", "second.example.org"]
