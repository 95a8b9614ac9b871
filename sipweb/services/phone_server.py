"""Whether phones can connect: the settings of the server, its TLS certificate and key."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from os import stat
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import N_
from ..core.phone_server import ServerProblem, settings_problems
from .context import ServiceContext, utc_now

if TYPE_CHECKING:
    from cryptography.x509 import Certificate as X509Certificate

EXPIRY_WARNING = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Certificate:
    """How long a certificate is valid, and why it cannot be used with its key, if it cannot."""

    not_before: datetime | None = None
    not_after: datetime | None = None
    problem: ServerProblem | None = None


def problems(ctx: ServiceContext) -> tuple[ServerProblem, ...]:
    """Return what prevents phones from connecting, or soon will."""
    return (*settings_problems(ctx.phone_server), *certificate_problems(ctx))


def certificate_problems(ctx: ServiceContext) -> tuple[ServerProblem, ...]:
    """Return what is wrong with the TLS certificate and its key; nothing without TLS."""
    found = certificate(ctx)
    return tuple(_certificate_problems(found)) if found else ()


def certificate(ctx: ServiceContext) -> Certificate | None:
    """Return the TLS certificate; None without TLS, or where another program keeps it."""
    server = ctx.phone_server
    if "tls" not in server.ports or not (server.tls_cert and server.tls_key):
        return None
    return _read(server.tls_cert, server.tls_key, _version(server.tls_cert), _version(server.tls_key))


def _certificate_problems(found: Certificate) -> Iterator[ServerProblem]:
    if found.problem:
        yield found.problem
    if found.not_before is None or found.not_after is None:
        return
    now = utc_now()
    if now >= found.not_after:
        yield ServerProblem(N_("The TLS certificate expired on %(date)s."), {"date": _date(found.not_after)})
    elif now < found.not_before:
        yield ServerProblem(N_("The TLS certificate is valid only from %(date)s."), {"date": _date(found.not_before)})
    elif now > found.not_after - EXPIRY_WARNING:
        yield ServerProblem(N_("The TLS certificate expires on %(date)s."), {"date": _date(found.not_after)})


def _date(moment: datetime) -> str:
    return moment.date().isoformat()


def _version(path: str) -> tuple[int, int] | None:
    """Return what changes with each new content of a file; None if there is no such file."""
    try:
        status = stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_ino


@lru_cache(maxsize=1)
def _read(
    cert_file: str, key_file: str, _cert_version: tuple[int, int] | None, _key_version: tuple[int, int] | None
) -> Certificate:
    """Read the certificate and try its key; the result is kept as long as the files stay the same."""
    from cryptography import x509  # imported here: it takes 1 MB, and most servers have no certificate

    try:
        leaf = x509.load_pem_x509_certificates(Path(cert_file).read_bytes())[0]
    except OSError:
        return Certificate(problem=ServerProblem(N_("The file in SIPWEB_TLS_CERT can't be read.")))
    except ValueError:
        return Certificate(problem=ServerProblem(N_("The file in SIPWEB_TLS_CERT has no certificate in PEM format.")))
    return Certificate(leaf.not_valid_before_utc, leaf.not_valid_after_utc, _key_problem(cert_file, key_file, leaf))


def _key_problem(cert_file: str, key_file: str, leaf: "X509Certificate") -> ServerProblem | None:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(Path(key_file).read_bytes(), None)
    except OSError:
        return ServerProblem(N_("The file in SIPWEB_TLS_KEY can't be read."))
    except (ValueError, TypeError):  # TypeError: it is encrypted
        return ServerProblem(N_("The file in SIPWEB_TLS_KEY has no key in PEM format that needs no password."))
    if key.public_key() != leaf.public_key():
        return ServerProblem(N_("The TLS key doesn't fit the certificate: phones can't connect over TLS."))
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(cert_file, key_file)
    except (ssl.SSLError, OSError) as error:  # for example a key that is too short
        reason = getattr(error, "reason", None) or type(error).__name__
        return ServerProblem(N_("OpenSSL refuses the TLS certificate: %(reason)s."), {"reason": reason})
    return None
