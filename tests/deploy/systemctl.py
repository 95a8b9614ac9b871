#!/usr/bin/python3
"""A stand-in for systemctl, where no systemd runs: it starts a unit's ExecStart as its user, with its environment.

It knows templates, what a unit wants, and targets, whose units start, stop and restart with them.
Of the hardening it applies what sipweb could notice: ProtectSystem, ReadWritePaths, PrivateTmp, NoNewPrivileges,
CapabilityBoundingSet, MemoryDenyWriteExecute and UMask. It waits for READY=1 of Type=notify.
"""

import ctypes
import os
import pwd
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

FOLDERS = (Path("/etc/systemd/system"), Path("/usr/lib/systemd/system"))
RUN = Path("/run/services")
libc = ctypes.CDLL(None, use_errno=True)


def read(name):
    """Return the unit's properties: each a list of texts."""
    path = find(name)
    properties = {}
    for line in path.read_text().replace("%i", name.partition("@")[2]).splitlines():
        key, separator, value = line.partition("=")
        if separator and key[:1].isalpha():
            properties.setdefault(key, []).append(value)
    return properties


def find(name):
    """Return the file of a unit, or of its template; None if there is none."""
    names = [f"{name}.service", f"{name.partition('@')[0]}@.service"] if "." not in name else [name]
    return next((path for one in names for folder in FOLDERS if (path := folder / one).exists()), None)


def wanted_by(target):
    return FOLDERS[0] / f"{target}.wants"


def enable(name):
    """Note which targets want a unit."""
    for target in read(name).get("WantedBy", []):
        wanted_by(target).mkdir(exist_ok=True)
        (wanted_by(target) / f"{name}.service").touch()


def disable(name):
    for noted in FOLDERS[0].glob(f"*.wants/{name}.service"):
        noted.unlink()


def last(unit, key, default=""):
    return unit.get(key, [default])[-1]


def alive(name):
    """Return the pid of a service's main process, or None."""
    try:
        pid = int((RUN / name).read_text())
        return None if ") Z " in Path(f"/proc/{pid}/stat").read_text() else pid
    except (OSError, ValueError):
        return None


def start(name):
    if alive(name):
        return
    for wanted in " ".join(read(name).get("Wants", [])).split():
        if wanted.endswith(".service"):
            start(wanted.removesuffix(".service"))
    unit, notify = read(name), RUN / f"{name}.notify"
    RUN.mkdir(exist_ok=True)
    for command in unit.get("ExecCondition", []):
        if subprocess.call(shlex.split(command)):
            sys.exit(f"{name}: ExecCondition is not met")
    for command in unit.get("ExecStartPre", []):
        subprocess.check_call(shlex.split(command))
    for path in (notify, notify.with_suffix(".messages")):
        path.unlink(missing_ok=True)
    subprocess.Popen([sys.executable, __file__, "--listen", notify], stdin=-3, stdout=-3, stderr=-3)
    wait_for(notify.exists)
    journal = Path(f"/var/log/{name}.journal")
    with journal.open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, __file__, "--exec", name, notify], stdin=-3, stdout=log, stderr=log, start_new_session=True
        )
    (RUN / name).write_text(str(process.pid))
    if last(unit, "Type") == "forking":
        assert process.wait(30) == 0
        (RUN / name).write_text(Path(last(unit, "PIDFile")).read_text())
    elif last(unit, "Type") == "notify":
        wait_for(lambda: "READY=1" in notify.with_suffix(".messages").read_text() or not alive(name))
    assert alive(name), f"{name} ended: {journal.read_text()[-2000:]}"


def listen(notify):
    """Write down what a service tells the service manager."""
    messages = Path(notify).with_suffix(".messages")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener, messages.open("w") as written:
        listener.bind(notify)
        Path(notify).chmod(0o777)
        while True:
            written.write(listener.recv(4096).decode() + "\n")
            written.flush()


