"""`flask backup` and `flask restore`: what is lost with a machine comes back on another one."""

import gzip
import hashlib
import io
import itertools
import json
import random
import re
import shlex
import shutil
import sqlite3
import subprocess
import tarfile
import threading
import time
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from sipweb import KEYS_FILE, create_app
from sipweb.config import load
from sipweb.db import db
from sipweb.services import account_secrets, audit, backup_file, drift, generations
from sipweb.services.backup_file import BLOCK_BYTES
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests import postgres
from tests.builders import make_trunk
from tests.client import PASSWORD, Client
from tests.conftest import on_both_databases

ACTOR = Actor(None, "test")
PASSPHRASE = "correct horse battery"
RECORDING = "2026-01-02/120000_201_501234567_1767352800-12.1.wav"


@pytest.fixture(autouse=True)
def _settings(monkeypatch):
    monkeypatch.setenv("SIPWEB_PBX", "files")
    monkeypatch.setattr(backup_file, "SCRYPT_LOG_N", 10)  # a millisecond


def application(instance):
    return create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}))


def run(instance, *arguments, stdin=None):
    """Run a command as a process of its own would; return exit code, standard output and standard error."""
    app = application(instance)
    result = app.test_cli_runner().invoke(args=[str(one) for one in arguments], input=stdin)
    with app.app_context():
        db.engine.dispose()
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def with_context(instance, function):
    app = application(instance)
    with app.app_context():
        try:
            return function(app.extensions["sipweb"])
        finally:
            db.session.remove()
            db.engine.dispose()


def signed_in_cookie(instance):
    """Sign in as the administrator with the password of the tests; return the session's cookie."""
    app = application(instance)
    with app.app_context():
        client = Client(app)
        assert client.login("admin", PASSWORD).status_code == 303
        cookie = client.get("/account").request.headers["Cookie"]
        db.session.remove()
        db.engine.dispose()
    return cookie


def files_of(instance):
    """The generated files, by name."""
    current = instance / "asterisk/sipweb/current"
    return {path.name: path.read_bytes() for path in current.iterdir()}


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture
def lived_in(instance):
    """An instance with a second generation, a trunk, a pending edit, a setting and a recording."""

    def work(ctx):
        make_trunk(ctx, username="u", secret="a trunk's secret")
        account_secrets.renew_secret(ctx, ACTOR, 1)
        generations.generate(ctx, ACTOR)
        account_secrets.renew_secret(ctx, ACTOR, 2)

    (instance / "sipweb.env").write_text("SOFTPHONE_NAME=Our phone\nEMERGENCY_NUMBERS=112,984\n")
    with_context(instance, work)
    path = instance / "recordings" / RECORDING
    path.parent.mkdir(parents=True)
    path.write_bytes(random.Random(1).randbytes(3 * BLOCK_BYTES))
    return instance


def test_restored_system_has_equal_files_and_goes_on(lived_in, tmp_path):
    cookie = signed_in_cookie(lived_in)
    code, output, error = run(lived_in, "backup", tmp_path / "b.tgz", "--recordings")
    assert (code, error) == (0, "")
    assert re.fullmatch(r"Backup written to .+/b\.tgz \(\d+ kB, recordings: 1\)\.", output.splitlines()[0])
    assert (tmp_path / "b.tgz").stat().st_mode & 0o777 == 0o600
    secrets = [with_context(lived_in, lambda ctx: account_secrets.reveal(ctx, ACTOR, 2).text), PASSWORD]
    assert not any(secret.encode() in gzip.decompress((tmp_path / "b.tgz").read_bytes()) for secret in secrets)
    files, new = files_of(lived_in), tmp_path / "new" / "instance"
    code, output, error = run(new, "restore", tmp_path / "b.tgz")
    assert (code, error) == (0, "")
    assert re.fullmatch(r"Restored the backup of \S+Z \(sipweb \S+\)\.\nRecordings: 1\.\n", output)
    assert files_of(new) == files
    assert (new / "sipweb.env").read_text() == (lived_in / "sipweb.env").read_text()
    assert (new / "recordings" / RECORDING).read_bytes() == (lived_in / "recordings" / RECORDING).read_bytes()
    modes = {name: (new / name).stat().st_mode & 0o777 for name in (KEYS_FILE, "sipweb.env", "sipweb.db", ".")}
    assert modes == {KEYS_FILE: 0o600, "sipweb.env": 0o600, "sipweb.db": 0o640, ".": 0o750}
    assert not [name for name in tree(new) if ".restore" in name or name.endswith(("-wal", "-shm"))]

    def check(ctx):
        assert not drift.check_now(ctx)
        state = current_state(ctx)
        assert (state.generation, len(state.plan.changed)) == (2, 1)
        assert account_secrets.reveal(ctx, ACTOR, 2).text == secrets[0]
        assert [entry.action for entry in audit.entries()][:2] == ["account.reveal", "backup.restore"]
        assert generations.generate(ctx, ACTOR).state == "written"

    with_context(new, check)
    assert (
        application(new).test_client(use_cookies=False).get("/accounts", headers={"Cookie": cookie}).status_code == 200
    )
    assert signed_in_cookie(new)


