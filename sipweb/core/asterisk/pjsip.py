"""Endpoints, auths and AORs: one of each per active account, all three named by its number."""

import hashlib
from collections.abc import Callable, Iterator

from ..snapshot import BUILTIN, Account, Snapshot
from .conf import Section
from .dialplan import INTERNAL, MARKER

LONGEST_CALLER = 79  # bytes of a caller's name; Asterisk cuts the rest, even in the middle of a character
_NAT = (
    ("direct_media", "no"),
    ("force_rport", "yes"),
    ("rewrite_contact", "yes"),
    ("rtp_symmetric", "yes"),
)
_WEBRTC = (("dtls_auto_generate_cert", "yes"), ("webrtc", "yes"))


def sections(snapshot: Snapshot, decrypt: Callable[[str], str]) -> tuple[Section, ...]:
    """All sections by number, then the markers. No plain secret is in them, only md5(number:realm:secret)."""
    realm = snapshot.settings.realm
    accounts = sorted(snapshot.accounts, key=lambda account: account.number)
    parts = [section for account in accounts for section in _account(account, realm, decrypt(account.secret))]
    return (*parts, *_markers(marker(snapshot), realm))


def marker(snapshot: Snapshot) -> str:
    """The name of one endpoint, auth and AOR that nobody can use, which tell what Asterisk took over of each type."""
    return f"sipweb-{snapshot.digest}"


def digest(number: int, realm: str, secret: str) -> str:
    """HA1 of RFC 2617; Asterisk takes it in place of the secret."""
    return hashlib.md5(f"{number}:{realm}:{secret}".encode(), usedforsecurity=False).hexdigest()


def caller_id(account: Account) -> str:
    """`"Name" <number>`; a name of more than 79 bytes loses its last characters, never half of one."""
    name = account.user.encode()[:LONGEST_CALLER].decode(errors="ignore").strip()
    return f'"{name}" <{account.number}>'


def _account(account: Account, realm: str, secret: str) -> Iterator[Section]:
    number = str(account.number)
    yield Section(
        number,
        (
            ("type", "endpoint"),
            ("aors", number),
            ("auth", number),
            ("context", INTERNAL),
            ("callerid", caller_id(account)),
            ("allow", "!all,alaw,ulaw"),
            *_NAT,
            *(_WEBRTC if account.phone == BUILTIN else ()),
            ("set_var", f"SIPWEB_LEVEL={account.level:d}"),
            ("set_var", f"SIPWEB_RECORDING={account.recording:d}"),
        ),
    )
    yield _auth(number, number, realm, digest(account.number, realm, secret))
    yield Section(
        number,
        (
            ("type", "aor"),
            ("max_contacts", "1"),
            ("remove_existing", "yes"),
            ("maximum_expiration", "300"),
            ("default_expiration", "300"),
            ("qualify_frequency", "60"),
        ),
    )


def _auth(name: str, username: str, realm: str, ha1: str) -> Section:
    return Section(
        name,
        (
            ("type", "auth"),
            ("auth_type", "digest"),
            ("username", username),
            ("realm", realm),
            ("password_digest", f"MD5:{ha1}"),
        ),
    )


def _markers(name: str, realm: str) -> Iterator[Section]:
    """No caller can be this endpoint: it is known by address only, and no address is given. The auth belongs to no
    endpoint, so its digest opens nothing. The AOR takes no contact.
    """
    yield Section(name, (("type", "endpoint"), ("context", MARKER), ("identify_by", "ip"), ("allow", "!all")))
    yield _auth(name, name, realm, "0" * 32)
    yield Section(name, (("type", "aor"), ("max_contacts", "0")))
