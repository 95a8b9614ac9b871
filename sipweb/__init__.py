"""sipweb: manages the SIP accounts of an Asterisk PBX."""

import os
import sys
from dataclasses import replace
from datetime import timedelta

from flask import Flask

from .config import ROOT, Settings, instance_folder, load
from .core.errors import SipwebError
from .core.phone_server import PhoneServer
from .core.snapshot import PbxSettings
from .crypto import KEYS_FILE, Keys, SecretCipher, load_keys
from .db import configure_postgresql, db, end_session
from .instance_owner import other_user_problem
from .pbx.connection import ASTERISK_FAILURE, PbxConnection
from .pbx.generation_files import GenerationFiles
from .pbx.local_asterisk import find_asterisk
from .services.context import ServiceContext, SessionLimits


def create_app(settings: Settings | None = None) -> Flask:
    """Create the application; starts no process.

    Reads SIPWEB_* if no settings are given, and exits with a message if one is invalid, or if the instance belongs to
    another user. Without keys.json the application has commands only.
    """
    from . import cli, web

    settings = add_stored_keys(settings) if settings else _environment()
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    is_secure = settings.trusted_proxies > 0
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key or os.urandom(32),  # nobody can log in before set-up
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        # reconnect after PostgreSQL was restarted; SQLite would only be asked in vain, three times in each edit
        SQLALCHEMY_ENGINE_OPTIONS={
            "pool_pre_ping": not settings.database_url.startswith("sqlite"),
            "hide_parameters": True,  # values of statements may be secrets, and errors are logged
        },
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=is_secure,
        SESSION_COOKIE_NAME="__Host-session" if is_secure else "session",  # no other host of the domain can set it
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,  # all messages are our own
        MAX_CONTENT_LENGTH=1024 * 1024,
        SETTINGS=settings,
    )
    db.init_app(app)
    app.teardown_appcontext(end_session)  # called before Flask-SQLAlchemy's own
    cli.init_app(app)
    if (settings.instance / KEYS_FILE).is_file():
        app.extensions["sipweb"] = ctx = build_context(settings)
        with app.app_context():
            configure_postgresql(ctx.cache.clear)
        web.init_app(app, settings)
    return app


def _environment() -> Settings:
    if problem := other_user_problem(instance_folder(os.environ)):
        sys.exit(problem)
    try:
        return add_stored_keys(load(os.environ))
    except SipwebError as error:
        sys.exit(str(error))
    except PermissionError as error:
        sys.exit(f"{error.filename} can't be read by this user.")


def add_stored_keys(settings: Settings) -> Settings:
    """Fill in the keys that set-up generated, unless the environment sets them."""
    path = settings.instance / KEYS_FILE
    mode = settings.pbx or ("local" if find_asterisk() else "files")
    if not path.is_file():
        return replace(settings, pbx=mode)
    keys = load_keys(path)
    return replace(
        settings,
        pbx=mode,
        secret_key=settings.secret_key or keys.secret_key,
        secrets_keys=settings.secrets_keys or keys.secrets_keys,
        ami_secret=settings.ami_secret or keys.ami_secret,
    )


def build_context(settings: Settings) -> ServiceContext:
    """Build what the services work with."""
    keys_file = settings.instance / KEYS_FILE
    keys: Keys = load_keys(keys_file)
    stored = settings.secrets_keys == keys.secrets_keys  # not those of the setting SECRETS_KEYS
    return ServiceContext(
        cipher=SecretCipher(settings.secrets_keys, keys.fingerprint_key, keys_file if stored else None),
        pbx_settings=PbxSettings(
            settings.sip_realm,
            settings.emergency_numbers,
            settings.ring_seconds,
            settings.codecs,
            settings.srtp,
            echo_test=settings.echo_test,
            pickup=settings.pickup,
            withhold_prefix=settings.withhold_prefix,
            caller_name_outside=settings.caller_name_outside,
            fallback_caller_id=settings.fallback_caller_id,
            phone_networks=settings.phone_networks,
        ),
        generation_files=GenerationFiles(settings.asterisk_dir / "sipweb"),
        pbx=PbxConnection(
            settings.pbx,
            settings.ami_host,
            settings.ami_port,
            settings.ami_user,
            settings.ami_secret,
            failure_file=settings.instance / "run" / ASTERISK_FAILURE if settings.pbx == "local" else None,
        ),
        runtime_dir=settings.instance / "run",
        recordings_dir=settings.recordings,
        recording_days=settings.recording_days,
        audit_days=settings.audit_days,
        event_days=settings.event_days,
        call_days=settings.call_days,
        drift_interval=settings.drift_interval,
        host=settings.pbx_host,
        websocket=settings.websocket,
        web_address=settings.web_address,
        spool_dir=settings.instance / "asterisk-state/spool" if settings.pbx == "local" else settings.asterisk_spool,
        session_limits=SessionLimits(
            timedelta(minutes=settings.session_idle), timedelta(minutes=settings.session_lifetime)
        ),
        require_two_factor=settings.require_two_factor,
        trusted_networks=settings.trusted_networks,
        phone_server=PhoneServer(
            settings.sip_host,
            settings.sip_bind if settings.pbx == "local" else "",
            settings.external_address,
            settings.transport_ports,
            {"SIPWEB_AMI_PORT": settings.ami_port, "SIPWEB_WS_PORT": settings.ws_port},
            settings.rtp_ports,
            settings.tls_cert,
            settings.tls_key,
        ),
        asterisk_logs=settings.instance / "asterisk-state/log" if settings.pbx == "local" else None,
    )