def test_backup_of_a_database_that_others_write_is_whole_and_of_one_moment(instance, tmp_path):
    stop, written = threading.Event(), []

    def write():
        with closing(sqlite3.connect(instance / "sipweb.db", timeout=10)) as connection:
            for number in itertools.takewhile(lambda _number: not stop.is_set(), itertools.count()):
                for host in ("a", "b"):  # one transaction
                    values = (f"{host} {number}", number, "2026-01-01")
                    connection.execute("INSERT INTO drift_check VALUES (?, ?, ?)", values)
                connection.commit()
                written.append(number)
                time.sleep(0.002)  # others write too

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for attempt in range(3):
            known = len(written)
            assert run(instance, "backup", tmp_path / f"{attempt}.tgz")[0] == 0
            assert run(tmp_path / f"new{attempt}", "restore", tmp_path / f"{attempt}.tgz")[0] == 0
            with closing(sqlite3.connect(tmp_path / f"new{attempt}" / "sipweb.db")) as connection:
                query = "SELECT count(*), max(generation) FROM drift_check"
                count, newest = connection.execute(query).fetchone()
            assert count == 2 * ((newest or 0) + 1 if count else 0)
            assert count >= 2 * known
    finally:
        stop.set()
        thread.join()
    assert known > 10


@pytest.mark.parametrize("arguments", [["--encrypt", "--passphrase-stdin"], ["--encrypt"]])
def test_encrypted_backup_needs_its_passphrase(lived_in, tmp_path, arguments, monkeypatch):
    if "--passphrase-stdin" in arguments:
        monkeypatch.setattr(backup_file, "SCRYPT_LOG_N", 17)  # as it really is
    file, typed = tmp_path / "b", f"{PASSPHRASE}\n" * (2 - ("--passphrase-stdin" in arguments))
    assert run(lived_in, "backup", file, "--recordings", *arguments, stdin=typed)[0] == 0
    assert not any(name.encode() in file.read_bytes() for name in ("keys.json", "SQLite", "SHA256"))
    new = tmp_path / "new"
    code, output, error = run(new, "restore", file, "--passphrase-stdin", stdin="another passphrase\n")
    assert (code, output, error) == (1, "", "The passphrase is wrong, or the backup is damaged.\n")
    assert not new.exists()
    assert run(new, "restore", file, stdin=f"{PASSPHRASE}\n")[0] == 0
    assert files_of(new) == files_of(lived_in)
    assert (new / "recordings" / RECORDING).read_bytes() == (lived_in / "recordings" / RECORDING).read_bytes()


def test_short_passphrase_is_refused(instance, tmp_path):
    for typed in ("", "short"):
        result = run(instance, "backup", tmp_path / "b", "--passphrase-stdin", stdin=f"{typed}\n")
        assert result == (1, "", "The passphrase must have at least 12 characters.\n")
    assert tree(tmp_path) == ["i", *[name for name in tree(tmp_path) if name.startswith("i/")]]


def test_backup_never_overwrites_a_file(instance, tmp_path):
    (tmp_path / "b").write_text("mine")
    assert run(instance, "backup", tmp_path / "b") == (
        1, "", f"{tmp_path}/b exists already. Nothing was written.\n",
    )  # fmt: skip
    assert (tmp_path / "b").read_text() == "mine"
    code, _output, error = run(instance, "backup", tmp_path / "missing/b")
    assert (code, error.startswith("The backup couldn't be written: No such file or directory")) == (1, True)


def test_backup_without_the_right_keys_is_refused(instance, tmp_path):
    keys = json.loads((instance / KEYS_FILE).read_text())
    (instance / KEYS_FILE).write_text(json.dumps(keys | {"secrets_keys": ["A" * 43 + "="]}))
    code, _output, error = run(instance, "backup", tmp_path / "b")
    assert (code, "do not belong to this database" in error) == (1, True)
    (instance / KEYS_FILE).unlink()
    code, _output, error = run(instance, "backup", tmp_path / "b")
    assert (code, error.startswith("keys.json is missing, but the database has users")) == (1, True)
    assert not (tmp_path / "b").exists()


