"""A bare Debian sid of a test's own: a root folder from debootstrap, in namespaces with a network of its own."""

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest

from sipweb.config import ROOT
from tests.servers import wait_for

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sipweb"
CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
NET = 0x40000000  # CLONE_NEWNET
# Only these reach the network of the host: they fetch packages.
ONLINE = ("apt-get", "make")


def base(packages):
    """Return the root folder with these packages, made once and kept in the user's cache folder."""
    if os.getuid() != 0 or shutil.which("debootstrap") is None:
        pytest.skip("not root, or no debootstrap: run scripts/get-tools long")
    wanted = sorted(packages)
    folder = CACHE / f"debian-sid-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:8]}"
    complete = folder.with_suffix(".complete")
    if complete.exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    listing = ["apt-get", "indextargets", "--format", "$(SITE)"]
    sources = subprocess.run(listing, capture_output=True, text=True, check=False)
    mirror = next((site for site in sources.stdout.split() if site.rstrip("/").endswith("/debian")), "")
    command = ["debootstrap", "--variant=minbase", "--include=ca-certificates", "sid", folder]
    _fetch([*command, mirror] if mirror else command)
    _prepare(folder)
    _fetch(["chroot", folder, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", *wanted])
    complete.touch()
    return folder


def _fetch(command):
    done = subprocess.run(command, stdout=-1, stderr=-2, text=True, timeout=900, check=False)
    if done.returncode != 0:
        pytest.skip(f"{command[0]}: {done.stdout[-300:]}")


def _prepare(folder):
    """Let packages be fetched as on this host, and start no service when a package is installed."""
    (folder / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (folder / "usr/sbin/policy-rc.d").chmod(0o755)
    if CERTIFICATES.is_file():
        shutil.copy(CERTIFICATES, folder / "etc/ssl/certs/ca-certificates.crt")
    options = ["apt-config", "dump", "Acquire::Check-Valid-Until", "Acquire::http::Proxy", "Acquire::https::Proxy"]
    with (folder / "etc/apt/apt.conf.d/host").open("w") as copied:
        subprocess.run(options, stdout=copied, check=True)
    index = subprocess.run(["pip", "config", "get", "global.index-url"], capture_output=True, text=True, check=False)
    lines = ["[global]", f"cert = {CERTIFICATES}"] + ([f"index-url = {index.stdout.strip()}"] if index.stdout else [])
    (folder / "etc/pip.conf").write_text("\n".join(lines) + "\n")


class Machine:
    """A running Debian."""

    def __init__(self, root, pid):
        self.root, self._pid = root, pid

    def run(self, script, **more):
        """Run a script as root, as in one terminal; return all that it printed."""
        done = self.start(script, stdin=-3, stdout=-1, stderr=-2, text=True, **more)
        output, _ = done.communicate(timeout=900)
        assert done.returncode == 0, output
        return output

    def start(self, script, **more):
        """Start a script as root."""
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        return subprocess.Popen(
            ["nsenter", "-t", str(self._pid), "-n", "-m", "-p", "chroot", self.root, "bash", "-ec", script],
            env=environment, **more,
        )  # fmt: skip

    @contextmanager
    def network(self):
        """Put this process into the machine's network: its sockets and its children are there."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/self/ns/net") as own, open(f"/proc/{self._pid}/ns/net") as machine:
            assert libc.setns(machine.fileno(), NET) == 0, os.strerror(ctypes.get_errno())
            try:
                yield
            finally:
                assert libc.setns(own.fileno(), NET) == 0

    def copy(self, folder, path):
        """Copy a folder of this host into the machine."""
        subprocess.run(["nsenter", "-t", str(self._pid), "-m", "cp", "-r", folder, f"{self.root}{path}"], check=True)

    def write(self, path, text, mode=0o644):
        """Write a file as the machine sees it."""
        self.run(
            f"mkdir -p {Path(path).parent} && cat >{path} <<'END-OF-FILE'\n{text}\nEND-OF-FILE\nchmod {mode:o} {path}"
        )

    def read(self, path):
        """Return the content of a file."""
        return self.run(f"cat {path}")


@contextmanager
def running(lower, folder):
    """Run a Debian whose files are those of `lower`, with its changes in `folder`; it ends with the block."""
    root = folder / "root"
    for name in ("root", "upper", "work"):
        (folder / name).mkdir()
    script = f"""
        mount -t overlay overlay -o lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work {root}
        mount -t proc proc {root}/proc
        mount --rbind /dev {root}/dev
        mount -t tmpfs -o mode=755 tmpfs {root}/run
        touch {root}/run/host-net
        mount --bind {folder}/host-net {root}/run/host-net
        cp /etc/resolv.conf {root}/etc/resolv.conf
        ip link set lo up
        touch {folder}/ready
        while :; do sleep 1; done
    """
    (folder / "host-net").touch()
    subprocess.run(["mount", "--bind", "/proc/self/ns/net", folder / "host-net"], check=True)
    holder = subprocess.Popen(
        ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private",
         "bash", "-ec", script]
    )  # fmt: skip
    try:
        wait_for(lambda: (folder / "ready").exists() or holder.poll() is not None, "the namespaces exist")
        if holder.poll() is not None:
            pytest.skip("no namespaces on this machine")
        pid = int(Path(f"/proc/{holder.pid}/task/{holder.pid}/children").read_text())
        machine = Machine(root, pid)
        for command in ONLINE:
            machine.write(
                f"/usr/local/bin/{command}",
                f'#!/bin/sh\nexec nsenter --net=/run/host-net /usr/bin/{command} "$@"',
                0o755,
            )
        machine.write("/usr/local/bin/systemctl", (ROOT / "tests/deploy/systemctl.py").read_text(), 0o755)
        yield machine
    finally:
        holder.kill()
        holder.wait()
        subprocess.run(["umount", folder / "host-net"], check=True)


def readme_commands(title, text=None):
    """Return the commands of a section of the README, or of its part `**title**`, in order."""
    text = text or (ROOT / "README.md").read_text()
    part = re.search(rf"^(?:#+ {re.escape(title)}|\*\*{re.escape(title)})(.*?)(?=^#+ |^\*\*|\Z)", text, re.M | re.S)[1]
    return "\n".join(re.findall(r"^    (.*)$", part, re.MULTILINE))
