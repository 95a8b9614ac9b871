"""PJSIP sections of accounts, trunks and other PBX hosts.

An account's endpoint, auth and AOR are named by its number.
"""

import hashlib
from functools import lru_cache

from ..accounts import BUILTIN
from ..snapshot import Account, HostAddress, PbxSettings, Snapshot, Trunk
from .conf import Section
from .dialplan.hosts import FROM_HOST, host_endpoint
from .dialplan.internal import HINTS_CONTEXT
from .dialplan.outbound import trunk_address, trunk_name
from .renderer import Decrypt, Renderer, other_hosts

CONTEXT = "sipweb-internal"
SIP_DOMAIN = "sip.sipweb.invalid"


def pjsip_sections(snapshot: Snapshot, renderer: Renderer) -> tuple[Section, ...]:
    """Return the marker's sections, the accounts' by number, the trunks', and those of other PBX hosts.

    The marker is named by a digest of the other sections: an Asterisk that has it runs them.
    """
    settings, decrypt = snapshot.settings, renderer.decrypt
    result: list[Section] = []
    for account in snapshot.accounts:
        result += account_sections(account, settings, decrypt)
    for trunk in snapshot.trunks:
        result += trunk_sections(trunk, decrypt)
    result += host_sections(settings, renderer)
    marker = f"sipweb-{hashlib.sha256(repr(result).encode()).hexdigest()[:16]}"
    return (*(Section(marker, options) for options in _marker(marker, settings.realm)), *result)


def account_sections(account: Account, settings: PbxSettings, decrypt: Decrypt) -> tuple[Section, ...]:
    """Return endpoint, auth and AOR of one account, in this order.

    An account of the built-in phone has a second endpoint, which keeps it from other phones. On a transport with the
    domain SIP_DOMAIN, which is every one but WebSocket, Asterisk prefers it to the account's own, and it identifies
    nobody.
    """
    number = str(account.number)
    moves_late = bool(settings.hosts) and account.phone != BUILTIN
    sections = (
        Section(number, endpoint_options(account, settings)),
        Section(number, digest_auth(number, settings.realm, ha1(account, settings.realm, decrypt))),
        Section(number, _aor(account.max_contacts, 60 if moves_late else 300)),
    )
    return (*sections, Section(f"{number}@{SIP_DOMAIN}", _NOBODY)) if account.phone == BUILTIN else sections


