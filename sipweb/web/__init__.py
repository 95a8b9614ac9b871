"""The web layer: views that parse the request, call one service and render its result."""

from pathlib import Path

from babel.dates import LOCALTZ
from flask import Flask
from flask_babel import Babel
from werkzeug.middleware.proxy_fix import ProxyFix

from ..config import Settings
from . import (
    access,
    accounts,
    agent,
    assets,
    attempts,
    audit,
    auth,
    calls,
    compression,
    confirmation,
    discard,
    errors,
    generations,
    health,
    history,
    hosts,
    imports,
    internal,
    locale,
    metrics,
    profile,
    provisioning,
    recordings,
    request_log,
    routing,
    second_factor,
    security,
    templating,
    usage,
    users,
    warnings,
)
from .csrf import MaskedCSRFProtect

BLUEPRINTS = (
    auth.bp, confirmation.bp, accounts.bp, users.bp, routing.trunks_bp, routing.routes_bp, routing.dial_test_bp,
    recordings.bp, calls.bp, usage.bp, generations.bp, hosts.bp, discard.bp, audit.bp, attempts.bp, history.bp,
    imports.bp, warnings.bp, health.bp, metrics.bp, profile.bp, second_factor.bp, provisioning.bp, agent.page_bp,
    agent.api_bp, internal.bp,
)  # fmt: skip


def init_app(app: Flask, settings: Settings) -> None:
    """Register everything that answers HTTP."""
    if count := settings.trusted_proxies:
        proxy_fix = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
        app.wsgi_app = proxy_fix  # type: ignore[method-assign]  # the way that Flask documents
    request_log.init_app(app, settings)  # first: what follows may refuse a request
    app.jinja_environment = templating.TemplateEnvironment  # before an extension asks for the environment
    Babel(
        app,
        default_translation_directories=str(Path(app.root_path) / "translations"),
        locale_selector=locale.language,
        default_timezone=settings.timezone or str(LOCALTZ),
    )
    security.init_app(app)
    access.init_app(app)  # before CSRF: a user whose session has ended is sent to the login, not shown a CSRF error
    MaskedCSRFProtect(app).exempt(agent.api_bp)  # bearer tokens only: a browser sends none by itself
    confirmation.init_app(app)
    errors.init_app(app)
    assets.init_app(app)
    compression.init_app(app)
    templating.init_app(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
