"""An Asterisk that runs already, set up by the README's lines and nothing else of ours."""

import re
import subprocess

import pytest

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.core.errors import Refused
from sipweb.pbx import local
from sipweb.serve import local_pbx
from sipweb.services import accounts, generations, history
from sipweb.services.site import Actor
from tests.conftest import free_port

WHO = Actor(None, "test")
TRANSPORT = "[transport-udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{port}\n\n"


def readme(name):
    """The README's lines for one of Asterisk's files."""
    text = (ROOT / "README.md").read_text()
    block = re.search(rf"    ; {re.escape(name)}\n((?:    .+\n)+)", text)[1]
    return "\n".join(line.strip() for line in block.splitlines()) + "\n"


@pytest.fixture
def existing(instance):
    """Starts the administrator's own Asterisk, with more lines in its pjsip.conf; gives sipweb's side of it."""
    installation = local.find()
    if installation is None:
        pytest.skip("no Asterisk: run make pbx")
    port = free_port()
    environ = {
        "SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "ami", "SIPWEB_AMI_PORT": str(port),
        "SIPWEB_AMI_SECRET": "the manager secret", "SIPWEB_RTP_PORTS": "40000-40100",
    }  # fmt: skip
    app = create_app(load(environ))
    asterisk = local_pbx(app.config["SETTINGS"])
    local.configure(asterisk, installation)
    processes = []

    def start(more="", *, include=True):
        pjsip = TRANSPORT.format(port=free_port()) + (readme("pjsip.conf") if include else "") + more
        (asterisk.directory / "pjsip.conf").write_text(pjsip)
        (asterisk.directory / "extensions.conf").write_text(readme("extensions.conf"))
        manager = readme("manager.conf").replace("5038", str(port)).replace("secret=...", "secret=the manager secret")
        (asterisk.directory / "manager.conf").write_text(manager)
        processes.append(subprocess.Popen(local.argv(asterisk, installation), stdout=-3, stderr=-3))
        assert local.wait_until_up(asterisk)
        return app

    yield start
    for process in processes:
        process.kill()
        process.wait()


def test_the_readmes_lines_and_rights_suffice_for_a_verified_generation(existing):
    app = existing()
    with app.app_context():
        site = app.extensions["sipweb"]
        accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
        done = generations.generate(site, WHO)
        assert (done.state, done.differences) == ("verified", [])


def test_an_asterisk_with_sections_of_the_same_names_is_left_alone_and_they_are_named(existing):
    app = existing("[200]\ntype=endpoint\ncontext=default\nallow=alaw\n", include=False)
    with app.app_context():
        site = app.extensions["sipweb"]
        accounts.add(site, WHO, accounts.Draft(300, None, "other", True, False, 10))
        with pytest.raises(Refused, match="sections named 200 outside"):
            generations.generate(site, WHO)
        assert site.release.current() == 1
        assert [view.number for view in history.newest()] == [1]
