"""sipweb: where the administrator of a contact centre keeps the SIP accounts of an Asterisk PBX."""

import os
import sys
from dataclasses import replace

from flask import Flask

from .config import ROOT, Settings, load
from .core.errors import Invalid
from .core.snapshot import PbxSettings
from .db import db
from .pbx.link import Link
from .pbx.local import find
from .pbx.release import Release
from .services.site import Site
from .vault import Keys, Vault, load_keys

KEYS = "keys.json"


def create_app(settings: Settings | None = None) -> Flask:
    """The application; starts nothing. Reads SIPWEB_* where no settings are given; nonsense there ends it in a sentence."""
    from . import cli, web

    settings = with_keys(settings or _environment())
    app = Flask(__name__, root_path=str(ROOT), template_folder="templates", static_folder="static")
    app.config.from_mapping(
        SECRET_KEY=settings.secret_key or os.urandom(32),  # before set-up nobody can log in anyhow
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS={"pool_pre_ping": True},  # a PostgreSQL that was restarted is no error
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.trusted_proxies > 0,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_I18N_ENABLED=False,  # every sentence is our own
        MAX_CONTENT_LENGTH=1024 * 1024,
        SETTINGS=settings,
    )
    db.init_app(app)
    cli.init_app(app, settings)
    if settings.secret_key:
        app.extensions["sipweb"] = site_of(settings)
        web.init_app(app, settings)
    return app


def _environment() -> Settings:
    try:
        return load(os.environ)
    except Invalid as error:
        sys.exit(str(error))


def with_keys(settings: Settings) -> Settings:
    """The settings with what set-up made, where the environment says nothing else."""
    path = settings.instance / KEYS
    mode = settings.pbx or ("local" if find() else "files")
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


def site_of(settings: Settings) -> Site:
    """What the services work with."""
    keys: Keys = load_keys(settings.instance / KEYS)
    return Site(
        vault=Vault(settings.secrets_keys, keys.fingerprint_key),
        settings=PbxSettings(settings.sip_realm, settings.emergency_numbers),
        release=Release(settings.asterisk_dir / "sipweb"),
        link=Link(settings.pbx, settings.ami_host, settings.ami_port, settings.ami_user, settings.ami_secret),
        run=settings.instance / "run",
        recordings=settings.recordings,
        recording_days=settings.recording_days,
    )
