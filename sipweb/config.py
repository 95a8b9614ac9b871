"""Settings from SIPWEB_* variables, then INSTANCE/sipweb.env, then defaults."""

import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from itertools import permutations
from pathlib import Path
from typing import Any, TypeVar

from . import setting_parsers as parsers
from .core.errors import N_, Invalid
from .core.sip_transports import transport_port

T = TypeVar("T")
ROOT = Path(__file__).resolve().parent.parent
PBX_MODES = ("local", "ami", "files", "none")


def setting(
    default: T,
    *,
    parse: Callable[[str], T] | None = None,
    secret: bool = False,
    may_have_password: bool = False,
    may_be_empty: bool = False,
) -> T:
    """Declare a setting.

    `parse` returns its value from text. The value of a secret is never shown, and no wrong value that may contain a
    password. An empty text means the default, unless the setting may be empty.
    """
    declared: T = field(
        default=default,
        metadata={
            "parse": parse or str,
            "secret": secret,
            "is_shown": not (secret or may_have_password),
            "may_be_empty": may_be_empty,
        },
    )
    return declared


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings; the README explains each.

    Empty text means "generated at set-up" or "the system's".
    """

    instance: Path
    database_url: str = setting("", parse=parsers.database_url, may_have_password=True)
    secret_key: str = setting("", parse=parsers.at_least(32), secret=True)
    secrets_keys: tuple[str, ...] = setting((), parse=parsers.keys, secret=True)
    host: str = setting("127.0.0.1", parse=parsers.bind_host)
    port: int = setting(8000, parse=parsers.port)
    metrics_token: str = setting("", parse=parsers.token, secret=True)
    provisioning_http: bool = setting(default=False, parse=parsers.yes_or_no)
    trusted_proxies: int = setting(0, parse=parsers.integer(0, 9))
    admin_password: str = setting("", secret=True)
    pbx: str = setting("", parse=parsers.one_of(*PBX_MODES))
    pbx_host: str = setting("pbx", parse=parsers.host_name)
    asterisk_dir: Path = setting(Path(), parse=parsers.absolute_path)  # noqa: RUF009  # a dataclass field
    asterisk_spool: Path = setting(Path("/var/spool/asterisk"), parse=parsers.absolute_path)  # noqa: RUF009  # same
    session_idle: int = setting(30, parse=parsers.integer(5, 1440))
    session_lifetime: int = setting(720, parse=parsers.integer(15, 10080))
    require_two_factor: bool = setting(default=False, parse=parsers.yes_or_no)
    ami_host: str = setting("127.0.0.1", parse=parsers.host)
    ami_port: int = setting(15038, parse=parsers.port)
    ami_user: str = setting("sipweb")
    ami_secret: str = setting("", secret=True)
    sip_host: str = setting("127.0.0.1", parse=parsers.host)
    sip_port: int = setting(15060, parse=parsers.port)
    rtp_ports: tuple[int, int] = setting((16000, 20000), parse=parsers.port_range)
    sip_bind: str = setting("127.0.0.1", parse=parsers.host)
    sip_transports: tuple[str, ...] = setting(("udp",), parse=parsers.transports)
    tls_cert: str = setting("", parse=parsers.existing_file)
    tls_key: str = setting("", parse=parsers.existing_file)
    tls_ca: str = setting("", parse=parsers.existing_file)
    external_address: str = setting("", parse=parsers.host)
    stun: str = setting("", parse=parsers.host)
    ws_port: int = setting(8088, parse=parsers.port)
    ws_url: str = setting("", parse=parsers.websocket_url)
    sip_realm: str = setting("sipweb", parse=parsers.realm)
    timezone: str = setting("", parse=parsers.timezone)
    workers: int = setting(1, parse=parsers.integer(1, 64))
    emergency_numbers: tuple[str, ...] = setting(("112", "997", "998", "999"), parse=parsers.emergency_numbers)
    ring_seconds: int = setting(180, parse=parsers.integer(10, 3600))
    codecs: tuple[str, ...] = setting(("alaw", "ulaw", "g722"), parse=parsers.codecs)
    srtp: str = setting("optional", parse=parsers.one_of("no", "optional", "required"))
    trusted_networks: tuple[str, ...] = setting((), parse=parsers.networks)
    phone_networks: tuple[str, ...] = setting((), parse=parsers.networks)
    music_on_hold: str = setting("", parse=parsers.sound_folder)
    echo_test: str = setting("*43", parse=parsers.feature_code, may_be_empty=True)
    pickup: str = setting("*8", parse=parsers.feature_code, may_be_empty=True)
    withhold_prefix: str = setting("*67", parse=parsers.feature_code, may_be_empty=True)
    caller_name_outside: bool = setting(default=False, parse=parsers.yes_or_no)
    fallback_caller_id: str = setting("", parse=parsers.caller_id)
    softphone_name: str = setting("Thulium Softphone")
    language: str = setting("", parse=parsers.one_of("pl", "en"))
    log_format: str = setting("text", parse=parsers.one_of("text", "json"))
    free_warning: int = setting(3, parse=parsers.integer(0, 900))
    recordings: Path = setting(Path(), parse=parsers.absolute_path)  # noqa: RUF009  # a dataclass field
    recording_days: int = setting(90, parse=parsers.integer(0, 36500))
    audit_days: int = setting(0, parse=parsers.integer(0, 36500))
    event_days: int = setting(90, parse=parsers.integer(0, 36500))
    call_days: int = setting(90, parse=parsers.integer(0, 36500))
    drift_interval: int = setting(30, parse=parsers.integer(0, 86400))

    @property
    def websocket(self) -> str:
        """The WebSocket's address for the built-in softphone."""
        return self.ws_url or f"ws://{self.sip_host}:{self.ws_port}/ws"

    @property
    def web_address(self) -> str:
        """Where the other PBX hosts reach the web server; SIP_HOST if it listens on all addresses, "" if nowhere."""
        if self.host in ("127.0.0.1", "::1", "localhost") or self.host.startswith("unix:"):
            return ""
        host = self.sip_host if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  # compared, not bound to
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def transport_ports(self) -> dict[str, int]:
        """The port of each transport, the preferred transport first."""
        return {transport: transport_port(transport, self.sip_port) for transport in self.sip_transports}