def trunk_sections(trunk: Trunk, decrypt: Decrypt) -> tuple[Section, ...]:
    """Return the sections of one trunk.

    It has an auth if the provider needs one, and a registration if it wants one.

    Asterisk qualifies the AOR every 10 seconds, so a dead trunk fails at once instead of after a SIP time-out.
    """
    name, address = trunk_name(trunk.id), trunk_address(trunk)
    asks, user = bool(trunk.username), trunk.username.replace("@", "%40")  # a SIP address has only one @
    sections = [
        Section(name, trunk_endpoint_options(trunk)),
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


def trunk_endpoint_options(trunk: Trunk) -> tuple[tuple[str, str], ...]:
    """Return the endpoint's options.

    Calls from the provider are not accepted: only outgoing calls are supported.
    """
    name = trunk_name(trunk.id)
    options = (
        ("type", "endpoint"), ("context", "sipweb-no-inbound"), ("aors", name),
        ("disallow", "all"), ("allow", "alaw,ulaw"),
        ("direct_media", "no"), ("rtp_symmetric", "yes"), ("force_rport", "yes"),
        ("from_domain", trunk.from_domain or trunk.host), ("send_pai", "yes" if trunk.send_pai else "no"),
        ("dtmf_mode", trunk.dtmf_mode), ("identify_by", "ip"), ("allow_transfer", "no"),
    )  # fmt: skip
    from_user = (("from_user", trunk.from_user),) if trunk.from_user else ()
    return options + from_user + ((("outbound_auth", name),) if trunk.username else ())


def host_sections(settings: PbxSettings, renderer: Renderer) -> tuple[Section, ...]:
    """Return the auth with which this PBX host calls the others, and endpoint, auth and AOR of each of them.

    Asterisk qualifies the AORs every 5 seconds, so that calls to a dead host fail at once.
    """
    if not (hosts := other_hosts(settings, renderer.host)):
        return ()
    sections = [_host_auth(renderer.host, settings, renderer)]
    for host in hosts:
        name, address = host_endpoint(host.name), f"[{host.address}]" if ":" in host.address else host.address
        contact = f"sip:{address}:{host.port};transport={host.transport}"
        sections += (
            Section(name, host_endpoint_options(host, settings, renderer)),
            _host_auth(host.name, settings, renderer),
            Section(
                name, (("type", "aor"), ("contact", contact), ("qualify_frequency", "5"), ("qualify_timeout", "3.0"))
            ),
        )
    return tuple(sections)


def host_endpoint_options(host: HostAddress, settings: PbxSettings, renderer: Renderer) -> tuple[tuple[str, str], ...]:
    """Return the endpoint's options.

    The hosts know each other by the user in From and in the digest, so the caller's number and name are in
    P-Asserted-Identity, which is believed from hosts only. Codecs and encryption are those of phones.
    """
    name, own_name = host_endpoint(host.name), host_endpoint(renderer.host)
    return (
        ("type", "endpoint"), ("context", FROM_HOST), ("aors", name), ("auth", name), ("outbound_auth", own_name),
        ("identify_by", "username,auth_username"), ("from_user", own_name),
        ("send_pai", "yes"), ("trust_id_inbound", "yes"), ("trust_id_outbound", "yes"),
        ("disallow", "all"), ("allow", ",".join(dict.fromkeys((*settings.codecs, *_BUILTIN_CODECS)))),
        ("direct_media", "no"), ("rtp_symmetric", "yes"), ("force_rport", "yes"), ("allow_transfer", "no"),
        ("rtp_timeout", "60"), ("rtp_timeout_hold", "3600"), *_SRTP_OPTIONS[settings.srtp],
    )  # fmt: skip


def _host_auth(host: str, settings: PbxSettings, renderer: Renderer) -> Section:
    """Return the auth of a PBX host. All hosts derive it from the same key, and it shows nothing of that."""
    name = host_endpoint(host)
    return Section(name, digest_auth(name, settings.realm, _user_digest(name, settings.realm, renderer.hosts_key)))


def _trunk_auth(trunk: Trunk, decrypt: Decrypt) -> tuple[tuple[str, str], ...]:
    """Return the trunk's auth options.

    They contain a digest if the provider's realm is known, otherwise the password itself (the file has mode 0640).
    """
    secret = decrypt(trunk.secret) if trunk.secret else ""
    if not trunk.realm:
        return (("type", "auth"), ("auth_type", "userpass"), ("username", trunk.username), ("password", secret))
    return digest_auth(trunk.username, trunk.realm, _user_digest(trunk.username, trunk.realm, secret))


def ha1(account: Account, realm: str, decrypt: Decrypt) -> str:
    """Return what the account's phone registers with."""
    return digest(account.number, realm, account.secret, decrypt)


@lru_cache(maxsize=4096)  # decrypting 900 secrets takes 25 ms, twice in each generation; a file has the digests anyway
def digest(number: int, realm: str, secret: str, decrypt: Decrypt) -> str:
    """Return the MD5 of number, realm and secret (HA1 of RFC 7616). `secret` is encrypted."""
    return _user_digest(str(number), realm, decrypt(secret))


def _user_digest(user: str, realm: str, secret: str) -> str:
    return hashlib.md5(f"{user}:{realm}:{secret}".encode(), usedforsecurity=False).hexdigest()


def endpoint_options(account: Account, settings: PbxSettings) -> tuple[tuple[str, str], ...]:
    """Return the endpoint's options.

    The built-in phone uses WebRTC, all others NAT-friendly SIP.
    """
    number = str(account.number)
    common = (
        ("type", "endpoint"),
        ("context", CONTEXT),
        ("aors", number),
        ("auth", number),
        ("callerid", f"{account.user} <{number}>"),
        ("disallow", "all"),
        ("direct_media", "no"),
        ("allow", ",".join(_BUILTIN_CODECS if account.phone == BUILTIN else settings.codecs)),
        ("identify_by", "username,auth_username"),  # the latter finds a phone that withholds its number
        ("rtp_timeout", "60"),  # ends the call of a phone that died
        ("rtp_timeout_hold", "3600"),
        *_pickup_options(account.pickup_group),
    )
    if account.phone == BUILTIN:
        return common + _WEBRTC_OPTIONS
    return common + _SIP_PHONE_OPTIONS + _SRTP_OPTIONS[settings.srtp] + _network_options(settings.phone_networks)


def _network_options(networks: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return the options that refuse a phone of another network, with the same answer as an unknown number."""
    return (("deny", "0.0.0.0/0,::/0"), ("permit", ",".join(networks))) if networks else ()


_BUILTIN_CODECS = ("alaw", "ulaw")
# One call keeps the built-in phone busy, for busy lamps and for `sipweb-dial-agent`.
_WEBRTC_OPTIONS = (("webrtc", "yes"), ("dtls_auto_generate_cert", "yes"), ("device_state_busy_at", "1"))
_SIP_PHONE_OPTIONS = (
    ("rtp_symmetric", "yes"),
    ("force_rport", "yes"),
    ("rewrite_contact", "yes"),
    ("allow_subscribe", "yes"),
    ("subscribe_context", HINTS_CONTEXT),
)
# optional: Asterisk offers keys, and the phone may ignore them
_SRTP_OPTIONS = {
    "no": (),
    "optional": (("media_encryption", "sdes"), ("media_encryption_optimistic", "yes")),
    "required": (("media_encryption", "sdes"), ("media_encryption_optimistic", "no")),
}
# An endpoint that is not identified by a user name: nobody can log in or call as it.
_NOBODY = (
    ("type", "endpoint"),
    ("context", "sipweb-no-inbound"),
    ("identify_by", "ip"),
    ("disallow", "all"),
    ("allow", "alaw"),
)


def _aor(max_contacts: int, expiration: int) -> tuple[tuple[str, str], ...]:
    """Return the options of an account's AOR.

    A new registration replaces the oldest one where there are too many. The short expiry makes a phone register again
    soon after its contact was removed (pbx.control.remove_contacts). Where there are several PBX hosts, many phones
    notice only then that theirs is gone, but not the built-in one, whose page tells it, and whose timers a browser may
    delay by a minute. Asterisk asks the phone every 30 seconds whether it is there (OPTIONS), and dials none that does
    not answer within 3 seconds.
    """
    return (
        ("type", "aor"),
        ("max_contacts", str(max_contacts)),
        ("remove_existing", "yes"),
        ("maximum_expiration", str(expiration)),
        ("qualify_frequency", "30"),
        ("qualify_timeout", "3.0"),
    )


def _pickup_options(group: int) -> tuple[tuple[str, str], ...]:
    """Return the options with which the phones of a group answer each other's calls."""
    return (("call_group", str(group)), ("pickup_group", str(group))) if group else ()


def digest_auth(username: str, realm: str, ha1: str) -> tuple[tuple[str, str], ...]:
    """Return the options of an auth."""
    return (
        ("type", "auth"),
        ("auth_type", "digest"),
        ("username", username),
        ("realm", realm),
        ("password_digest", f"MD5:{ha1}"),
    )


def _marker(name: str, realm: str) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return marker sections: they show which object types a reload applied.

    Nobody can log in as the marker.
    """
    nobody = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    return (
        (*_NOBODY, ("auth", name)),
        digest_auth(name, realm, nobody),
        (("type", "aor"), ("max_contacts", "0")),
    )
