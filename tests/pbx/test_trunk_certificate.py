"""A trunk over TLS: Asterisk speaks SIP only with a provider whose certificate it can trust."""

import socket
import ssl
import threading
from contextlib import contextmanager, suppress

from sipweb import create_app
from sipweb.config import load
from sipweb.services import generations
from tests.builders import WHO, make_trunk
from tests.certificates import make_certificate
from tests.servers import running_asterisk, wait_for


@contextmanager
def tls_provider(folder):
    """Listen for TLS with a new certificate; yield the port, and the first bytes of each connection.

    A connection that ends before anything was sent is b"".
    """
    cert, key = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    received: list[bytes] = []

    def accept():
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                connection.settimeout(5)
                try:
                    with context.wrap_socket(connection, server_side=True) as tls:
                        received.append(tls.recv(100))
                except OSError:
                    received.append(b"")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield server.getsockname()[1], received
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)


def test_only_a_provider_with_a_trusted_certificate_gets_sip(instance, tmp_path):
    for name in ("trusted", "untrusted"):
        (tmp_path / name).mkdir()
    with tls_provider(tmp_path / "trusted") as trusted, tls_provider(tmp_path / "untrusted") as untrusted:
        cert, key = tmp_path / "trusted" / "cert.pem", tmp_path / "trusted" / "key.pem"
        files = {"tls_cert": str(cert), "tls_key": str(key), "tls_ca": str(cert)}
        with running_asterisk(instance, sip_transports="udp,tls", **files) as (environ, _):
            app = create_app(load(environ))
            with app.app_context():
                ctx = app.extensions["sipweb"]
                account = {"username": "me", "secret": "provider-secret-1", "register": True}
                for name, (port, _received) in {"Trusted": trusted, "Untrusted": untrusted}.items():
                    make_trunk(ctx, name=name, host="127.0.0.1", port=port, transport="tls", **account)
                assert generations.generate(ctx, WHO).state == "verified"
                wait_for(lambda: any(trusted[1]) and untrusted[1], "Asterisk connected to both")
                wait_for(lambda: len(untrusted[1]) >= 2, "Asterisk tried the untrusted again", 60)
    assert any(data.startswith((b"OPTIONS sip:", b"REGISTER sip:")) for data in trusted[1])
    assert not any(untrusted[1])