def load(environ: Mapping[str, str]) -> Settings:
    """Load the settings from `environ` and the instance's file.

    Messages contain no secrets.

    Raises:
        Invalid: names the variable.
    """
    instance = instance_folder(environ)
    texts = _read_env_file(instance / "sipweb.env") | {k: v for k, v in environ.items() if k.startswith("SIPWEB_")}
    texts.pop("SIPWEB_INSTANCE", None)
    declared = {f"SIPWEB_{f.name.upper()}": f for f in fields(Settings)}
    for variable in [name for name, f in declared.items() if not f.metadata.get("is_shown", True)]:
        if path := texts.pop(f"{variable}_FILE", ""):
            texts[variable] = _read_secret(variable, path, texts)
    for variable in texts.keys() - declared.keys():
        raise Invalid(N_("Unknown setting: %(name)s."), name=variable)
    values: dict[str, Any] = {
        "database_url": f"sqlite:///{instance / 'sipweb.db'}",
        "asterisk_dir": instance / "asterisk",
        "recordings": instance / "recordings",
    }
    values |= {
        declared[name].name: _parse(name, declared[name], text)
        for name, text in texts.items()
        if text or declared[name].metadata["may_be_empty"]
    }
    settings = Settings(instance=instance, **values)
    _check_combinations(settings)
    return settings


def instance_folder(environ: Mapping[str, str]) -> Path:
    """Return the instance's folder, absolute."""
    return Path(environ.get("SIPWEB_INSTANCE") or ROOT / "instance").absolute()


def public_settings(settings: Settings) -> dict[str, str]:
    """Return the settings' names and texts without secrets.

    Commands compare their own with those of the running server.
    """
    public = {f.name: str(getattr(settings, f.name)) for f in fields(settings) if not f.metadata.get("secret")}
    public["database_url"] = hide_passwords(settings.database_url)
    return public


def hide_passwords(database_url: str) -> str:
    """Return the URL of a database without its passwords."""
    return re.sub(r"(password=)[^&]*", r"\1…", re.sub(r"(://[^:/@]*:).*@", r"\1…@", database_url))


def database_kind(settings: Settings) -> str:
    """Return sqlite or postgresql, for the log: an address of a database may contain a password."""
    return re.split("[:+]", settings.database_url)[0]


def _read_env_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    variables = {}
    for number, line in enumerate(path.read_text().splitlines(), 1):
        name, separator, value = line.partition("=")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not separator or not name.strip().isidentifier():  # else a password might be part of the name
            raise Invalid(N_("%(path)s, line %(number)s: expected NAME=value."), path=path, number=number)
        name = name.strip().removeprefix("SIPWEB_")
        variables[f"SIPWEB_{name}"] = value.strip().strip("'\"")
    return variables


def _read_secret(variable: str, path: str, texts: Mapping[str, str]) -> str:
    """Return the content of a secret's file, as systemd and containers give them to a service."""
    if texts.get(variable):
        raise Invalid(N_("%(name)s and %(name)s_FILE exclude each other."), name=variable)
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError):
        raise Invalid(N_("%(name)s_FILE: %(path)s can't be read."), name=variable, path=path) from None


def _parse(variable: str, declared: Field[Any], text: str) -> object:
    try:
        return declared.metadata["parse"](text)
    except (ValueError, TypeError, KeyError) as error:
        shown = text if declared.metadata["is_shown"] else "…"
        raise Invalid(N_("%(name)s=%(value)s: %(why)s."), name=variable, value=shown, why=error) from None


def _check_combinations(settings: Settings) -> None:
    codes = [code for code in (settings.echo_test, settings.pickup, settings.withhold_prefix) if code]
    if any(longer.startswith(code) for code, longer in permutations(codes, 2)):
        raise Invalid(
            N_("SIPWEB_ECHO_TEST, SIPWEB_PICKUP and SIPWEB_WITHHOLD_PREFIX: no code may begin with another one.")
        )
    if not settings.sip_transports:
        raise Invalid(N_("SIPWEB_SIP_TRANSPORTS must include at least one of udp, tcp, tls."))
    if max(settings.transport_ports.values()) > 65535:
        raise Invalid(N_("SIPWEB_SIP_TRANSPORTS=tls uses the port after SIPWEB_SIP_PORT, which must be at most 65534."))
    needs_files = settings.pbx in ("", "local") and "tls" in settings.sip_transports
    if needs_files and not (settings.tls_cert and settings.tls_key):
        raise Invalid(N_("SIPWEB_SIP_TRANSPORTS=tls requires SIPWEB_TLS_CERT and SIPWEB_TLS_KEY."))
    if settings.pbx == "none" and database_kind(settings) == "sqlite":
        raise Invalid(N_("SIPWEB_PBX=none requires a PostgreSQL database that the PBX hosts use too."))
    if settings.pbx == "ami" and not settings.ami_secret:
        raise Invalid(N_("SIPWEB_PBX=ami requires SIPWEB_AMI_SECRET."))
    if settings.admin_password and len(settings.admin_password) < 12:
        raise Invalid(N_("SIPWEB_ADMIN_PASSWORD must have at least 12 characters."))
