"""Keys are renewed and backups made while a server with two worker processes works: nothing fails, nothing is lost."""

import json
import os
import re
import subprocess
import sys
import threading

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from sipweb import KEYS_FILE
from sipweb.config import ROOT
from sipweb.db import Base, db
from sipweb.services import account_secrets
from sipweb.services.context import Actor
from sipweb.services.state import current_state
from tests.client import HttpClient
from tests.servers import serving


def command(instance, *arguments):
    environ = os.environ | {"SIPWEB_INSTANCE": str(instance), "SIPWEB_PBX": "files"}
    flask = [sys.executable, "-m", "flask", "--app", "wsgi", *map(str, arguments)]
    for _ in range(20):
        result = subprocess.run(flask, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
        if "Try again in a moment" not in result.stderr:  # a generation is running
            break
    assert result.returncode == 0, result.stderr


@pytest.mark.long
def test_keys_are_renewed_and_backups_made_while_administrators_work(instance, tmp_path, ctx):
    stop, answers = threading.Event(), []

    def work(visitor, account_id, actions):
        while not stop.is_set():
            for action in actions:
                path = action if action == "/generation" else f"/accounts/{account_id}{action}"
                answers.append((action, visitor.post(path)[0]))

    edits = ("/secret/new", "/secret", "/secret")
    first = ("/secret/new", "/secret", "/delete", "/undo", "/secret", "/generation")  # others would delete for good
    with serving(instance, pbx="files", workers="2") as address:
        visitors = [HttpClient(address) for _ in range(3)]
        for visitor in visitors:
            visitor.login()
            visitor.get("/accounts")
        threads = [
            threading.Thread(target=work, args=(one, number, edits if number > 3 else first))
            for number, one in enumerate(visitors, 3)
        ]
        for thread in threads:
            thread.start()
        try:
            for number in range(3):
                command(instance, "rotate-keys")
                command(instance, "backup", tmp_path / f"{number}.tgz")
        finally:
            stop.set()
            for thread in threads:
                thread.join()
    assert len(answers) > 20
    assert {answer for answer in answers if answer[1] not in (200, 303)} == set()
    (key,) = json.loads((instance / KEYS_FILE).read_text())["secrets_keys"]
    db.session.rollback()
    tokens = set()
    for table in Base.metadata.sorted_tables:
        for row in db.session.execute(select(table)):
            tokens |= set(re.findall(r"gAAAA[\w=-]+", json.dumps([str(value) for value in row])))
    assert all(Fernet(key).decrypt(token.encode()) for token in tokens)
    shown = [
        account_secrets.reveal(ctx, Actor(None, "test"), account.id).text for account in current_state(ctx).accounts
    ]
    assert len(shown) == 20
    for number in range(3):
        command(tmp_path / f"new{number}", "restore", tmp_path / f"{number}.tgz")
