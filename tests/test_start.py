"""Commands start only when sipweb can work; otherwise they say why, exit with 1 and change nothing."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from sipweb import create_app
from sipweb.config import ROOT, load
from sipweb.core.errors import OperationRefused
from sipweb.crypto import KEYS_FILE, make_keys
from sipweb.db import db, oldest_schema, stored_schema
from sipweb.pbx import local_asterisk
from sipweb.services import accounts, generation_follow, generations, health, host_reports, hosts, startup_checks
from sipweb.services.state import current_state, live_number
from sipweb.version import MIGRATIONS, schemas
from tests import postgres
from tests.builders import WHO, make_account
from tests.client import PASSWORD, Client, soup, text_of
from tests.conftest import on_both_databases
from tests.faults import set_newer_schema
from tests.host_rows import add_host
from tests.servers import serving, wait_for

COMMANDS = [
    ["plan"], ["generate"], ["rollback", "1"], ["drift"], ["set-password", "admin", "--password-stdin"],
    ["create-user", "--login", "a", "--name", "A", "--role", "agent", "--password-stdin"],
    ["monitor"], ["web"], ["serve"], ["setup"],
]  # fmt: skip
OLDER = f"The database has an older schema (0010, not {schemas()[-1]}). Run 'flask setup'."
NEWER = (
    f"The database has a newer schema (9999) than this version of sipweb ({schemas()[-1]}). Install the "
    "version that it was used with, or restore a backup."
)


def set_schema(app, number):
    db.session.execute(text("UPDATE alembic_version SET version_num = :number"), {"number": number})
    db.session.commit()


def remove_keys(app):
    (app.config["SETTINGS"].instance / KEYS_FILE).unlink()


def replace_keys(app):
    remove_keys(app)
    make_keys(app.config["SETTINGS"].instance / KEYS_FILE)


NAME_IS_TAKEN = (
    "Another machine is the PBX host pbx already. Set SIPWEB_PBX_HOST to another name. If that machine is gone for "
    "good and this one takes its place, run 'flask remove-host pbx' first."
)
STATES = {
    "older schema": (lambda app: set_schema(app, "0010"), OLDER),
    "newer schema": (lambda app: set_newer_schema(oldest="9999"), NEWER),
    "keys are missing": (remove_keys, startup_checks.KEYS_MISSING),
    "keys of another instance": (replace_keys, startup_checks.KEYS_DO_NOT_FIT),
}


def contents(folder):
    """The digest of each file; the database without its log, as reading alone may move that into the database."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


@on_both_databases
@pytest.mark.parametrize("state", STATES)
def test_command_refuses_to_start(environ, instance, state):
    damage, sentence = STATES[state]
    app = create_app(load(environ))
    with app.app_context():
        damage(app)
        db.session.remove()
        db.engine.dispose()
    before = contents(instance)
    broken = create_app(load(environ))
    for command in COMMANDS:
        if command == ["setup"] and state == "older schema":
            continue  # that is what set-up is for
        result = broken.test_cli_runner().invoke(args=command, input="a long password\n")
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert result.stderr.splitlines()[-1] == sentence, command
    with broken.app_context():
        db.engine.dispose()
    assert contents(instance) == before


