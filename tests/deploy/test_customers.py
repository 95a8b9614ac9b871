"""README, "Many customers", followed literally on a bare Debian: two customers, upgraded one after the other."""

import http.client
import re
import socket

import pytest

from tests.deploy import debian
from tests.deploy.test_newcomer import Browser, _publish_a_new_version, machine, repository  # noqa: F401  # fixtures
from tests.pbx.phones import Phone

pytestmark = pytest.mark.long
CERTBOT = """#!/bin/sh
set -e
while [ $# -gt 0 ]; do [ "$1" != --domain ] || name=$2; shift; done
mkdir -p "/etc/letsencrypt/live/$name"
cd "/etc/letsencrypt/live/$name"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj "/CN=$name" \\
  -addext "subjectAltName=DNS:$name" -keyout privkey.pem -out fullchain.pem
"""
MEMORY = """
for pid in $(cat /proc/[0-9]*/status | awk '/^Pid:/ {pid = $2} /^Uid:/ && $2 == '$(id -u sipweb-anna)' {print pid}'); do
  cat /proc/$pid/smaps_rollup
done | awk '/^Pss:/ {sum += $2} END {print sum}'
"""


CERTIFICATES = {"/etc/letsencrypt/live/anna.example.org", "/etc/ssl/sipweb/anna.example.org"}


class NamedBrowser(Browser):
    """A browser that opens the page of one customer."""

    def __init__(self, certificate, name):
        super().__init__(certificate)
        self._name = name

    def request(self, method, path):
        connection = http.client.HTTPSConnection(self._name, context=self.context, timeout=60)
        plain = socket.create_connection(("127.0.0.1", 443), 60)
        connection.sock = self.context.wrap_socket(plain, server_hostname=self._name)
        connection.request(method, path)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, text


def commands(title):
    return debian.readme_commands(title).replace("https://git.example.org/sipweb", "file:///srv/sipweb")


def health(machine, port):  # noqa: F811  # the fixture's value
    return machine.run(f"curl --silent --retry 30 --retry-all-errors --retry-delay 1 http://127.0.0.1:{port}/healthz")


def processes(machine):  # noqa: F811  # the fixture's value
    """The pids of what the units run, by the unit."""
    return {
        f"{unit}@{name}": machine.read(f"/run/services/{unit}@{name}")
        for unit in ("sipweb", "sipweb-asterisk")
        for name in ("anna", "jan")
    }


def test_two_customers_are_added_started_upgraded_and_removed(machine, tmp_path):  # noqa: F811  # fixture
    machine.write("/usr/local/bin/certbot", CERTBOT, 0o755)
    once = commands("Many customers").replace("git clone", "systemctl start nginx\ngit clone", 1)
    machine.run("repository=file:///srv/sipweb\n" + once)
    add = commands("Add a customer")
    output = machine.run(add)
    assert re.search(r"One-time password: \S+", output)
    machine.run(add.replace("anna", "jan") + " 127.0.0.2")
    machine.run("sleep 8")  # Asterisk has started and was asked
    for port in (8001, 8002):
        assert '"asterisk":"ok"' in health(machine, port)
    memory = machine.run(MEMORY)  # in kB, of anna's processes
    assert 50_000 < int(memory) <= 150 * 1024
    assert "0200007F:13C4 " in machine.read("/proc/net/udp")  # that of jan listens on 127.0.0.2, port 5060
    with machine.network():
        phone = Phone(tmp_path, 5062, 200, "a wrong password")
        assert phone.register() == 401
        phone.close()
    for name in ("anna", "jan"):
        certificate = machine.read(f"/etc/letsencrypt/live/{name}.example.org/fullchain.pem")
        with machine.network():
            status, page = NamedBrowser(certificate, f"{name}.example.org").request("GET", "/login")
        assert (status, "A newer version" in page) == (200, False)

    before = processes(machine)
    _publish_a_new_version(machine)
    one, everybody, delete_backups = commands("Upgrade").splitlines()
    machine.run("git -C /opt/sipweb worktree add --quiet --detach /opt/sipweb/versions/unused HEAD")
    machine.run("ln -s /etc/asterisk /srv/sipweb/anna/backups")  # as a customer can
    machine.run(f"! {one}")
    assert machine.run("stat -c %U /etc/asterisk && rm /srv/sipweb/anna/backups").strip() != "sipweb-anna"
    assert processes(machine) == before
    machine.run(one)
    after_one = processes(machine)
    assert [unit for unit in before if before[unit] != after_one[unit]] == ["sipweb@anna"]
    machine.run(everybody)
    after_all = processes(machine)
    assert [unit for unit in before if after_one[unit] != after_all[unit]] == ["sipweb@jan"]
    assert len(machine.run("ls /opt/sipweb/versions").split()) == 2  # with the one before
    machine.run("systemctl restart sipweb.target")
    restarted = processes(machine)
    assert [unit for unit in before if restarted[unit] != after_all[unit]] == ["sipweb@anna", "sipweb@jan"]
    for name, port in (("anna", 8001), ("jan", 8002)):
        assert "A newer version" in machine.run(f"cat /opt/sipweb/customers/{name}/templates/base.html")
        assert '"problems":[]' in health(machine, port)
        assert "No changes." in machine.run(f"sipweb-customer run {name} plan")
        assert machine.run(f"ls /srv/sipweb/{name}/backups").count("before-") == 1

    machine.run(delete_backups)
    assert machine.run("ls /srv/sipweb/anna/backups")  # of today
    machine.run("touch -d '91 days ago' /srv/sipweb/anna/backups/before-*")
    machine.run(delete_backups)
    assert not machine.run("ls /srv/sipweb/anna/backups")

    machine.run(commands("Remove"))
    left = machine.run("find / -xdev -name '*anna*' -not -path '/proc/*' -not -path '/usr/*'").split()
    assert {*left} <= {f"/var/log/{unit}@anna.journal" for unit in ("sipweb", "sipweb-asterisk")} | CERTIFICATES
    assert '"problems":[]' in health(machine, 8002)
