"""Keys and what is done with them: SIP secrets encrypted at rest, fingerprints to compare them, password hashes."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import argon2
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .core.errors import N_, Refused

LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no look-alikes: l I 1 o O 0
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # OWASP's second choice; 21 ms
_NOBODY = _hasher.hash(secrets.token_hex())


@dataclass(frozen=True, slots=True)
class Keys:
    """What set-up makes once and keeps in INSTANCE/keys.json, mode 0600."""

    secret_key: str
    secrets_keys: tuple[str, ...]
    fingerprint_key: str
    ami_secret: str


def make_keys(path: Path) -> None:
    """Write new keys where there are none; a second process that comes at the same time finds the first's."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    keys = {
        "secret_key": secrets.token_hex(32),
        "secrets_keys": [Fernet.generate_key().decode()],
        "fingerprint_key": secrets.token_hex(32),
        "ami_secret": secrets.token_hex(16),
    }
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(keys, file)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)  # fails where a file stands already, unlike a rename
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def load_keys(path: Path) -> Keys:
    """The keys that set-up made. Raises Refused when there are none."""
    if not path.is_file():
        raise Refused(N_("There are no keys yet: run flask setup first."))
    data = json.loads(path.read_text())
    return Keys(data["secret_key"], tuple(data["secrets_keys"]), data["fingerprint_key"], data["ami_secret"])


class Vault:
    """Encrypts with the first key, decrypts with all; fingerprints with a key of its own."""

    def __init__(self, keys: Sequence[str], fingerprint_key: str) -> None:
        self._fernet = MultiFernet([Fernet(key) for key in keys])
        self._key = bytes.fromhex(fingerprint_key)

    def encrypt(self, secret: str) -> str:
        """The secret for the database; never the same text twice."""
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, token: str) -> str:
        """The secret itself. Raises Refused when the key that encrypted it is not among ours."""
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            raise Refused(N_("A password cannot be decrypted: its key is missing from SECRETS_KEYS.")) from None

    def fingerprint(self, secret: str) -> str:
        """32 hex digits, equal for equal secrets and useless without the key."""
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()[:32]


def new_secret(length: int = 20) -> str:
    """Letters and digits without look-alikes: 20 of them are 116 bits, and every phone takes them."""
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def hash_password(password: str) -> str:
    """An argon2id hash."""
    return _hasher.hash(password)


def password_matches(password: str, hashed: str | None) -> bool:
    """Whether the password is that of `hashed`; takes the same time for an unknown user (None)."""
    try:
        return _hasher.verify(hashed or _NOBODY, password) and hashed is not None
    except argon2.exceptions.VerificationError:
        return False