@on_both_databases
def test_newer_schema_that_allows_this_version_is_worked_with(environ, instance, restored_umask):
    app = create_app(load(environ))
    with app.app_context():
        set_newer_schema(oldest=schemas()[-1])
        make_account(app.extensions["sipweb"], 300)
        db.session.remove()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["generate"]).exit_code == 0
    (instance / "asterisk" / "sipweb" / "current").unlink()
    done = runner.invoke(args=["setup"])
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(
        "A newer version of sipweb has migrated the database (schema 9999): it stays as it is."
    )
    with app.app_context():
        assert (stored_schema(), oldest_schema()) == ("9999", schemas()[-1])
    assert (instance / "asterisk" / "sipweb" / "current").is_symlink()
    for command in (["rotate-keys"], ["copy-database", "postgresql:///other"]):
        result = runner.invoke(args=command)
        assert (result.exit_code, result.stderr) == (
            1,
            "A newer version of sipweb has migrated the database (schema 9999). Run this command of that version.\n",
        )
    with app.app_context():
        db.engine.dispose()


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_second_machine_of_a_name_neither_serves_nor_generates(app, ctx, instance):
    add_host(ctx.host)
    make_account(ctx, 300)
    db.session.remove()
    for command in (["generate"], ["generate", "--again"], ["rollback", "1"], ["setup"]):
        result = app.test_cli_runner().invoke(args=command)
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert result.stderr.splitlines()[-1] == NAME_IS_TAKEN, command
    done = flask(instance, "web", timeout=10)
    assert (done.returncode, done.stdout, done.stderr.splitlines()[-1]) == (1, "", NAME_IS_TAKEN)
    assert live_number() == 1


def test_state_of_a_sound_instance_has_no_problem(ctx):
    assert startup_checks.start_problem(ctx) is None


def test_migrations_are_numbered_in_their_order():
    for older, newer in zip(schemas(), schemas()[1:], strict=False):
        (source,) = MIGRATIONS.glob(f"{newer}_*.py")
        assert f'revision = "{newer}"' in source.read_text().replace("'", '"')
        assert f'down_revision = "{older}"' in source.read_text().replace("'", '"')


def test_damaged_keys_are_named(instance):
    (instance / KEYS_FILE).write_text("{")
    done = flask(instance, "plan")
    assert (done.returncode, done.stderr) == (1, f"{instance / KEYS_FILE} is damaged. Put back a copy of it.\n")


def flask(instance, *arguments, prefix=(), app="wsgi", cwd=ROOT, timeout=None, **settings):
    """Run a command as a process of its own."""
    settings = {"instance": instance, "pbx": "files"} | settings
    environ = os.environ | {f"SIPWEB_{name.upper()}": str(value) for name, value in settings.items()}
    return subprocess.run(
        [*prefix, sys.executable, "-m", "flask", "--app", app, *arguments],
        cwd=cwd, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=timeout,
    )  # fmt: skip


def test_another_user_is_given_the_command_to_run(instance):
    if os.geteuid() != 0:
        pytest.skip("needs root to give the instance to another user")
    shutil.chown(instance, "nobody")
    shutil.chown(instance / KEYS_FILE, "nobody")
    done = flask(instance, "generate", "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"{instance} belongs to the user nobody. Run: sudo -u nobody env SIPWEB_INSTANCE={instance} "
        f"{sys.executable} -m flask --app wsgi generate --yes\n"
    )


def test_root_is_advised_to_use_another_user(instance):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    done = flask(instance, "setup")
    assert (done.returncode, done.stdout) == (0, "Setup complete; nothing to do.\n")
    assert done.stderr.startswith("Advice: sipweb runs as root.")
    assert len(done.stderr.splitlines()) == 1


def test_folder_that_cannot_be_written_is_named(ctx, monkeypatch):
    monkeypatch.setattr(os, "access", lambda path, mode: path != ctx.runtime_dir)  # root may write everywhere
    ctx.runtime_dir.mkdir(exist_ok=True)
    problem = (
        f"{ctx.runtime_dir} can't be written. Check its owner and permissions, and that the disk is not read-only."
    )
    assert startup_checks.start_problem(ctx) == problem


def test_setup_that_failed_at_the_files_is_completed_by_the_next_one(tmp_path):
    instance = tmp_path / "instance"
    instance.mkdir()
    (instance / "asterisk").mkdir()
    (instance / "asterisk" / "sipweb").write_text("in the way")  # where the folder of the generations belongs
    failed = flask(instance, "setup")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    (instance / "asterisk" / "sipweb").unlink()
    done = flask(instance, "setup")
    assert (done.returncode, done.stdout) == (0, "Wrote configuration version 2.\n")
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))
    with app.app_context():
        assert current_state(app.extensions["sipweb"]).generation == 2
        assert app.extensions["sipweb"].generation_files.current() == 2


