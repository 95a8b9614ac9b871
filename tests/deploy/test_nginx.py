"""The nginx example before sipweb and a real Asterisk."""

import http.client
import re
import socket
import ssl
import warnings
from contextlib import ExitStack, suppress
from urllib.parse import urlsplit

import pytest

from tests.client import PASSWORD, CookieJar
from tests.deploy.nginx import NAME, running_nginx, trusting
from tests.pbx.websocket_phone import WebSocketPhone
from tests.servers import free_port, health, serving, wait_for

pytestmark = pytest.mark.long
UPGRADE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version": "13", "Sec-WebSocket-Protocol": "sip",
}  # fmt: skip


OWN_HEADERS = ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy")


class Browser:
    """Sends requests to nginx; keeps the cookies."""

    def __init__(self, address, folder):
        self._host, self._context, self._cookies = urlsplit(address).netloc, trusting(folder), CookieJar()

    def request(self, method, path, body=None, **headers):
        connection = http.client.HTTPSConnection(self._host, context=self._context, timeout=20)
        connection.request(method, path, body, {"Cookie": self._cookies.header(), **headers})
        response = connection.getresponse()
        text = "" if response.status == 101 else response.read().decode()
        self._cookies.keep(response)
        connection.close()
        return response, text


@pytest.fixture
def proxied(instance, tmp_path):
    """Return the address of sipweb behind nginx."""
    ports = {"port": str(free_port()), "ws_port": str(free_port())}
    with (
        serving(instance, pbx="local", trusted_proxies="1", **ports) as server,
        running_nginx(tmp_path / "nginx", ports["port"], ports["ws_port"], softphones=3) as address,
    ):
        wait_for(lambda: b'"asterisk":"ok"' in health(server), "Asterisk answers")
        yield address


def test_sign_in_websocket_and_log(proxied, tmp_path):
    browser = Browser(proxied, tmp_path / "nginx")
    response, page = browser.request("GET", "/login")
    assert response.getheader("Strict-Transport-Security") == "max-age=31536000"
    for name in OWN_HEADERS:
        assert len(response.headers.get_all(name)) == 1
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    form = f"csrf_token={token}&login=admin&password={PASSWORD}"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"{proxied}/login"}
    response, _ = browser.request("POST", "/login", form, **headers)
    assert response.status == 303
    assert "; Secure" in response.getheader("Set-Cookie")
    response, page = browser.request("GET", "/accounts?q=Mr+Secret", Referer=f"{proxied}/accounts?q=Mr+Secret")
    assert (response.status, "SIP accounts" in page) == (200, True)
    response, _ = browser.request("GET", "/healthz")
    assert response.status in (200, 503)  # 127.0.0.1 may ask

    def connect(**origin):
        return browser.request("GET", "/ws", **UPGRADE, **origin)[0].status

    assert connect(Origin=proxied) == 101
    assert connect() == 101  # a phone that is no browser
    for foreign in ("https://evil.example", f"{proxied}.evil.example", proxied.replace("https", "http"), "null"):
        assert connect(Origin=foreign) == 403
    log = (tmp_path / "nginx" / "sipweb.log").read_text()
    assert '"GET /accounts" 200' in log
    assert "Secret" not in log


def test_one_address_cannot_take_all_connections_of_asterisks_websocket(proxied, tmp_path):
    context, port = trusting(tmp_path / "nginx"), urlsplit(proxied).port
    with ExitStack() as opened:

        def connect(address):
            connection = socket.create_connection((NAME, port), 10, (address, 0))
            secured = opened.enter_context(context.wrap_socket(connection, server_hostname=NAME))
            phone = WebSocketPhone(None, 200, "", connect=lambda: secured, host=NAME)
            opened.callback(phone.close)
            return phone

        phones = [connect("127.0.0.2") for _ in range(3)]
        with pytest.raises(ConnectionError, match="429"):
            connect("127.0.0.2")
        connect("127.0.0.3")  # others are not affected
        phones[0].close()
        wait_for(lambda: is_accepted(lambda: connect("127.0.0.2")), "nginx counts one less")


def is_accepted(connect):
    """Connect; return whether nginx let it pass."""
    try:
        connect()
    except ConnectionError:
        return False
    return True


