"""docs/several-machines.md, "Drain": the commands on a real Asterisk with a call."""

import re
import subprocess

import pytest

from sipweb import supervisor
from sipweb.config import ROOT
from sipweb.pbx import local_asterisk
from tests.pbx.conftest import sip_phone  # noqa: F401  # fixture
from tests.pbx.phones import conversation
from tests.servers import wait_for

COMMANDS = re.findall(r"^ +asterisk -rx '(.*)'$", (ROOT / "docs" / "several-machines.md").read_text(), re.MULTILINE)


def test_phones_leave_and_the_call_goes_on(sip_phone, live_app, asterisk):  # noqa: F811  # fixture
    config = supervisor.local_asterisk_config(live_app.config["SETTINGS"])
    program = [word for word in local_asterisk.argv(config, local_asterisk.find_asterisk()) if word != "-f"]
    anna, piotr, other = map(sip_phone, (200, 201, 202))
    unload, stop = ([*program, "-rx", command] for command in COMMANDS)
    with conversation(anna, piotr):
        subprocess.run(unload, check=True)
        with pytest.raises(AssertionError, match="501 Not Implemented"):
            other.register()
        subprocess.Popen(stop)  # it ends with Asterisk, or after a minute
        wait_for(lambda: other.call(203).ended() == 503, "a call is refused")
        assert asterisk.poll() is None
    assert asterisk.wait(10) == 0
