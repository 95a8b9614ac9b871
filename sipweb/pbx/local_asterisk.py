"""The Asterisk of PBX=local: finds it on PATH or in .asterisk/, and configures it for an ordinary user."""

import hashlib
import os
import shutil
import stat
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..core.asterisk.dialplan.recording import RECORDING_FOLDER
from ..core.asterisk.pjsip import SIP_DOMAIN
from ..core.errors import N_, OperationRefused
from ..core.sip_transports import transport_port
from . import hold_music
from .ami import AmiClient
from .asterisk_data import link_data
from .asterisk_logs import LOGGER_CONF
from .blocked_addresses import INCLUDE
from .control import check_ready

TREE = Path(__file__).resolve().parents[2] / ".asterisk"
MODULES = (
    "res_crypto", "res_timing_timerfd", "res_sorcery_config", "res_sorcery_memory", "res_sorcery_astdb",
    "res_http_websocket", "res_rtp_asterisk", "res_srtp", "res_pjproject", "res_pjsip", "res_pjsip_session",
    "res_pjsip_authenticator_digest", "res_pjsip_outbound_authenticator_digest", "res_pjsip_registrar",
    "res_pjsip_endpoint_identifier_user", "res_pjsip_caller_id", "res_pjsip_dtmf_info", "res_pjsip_nat",
    "res_pjsip_rfc3326", "res_pjsip_sdp_rtp", "res_pjsip_transport_websocket", "res_pjsip_refer", "res_pjsip_pubsub",
    "chan_pjsip", "bridge_simple", "bridge_native_rtp", "bridge_builtin_features",
    "bridge_softmix", "bridge_holding", "codec_alaw", "codec_ulaw", "codec_g722", "codec_resample", "format_wav",
    "format_pcm", "pbx_config", "app_dial", "app_playback", "app_echo", "app_mixmonitor",
    "func_callerid", "app_stack", "app_playtones", "func_cut", "func_hangupcause", "func_devstate", "func_dialplan",
    "func_uri", "res_pjsip_outbound_registration", "format_gsm", "codec_gsm", "app_directed_pickup", "func_timeout",
    "res_pjsip_header_funcs",
    "res_pjsip_outbound_publish", "res_pjsip_exten_state", "res_pjsip_dialog_info_body_generator",  # busy lamps
    "res_pjsip_pidf_body_generator", "res_pjsip_xpidf_body_generator",
    "func_channel", "func_strings", "func_db", "func_pjsip_aor",
    "func_pjsip_contact", "res_musiconhold",
    "pbx_spool",
    "func_cdr", "cdr_manager", "res_security_log", "res_pjsip_acl",
)  # fmt: skip
SOFTPHONES = 2000  # at most at a time; Asterisk would accept 100 WebSockets
OPEN_FILES = 16384  # a file for each softphone and several for each call; many systems allow 1024
SYSTEM_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"  # of the package ca-certificates
FOLDERS = ("run", "spool/outgoing", "log", "db", "keys")  # that Asterisk writes to
# An auth is looked for in AstDB first, where leases have theirs (pbx.astdb), then in pjsip.conf.
SORCERY = "[res_pjsip]\nauth=astdb,sipweb\nauth=config,pjsip.conf,criteria=type=auth\n"
INDICATIONS = "[general]\ncountry=pl\n\n[pl]\ndescription=Poland\nringcadence=1000,4000\ncongestion=425/500,0/500\n"


@dataclass(frozen=True, slots=True)
class Installation:
    """An installed Asterisk.

    `command` starts it; `root` is the tree with its modules and data ("/" for the system).
    """

    command: tuple[str, ...]
    root: Path


@dataclass(frozen=True, slots=True)
class LocalAsteriskConfig:
    """What the local Asterisk binds to and announces.

    `directory` is ASTERISK_DIR; `state` holds everything that Asterisk writes.
    """

    directory: Path
    state: Path
    ami_port: int
    ami_user: str
    ami_secret: str
    sip_port: int
    ws_port: int
    rtp_ports: tuple[int, int]
    realm: str = "sipweb"
    bind: str = "127.0.0.1"
    transports: tuple[str, ...] = ("udp",)
    tls_cert: str = ""
    tls_key: str = ""
    tls_ca: str = ""  # the authorities that a trunk's certificate is checked against; "" for the system's
    external_address: str = ""
    stun: str = ""
    recordings: Path | None = None
    music_on_hold: str = ""  # a folder of sound files; "" for the melody made here

    @property
    def console_log(self) -> Path:
        """What Asterisk prints before it has opened its log."""
        return self.state / "log" / "console.log"