@pytest.fixture
def empty_database(postgresql):
    """Return the URL of an empty database, as a setting has it."""
    with postgres.copied(postgresql, "empty") as url:
        yield url.render_as_string(hide_password=False)


def set_up(instance, url, **settings):
    """Run `flask setup` on a machine with its own folder of Asterisk's files, and return the last line it prints."""
    settings |= {"asterisk_dir": instance / "asterisk", "database_url": url, "admin_password": PASSWORD}
    done = flask(instance, "setup", **settings)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@contextmanager
def machine(instance, url, **settings):
    """Yield the application of a machine, inside its context."""
    settings |= {"instance": instance, "asterisk_dir": instance / "asterisk", "database_url": url}
    app = create_app(load({f"SIPWEB_{name.upper()}": str(value) for name, value in settings.items()}))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def copy_keys(instance, other):
    other.mkdir()
    shutil.copy(instance / KEYS_FILE, other)


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_setup_without_a_pbx_leaves_an_existing_configuration_to_the_hosts(app, instance, tmp_path):
    web = tmp_path / "web"
    copy_keys(instance, web)
    url = app.config["SETTINGS"].database_url
    assert set_up(web, url, pbx="none", pbx_host="w") == "Setup complete; nothing to do."
    assert not (web / "asterisk").exists()
    assert host_reports.states(1) == {"pbx": "written"}


@pytest.mark.parametrize("deleted", [[6], [20], range(1, 21)], ids=["one", "the last", "all"])
def test_first_configuration_of_a_web_servers_database_is_made_by_a_pbx_host(empty_database, tmp_path, deleted):
    web, host = tmp_path / "web", tmp_path / "a"
    done = set_up(web, empty_database, pbx="none")
    assert done == "Created SIP accounts 200–219. 'flask setup' on a PBX host generates their configuration."
    with machine(web, empty_database, pbx="none") as app:
        ctx = app.extensions["sipweb"]
        assert (live_number(), len(current_state(ctx).plan.added)) == (0, 20)
        with pytest.raises(OperationRefused, match="No PBX host answers"):
            generations.generate(ctx, WHO)
        for account_id in deleted:
            accounts.delete(ctx, WHO, account_id)
    assert set_up(web, empty_database, pbx="none") == "Setup complete; nothing to do."
    assert not (web / "asterisk").exists()
    copy_keys(web, host)
    assert set_up(host, empty_database, pbx="files", pbx_host="a") == "Wrote configuration version 1."
    with machine(host, empty_database, pbx="files", pbx_host="a") as app:
        ctx = app.extensions["sipweb"]
        assert (live_number(), host_reports.states(1)) == (1, {"a": "written"})
        assert ctx.generation_files.current() == 1
        assert {int(number) for number in current_state(ctx).live.by_number} == {*range(200, 220)} - {
            199 + id for id in deleted
        }


def test_first_configuration_can_be_generated_on_the_page_when_a_pbx_host_has_joined(empty_database, tmp_path):
    web, host = tmp_path / "web", tmp_path / "a"
    set_up(web, empty_database, pbx="none")
    copy_keys(web, host)
    joined = threading.Event()

    def follow():
        with machine(host, empty_database, pbx="files", pbx_host="a") as app:
            ctx = app.extensions["sipweb"]
            hosts.join(ctx)
            joined.set()
            wait_for(lambda: generation_follow.follow(ctx), "a generation is claimed")

    with ThreadPoolExecutor() as pool, machine(web, empty_database, pbx="none") as app:
        following = pool.submit(follow)
        assert joined.wait(20)
        admin = Client(app)
        admin.login()
        admin.post("/generation")
        following.result()
        assert "Configuration version 1 generated." in text_of(soup(admin.get("/generation")))
        assert host_reports.states(1) == {"a": "written"}


READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def read_only(folder):
    """A prefix that runs a command while a folder can't be written."""
    prefix = ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(folder)]
    if subprocess.run([*prefix, "true"], check=False, capture_output=True).returncode:
        pytest.skip("needs the right to mount")
    return prefix


def test_code_may_be_read_only(tmp_path):
    done = flask(tmp_path / "instance", "setup", prefix=read_only(ROOT))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "Created SIP accounts 200–219.")
    assert len(done.stderr.splitlines()) == (os.geteuid() == 0)  # the advice


@pytest.fixture
def reachable():
    """A folder that every user of this machine can open."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("name", ["keys.json", "sipweb.env"])
def test_secrets_that_everybody_can_read_are_named(ctx, reachable, name):
    file = reachable / name
    for other in ("keys.json", "sipweb.env"):
        (reachable / other).touch(mode=0o640)
    file.chmod(0o644)
    [problem] = startup_checks.exposed_files(reachable)
    assert problem == f"{name} can be read by every user of this machine. In its folder run: chmod o= {name}"
    assert problem in health.health(replace(ctx, runtime_dir=reachable / "run")).values["problems"]
    reachable.chmod(0o750)
    assert list(startup_checks.exposed_files(reachable)) == []
    reachable.chmod(0o755)
    file.chmod(0o640)
    assert list(startup_checks.exposed_files(reachable)) == []


def test_set_up_lets_only_the_owner_read_secrets(reachable, restored_umask):
    file = reachable / "sipweb.env"
    file.write_text("PBX=files\n")
    file.chmod(0o644)
    done = create_app(load({"SIPWEB_INSTANCE": str(reachable)})).test_cli_runner().invoke(args=["setup"])
    assert (done.exit_code, "can be read by every user" in done.stderr) == (0, False), done.output
    assert file.stat().st_mode & 0o777 == 0o600
    if os.geteuid() == 0:
        reader = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "cat", file]
        assert subprocess.run(reader, capture_output=True, check=False).returncode == 1


def test_secrets_of_another_user_are_left_and_named(reachable):
    if os.geteuid() != 0:
        pytest.skip("needs root to give the file to another user")
    file = reachable / "sipweb.env"
    file.touch()
    file.chmod(0o644)
    shutil.chown(file, "nobody")
    [problem] = startup_checks.protect_files(reachable)
    assert problem.startswith("sipweb.env can be read by every user of this machine.")
    assert file.stat().st_mode & 0o777 == 0o644
    shutil.chown(file, "root")
    assert list(startup_checks.protect_files(reachable)) == []
    file.chmod(0o640)  # for a group that the administrator chose
    assert list(startup_checks.protect_files(reachable)) == []
    assert file.stat().st_mode & 0o777 == 0o640


def test_server_protects_secrets_when_it_starts(instance):
    file = instance / "sipweb.env"
    file.touch()
    file.chmod(0o644)
    with serving(instance, pbx="files"):
        assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("command", ["plan", "monitor", "serve", "web", "setup"])
def test_read_only_instance_is_named(instance, command):
    done = flask(instance, command, prefix=read_only(instance))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[-1].startswith(f"{instance}")
    assert done.stderr.splitlines()[-1].endswith(
        " can't be written. Check its owner and permissions, and that the disk is not read-only."
    )


def test_asterisk_in_the_cache_folder_of_another_user_is_none(tmp_path, monkeypatch):
    if os.geteuid() != 0:
        pytest.skip("needs root to become another user")
    for path in ("lib64/ld-linux-x86-64.so.2", "usr/sbin/asterisk"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).touch(0o755)
    monkeypatch.setattr(local_asterisk, "TREE", tmp_path)
    monkeypatch.setenv("PATH", "")
    assert local_asterisk.find_asterisk()
    tmp_path.chmod(0o700)
    os.setresuid(65534, 65534, 0)
    try:
        assert local_asterisk.find_asterisk() is None
    finally:
        os.setresuid(0, 0, 0)
