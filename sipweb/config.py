"""The settings: SIPWEB_* variables over INSTANCE/sipweb.env over the defaults. Nonsense is refused in a sentence."""

import re
import zoneinfo
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from .core.errors import N_, Invalid

ROOT = Path(__file__).resolve().parent.parent
PBX_MODES = ("local", "ami", "files")
TRANSPORTS = ("udp", "tcp", "tls")


@dataclass(frozen=True, slots=True)
class Settings:
    """One run of sipweb. Empty text means "made at set-up" or "by the system", as the README says of each."""

    instance: Path
    database_url: str
    secret_key: str = ""
    secrets_keys: tuple[str, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    trusted_proxies: int = 0
    admin_password: str = ""
    pbx: str = ""
    asterisk_dir: Path = Path()
    ami_host: str = "127.0.0.1"
    ami_port: int = 15038
    ami_user: str = "sipweb"
    ami_secret: str = ""
    sip_host: str = "127.0.0.1"
    sip_port: int = 15060
    rtp_ports: tuple[int, int] = (16000, 20000)
    sip_bind: str = "127.0.0.1"
    sip_transports: tuple[str, ...] = ("udp",)
    tls_cert: str = ""
    tls_key: str = ""
    external_address: str = ""
    stun: str = ""
    ws_port: int = 8088
    ws_url: str = ""
    sip_realm: str = "sipweb"
    timezone: str = ""
    workers: int = 1
    emergency_numbers: tuple[str, ...] = ("112", "997", "998", "999")
    softphone_name: str = "Thulium Softphone"
    language: str = ""
    free_warning: int = 3
    recordings: Path = Path()
    recording_days: int = 90

    @property
    def websocket(self) -> str:
        """Where the built-in softphone finds the PBX."""
        return self.ws_url or f"ws://{self.sip_host}:{self.ws_port}/ws"


SECRET = {"secret_key", "secrets_keys", "admin_password", "ami_secret"}


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of `environ`. Raises Invalid naming the variable; the values of secrets are never in the sentence."""
    instance = Path(environ.get("SIPWEB_INSTANCE") or ROOT / "instance").absolute()
    given = _file(instance / "sipweb.env") | {k: v for k, v in environ.items() if k.startswith("SIPWEB_")}
    given.pop("SIPWEB_INSTANCE", None)
    known = {f"SIPWEB_{field.name.upper()}": field.name for field in fields(Settings)}
    for name in given.keys() - known.keys():
        raise Invalid(N_("%(name)s is not a setting of sipweb."), name=name)
    values: dict[str, object] = {known[name]: _value(name, known[name], text) for name, text in given.items() if text}
    values.setdefault("database_url", f"sqlite:///{instance / 'sipweb.db'}")
    values.setdefault("asterisk_dir", instance / "asterisk")
    values.setdefault("recordings", instance / "recordings")
    settings = Settings(instance=instance, **values)  # type: ignore[arg-type]  # checked field by field above
    _check_together(settings)
    return settings


def public(settings: Settings) -> dict[str, str]:
    """Setting name → text, without secrets: what a second command may be compared by."""
    found = {f.name: str(getattr(settings, f.name)) for f in fields(settings) if f.name not in SECRET}
    return found | {"database_url": re.sub(r"(://[^:/@]*:)[^@]*@|(password=)[^&]*", r"\1\2…", settings.database_url)}


def _file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        name, separator, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not separator:
            raise Invalid(N_("%(path)s, line %(number)s: expected NAME=value."), path=path, number=number)
        name = name.strip().removeprefix("SIPWEB_")
        pairs[f"SIPWEB_{name}"] = value.strip().strip("'\"")
    return pairs


def _value(name: str, field: str, text: str) -> object:
    try:
        return _PARSERS.get(field, str)(text)
    except (ValueError, TypeError, KeyError) as error:
        shown = "…" if field in SECRET else text
        raise Invalid(N_("%(name)s=%(value)s: %(why)s."), name=name, value=shown, why=error) from None


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"expected a whole number from {low} to {high}")
        return int(text)

    return parse


def _one_of(*choices: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in choices:
            raise ValueError(f"expected {', '.join(choices[:-1])} or {choices[-1]}")
        return text

    return parse


def _range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    low, high = _port(first), _port(last)
    if high - low < 3:
        raise ValueError("expected FIRST-LAST with room for at least four ports")
    return low, high


def _words(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text) if word)


def _transports(text: str) -> tuple[str, ...]:
    return tuple(_one_of(*TRANSPORTS)(word) for word in _words(text))


def _emergency(text: str) -> tuple[str, ...]:
    for word in _words(text):
        if not re.fullmatch(r"[0-9]{2,15}", word):
            raise ValueError(f"{word} is not a number of 2 to 15 digits")
    return tuple(sorted(set(_words(text))))


def _realm(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", text):
        raise ValueError("expected letters, digits, dots, dashes and underscores")
    return text


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]{1,255}", text):
        raise ValueError("expected a host name or an address")
    return text


def _database(text: str) -> str:
    if not re.match(r"(sqlite:///|postgresql(\+psycopg)?://)[^/]*/?.", text):
        raise ValueError("expected sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    return text


def _keys(text: str) -> tuple[str, ...]:
    for word in _words(text):
        if not re.fullmatch(r"[A-Za-z0-9_-]{43}=", word):
            raise ValueError("expected keys as Fernet makes them: 32 bytes, URL-safe base64")
    return _words(text)


def _websocket(text: str) -> str:
    if not re.fullmatch(r"wss?://[A-Za-z0-9.:\[\]_-]+(/[A-Za-z0-9._~/-]*)?", text):
        raise ValueError("expected ws://HOST/PATH or wss://HOST/PATH")
    return text


def _readable(text: str) -> str:
    if not Path(text).is_file():
        raise ValueError("there is no such file")
    return text


def _timezone(text: str) -> str:
    zoneinfo.ZoneInfo(text)
    return text


_port = _integer(1, 65535)
_PARSERS: dict[str, Callable[[str], object]] = {
    "port": _port, "ami_port": _port, "sip_port": _port, "ws_port": _port, "rtp_ports": _range,
    "trusted_proxies": _integer(0, 9), "workers": _integer(1, 64), "free_warning": _integer(0, 900),
    "pbx": _one_of(*PBX_MODES), "language": _one_of("pl", "en"),
    "asterisk_dir": lambda text: Path(text).absolute(), "recordings": lambda text: Path(text).absolute(),
    "recording_days": _integer(0, 36500), "secrets_keys": _keys,
    "sip_transports": _transports, "emergency_numbers": _emergency, "sip_realm": _realm, "timezone": _timezone,
    "host": _host, "sip_host": _host, "sip_bind": _host, "ami_host": _host, "external_address": _host,
    "stun": _host, "ws_url": _websocket, "database_url": _database, "tls_cert": _readable, "tls_key": _readable,
}  # fmt: skip


def _check_together(settings: Settings) -> None:
    if not settings.sip_transports:
        raise Invalid(N_("SIPWEB_SIP_TRANSPORTS: name at least one of udp, tcp, tls."))
    if "tls" in settings.sip_transports and not (settings.tls_cert and settings.tls_key):
        raise Invalid(N_("SIPWEB_SIP_TRANSPORTS has tls: SIPWEB_TLS_CERT and SIPWEB_TLS_KEY are needed."))
    if settings.pbx == "ami" and not settings.ami_secret:
        raise Invalid(N_("SIPWEB_PBX=ami: SIPWEB_AMI_SECRET is needed."))
    if settings.admin_password and len(settings.admin_password) < 12:
        raise Invalid(N_("SIPWEB_ADMIN_PASSWORD: at least 12 characters."))
