"""The commands and the example of docs/several-machines.md, on the files of deploy/."""

import re
import shutil
import socket
import subprocess
from urllib.parse import urlsplit

import pytest

from sipweb.config import ROOT, load
from tests.client import PASSWORD
from tests.deploy import debian
from tests.deploy.nginx import NAME, running_nginx, trusting
from tests.deploy.test_nginx import Browser
from tests.servers import free_port, serving

TEXT = (ROOT / "docs" / "several-machines.md").read_text()
pytestmark = pytest.mark.long
UNITS = ("sipweb-web", "sipweb-monitor")


def run(folder, *titles):
    """Run the commands of some steps, with `folder` as the root folder; they are for the host b."""
    commands = "\n".join(debian.readme_commands(title, TEXT) for title in titles)
    commands = re.sub(r"(?<=[ >])/(?=etc/|var/)", f"{folder}/", commands)
    subprocess.run(["bash", "-ec", f"systemctl() {{ :; }}\n{commands}"], check=True)


def test_settings_and_units_of_a_host(tmp_path):
    instance = tmp_path / "var/lib/sipweb"
    instance.mkdir(parents=True)
    shutil.copy(ROOT / "deploy/sipweb.env", instance)
    run(tmp_path, "1. Names", "4. Settings")
    with (instance / "sipweb.env").open("a") as file:
        file.write("DATABASE_URL=postgresql://sipweb:PASSWORD@192.0.2.10/sipweb\n")
    settings = load({"SIPWEB_INSTANCE": str(instance)})
    assert (settings.pbx, settings.pbx_host) == ("ami", "b")
    assert (settings.sip_host, settings.ws_url) == ("b.example.org", "wss://b.example.org/ws")
    for unit in UNITS:
        lines = (tmp_path / f"etc/systemd/system/{unit}.service.d/network.conf").read_text().splitlines()
        assert lines == ["[Service]", "IPAddressAllow=192.0.2.10 192.0.2.11 192.0.2.12"]


def test_websocket_of_a_host_is_open_to_pages_of_the_common_name(tmp_path):
    """Asterisk is away: what is passed on gets 502."""

    def edit(text):
        folder = tmp_path / "etc/nginx/conf.d"
        folder.mkdir(parents=True)
        (folder / "sipweb.conf").write_text(text)
        run(tmp_path, "1. Names", "6. nginx")
        return (folder / "sipweb.conf").read_text()

    with running_nginx(tmp_path / "nginx", free_port(), edit=edit) as address:
        for origin, status in (
            (f"https://{NAME}", 502),
            ("https://b.example.org", 502),
            ("https://a.example.org", 403),
        ):
            assert asked(address, tmp_path / "nginx", "b.example.org", origin) == status, origin


def asked(address, folder, host, origin):
    """Ask for the WebSocket of a host; return the status."""
    context = trusting(folder)
    context.check_hostname = False
    with (
        socket.create_connection((NAME, urlsplit(address).port), 10) as connection,
        context.wrap_socket(connection, server_hostname=host) as secured,
    ):
        request = f"GET /ws HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n"
        secured.sendall(request.encode())
        return int(secured.makefile("rb").readline().split()[1])


def test_nginx_asks_another_web_server_when_one_is_gone(instance, tmp_path):
    upstream = re.search(r"^    upstream sipweb \{.*?^    \}\n", TEXT, re.MULTILINE | re.DOTALL)[0]
    port, gone = free_port(), free_port()

    def edit(text):
        block = upstream.replace("10.0.0.1:8000", f"127.0.0.1:{gone}").replace("10.0.0.2:8000", f"127.0.0.1:{port}")
        return re.sub(r"^upstream sipweb \{.*?^\}\n", block, text, flags=re.MULTILINE | re.DOTALL)

    with (
        serving(instance, pbx="files", trusted_proxies="1", port=str(port)),
        running_nginx(tmp_path / "nginx", port, edit=edit) as address,
    ):
        browser = Browser(address, tmp_path / "nginx")
        for _ in range(4):
            assert browser.request("GET", "/login")[0].status == 200
        token = re.search(r'name="csrf_token" value="([^"]+)"', browser.request("GET", "/login")[1])[1]
        form = f"csrf_token={token}&login=admin&password={PASSWORD}"
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"{address}/login"}
        assert browser.request("POST", "/login", form, **headers)[0].status == 303


def test_nginx_takes_the_clients_address_from_a_load_balancer(instance, tmp_path):
    directives = re.search(r'echo "(set_real_ip_from .*)" >/etc/nginx', TEXT)[1].replace("192.0.2.20", "127.0.0.1")
    port, log = free_port(), tmp_path / "log"
    with (
        log.open("w") as output,
        serving(instance, output, pbx="files", trusted_proxies="1", port=str(port)),
        running_nginx(tmp_path / "nginx", port, edit=lambda text: f"{directives}\n{text}") as address,
    ):
        browser = Browser(address, tmp_path / "nginx")
        response, _ = browser.request("GET", "/login", **{"X-Forwarded-For": "203.0.113.9"})
        assert "; Secure" in response.getheader("Set-Cookie")
    assert "sipweb.access: request address=203.0.113.9 " in log.read_text()
