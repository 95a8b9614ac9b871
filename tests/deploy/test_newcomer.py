"""A newcomer follows "Running it for real" literally, on a bare Debian sid.

The commands are those of the README. Stand-ins: `systemctl`, because no systemd runs here (tests/deploy/systemctl.py),
and `certbot`, which signs a certificate itself. apt-get starts the services that it installs; here the test does.
"""

import http.client
import json
import re
import socket
import ssl
import subprocess
from urllib.parse import urlencode

import pytest

from sipweb.config import ROOT
from tests.client import CookieJar
from tests.deploy import debian
from tests.pbx import phones
from tests.pbx.phones import Phone, hear_each_other, speak
from tests.pbx.websocket_phone import WebSocketPhone
from tests.servers import wait_for

pytestmark = pytest.mark.long
NAME = "pbx.example.org"
SECRET = "sip-phone-secret-1"
TITLE = "Running it for real"
STEPS = [f"{number}." for number in range(1, 9)]
MAKE_BACKUP_FOLDER = "install -d -m 700 -o sipweb -g sipweb /var/backups/sipweb\n"
CERTBOT = """#!/bin/sh
set -e
mkdir -p /etc/letsencrypt/live/pbx.example.org
cd /etc/letsencrypt/live/pbx.example.org
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=pbx.example.org \\
  -addext subjectAltName=DNS:pbx.example.org -keyout privkey.pem -out fullchain.pem
"""


@pytest.fixture
def repository(tmp_path):
    """Return a repository with this checkout's files, as somebody publishes them."""
    folder = tmp_path / "repository"
    folder.mkdir()
    copy = f"git ls-files -z --cached --others --exclude-standard | tar --null -T - -c | tar -x -C '{folder}'"
    subprocess.run(["bash", "-ec", copy], cwd=ROOT, check=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    commit(folder)
    return folder


def git(folder, *command):
    subprocess.run(["git", "-c", "user.name=test", "-c", "user.email=test@localhost", *command], cwd=folder, check=True)


def commit(folder):
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message=A version")


@pytest.fixture
def machine(tmp_path, repository):
    """Return a bare Debian that can reach the repository."""
    installed = re.findall(r"apt-get install -y (.*)", commands(*STEPS))
    lower = debian.base({*" ".join(installed).split(), "systemd", "logrotate"})  # the latter are on every Debian
    (tmp_path / "debian").mkdir()
    with debian.running(lower, tmp_path / "debian") as machine:
        machine.run(f"mkdir -p /srv; echo '127.0.0.1 {NAME}' >>/etc/hosts; git config --system safe.directory '*'")
        machine.copy(repository, "/srv/sipweb")
        machine.write("/usr/local/bin/certbot", CERTBOT, 0o755)
        yield machine


class Browser:
    """An administrator's browser in the machine's network."""

    def __init__(self, certificate):
        self.context = ssl.create_default_context(cadata=certificate)
        self._cookies, self._token = CookieJar(), ""

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPSConnection("127.0.0.1", context=self.context, timeout=60)
        connection.sock = connect(self.context)
        connection.request(method, path, body, {"Host": NAME, "Cookie": self._cookies.header(), **headers})
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        self._cookies.keep(response)
        if match := re.search(r'name="csrf_token" value="([^"]+)"', text):
            self._token = match[1]
        return response.status, text

    def get(self, path):
        return self.request("GET", path)[1]

    def post(self, path, **fields):
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"https://{NAME}/"}
        return self.request("POST", path, urlencode({"csrf_token": self._token, **fields}), **headers)

    def api(self, path, token="", **fields):
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        status, text = self.request("POST", f"/api/agent/{path}", json.dumps(fields), **headers)
        return status, json.loads(text)


def connect(context):
    """Return a TLS connection to nginx."""
    return context.wrap_socket(socket.create_connection(("127.0.0.1", 443), 60), server_hostname=NAME)


def commands(*parts):
    """Return the README's commands up to one of its steps, or of the steps, with what a newcomer changes in them."""
    text = "\n".join(debian.readme_commands(part) for part in parts)
    return text.replace("https://git.example.org/sipweb", "file:///srv/sipweb")


def channels(machine):
    return set(re.findall(r"^PJSIP/\S+", machine.run("asterisk -rx 'core show channels'"), re.MULTILINE))