def test_backup_names_what_it_does_not_hold(instance, tmp_path, monkeypatch):
    monkeypatch.setenv("SIPWEB_SIP_REALM", "other")
    output = run(instance, "backup", tmp_path / "b")[1]
    assert "Not in it, because the environment sets them: SIPWEB_PBX, SIPWEB_SIP_REALM.\n" in output


@pytest.mark.parametrize("name", [KEYS_FILE, "sipweb.env", "sipweb.db"])
def test_instance_with_data_is_not_restored_into(instance, tmp_path, name):
    run(instance, "backup", tmp_path / "b")
    new = tmp_path / "new"
    new.mkdir()
    shutil.copyfile(instance / KEYS_FILE if name == KEYS_FILE else "/dev/null", new / name)
    code, output, error = run(new, "restore", tmp_path / "b")
    assert (code, output) == (1, "")
    assert error == f"There is data already: {new / name}. Restore into an empty instance.\n"
    assert tree(new) == [name]


@pytest.mark.parametrize("encrypted", [False, True])
def test_damaged_or_shortened_backup_leaves_nothing_behind(lived_in, tmp_path, encrypted):
    arguments = ["--passphrase-stdin"] if encrypted else []
    run(lived_in, "backup", tmp_path / "whole", "--recordings", *arguments, stdin=f"{PASSPHRASE}\n")
    whole, file, new = (tmp_path / "whole").read_bytes(), tmp_path / "b", tmp_path / "new"
    chance = random.Random(2)
    damaged = [whole[:size] for size in (0, 5, 30, 1000, len(whole) // 2, len(whole) - 9, len(whole) - 1)]
    damaged += [whole[:20] + whole[40:], whole + b"more", bytes(2000)]
    header = 14 + 2 + 16
    if encrypted:  # whole blocks are missing or changed places
        block = BLOCK_BYTES + 16
        first, second, rest = whole[header:][:block], whole[header:][block : 2 * block], whole[header:][2 * block :]
        damaged += [whole[: header + 2 * block], whole[:header] + second + first + rest, whole[:header] + first + rest]
    while len(damaged) < 19:
        place = chance.randrange(header, len(whole))
        data = whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :]
        if encrypted or unpacked(data) != unpacked(whole):  # some bits of a gzip file have no meaning
            damaged.append(data)
    for data in damaged:
        file.write_bytes(data)
        code, output, error = run(new, "restore", file, *arguments, stdin=f"{PASSPHRASE}\n")
        assert (code, output) == (1, ""), data[:20]
        assert re.fullmatch(
            r"(The backup is damaged|The passphrase is wrong|.* is not a backup of sipweb).*\.\n", error
        )
        assert not new.exists()


def unpacked(data):
    """The content of a gzip file; None if it is damaged."""
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None


def rewritten(file, target, change):
    """Write a backup whose members a function has changed: name → content; its digests are right."""
    with tarfile.open(file) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}
    del members["SHA256SUMS"]
    change(members)
    with tarfile.open(target, "w:gz") as tar:
        sums = ""
        for name, data in members.items():
            member = tarfile.TarInfo(name)
            if isinstance(data, str):
                member.type, member.linkname = tarfile.SYMTYPE, data
            content = b"" if isinstance(data, str) else data
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
            sums += f"{hashlib.sha256(content).hexdigest()}  {name}\n"
        member = tarfile.TarInfo("SHA256SUMS")
        member.size = len(sums.encode())
        tar.addfile(member, io.BytesIO(sums.encode()))


@pytest.fixture
def refusal(instance, tmp_path):
    """A function that changes a backup's members, and returns why the result isn't restored."""
    run(instance, "backup", tmp_path / "b")

    def try_to_restore(change):
        rewritten(tmp_path / "b", tmp_path / "changed", change)
        code, output, error = run(tmp_path / "new", "restore", tmp_path / "changed")
        assert (code, output) == (1, "")
        assert not (tmp_path / "new").exists()
        return error

    return try_to_restore


@pytest.mark.parametrize(
    "name",
    ["/srv/evil", "../evil", "recordings/../../evil", "recordings/x", "evil", "recordings/2026-01-02/../x", "a//b"],
)
def test_member_that_would_leave_the_instance_is_refused(refusal, name):
    error = refusal(lambda members: members.update({name: b"evil"}))
    assert error == f"The backup holds {name!r}, which sipweb doesn't write there.\n"
    assert not Path("/srv/evil").exists()


