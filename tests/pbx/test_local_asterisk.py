"""What the Asterisk of `make run` runs, and how many softphones it accepts."""

import subprocess
from contextlib import ExitStack

from sipweb.pbx import local_asterisk
from sipweb.supervisor import local_asterisk_config
from tests.pbx.websocket_phone import WebSocketPhone

# They would run commands and scripts, start calls or ask other servers, or answer over HTTP.
DANGEROUS = {
    "app_system",
    "func_shell",
    "res_agi",
    "app_externalivr",
    "app_originate",
    "func_curl",
    "res_ari",
    "pbx_lua",
}


def test_only_listed_modules_run(live_app):
    pbx, installation = local_asterisk_config(live_app.config["SETTINGS"]), local_asterisk.find_asterisk()
    command = [*installation.command, "-C", pbx.directory / "asterisk.conf", "-rx", "module show"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True).stdout
    modules = {line.split(".so ")[0] for line in listed.splitlines() if ".so " in line}
    assert modules == {*local_asterisk.MODULES}
    assert not modules & DANGEROUS
    installed = {path.stem for path in installation.root.glob("usr/lib/**/asterisk/modules/*.so")}
    assert {"app_system", "res_agi"} <= installed  # it is not that Debian has no more


def test_more_softphones_than_asterisk_accepts_by_itself(live_app, asterisk):
    """1000, as many as nginx passes on from one address."""
    ctx, port = live_app.extensions["sipweb"], live_app.config["SETTINGS"].ws_port
    with ExitStack() as opened:
        for _ in range(1000):
            phone = WebSocketPhone(port, 200, "")  # raises if Asterisk refuses it
            opened.callback(phone.close)
        with ctx.pbx.open() as ami:
            assert ami.events("PJSIPShowAuths")
    assert asterisk.poll() is None
