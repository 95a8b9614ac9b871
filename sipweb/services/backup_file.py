"""The file that `flask backup` writes: a tar archive, compressed, and encrypted if there is a passphrase.

An encrypted file begins with MAGIC, the version of this format (one byte), the binary logarithm of scrypt's N (one
byte) and 16 bytes of salt. Blocks of 64 KiB follow, the last one shorter, each encrypted with AES-256-GCM: 16 bytes
longer than its text. The nonce of a block is its number (11 bytes, big-endian) and 1 for the last one, else 0. So
blocks that are missing, repeated or in another order are noticed. The key is that of scrypt with r=8 and p=1.
"""

import gzip
import hashlib
import io
import re
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from ..core.errors import OperationRefused

MAGIC = b"sipweb backup\n"
FORMAT = 1
GZIP_MAGIC = b"\x1f\x8b"
SCRYPT_LOG_N = 17  # 128 MiB of memory and about half a second, as OWASP recommends
SALT_BYTES = 16
BLOCK_BYTES = 64 * 1024
TAG_BYTES = 16
SUMS = "SHA256SUMS"  # the last member: the digests of all others, so that a shortened file is noticed
SMALL_MEMBER = 4 * 1024 * 1024  # bytes; members that are read as a whole are smaller
_SAFE_NAME = re.compile(r"[\w.+*#-]+(/[\w.+*#-]+)*", re.ASCII)
_COPY_BYTES = 1024 * 1024


class DamagedBackup(OperationRefused):
    """The file is not a whole backup."""

    def __init__(self, reason: str) -> None:
        super().__init__("The backup is damaged or incomplete (%(reason)s). Nothing was restored.", reason=reason)


class Readable(Protocol):
    """What bytes are read from."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes; none at the end."""


class _EncryptingWriter(io.RawIOBase):
    """Encrypts what is written; closing writes the last block, and leaves the output open."""

    def __init__(self, output: IO[bytes], passphrase: str, salt: bytes) -> None:
        output.write(MAGIC + bytes([FORMAT, SCRYPT_LOG_N]) + salt)
        self._output, self._cipher = output, AESGCM(_derive_key(passphrase, salt, SCRYPT_LOG_N))
        self._buffer, self._number = bytearray(), 0

    def writable(self) -> bool:
        return True

    def write(self, data: object, /) -> int:
        self._buffer += memoryview(data)  # type: ignore[arg-type]  # bytes-like
        while len(self._buffer) > BLOCK_BYTES:  # the last block is written by close()
            self._write_block(last=False)
        return len(memoryview(data))  # type: ignore[arg-type]

    def _write_block(self, *, last: bool) -> None:
        nonce = self._number.to_bytes(11, "big") + bytes([last])
        self._output.write(self._cipher.encrypt(nonce, bytes(self._buffer[:BLOCK_BYTES]), None))
        del self._buffer[:BLOCK_BYTES]
        self._number += 1

    def close(self) -> None:
        if not self.closed:
            self._write_block(last=True)
        super().close()


class _DecryptingReader:
    """Decrypts an encrypted file, whose magic was read already."""

    def __init__(self, source: IO[bytes], passphrase: str) -> None:
        header = source.read(2 + SALT_BYTES)
        if len(header) < 2 + SALT_BYTES:
            raise DamagedBackup("it is too short")
        if header[0] != FORMAT or header[1] > 20:  # more would need over 1 GiB of memory
            raise OperationRefused("The backup has an unknown format. It was made by a newer sipweb.")
        self._source, self._cipher = source, AESGCM(_derive_key(passphrase, header[2:], header[1]))
        self._number, self._text = 0, b""
        self._next = source.read(BLOCK_BYTES + TAG_BYTES)

    def read(self, size: int = -1, /) -> bytes:
        while self._next and (size < 0 or len(self._text) < size):
            self._text += self._read_block()
        result = self._text if size < 0 else self._text[:size]
        self._text = self._text[len(result) :]
        return result

    def _read_block(self) -> bytes:
        block, self._next = self._next, self._source.read(BLOCK_BYTES + TAG_BYTES)
        nonce = self._number.to_bytes(11, "big") + bytes([not self._next])
        self._number += 1
        try:
            return self._cipher.decrypt(nonce, block, None)
        except InvalidTag:
            if self._number == 1:
                raise OperationRefused("The passphrase is wrong, or the backup is damaged.") from None
            raise DamagedBackup("a block can't be decrypted") from None