def test_link_in_a_backup_is_refused(refusal):
    error = refusal(lambda members: members.update({"sipweb.env": "/etc/passwd"}))
    assert error == "The backup holds 'sipweb.env', which sipweb doesn't write there.\n"


def test_backup_of_a_newer_sipweb_is_refused(refusal):
    def newer(members):
        manifest = json.loads(members["manifest.json"]) | {"sipweb": "9.0.0", "schema": "9999"}
        members["manifest.json"] = json.dumps(manifest).encode()

    error = refusal(newer)
    assert error.startswith("The backup was made by sipweb 9.0.0 with a newer database (9999). This is sipweb ")

    def newer_format(members):
        manifest = json.loads(members["manifest.json"]) | {"sipweb": "9.0.0", "format": 2}
        members["manifest.json"] = json.dumps(manifest).encode()

    assert "whose format this version doesn't know" in refusal(newer_format)


@pytest.mark.parametrize("name", ["secrets_keys", "fingerprint_key"])
def test_keys_of_another_instance_are_refused(refusal, name):
    other = {"secrets_keys": ["A" * 43 + "="], "fingerprint_key": "00" * 32}

    def change(members):
        members[KEYS_FILE] = json.dumps(json.loads(members[KEYS_FILE]) | {name: other[name]}).encode()

    error = refusal(change)
    assert error == "The keys don't fit the database: 20 passwords can't be decrypted. Nothing was restored.\n"


def test_damaged_database_and_missing_keys_are_refused(refusal):
    def damage(members):
        data = bytearray(members["sipweb.db"])
        data[4096:40960] = bytes(36864)
        members["sipweb.db"] = bytes(data)

    assert "damaged" in refusal(damage)
    assert "a file is missing" in refusal(lambda members: members.pop(KEYS_FILE))
    assert "a file is missing" in refusal(lambda members: members.pop("sipweb.db"))


def test_setting_that_is_not_valid_here_is_named(refusal):
    error = refusal(lambda members: members.update({"sipweb.env": b"TLS_CERT=/missing/cert.pem\n"}))
    assert error == "SIPWEB_TLS_CERT=/missing/cert.pem: there is no such file.\n"


