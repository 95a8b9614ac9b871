"""Encrypt all secrets again with another key. sipweb may run meanwhile: SecretCipher reads replaced keys."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from secrets import token_hex

from cryptography.fernet import Fernet
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..core.errors import OperationRefused
from ..crypto import SecretCipher, load_keys, replace_keys
from ..db import db, transaction
from ..models import Account, Generation, ImportUpload, Lease, Totp, Trunk
from . import audit
from .context import Actor, ServiceContext
from .database_clock import can_have_several
from .generation_lock import AlreadyGenerating, generation_lock

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Rotation:
    """Encrypts secrets again. Snapshots repeat them, so each is done once."""

    cipher: SecretCipher
    done: dict[str, str] = field(default_factory=dict)  # encrypted by any key → by the first one

    def rotate(self, secret: str) -> str:
        if secret not in self.done:
            self.done[secret] = self.cipher.encrypt(self.cipher.decrypt(secret))
        return self.done[secret]


def rotate_keys(ctx: ServiceContext, actor: Actor, keys_file: Path, *, sessions: bool = False) -> int:
    """Make a new key, encrypt all secrets again and drop the other keys; return the number of secrets.

    At each moment the file has all keys that the database needs. `sessions` also renews the key of the sessions.

    Raises:
        OperationRefused: a secret's key is missing, or a generation is running.
    """
    with generation_lock(ctx):
        _check_no_generation()
        keys = load_keys(keys_file)
        new_key = Fernet.generate_key().decode()
        replace_keys(keys_file, replace(keys, secrets_keys=(new_key, *keys.secrets_keys)))
        count = _encrypt_again(ctx, actor)
        new_keys = replace(keys, secrets_keys=(new_key,))
        if sessions:
            new_keys = replace(new_keys, secret_key=token_hex(32))
        newest = SecretCipher([new_key], keys.fingerprint_key)
        while not _drop_old_keys(ctx, newest, lambda: replace_keys(keys_file, new_keys)):
            pass
    return count


def encrypt_with_first_key(ctx: ServiceContext, actor: Actor) -> int:
    """Encrypt all secrets again with the first key of the setting SECRETS_KEYS; return their number.

    Raises:
        OperationRefused: a secret's key is missing, or a generation is running.
    """
    with generation_lock(ctx):
        _check_no_generation()
        return _encrypt_again(ctx, actor)


def _check_no_generation() -> None:
    """Refuse while a host works on a generation: it could not read the passwords any more."""
    query = select(Generation.created_by).where(Generation.state == "running")
    if can_have_several() and (author := db.session.scalar(query)) is not None:
        raise AlreadyGenerating.by(author)


def _encrypt_again(ctx: ServiceContext, actor: Actor) -> int:
    """Encrypt the secrets of all tables and snapshots again, in one transaction; return their number.

    Uploads that wait for their import are deleted: their users choose the file again.
    """
    rotation = _Rotation(ctx.cipher)
    with transaction() as session:
        _rotate_rows(session, rotation)
        session.execute(delete(ImportUpload))
        for number in session.scalars(select(Generation.number)).all():  # one at a time: a snapshot may have 300 kB
            text = session.scalars(select(Generation.snapshot).where(Generation.number == number)).one()
            values = {"snapshot": _rotate_snapshot(text, rotation)}
            session.execute(update(Generation).where(Generation.number == number).values(values))
        audit.record(session, actor, "keys.rotate", "")
    logger.info("%d secrets were encrypted again by %s", len(rotation.done), actor.name)
    return len(rotation.done)


def _rows_with_secret(session: Session) -> list[Account | Trunk | Lease | Totp]:
    """Return all rows that hold a secret; a generation's snapshot has secrets too."""
    rows = [
        *session.scalars(select(Account)), *session.scalars(select(Trunk)), *session.scalars(select(Lease)),
        *session.scalars(select(Totp)),
    ]  # fmt: skip
    return [row for row in rows if row.secret]


def _rotate_rows(session: Session, rotation: _Rotation) -> None:
    for row in _rows_with_secret(session):
        row.secret = rotation.rotate(row.secret)


def _rotate_snapshot(text: str, rotation: _Rotation) -> str:
    """Return a snapshot of any version with its secrets encrypted again; nothing else changes, so no digest does."""
    data = json.loads(text)
    for record in (*data.get("accounts", ()), *data.get("trunks", ())):
        if record.get("secret"):
            record["secret"] = rotation.rotate(record["secret"])
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))  # as Snapshot.to_json


def _drop_old_keys(ctx: ServiceContext, newest: SecretCipher, drop: Callable[[], None]) -> bool:
    """Drop the old keys unless a process that did not know the new one has saved a secret since. Then encrypt that.

    Other processes can't save meanwhile, because of the transaction; from their next one on they have the new key.
    """
    with transaction() as session:
        if all(_can_decrypt(newest, row.secret) for row in _rows_with_secret(session)):
            drop()
            return True
        _rotate_rows(session, _Rotation(ctx.cipher))
        return False


def _can_decrypt(cipher: SecretCipher, secret: str) -> bool:
    try:
        cipher.decrypt(secret)
    except OperationRefused:
        return False
    return True


def count_unreadable(ctx: ServiceContext) -> int:
    """Return how many secrets the keys don't open, or don't recognize by their fingerprint."""
    rows = _rows_with_secret(db.session())
    unreadable = [row for row in rows if not _can_decrypt(ctx.cipher, row.secret)]
    fingerprints = (
        ctx.cipher.fingerprint(ctx.cipher.decrypt(row.secret)) == row.fingerprint
        for row in rows
        if isinstance(row, (Account, Trunk)) and row not in unreadable
    )
    return len(unreadable) + sum(not equal for equal in fingerprints)
