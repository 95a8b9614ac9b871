"""The example's nginx before a server of a test's own."""

import re
import shutil
import socket
import ssl
import subprocess
from contextlib import contextmanager

import pytest

from sipweb.config import ROOT
from tests.certificates import make_certificate
from tests.servers import free_port, wait_for

NAME = "localhost"  # instead of pbx.example.org


@contextmanager
def running_nginx(folder, web_port, ws_port=9, *, softphones=1000, edit=lambda text: text):
    """Run nginx with deploy/nginx.conf; yield its address, for TLS without a port for HTTP.

    `softphones` is how many may connect from one address. `edit` returns the file as somebody changed it.
    """
    if shutil.which("nginx") is None:
        pytest.skip("no nginx: run scripts/get-tools long")
    folder.mkdir()
    make_certificate(folder)
    (folder / "fullchain.pem").write_bytes((folder / "cert.pem").read_bytes())
    (folder / "key.pem").rename(folder / "privkey.pem")
    ports = {"443": str(free_port()), "80": str(free_port())}
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = edit(text).replace("pbx.example.org", NAME)
    text = text.replace("/etc/ssl/sipweb", str(folder)).replace("/var/log/nginx", str(folder))
    text = text.replace("127.0.0.1:8000", f"127.0.0.1:{web_port}").replace("127.0.0.1:8088", f"127.0.0.1:{ws_port}")
    text = text.replace("limit_conn softphones 1000", f"limit_conn softphones {softphones}")
    text = re.sub(r"listen (443|80)\b", lambda match: f"listen 127.0.0.1:{ports[match[1]]}", text)
    (folder / "sipweb.conf").write_text(text)
    (folder / "nginx.conf").write_text(
        f"pid {folder}/nginx.pid;\nerror_log {folder}/error.log;\nworker_rlimit_nofile 4096;\n"
        "events {\n    worker_connections 2048;\n}\n"
        "http {\n"
        + "".join(
            f"    {kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        + f"    access_log off;\n    include {folder}/sipweb.conf;\n}}\n"
    )
    command = ["nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    checked = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stderr
    assert "warn" not in checked.stderr, checked.stderr
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        wait_for(lambda: _listens(int(ports["443"])), "nginx runs")
        yield f"https://{NAME}:{ports['443']}"
    finally:
        process.terminate()
        process.wait(20)


def _listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def trusting(folder):
    """Return a TLS context that trusts this nginx alone."""
    return ssl.create_default_context(cafile=folder / "fullchain.pem")