def test_files_that_cannot_be_written_are_reported_and_the_rest_is_restored(instance, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    (instance / "sipweb.env").write_text(f"ASTERISK_DIR={tmp_path}/file\n")
    shutil.copytree(instance / "asterisk", tmp_path / "elsewhere")
    run(instance, "backup", tmp_path / "b")
    code, _output, error = run(tmp_path / "new", "restore", tmp_path / "b")
    assert code == 0
    assert error.startswith("Couldn't write the files: Not a directory")
    assert error.endswith("When the cause is removed, run 'flask generate --again'.\n")
    assert (tmp_path / "new" / KEYS_FILE).is_file()


def test_files_of_a_running_asterisk_stay_as_they_are(instance, tmp_path):
    shutil.move(instance / "asterisk", tmp_path / "etc")
    (instance / "sipweb.env").write_text(f"ASTERISK_DIR={tmp_path}/etc\n")
    run(instance, "backup", tmp_path / "b")
    with_context(instance, lambda ctx: account_secrets.renew_secret(ctx, ACTOR, 1))
    assert run(instance, "generate")[0] == 0
    before = tree(tmp_path / "etc")
    code, _output, error = run(tmp_path / "new", "restore", tmp_path / "b")
    assert (code, error) == (
        0,
        f"{tmp_path}/etc/sipweb holds version 2 of the configuration. "
        "sipweb will activate version 1 there when it starts.\n",
    )
    assert tree(tmp_path / "etc") == before
    assert (tmp_path / "etc/sipweb/current").readlink().name == "generation-000002"


def test_recordings_and_database_return_to_the_folders_of_the_settings(lived_in, tmp_path):
    shutil.move(lived_in / "recordings", tmp_path / "spool")
    shutil.move(lived_in / "sipweb.db", tmp_path / "calls.db")
    with (lived_in / "sipweb.env").open("a") as file:
        file.write(f"RECORDINGS={tmp_path}/spool\nDATABASE_URL=sqlite:///{tmp_path}/calls.db\n")
    run(lived_in, "backup", tmp_path / "b", "--recordings")
    code, _output, error = run(tmp_path / "new", "restore", tmp_path / "b")
    assert (code, error.startswith(f"There is data already: {tmp_path}/calls.db.")) == (1, True)
    (tmp_path / "calls.db").unlink()
    code, _output, error = run(tmp_path / "new", "restore", tmp_path / "b")
    assert (code, error.startswith(f"There is data already: {tmp_path}/spool.")) == (1, True)
    content = (tmp_path / "spool" / RECORDING).read_bytes()
    shutil.rmtree(tmp_path / "spool" / "2026-01-02")
    (tmp_path / "spool").chmod(0o2770)
    assert not (tmp_path / "new").exists()
    assert run(tmp_path / "new", "restore", tmp_path / "b")[0] == 0
    assert (tmp_path / "spool" / RECORDING).read_bytes() == content
    assert tree(tmp_path / "spool") == ["2026-01-02", RECORDING]
    assert (tmp_path / "spool" / "2026-01-02").stat().st_mode & 0o7777 == 0o2770
    assert (tmp_path / "calls.db").is_file()
    assert files_of(tmp_path / "new") == files_of(lived_in)


@on_both_databases
def test_keys_that_settings_give_are_in_the_backup(instance, tmp_path, monkeypatch, database):
    keys = json.loads((instance / KEYS_FILE).read_text())
    monkeypatch.setenv("SIPWEB_SECRETS_KEYS", keys["secrets_keys"][0])
    other = "B" * 43 + "="
    (instance / KEYS_FILE).write_text(json.dumps(keys | {"secrets_keys": [other]}))
    app = create_app(load({"SIPWEB_INSTANCE": str(instance), "SIPWEB_SECRETS_KEYS": keys["secrets_keys"][0]}))
    output = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "b")]).stdout
    with tarfile.open(tmp_path / "b") as tar:
        assert json.load(tar.extractfile(KEYS_FILE)) == keys
        assert ("sipweb.db" in tar.getnames()) == (database == "sqlite")
    assert ("pg_dump --format=custom --file=" in output) == (database == "postgresql")
    with app.app_context():
        password = db.engine.url.password
        db.engine.dispose()
    assert not password or password not in output


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_keys_are_restored_where_postgresql_has_been_restored(instance, tmp_path, database):
    run(instance, "backup", tmp_path / "b")
    files, new = files_of(instance), tmp_path / "new"
    code, output, error = run(new, "restore", tmp_path / "b")
    assert (code, error, output.count("\n")) == (0, "", 1)
    assert files_of(new) == files
    shutil.rmtree(new)

    def change(members):
        members[KEYS_FILE] = json.dumps(json.loads(members[KEYS_FILE]) | {"secrets_keys": ["A" * 43 + "="]}).encode()

    rewritten(tmp_path / "b", tmp_path / "changed", change)
    assert "The keys don't fit the database" in run(new, "restore", tmp_path / "changed")[2]
    assert not new.exists()

    def gone(members):
        members["sipweb.env"] = re.sub(rb"/\w+\?", b"/missing?", members["sipweb.env"])

    rewritten(tmp_path / "b", tmp_path / "changed", gone)
    code, output, _error = run(new, "restore", tmp_path / "changed")
    assert (code, output.splitlines()[1]) == (
        0, "The database doesn't answer. Restore its dump with pg_restore, then run 'flask setup'.",
    )  # fmt: skip
    assert tree(new)[-2:] == ["keys.json", "sipweb.env"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_printed_line_dumps_what_pg_restore_and_set_up_bring_back(instance, tmp_path, database, postgresql):
    output = run(instance, "backup", tmp_path / "b")[1]
    line = next(line.strip() for line in output.splitlines() if "pg_dump" in line)
    subprocess.run(shlex.split(line), check=True)
    files, new = files_of(instance), tmp_path / "new"
    name = shlex.split(line)[-1]
    with postgres.copied(postgresql, "empty") as url:
        env = (instance / "sipweb.env").read_text().replace(f"/{name}?", f"/{url.database}?")
        rewritten(tmp_path / "b", tmp_path / "moved", lambda members: members.update({"sipweb.env": env.encode()}))
        code, output, _error = run(new, "restore", tmp_path / "moved")
        assert (code, "The database is empty. Restore its dump with pg_restore" in output) == (0, True)
        options = [
            f"--dbname={url.database}",
            f"--host={url.query.get('host') or url.host}",
            f"--username={url.username}",
        ]
        subprocess.run(["pg_restore", "--no-owner", *options, tmp_path / "b.dump"], check=True)
        assert run(new, "setup")[:2] == (0, "Setup complete; nothing to do.\n")
        assert run(new, "generate", "--again")[0] == 0
        assert files_of(new) == files
        assert run(new, "drift")[0] == 0
