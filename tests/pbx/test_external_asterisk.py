"""An existing Asterisk, configured only with the lines in deploy/asterisk."""

import subprocess
from dataclasses import replace

import pytest

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.core.asterisk.pjsip import ha1
from sipweb.core.errors import OperationRefused
from sipweb.monitor import Monitor
from sipweb.pbx import local_asterisk
from sipweb.pbx.connection import PbxConnection
from sipweb.services import (
    accounts,
    drift,
    generation_follow,
    generation_history,
    generations,
    hosts,
    lease_end,
    leases,
    users,
)
from sipweb.services.context import Actor
from sipweb.services.state import live_generation
from sipweb.supervisor import local_asterisk_config
from tests.servers import free_port

WHO = Actor(None, "test")
TRANSPORT = "[transport-udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n\n"


def shipped(name):
    """Return our lines for one of Asterisk's files."""
    return (ROOT / "deploy" / "asterisk" / name).read_text()


@pytest.fixture
def existing(instance):
    """Start the administrator's own Asterisk with more lines in its pjsip.conf.

    Return our application.
    """
    installation = local_asterisk.find_asterisk()
    if installation is None:
        pytest.skip("no Asterisk: run make pbx")
    port = free_port()
    environ = {
        "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "ami", "SIPWEB_AMI_PORT": str(port),
        "SIPWEB_AMI_SECRET": "the manager secret", "SIPWEB_RTP_PORTS": "40000-40100",
    }  # fmt: skip
    app = create_app(load(environ))
    asterisk = local_asterisk_config(app.config["SETTINGS"])
    local_asterisk.configure(asterisk, installation)
    processes = []

    def start(more="", *, include=True, sorcery=True):
        pjsip = TRANSPORT.format(port=free_port()) + (shipped("pjsip.conf") if include else "") + more
        (asterisk.directory / "pjsip.conf").write_text(pjsip)
        (asterisk.directory / "sorcery.conf").write_text(shipped("sorcery.conf") if sorcery else "")
        (asterisk.directory / "extensions.conf").write_text(shipped("extensions.conf"))
        manager = shipped("manager.conf").replace("5038", str(port)).replace("AMI-SECRET", "the manager secret")
        (asterisk.directory / "manager.conf").write_text(f"[general]\nenabled=no\n\n{manager}")
        processes.append(subprocess.Popen(local_asterisk.argv(asterisk, installation), stdout=-3, stderr=-3))
        assert local_asterisk.wait_until_up(asterisk)
        return app

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_shipped_lines_suffice_for_a_verified_generation(existing):
    app = existing()
    with app.app_context():
        ctx = app.extensions["sipweb"]
        accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
        done = generations.generate(ctx, WHO)
        assert (done.state, done.differences) == ("verified", [])


def test_conflicting_sections_are_named_and_nothing_is_generated(existing):
    app = existing("[200]\ntype=endpoint\ncontext=default\nallow=alaw\n", include=False)
    with app.app_context():
        ctx = app.extensions["sipweb"]
        accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
        with pytest.raises(OperationRefused, match="sections named 200 outside"):
            generations.generate(ctx, WHO)
        assert ctx.generation_files.current() == 1
        assert [view.number for view in generation_history.recent_generations()] == [1]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_host_names_its_conflicting_sections_when_somebody_generates_elsewhere(existing):
    app = existing("[200]\ntype=endpoint\ncontext=default\nallow=alaw\n", include=False)
    with app.app_context():
        ctx = app.extensions["sipweb"]
        hosts.join(ctx)
        accounts.create(ctx, WHO, accounts.AccountInput(number=300, phone="other"))
        web_server = replace(ctx, pbx=PbxConnection("none"))
        generations._claim(web_server, WHO, generations._Target(None))
        with pytest.raises(OperationRefused, match="sections named 200 outside"):
            generation_follow.follow(ctx)
        done = generation_history.get_generation(2)
        assert (done.state, done.host, done.values, done.steps) == ("refused", "pbx", {"names": "200"}, ())
        assert ctx.generation_files.current() == 1
        assert ctx.generation_files.read(2) == {}
        assert generation_follow.follow(ctx) is False


@pytest.mark.parametrize("sorcery", [True, False])
def test_lines_of_sorcery_conf_give_leases_their_own_credentials(existing, sorcery):
    """Without them phones get the account's password, and a revoked one that is still live is given to nobody."""
    app = existing(sorcery=sorcery)
    with app.app_context():
        ctx = app.extensions["sipweb"]
        assert generations.reconcile(ctx)
        anna, piotr = (users.create_user(WHO, name, name, "a long password", "agent") for name in ("anna", "piotr"))
        early = leases.acquire(ctx, anna, None, "")
        Monitor(ctx).tick()
        session = leases.issue_credential(ctx, early.token)
        own = ha1(live_generation(ctx)[1].by_id[1], session.realm, ctx.cipher.decrypt)
        assert (session.ha1 == early.ha1, session.ha1 == own) == (sorcery, not sorcery)
        assert drift.check_now(ctx) == frozenset()
        assert lease_end.release_by_admin(ctx, WHO, 1).replaced is not sorcery
        assert leases.acquire(ctx, piotr, None, "").number == (200 if sorcery else 201)
        if not sorcery:
            assert generations.generate(ctx, WHO).state == "verified"
            assert leases.acquire(ctx, anna, None, "").number == 200