def test_nginxs_own_pages_have_the_security_headers(tmp_path):
    with running_nginx(tmp_path / "nginx", free_port()) as address:
        response, page = Browser(address, tmp_path / "nginx").request("GET", "/login")
    assert (response.status, "nginx" in page) == (502, True)
    assert response.getheader("Strict-Transport-Security") == "max-age=31536000"
    assert "frame-ancestors 'none'" in response.getheader("Content-Security-Policy")
    assert response.getheader("X-Content-Type-Options") == "nosniff"
    assert response.getheader("Referrer-Policy") == "same-origin"


def test_what_hosts_ask_each_other_is_not_passed_on(tmp_path):
    """Sipweb is away: what is passed on gets 502."""
    with running_nginx(tmp_path / "nginx", free_port()) as address:
        browser = Browser(address, tmp_path / "nginx")
        for path in ("/internal/recordings", "//internal//recordings", "/%69nternal/recordings", "/a/../internal/x"):
            assert browser.request("GET", path)[0].status == 404, path
        assert browser.request("GET", "/recordings")[0].status == 502


def test_secret_of_a_phones_address_is_in_no_file_of_nginx(tmp_path):
    """Sipweb is away: the error log would have whole addresses."""
    folder, path = tmp_path / "nginx", "/provisioning/SecretSecretSecretSecret/001565abcdef.cfg"
    with running_nginx(folder, free_port()) as address:
        for asked in (path, f"/{path}", path.replace("S", "%53"), "/provisioning/SecretSecret", "/login"):
            assert Browser(address, folder).request("GET", asked)[0].status == 502, asked
        port = re.findall(r"listen 127\.0\.0\.1:(\d+);", (folder / "sipweb.conf").read_text())[0]
        for host in (NAME, "evil.example"):
            connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
            connection.request("GET", path, headers={"Host": host})
            with suppress(http.client.RemoteDisconnected):
                assert connection.getresponse().status == 404
            connection.close()
    log = (folder / "sipweb.log").read_text()
    assert log.count('"GET /provisioning/***/001565abcdef.cfg"') == 5
    assert '"GET /provisioning/***"' in log
    assert "/login" in (folder / "error.log").read_text()
    for file in folder.glob("*.log"):
        assert "Secret" not in file.read_text(), file


@pytest.mark.parametrize(
    ("version", "ciphers", "accepted"),
    [
        (ssl.TLSVersion.TLSv1_3, "ALL", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE+AESGCM", True),
        (ssl.TLSVersion.TLSv1_2, "ECDHE+AES:!AESGCM:!AESCCM", False),  # CBC
        (ssl.TLSVersion.TLSv1_2, "kRSA", False),  # without forward secrecy
        (ssl.TLSVersion.TLSv1_1, "ALL:@SECLEVEL=0", False),
    ],
    ids=["1.3", "1.2", "cbc", "rsa", "1.1"],
)
def test_only_good_versions_and_ciphers_are_spoken(tmp_path, version, ciphers, accepted):
    with running_nginx(tmp_path / "nginx", free_port()) as address:
        context = trusting(tmp_path / "nginx")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is
            context.minimum_version = context.maximum_version = version
        context.set_ciphers(ciphers)
        port = urlsplit(address).port
        with socket.create_connection(("127.0.0.1", port), 10) as connection:
            if accepted:
                context.wrap_socket(connection, server_hostname=NAME).close()
            else:
                with pytest.raises(ssl.SSLError):
                    context.wrap_socket(connection, server_hostname=NAME)


def test_other_names_and_plain_http_get_nothing(proxied, tmp_path):
    browser = Browser(proxied, tmp_path / "nginx")
    with pytest.raises(http.client.RemoteDisconnected):
        browser.request("GET", "/login", Host="evil.example")
    configuration = (tmp_path / "nginx" / "sipweb.conf").read_text()
    port = re.findall(r"listen 127\.0\.0\.1:(\d+);", configuration)[0]
    for path, status in (("/", 301), ("/api/agent/login", 404)):
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
        connection.request("POST" if "api" in path else "GET", path, headers={"Host": NAME})
        assert connection.getresponse().status == status
        connection.close()