def find_asterisk() -> Installation | None:
    """Return the Asterisk on PATH, or the one that `make pbx` installed, or None."""
    if path := shutil.which("asterisk"):
        return Installation((path,), Path("/"))
    root = TREE.resolve()
    executable = root / "usr/sbin/asterisk"
    if not os.access(executable, os.X_OK):  # False too in the cache folder of another user
        return None
    loaders = sorted(root.glob("lib64/ld-linux-*.so.*")) + sorted(root.glob("lib/ld-linux-*.so.*"))
    if not loaders:
        return None
    libraries = ":".join(str(path.parent) for path in sorted(root.glob("usr/lib/*-linux-gnu/libc.so.6")))
    return Installation((str(loaders[0]), "--library-path", libraries, str(executable)), root)


def argv(pbx: LocalAsteriskConfig, installation: Installation) -> list[str]:
    """Return the command that runs Asterisk in the foreground."""
    return [*installation.command, "-f", "-C", str(pbx.directory / "asterisk.conf")]


def configure(pbx: LocalAsteriskConfig, installation: Installation) -> None:
    """Write the configuration, except what a generation contains."""
    for directory in (pbx.directory, pbx.state, *(pbx.state / name for name in FOLDERS)):
        directory.mkdir(parents=True, exist_ok=True, mode=0o750)
    _link_recordings(pbx)
    if not pbx.music_on_hold:
        hold_music.write_melody(pbx.state / "moh" / "melody.wav")
    for name, text in _files(pbx, installation).items():
        draft = pbx.directory / f".{name}"
        draft.touch(mode=0o640)
        draft.write_text(text)
        draft.replace(pbx.directory / name)


