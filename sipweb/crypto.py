"""Keys; encryption and fingerprints of SIP secrets; password hashes; digests of tokens."""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import argon2
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from .core.errors import N_, OperationRefused

KEYS_FILE = "keys.json"  # in the instance's folder
# l, I, 1, o, O and 0 are left out, because they look alike
PASSWORD_ALPHABET = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # noqa: S105  # not a password
# the second parameters that OWASP recommends; one hash takes 21 ms
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_DUMMY_HASH = _hasher.hash(secrets.token_hex())


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys that set-up generates and keeps in INSTANCE/keys.json (mode 0600)."""

    secret_key: str
    secrets_keys: tuple[str, ...]
    fingerprint_key: str
    ami_secret: str


def make_keys(path: Path) -> None:
    """Write new keys if there are none.

    If two processes do it at the same time, the keys of the first one remain.
    """
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
        os.link(draft, path)  # unlike a rename, a link fails if the file exists
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def replace_keys(path: Path, keys: Keys) -> None:
    """Replace the keys in one step: who reads the file meanwhile gets the old ones or the new ones."""
    draft, owner = path.with_name(f".{path.name}.{os.getpid()}"), path.stat()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(keys), file)
        file.flush()
        os.fsync(file.fileno())
    if os.geteuid() == 0:
        os.chown(draft, owner.st_uid, owner.st_gid)
    draft.replace(path)


def load_keys(path: Path) -> Keys:
    """Load the keys.

    Raises:
        OperationRefused: the file does not exist or is damaged.
    """
    if not path.is_file():
        raise OperationRefused(N_("Encryption keys are missing. Run 'flask setup' first."))
    try:
        data = json.loads(path.read_text())
        return Keys(data["secret_key"], tuple(data["secrets_keys"]), data["fingerprint_key"], data["ami_secret"])
    except (ValueError, KeyError, TypeError):
        raise OperationRefused("%(path)s is damaged. Put back a copy of it.", path=path) from None


class SecretCipher:
    """Encrypts with the first key, decrypts with all; fingerprints use a separate key.

    `keys_file` is read again when `flask rotate-keys` has replaced it; None if the keys come from a setting. Keys that
    this process had stay readable until it ends.
    """

    def __init__(self, keys: Sequence[str], fingerprint_key: str, keys_file: Path | None = None) -> None:
        self._use(keys)
        self._key = bytes.fromhex(fingerprint_key)
        self._keys_file = keys_file
        self._seen: tuple[int, int] | None = (0, 0)  # the file may have been replaced since these keys were read

    def _use(self, keys: Sequence[str]) -> None:
        self._keys, self._fernet = tuple(keys), MultiFernet([Fernet(key) for key in keys])

    def keys_version(self) -> tuple[int, int] | None:
        """Return what changes whenever the keys are replaced, after reading them again if they were."""
        self._read_new_keys()
        return self._seen

    def _read_new_keys(self) -> bool:
        """Read the keys again if their file was replaced. Return whether it was."""
        seen = _version_of(self._keys_file)
        if self._keys_file is None or seen in (None, self._seen):
            return False
        stored = load_keys(self._keys_file).secrets_keys
        self._use([*stored, *(key for key in self._keys if key not in stored)])
        self._seen = seen
        return True

    def encrypt(self, secret: str) -> str:
        """Encrypt a secret; the result differs each time.

        Call it within the transaction that saves the result, so that the key can't be replaced in between.
        """
        self._read_new_keys()
        return self._fernet.encrypt(secret.encode()).decode()

    def decrypt(self, token: str) -> str:
        """Decrypt a secret.

        Raises:
            OperationRefused: the key that encrypted it is missing.
        """
        try:
            return self._fernet.decrypt(token.encode()).decode()
        except InvalidToken:
            if self._read_new_keys():
                return self.decrypt(token)
            raise OperationRefused(N_("Can't decrypt a password: its key is missing from SECRETS_KEYS.")) from None

    def fingerprint(self, secret: str) -> str:
        """Return 32 hex digits: equal for equal secrets, useless without the key."""
        return hmac.new(self._key, secret.encode(), hashlib.sha256).hexdigest()[:32]

    @property
    def hosts_key(self) -> str:
        """64 hex digits with which PBX hosts authenticate to each other: equal where fingerprints are equal.

        No secret has a control character, so the fingerprint of none tells a part of them.
        """
        return hmac.new(self._key, b"\0calls between PBX hosts", hashlib.sha256).hexdigest()


def _version_of(path: Path | None) -> tuple[int, int] | None:
    """Return what changes whenever the file is replaced; None without a file."""
    try:
        status = path.stat() if path else None
    except FileNotFoundError:
        return None
    return (status.st_ino, status.st_mtime_ns) if status else None


def generate_password(length: int = 20) -> str:
    """Return random letters and digits without look-alikes.

    20 of them have 116 bits, and every phone accepts them.
    """
    return "".join(secrets.choice(PASSWORD_ALPHABET) for _ in range(length))


def hash_password(password: str) -> str:
    """Return an argon2id hash."""
    return _hasher.hash(password)


def password_matches(password: str, hashed: str | None) -> bool:
    """Return whether the password matches.

    Takes the same time for an unknown user (None).
    """
    try:
        return _hasher.verify(hashed or _DUMMY_HASH, password) and hashed is not None
    except argon2.exceptions.VerificationError:
        return False


def token_digest(token: str) -> str:
    """Return the digest by which a token is stored."""
    return hashlib.sha256(token.encode()).hexdigest()
