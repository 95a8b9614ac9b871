"""A phone whose process is killed is shown as unreachable within 60 seconds; its callers are answered at once."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from sipweb.services import generations
from tests.builders import WHO, edit_account
from tests.client import HttpClient
from tests.pbx.phones import Phone
from tests.servers import app_of_server, free_port, health, serving, wait_for

SECRET = "sip-phone-secret-1"


@pytest.fixture
def baresip(tmp_path):
    """Return a function that starts a real phone, registered with a number."""
    if shutil.which("baresip") is None:
        pytest.skip("no baresip: run scripts/get-tools long")
    modules = next(folder for folder in Path("/usr/lib").glob("**/baresip/modules"))
    phones = []

    def start(number, sip_port):
        port = free_port(socket.SOCK_DGRAM)
        (tmp_path / "config").write_text(
            f"sip_listen 127.0.0.1:{port}\nmodule_path {modules}\nmodule g711.so\nmodule_app account.so\n"
        )
        (tmp_path / "accounts").write_text(f"<sip:{number}@127.0.0.1:{sip_port}>;auth_pass={SECRET};regint=300\n")
        with (tmp_path / "baresip.out").open("w") as out:
            phones.append(subprocess.Popen(["baresip", "-f", tmp_path], stdout=out, stderr=out))
        return phones[-1]

    yield start
    for phone in phones:
        phone.kill()
        phone.wait()


@pytest.mark.long
def test_killed_phone_is_unreachable_within_60_seconds(instance, tmp_path, baresip):
    sip_port = free_port(socket.SOCK_DGRAM)
    with serving(instance, pbx="local", sip_port=str(sip_port)) as address:
        wait_for(lambda: b'"asterisk":"ok"' in health(address), "Asterisk answers")
        app = app_of_server(instance)
        with app.app_context():
            ctx = app.extensions["sipweb"]
            for account_id in (6, 7):  # 205 and 206
                edit_account(ctx, account_id, phone="other", secret=SECRET)
            assert generations.generate(ctx, WHO).state == "verified"
        admin = HttpClient(address)
        admin.login()

        def state():
            page = BeautifulSoup(admin.get("/accounts")[1], "html5lib")
            return " ".join(page.select_one("#account-6 .state").text.split())

        phone = baresip(205, sip_port)
        wait_for(lambda: state().startswith("Registered"), "it is registered", 15)
        time.sleep(35)  # longer than the time between two OPTIONS, which a real phone answers
        assert state().startswith("Registered since ")
        assert " baresip v" in state()
        phone.kill()
        phone.wait()
        wait_for(lambda: "Unreachable since " in state(), "the page shows it", 60)
        caller = Phone(tmp_path, sip_port, 206, SECRET)
        began = time.monotonic()
        assert caller.call(205).ended() == 480
        assert time.monotonic() - began < 2
        caller.close()