def test_newcomer_installs_calls_restarts_and_upgrades(machine, repository, tmp_path, monkeypatch):
    monkeypatch.setattr(phones, "TIMEOUT", 300)
    one_terminal = commands(TITLE, STEPS[0]) + "\nsystemctl start asterisk nginx\n" + commands(*STEPS[1:])
    output = machine.run(one_terminal)
    password = re.search(r"One-time password: (\S+)", output)[1]
    assert '"asterisk":"ok"' in output
    assert '"problems":[]' in output
    assert "200/200" in output  # the third command of the check lists the endpoints
    with machine.network():
        browser = Browser(machine.read(f"/etc/letsencrypt/live/{NAME}/fullchain.pem"))
        _sign_in_and_generate(browser, password)
        three, one = (Phone(tmp_path, 5060, number, SECRET) for number in (300, 301))
        assert [phone.register() for phone in (three, one)] == [200, 200]
        intruder = Phone(tmp_path, 5060, 300, "a wrong password")
        assert intruder.register() == 401
        intruder.close()
        _call_over_websocket(machine, browser, three)

        answer, dialog = one.wait(), three.call(301)
        speak(three, dialog, one, answer)
        in_progress = channels(machine)
        assert len(in_progress) == 2
        machine.run("systemctl restart sipweb-web sipweb-monitor")
        hear_each_other(three, one)
        _publish_a_new_version(machine)
        machine.run(MAKE_BACKUP_FOLDER + commands("Upgrading"))
        assert "A newer version" in browser.get("/accounts")
        hear_each_other(three, one)
        assert channels(machine) == in_progress
        dialog.hang_up()
        assert dialog.ended() == 200
        answer.ended()
        assert '"problems":[]' in machine.run("curl --silent --fail http://127.0.0.1:8000/healthz")
        _check_logs(machine)
        _lose_the_machine_and_restore(machine)
        for phone in (three, one):
            phone.close()
    machine.run(commands("Uninstall"))
    left = machine.run("find / -xdev -name '*sipweb*' -not -path '/proc/*' -not -path '/srv/*'").split()
    assert {*left} <= {f"/var/log/sipweb-{name}.journal" for name in ("web", "monitor")} | {"/var/log/nginx/sipweb.log"}


def _sign_in_and_generate(browser, password):
    browser.get("/login")
    assert browser.post("/login", login="admin", password="a wrong password")[0] == 422
    assert browser.post("/login", login="admin", password=password)[0] == 303
    browser.get("/account")
    assert browser.post("/account", old=password, new="a long new password", again="a long new password")[0] == 303
    browser.get("/accounts")
    for number in ("300", "301"):
        assert browser.post("/accounts", number=number, phone="other", active="y", level="10", secret=SECRET)[0] < 400
    assert browser.post("/generation")[0] < 400
    assert "verified" in browser.get("/generation").lower()


def _call_over_websocket(machine, browser, called):
    machine.run("echo 'a quiet river 12' | sipweb create-user --login anna --name Anna --role agent --password-stdin")
    status, agent = browser.api("login", login="anna", password="a quiet river 12", new_password="a loud river 21")
    assert (status, agent["sip"]["ws"]) == (200, f"wss://{NAME}/ws")
    phone = WebSocketPhone(
        443, agent["number"], agent["sip"]["ha1"], connect=lambda: connect(browser.context), host=NAME
    )  # fmt: skip
    assert phone.register() == 200
    answer = called.wait()
    assert phone.call(300) == 200
    answer.close()
    phone.close()
    assert browser.api("logout", agent["token"])[0] == 200
    wait_for(lambda: not channels(machine), "the call has ended")


def _publish_a_new_version(machine):
    machine.run(
        "cd /srv/sipweb && sed -i 's|</main>|A newer version</main>|' templates/base.html && "
        "git -c user.name=test -c user.email=test@localhost commit --quiet --all --message='A newer version'"
    )


def _lose_the_machine_and_restore(machine):
    """The backup that the upgrade began with brings everything back; Asterisk's own files are still there."""
    machine.run("cd /etc/asterisk && cp -r sipweb /srv/files && rm -rf sipweb/*")
    machine.run("systemctl stop sipweb-web sipweb-monitor && find /var/lib/sipweb -mindepth 1 -delete")
    output = machine.run("sipweb restore /var/backups/sipweb/before-upgrade")
    assert output.startswith("Restored the backup of ")
    machine.run("systemctl start sipweb-web sipweb-monitor && sleep 5 && sipweb drift")
    machine.run("diff -r /srv/files/current/ /etc/asterisk/sipweb/current/")
    assert '"problems":[]' in machine.run("curl --silent --fail http://127.0.0.1:8000/healthz")
    assert "No changes." in machine.run("sipweb plan")
    machine.run("rm -r /srv/files /var/backups/sipweb")


def _check_logs(machine):
    machine.run("systemd-analyze verify --man=no /etc/systemd/system/sipweb-*.service")
    log = machine.read("/var/log/nginx/sipweb.log")
    assert '"GET /accounts" 200' in log
    rotated = machine.run("logrotate --debug /etc/logrotate.conf 2>&1")
    assert "considering log /var/log/nginx/sipweb.log" in rotated
    assert "considering log /var/log/asterisk/security.log" in rotated
    assert "error:" not in rotated
    for log, rule in (("asterisk/security.log", "asterisk"), ("sipweb-web.journal", "sipweb")):
        refused = machine.run(f"fail2ban-regex /var/log/{log} {rule}")
        assert re.search(r"Failregex: [1-9]\d* total", refused), refused
    for service in ("sipweb-web", "sipweb-monitor"):
        assert "WATCHDOG=1" in machine.read(f"/run/services/{service}.messages")