def _link_recordings(pbx: LocalAsteriskConfig) -> None:
    """Link Asterisk's folder of recordings to `recordings`.

    The dialplan can only name a fixed folder below Asterisk's own.
    """
    if pbx.recordings is None:
        return
    pbx.recordings.mkdir(parents=True, exist_ok=True, mode=0o750)
    link = pbx.state / "spool" / "monitor" / RECORDING_FOLDER
    link.parent.mkdir(exist_ok=True)
    draft = link.with_name(f".{RECORDING_FOLDER}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(pbx.recordings)
    draft.replace(link)


def last_message(pbx: LocalAsteriskConfig) -> str:
    """Return the last line that Asterisk printed or logged; "" if there is none."""
    lines: list[str] = []
    for path in (pbx.state / "log" / "messages.log", pbx.console_log):
        with suppress(OSError):
            text = path.read_bytes()[-4096:].decode(errors="replace")
            lines += [line.strip() for line in text.splitlines() if line.strip()][-1:]
    return lines[-1][:300] if lines else ""


def wait_until_up(pbx: LocalAsteriskConfig, seconds: float = 20.0) -> bool:
    """Wait until Asterisk is fully booted; return whether it was within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with AmiClient.connect("127.0.0.1", pbx.ami_port, pbx.ami_user, pbx.ami_secret, 2.0) as ami:
                check_ready(ami)
                return True
        except OperationRefused:
            time.sleep(0.1)
    return False


def _files(pbx: LocalAsteriskConfig, installation: Installation) -> dict[str, str]:
    return {
        "asterisk.conf": _asterisk_conf(pbx, installation),
        "modules.conf": "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES),
        "logger.conf": LOGGER_CONF,
        "manager.conf": (
            f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nport={pbx.ami_port}\n\n[{pbx.ami_user}]\n"
            f"secret={pbx.ami_secret}\ndeny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.255\n"
            "read=system,security,cdr,reporting\nwrite=system,reporting\nwritetimeout=5000\n"
        ),
        "cdr.conf": "[general]\nenable=yes\nunanswered=yes\ncongestion=yes\n",  # also calls that nobody answered
        "cdr_manager.conf": "[general]\nenabled=yes\n",
        "http.conf": (
            f"[general]\nenabled=yes\nbindaddr={pbx.bind}\nbindport={pbx.ws_port}\nsessionlimit={SOFTPHONES}\n"
        ),
        "rtp.conf": "[general]\nrtpstart={}\nrtpend={}\n".format(*pbx.rtp_ports)
        + (f"stunaddr={pbx.stun}\n" if pbx.stun else ""),
        "musiconhold.conf": (
            f"[general]\n\n[default]\nmode=files\ndirectory={pbx.music_on_hold or pbx.state / 'moh'}\nsort=alpha\n"
        ),
        "features.conf": "[general]\npickupexten=none\n",  # *8 is a feature code of sipweb, or a route
        "indications.conf": INDICATIONS,
        "extensions.conf": "[general]\nstatic=yes\nwriteprotect=yes\n\n#include sipweb/current/extensions.conf\n",
        "pjsip.conf": _pjsip_conf(pbx),
        "sorcery.conf": SORCERY,
    }


def _asterisk_conf(pbx: LocalAsteriskConfig, installation: Installation) -> str:
    modules = next(iter(sorted(installation.root.glob("usr/lib/*-linux-gnu/asterisk/modules"))), None)
    modules = modules or installation.root / "usr/lib/asterisk/modules"
    data = link_data(installation.root / "usr/share/asterisk", pbx.state / "data", MODULES)
    directories = {
        "astetcdir": pbx.directory, "astmoddir": modules, "astvarlibdir": installation.root / "var/lib/asterisk",
        "astdatadir": data, "astdbdir": pbx.state / "db",
        "astkeydir": pbx.state / "keys", "astagidir": pbx.state / "run", "astspooldir": pbx.state / "spool",
        "astrundir": _short_path(pbx.state / "run"), "astlogdir": pbx.state / "log", "astsbindir": pbx.state / "run",
    }  # fmt: skip
    lines = "".join(f"{name} => {path}\n" for name, path in directories.items())
    return f"[directories]\n{lines}\n[options]\nverbose=0\ndebug=0\nnocolor=yes\nmaxfiles={OPEN_FILES}\n"


def _short_path(path: Path) -> Path:
    """Return a short path for the socket's folder.

    A socket's path has at most 107 bytes, so a deep instance uses the temporary folder.
    """
    if len(os.fsencode(path)) < 90:
        return path
    name = hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
    short = Path("/tmp") / f"sipweb-{os.getuid()}-{name}"  # noqa: S108  # refused unless it is ours alone
    short.mkdir(mode=0o700, exist_ok=True)
    status = short.lstat()
    if status.st_uid != os.getuid() or not stat.S_ISDIR(status.st_mode) or status.st_mode & 0o077:
        raise OperationRefused(N_("%(path)s is owned by another user."), path=short)
    return short


def _pjsip_conf(pbx: LocalAsteriskConfig) -> str:
    external = ""
    if pbx.external_address:
        external = (
            f"external_media_address={pbx.external_address}\nexternal_signaling_address={pbx.external_address}\n"
            "local_net=10.0.0.0/8\nlocal_net=172.16.0.0/12\nlocal_net=192.168.0.0/16\nlocal_net=127.0.0.0/8\n"
        )
    # The same realm for unknown numbers, so that a challenge does not tell which numbers exist.
    # A phone that withholds its number is found by the name with which it authenticates.
    text = f"[global]\ntype=global\ndefault_realm={pbx.realm}\nuser_agent=sipweb\n"
    text += "endpoint_identifier_order=username,auth_username\n"
    text += "keep_alive_interval=20\n"  # seconds; proxies close a softphone's connection that is idle for longer
    # Give up a silent provider after 8 seconds instead of 32: the caller waits that long for the next route. timer_b is
    # at least 64 times timer_t1, in ms.
    text += "\n[system]\ntype=system\ntimer_t1=125\ntimer_b=8000\n"
    for transport in pbx.transports:
        port = transport_port(transport, pbx.sip_port)
        text += f"\n[transport-{transport}]\ntype=transport\nprotocol={transport}\nbind={pbx.bind}:{port}\n{external}"
        text += f"domain={SIP_DOMAIN}\n"  # where accounts of the built-in phone are not available
        if transport == "tls":
            text += f"cert_file={pbx.tls_cert}\npriv_key_file={pbx.tls_key}\nmethod=tlsv1_2\n"
            text += f"verify_server=yes\nca_list_file={pbx.tls_ca or SYSTEM_AUTHORITIES}\n"  # of a trunk
    text += f"\n[transport-ws]\ntype=transport\nprotocol=ws\nbind={pbx.bind}\n"
    return f"{text}\n#include sipweb/current/pjsip.conf\n{INCLUDE}"
