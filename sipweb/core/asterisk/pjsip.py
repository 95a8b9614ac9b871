"""Accounts as PJSIP sections: endpoint, auth and AOR, all three named by the number; digests only."""

import hashlib
from collections.abc import Callable

from ..snapshot import BUILTIN, Account, Snapshot, Trunk
from .conf import Section
from .outgoing import there, trunk_name

CONTEXT = "sipweb-internal"
Decrypt = Callable[[str], str]


def sections(snapshot: Snapshot, decrypt: Decrypt) -> tuple[Section, ...]:
    """Three sections an account, by number, and a marker of each type, named by the snapshot's digest."""
    realm = snapshot.settings.realm
    marker = f"sipweb-{snapshot.digest}"
    result = [Section(marker, options) for options in _marker(marker, realm)]
    for account in snapshot.accounts:
        result += account_sections(account, realm, decrypt)
    for trunk in snapshot.trunks:
        result += trunk_sections(trunk, decrypt)
    return tuple(result)


def account_sections(account: Account, realm: str, decrypt: Decrypt) -> tuple[Section, Section, Section]:
    """Endpoint, auth and AOR of one account, in this order."""
    number = str(account.number)
    return (
        Section(number, endpoint(account)),
        Section(number, _auth(number, realm, ha1(account, realm, decrypt))),
        Section(number, _AOR),
    )


def trunk_sections(trunk: Trunk, decrypt: Decrypt) -> tuple[Section, ...]:
    """Endpoint and AOR of one trunk; auth when the provider asks for one; registration when it wants one.

    The AOR is asked every 10 seconds whether it is there: a dead trunk fails at once, not after a SIP time-out.
    """
    name, address = trunk_name(trunk.id), there(trunk)
    asks, user = bool(trunk.user), trunk.user.replace("@", "%40")  # in an address there is one @ only
    sections = [
        Section(name, trunk_endpoint(trunk)),
        Section(
            name,
            (("type", "aor"), ("contact", f"sip:{address}"), ("qualify_frequency", "10"), ("qualify_timeout", "3.0")),
        ),
    ]
    if asks:
        sections.append(Section(name, _trunk_auth(trunk, decrypt)))
    if asks and trunk.register:
        sections.append(Section(name, (
            ("type", "registration"), ("server_uri", f"sip:{address}"), ("client_uri", f"sip:{user}@{trunk.host}"),
            ("outbound_auth", name), ("contact_user", user), ("retry_interval", "30"), ("expiration", "300"),
            ("auth_rejection_permanent", "no"),
        )))  # fmt: skip
    return tuple(sections)


def trunk_endpoint(trunk: Trunk) -> tuple[tuple[str, str], ...]:
    """Calls from the provider lead nowhere: the customer's manual knows outgoing calls only."""
    name = trunk_name(trunk.id)
    options = (
        ("type", "endpoint"), ("context", "sipweb-nowhere"), ("aors", name), ("disallow", "all"), ("allow", "alaw,ulaw"),
        ("direct_media", "no"), ("rtp_symmetric", "yes"), ("force_rport", "yes"), ("from_domain", trunk.host),
        ("identify_by", "ip"), ("allow_transfer", "no"),
    )  # fmt: skip
    return options + ((("outbound_auth", name),) if trunk.user else ())


def _trunk_auth(trunk: Trunk, decrypt: Decrypt) -> tuple[tuple[str, str], ...]:
    """A digest where the provider's realm is known; else the password itself must stand here (the file's mode is 0640)."""
    secret = decrypt(trunk.secret) if trunk.secret else ""
    if not trunk.realm:
        return (("type", "auth"), ("auth_type", "userpass"), ("username", trunk.user), ("password", secret))
    text = f"{trunk.user}:{trunk.realm}:{secret}"
    return _auth(trunk.user, trunk.realm, hashlib.md5(text.encode(), usedforsecurity=False).hexdigest())


def ha1(account: Account, realm: str, decrypt: Decrypt) -> str:
    """MD5 of number, realm and secret: what a SIP digest is checked against (RFC 7616, the MD5 form)."""
    text = f"{account.number}:{realm}:{decrypt(account.secret)}"
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def endpoint(account: Account) -> tuple[tuple[str, str], ...]:
    """An endpoint's options: WebRTC for the built-in phone, NAT-friendly SIP for all others."""
    number = str(account.number)
    common = (
        ("type", "endpoint"),
        ("context", CONTEXT),
        ("aors", number),
        ("auth", number),
        ("callerid", f"{account.user} <{number}>"),
        ("set_var", f"SIPWEB_LEVEL={account.level}"),
        ("disallow", "all"),
        ("direct_media", "no"),
        ("allow", "alaw,ulaw"),
        ("rtp_timeout", "60"),  # a phone that died ends its call, and whoever listens in vain is free
        ("rtp_timeout_hold", "3600"),
    )
    return common + (_WEBRTC if account.phone == BUILTIN else _DESK)


_WEBRTC = (("webrtc", "yes"), ("dtls_auto_generate_cert", "yes"))
_DESK = (("rtp_symmetric", "yes"), ("force_rport", "yes"), ("rewrite_contact", "yes"))
# One contact an account: a new registration replaces the old. The short expiry brings a phone back soon after its
# contact was forgotten (pbx.state.forget).
_AOR = (
    ("type", "aor"),
    ("max_contacts", "1"),
    ("remove_existing", "yes"),
    ("maximum_expiration", "300"),
)


def _auth(username: str, realm: str, digest: str) -> tuple[tuple[str, str], ...]:
    return (
        ("type", "auth"),
        ("auth_type", "digest"),
        ("username", username),
        ("realm", realm),
        ("password_digest", f"MD5:{digest}"),
    )


def _marker(name: str, realm: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Names that show which types a reload took over. Nobody can log in as one: it is found by no user's name."""
    nobody = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return (
        (
            ("type", "endpoint"),
            ("context", "sipweb-nowhere"),
            ("auth", name),
            ("identify_by", "ip"),
            ("disallow", "all"),
            ("allow", "alaw"),
        ),
        _auth(name, realm, nobody),
        (("type", "aor"), ("max_contacts", "0")),
    )