def _derive_key(passphrase: str, salt: bytes, log_n: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=2**log_n, r=8, p=1).derive(passphrase.encode())


class BackupWriter:
    """Adds members to a backup."""

    def __init__(self, tar: tarfile.TarFile) -> None:
        self._tar = tar
        self._sums: list[str] = []

    def add(self, name: str, source: IO[bytes], size: int, modified: float) -> None:
        """Add a member of `size` bytes, even if the source has grown meanwhile."""
        member = tarfile.TarInfo(name)
        member.size, member.mtime, member.mode = size, int(modified), 0o600
        reader = _HashingReader(source)
        self._tar.addfile(member, reader)
        self._sums.append(f"{reader.sha256.hexdigest()}  {name}\n")

    def add_bytes(self, name: str, data: bytes, modified: float) -> None:
        """Add a member with this content."""
        self.add(name, io.BytesIO(data), len(data), modified)

    def add_sums(self, modified: float) -> None:
        """Add the digests of all members. They come last."""
        self.add_bytes(SUMS, "".join(self._sums).encode(), modified)


class _HashingReader:
    """Reads, and computes the digest of what was read."""

    def __init__(self, source: Readable) -> None:
        self._source = source
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self.sha256.update(data)
        return data


@contextmanager
def write_backup(output: IO[bytes], passphrase: str | None, salt: bytes) -> Iterator[BackupWriter]:
    """Write a backup to an open file; it is encrypted if there is a passphrase."""
    encrypted = _EncryptingWriter(output, passphrase, salt) if passphrase else None
    with (
        gzip.GzipFile(fileobj=encrypted or output, mode="wb", compresslevel=1) as compressed,
        tarfile.open(fileobj=compressed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
    ):
        yield BackupWriter(tar)
    if encrypted:
        encrypted.close()


class Member:
    """One file of a backup, in the order in which they were written."""

    def __init__(self, name: str, source: _HashingReader) -> None:
        self.name = name
        self._source = source

    def read(self) -> bytes:
        """Return the whole content of a small member."""
        data = self._read(SMALL_MEMBER + 1)
        if len(data) > SMALL_MEMBER:
            raise DamagedBackup(f"{self.name} is too large")
        return data

    def copy_to(self, output: IO[bytes]) -> None:
        """Write the content to an open file."""
        while data := self._read(_COPY_BYTES):
            output.write(data)

    def _read(self, size: int) -> bytes:
        with _damage_noticed():
            return self._source.read(size)


def read_backup(path: Path, ask_passphrase: Callable[[], str]) -> Iterator[Member]:
    """Yield the members of a backup; each must be read before the next. The passphrase is asked for if there is one.

    Raises:
        DamagedBackup: also at the end, if the digests are wrong or missing.
        OperationRefused: the file is no backup, the passphrase is wrong, or a member's name is not allowed.
    """
    with path.open("rb") as file:
        start = file.read(len(MAGIC))
        if start == MAGIC:
            source: Readable = _DecryptingReader(file, ask_passphrase())
        elif start.startswith(GZIP_MAGIC):
            file.seek(0)
            source = file
        else:
            raise OperationRefused("%(path)s is not a backup of sipweb.", path=path)
        with _damage_noticed():
            yield from _members(source)


@contextmanager
def _damage_noticed() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError) as error:
        raise DamagedBackup(str(error)) from None


def _members(source: Readable) -> Iterator[Member]:
    sums: dict[str, str] = {}
    stored = None
    with (
        gzip.GzipFile(fileobj=source, mode="rb") as compressed,  # type: ignore[call-overload]  # only read() is called
        tarfile.open(fileobj=compressed, mode="r|") as tar,
    ):
        for info in tar:
            content = tar.extractfile(info) if info.isreg() else None
            safe = _SAFE_NAME.fullmatch(info.name) and not {".", ".."} & set(info.name.split("/"))
            if content is None or not safe or stored is not None or info.name in sums:
                raise OperationRefused("The backup holds %(name)r, which sipweb doesn't write there.", name=info.name)
            reader = _HashingReader(content)
            member = Member(info.name, reader)
            if info.name == SUMS:
                stored = member.read().decode()
            else:
                yield member
                sums[info.name] = reader.sha256.hexdigest()
        while compressed.read(_COPY_BYTES):  # the checksum of gzip stands at its end
            pass
    if stored is None:
        raise DamagedBackup("its end is missing")
    if stored != "".join(f"{digest}  {name}\n" for name, digest in sums.items()):
        raise DamagedBackup("a checksum is wrong")