def wait_for(condition):
    deadline = time.monotonic() + 90
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.05)


def execute(name, notify):
    """Become the service."""
    unit = read(name)
    environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin", "LANG": "C.UTF-8"}
    user = last(unit, "User")
    if user:
        account = pwd.getpwnam(user)
        environment |= {"USER": user, "HOME": account.pw_dir, "LOGNAME": user}
    for texts in unit.get("Environment", []):
        environment |= dict(text.split("=", 1) for text in shlex.split(texts))
    if last(unit, "Type") == "notify":
        environment["NOTIFY_SOCKET"] = notify
        if seconds := last(unit, "WatchdogSec"):
            environment |= {"WATCHDOG_USEC": str(int(seconds) * 1_000_000), "WATCHDOG_PID": str(os.getpid())}
    if last(unit, "ProtectSystem") == "strict":
        protect(unit)
    if user:
        os.initgroups(user, account.pw_gid)
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
    if last(unit, "NoNewPrivileges") == "yes":
        assert libc.prctl(38, 1, 0, 0, 0) == 0
    if last(unit, "MemoryDenyWriteExecute") == "yes":
        libc.prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE; fails on kernels before 6.3
    os.umask(int(last(unit, "UMask", "0022"), 8))
    os.chdir(last(unit, "WorkingDirectory", "/"))
    command = shlex.split(last(unit, "ExecStart"))
    os.execve(command[0], command, environment)  # noqa: S606  # a unit's command


def protect(unit):
    """Make all files read-only except those that the unit names."""
    writable = [path for text in unit.get("ReadWritePaths", []) for path in text.split()]
    writable += [f"/var/lib/{name}" for name in unit.get("StateDirectory", [])]
    lines = ["mount --bind / /newroot", "mount -o remount,bind,ro /newroot"]
    for path in writable:
        if Path(path.lstrip("-")).exists() or not path.startswith("-"):
            lines.append(f"mount --bind {path.lstrip('-')} /newroot{path.lstrip('-')}")
    lines += [f"mount --rbind {path} /newroot{path}" for path in ("/proc", "/dev", "/run")]
    lines.append("mount -t tmpfs -o mode=1777 tmpfs /newroot/tmp")
    Path("/newroot").mkdir(exist_ok=True)
    assert libc.unshare(0x00020000) == 0  # CLONE_NEWNS
    subprocess.check_call(["mount", "--make-rprivate", "/"])
    subprocess.check_call(["sh", "-ec", "\n".join(lines)])
    os.chroot("/newroot")


def stop(name):
    pid = alive(name)
    if pid is None:
        return
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + 30
    while alive(name):
        if time.monotonic() > deadline:
            os.killpg(pid, signal.SIGKILL)
        time.sleep(0.05)


def reload(name):
    assert alive(name), f"{name} does not run"
    subprocess.check_call(shlex.split(last(read(name), "ExecReload")))


def units_of(name):
    """Return the services that a name on the command line means."""
    if not name.endswith(".target"):
        return [name]
    return sorted(path.stem for path in wanted_by(name).glob("*.service"))


def main(arguments):
    if arguments[0] in ("--exec", "--listen"):
        {"--exec": execute, "--listen": listen}[arguments[0]](*arguments[1:])
    verb, *names = [one for one in arguments if not one.startswith("--")]
    options = [one for one in arguments if one.startswith("--")]
    if verb == "is-active":
        sys.exit(0 if all(alive(name) for name in names) else 3)
    for name in [unit for argument in names for unit in units_of(argument)]:
        if verb == "enable":
            enable(name)
        if verb == "disable":
            disable(name)
        if verb in ("stop", "restart") or (verb == "disable" and "--now" in options):
            stop(name)
        if verb in ("start", "restart") or (verb == "enable" and "--now" in options):
            start(name)
        if verb == "reload":
            reload(name)


main(sys.argv[1:])
