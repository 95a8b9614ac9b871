"""Fixtures of all tests: a set-up instance, the application, its clients, and an Asterisk."""

import os
import shutil

import pytest

from sipweb import KEYS_FILE, create_app
from sipweb.config import ROOT, load
from sipweb.crypto import make_keys
from sipweb.db import db, migrate
from sipweb.services import installation
from sipweb.translations import compile_translations
from tests import postgres
from tests.builders import make_user
from tests.client import PASSWORD, Client
from tests.servers import running_asterisk


def pytest_runtest_logreport(report):
    """Fail a skipped test under CI, where nothing is missing."""
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"


@pytest.fixture(scope="session")
def instance_template(tmp_path_factory):
    """Return an instance after `flask setup` with PBX=files; each test copies it."""
    return set_up(tmp_path_factory.mktemp("migrated"))


@pytest.fixture(scope="session")
def postgresql():
    """Return the URL of a server where databases may be created."""
    with postgres.server() as url:
        if url is None:
            pytest.skip("no PostgreSQL: run make tools")
        yield url


@pytest.fixture(scope="session")
def postgresql_template(tmp_path_factory, postgresql):
    """Return such an instance on PostgreSQL, and its database's URL."""
    with postgres.copied(postgresql, "migrated") as url:
        instance = tmp_path_factory.mktemp("migrated")
        use_database(instance, url)
        yield set_up(instance), url


def use_database(instance, url):
    (instance / "sipweb.env").write_text(f"DATABASE_URL={url.render_as_string(hide_password=False)}\n")


def set_up(instance):
    compiled_templates = instance.parent.parent / "compiled-templates"  # shared by all processes that run tests
    compiled_templates.mkdir(exist_ok=True)
    (instance / "cache").symlink_to(compiled_templates)
    compile_translations()
    make_keys(instance / KEYS_FILE)
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))
    with app.app_context():
        migrate(ROOT / "migrations")
        installation.create_revision()
        installation.create_administrator(PASSWORD)
        installation.create_first_accounts(app.extensions["sipweb"])
        db.session.remove()
        db.engine.dispose()  # a database that somebody is connected to cannot be copied
    return instance


on_both_databases = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def database(request):
    """Return the kind of database: SQLite, and with @on_both_databases PostgreSQL too."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def instance(request, database, tmp_path):
    """Return the folder of a fresh instance."""
    path = tmp_path / "i"
    if database == "sqlite":
        shutil.copytree(request.getfixturevalue("instance_template"), path, symlinks=True)
        yield path
        return
    instance_template, template = request.getfixturevalue("postgresql_template")
    with postgres.copied(request.getfixturevalue("postgresql"), "test", template.database) as url:
        shutil.copytree(instance_template, path, symlinks=True)
        use_database(path, url)
        yield path


@pytest.fixture
def environ(instance):
    """Return the test's settings as environment variables."""
    return {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}


@pytest.fixture
def app(environ):
    """Return the application of a fresh instance, inside its context."""
    app = create_app(load(environ))
    app.testing = True
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def ctx(app):
    """Return the context that services work with."""
    return app.extensions["sipweb"]


@pytest.fixture
def anonymous(app):
    """Return a client that is not logged in."""
    return Client(app)


@pytest.fixture
def admin(app):
    """Return a client that is logged in as an administrator."""
    client = Client(app)
    assert client.login().status_code == 303
    return client


@pytest.fixture
def anna(app):
    """Return the user id of the agent Anna Nowak."""
    return make_user("anna", "Anna Nowak")


@pytest.fixture
def piotr(app):
    """Return the user id of the agent Piotr Lis."""
    return make_user("piotr", "Piotr Lis")


@pytest.fixture
def restored_umask():
    """Restore the umask, which set-up changes for its process."""
    umask = os.umask(0o022)
    yield
    os.umask(umask)


@pytest.fixture
def pbx(_pbx):
    """Return the settings of a live system: a real Asterisk runs its first generation."""
    return _pbx[0]


@pytest.fixture
def asterisk(_pbx):
    """Return the process of that Asterisk."""
    return _pbx[1]


@pytest.fixture
def _pbx(instance):
    with running_asterisk(instance) as running:
        yield running


@pytest.fixture
def live_app(pbx):
    """Return the application of a live system, inside its context."""
    app = create_app(load(pbx))
    app.testing = True
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
