"""Ordinary softphones, registered with what the phone's card shows: baresip, and linphone."""

import shutil
import subprocess
from contextlib import contextmanager
from urllib.parse import unquote

import pytest

CONFIG = (
    "sip_listen 127.0.0.1:0", "module_path /usr/lib/baresip/modules", "module stdio.so", "module g711.so",
    "module_app account.so", "module_app menu.so",
)  # fmt: skip
LINPHONE = """[sip]
sip_port=-1
sip_tcp_port=-1
sip_tls_port=-1
root_ca={authority}
[proxy_0]
reg_proxy=<{address}>
reg_identity=sip:{number}@127.0.0.1
reg_sendregister=1
reg_expires=120
[auth_info_0]
username={number}
passwd={secret}
"""


@contextmanager
def baresip(folder, settings, authority):
    """A baresip that registers with these settings of a card, and trusts certificates of the file `authority`."""
    _needs("baresip")
    folder.mkdir()
    (folder / "config").write_text("\n".join((*CONFIG, f"sip_cafile {authority}", "")))
    address = f"{settings['number']}@{settings['host']}:{settings['port']};transport={settings['transport']}"
    (folder / "accounts").write_text(f"<sip:{address}>;auth_pass={settings['secret']};regint=60\n")
    with _running(["baresip", "-f", folder], folder) as process:
        yield process


@contextmanager
def linphone(folder, address, authority):
    """A linphone that registers with the address of a QR code."""
    _needs("linphone-daemon")
    (folder / ".local/share/linphone").mkdir(parents=True)
    number, secret = (unquote(part) for part in address.removeprefix("sip:").partition("@")[0].split(":"))
    settings = LINPHONE.format(authority=authority, address=address, number=number, secret=secret)
    (folder / "linphonerc").write_text(settings)
    with _running(["linphone-daemon", "--config", folder / "linphonerc"], folder) as process:
        yield process


@contextmanager
def provisioned_linphone(folder, address, authority):
    """A linphone that knows nothing but the address of its remote configuration."""
    _needs("linphone-daemon")
    (folder / ".local/share/linphone").mkdir(parents=True)
    ports = "sip_port=-1\nsip_tcp_port=-1\nsip_tls_port=-1"
    settings = f"[sip]\n{ports}\nroot_ca={authority}\n[misc]\nconfig-uri={address}\n"
    (folder / "linphonerc").write_text(settings)
    with _running(["linphone-daemon", "--config", folder / "linphonerc"], folder) as process:
        yield process


@contextmanager
def _running(command, folder):
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            env={"HOME": str(folder), "PATH": "/usr/bin"},
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()


def _needs(program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}: run make tools")
