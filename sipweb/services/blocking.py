"""Blocks addresses from which SIP passwords are guessed: the monitor does, and administrators unblock them."""

import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from ..core.blocking import (
    ATTACK_SECONDS,
    LIMIT,
    WINDOW,
    AttemptCounter,
    block_key,
    block_length,
    overlaps,
)
from ..core.errors import N_, NotFound, OperationRefused
from ..core.rights import Right
from ..db import db, transaction
from ..logs import StateLog, security_event
from ..models import AddressBlock, Event
from ..pbx import host_addresses, status
from ..pbx.blocked_addresses import BlockedAddressFile, file_text
from ..pbx.event_listener import SignIns
from . import audit, host_statuses, hosts
from .context import CLOCKS_DIFFER, Actor, ServiceContext, utc_now
from .generation_lock import generation_lock
from .state import live_generation
from .state_records import Attack

logger = logging.getLogger(__name__)
MAX_BLOCKS = 500  # addresses blocked at a time; Asterisk compares each request with all of them
RIGHT_PASSWORD = timedelta(days=1)  # how long a right password keeps its address from being blocked
SPARED_SECONDS = 60.0  # after which is looked again why an address is not blocked
RELOAD_SECONDS = 5.0  # after which Asterisk must deny what was blocked
LOCK_TIMEOUT = 1.0  # seconds that a reload waits for a comparison of the configuration
_TABLE = AddressBlock.metadata.tables["address_block"]


@dataclass(frozen=True, slots=True)
class BlockView:
    """A blocked address."""

    id: int
    address: str
    begun_at: datetime
    ends_at: datetime
    attempts: int


def active_blocks() -> tuple[BlockView, ...]:
    """Return the blocked addresses, the newest first."""
    now = utc_now()
    is_active = AddressBlock.ends_at > now, AddressBlock.begun_at <= now + CLOCKS_DIFFER
    query = select(AddressBlock).where(*is_active).order_by(AddressBlock.id.desc())
    return tuple(
        BlockView(row.id, row.address, row.begun_at, row.ends_at, row.attempts) for row in db.session.scalars(query)
    )


def unblock(actor: Actor, block_id: int) -> str:
    """End a block and return its address; the monitor lets Asterisk know.

    Raises:
        Forbidden, NotFound, OperationRefused: the role does not allow it; there is no such block, or it has ended.
    """
    actor.require(Right.ADMINISTER)
    with transaction(bump_revision=False) as session:
        row = session.get(AddressBlock, block_id)
        if row is None:
            raise NotFound(N_("This block no longer exists."))
        if row.ends_at <= utc_now():
            raise OperationRefused(N_("%(address)s is no longer blocked."), address=row.address)
        # two hosts may have blocked it at once
        active = update(AddressBlock).where(AddressBlock.address == row.address, AddressBlock.ends_at > utc_now())
        session.execute(active.values(ends_at=utc_now(), unblocked_by=actor.name))
        audit.record(session, actor, "address.unblock", row.address)
        return row.address


class Blocker:
    """The monitor's part: counts wrong passwords, blocks, and writes the file. `clock` returns seconds."""

    def __init__(self, ctx: ServiceContext, clock: Callable[[], float] = time.monotonic) -> None:
        self._ctx = ctx
        self._clock = clock
        self._attempts = AttemptCounter()
        self._exceeded: dict[str, float] = {}  # when the limit was last exceeded
        self._right: dict[str, float] = {}  # when a password was last right
        self._spared: dict[str, tuple[str, float]] = {}  # why an address is not blocked, and when that was found
        self._file = BlockedAddressFile(ctx.generation_files.directory / "blocked")
        self._blocked: frozenset[str] = frozenset()  # at the last run
        self._loaded = ""  # the text that Asterisk has read
        self._loaded_at = 0.0
        self._log = StateLog(logger, "Blocking addresses")
        self.problem = ""  # see PbxStatus.blocking_problem

    def run(
        self, sign_ins: SignIns, phone_addresses: Callable[[], Collection[str]], reload: Callable[[], None]
    ) -> tuple[Attack, ...]:
        """Block who exceeded the limit, let Asterisk know, and return what guessing is in progress.

        `phone_addresses` returns where phones are registered now; `reload` lets Asterisk read the file, or raises
        OperationRefused.
        """
        now = self._clock()
        guessed = self._count(sign_ins, now)
        blocks = {block.address: block for block in active_blocks()}
        for key in self._blocked - blocks.keys():  # it counts from the beginning again
            self._attempts.forget(key)
            self._exceeded.pop(key, None)
        self._exceeded |= {key: now for key in guessed if self._attempts.count(key, now - WINDOW) >= LIMIT}
        exceeding = [key for key, at in self._exceeded.items() if at == now and key not in blocks]
        new = [key for key in exceeding if not self._why_spared(key, phone_addresses, len(blocks))][
            : MAX_BLOCKS - len(blocks)
        ]
        of_hosts = _host_keys() if blocks else set()
        ended = [key for key in blocks if key in of_hosts or overlaps(key, self._ctx.trusted_networks)]
        if new or ended or not guessed.isdisjoint(blocks):
            self._store(new, ended, guessed & blocks.keys())
            blocks = {block.address: block for block in active_blocks()}
        self._blocked = frozenset(blocks)
        self._let_asterisk_know(self._blocked, reload)
        if self._loaded_at and now - self._loaded_at > RELOAD_SECONDS:
            self._check_denial(blocks, guessed)
        return tuple(self._attacks(blocks))

    def _count(self, sign_ins: SignIns, now: float) -> set[str]:
        """Count the attempts; return the addresses that made some."""
        self._attempts.forget_before(now - ATTACK_SECONDS)
        self._exceeded = {key: at for key, at in self._exceeded.items() if now - at < ATTACK_SECONDS}
        oldest = now - RIGHT_PASSWORD.total_seconds()
        right = {key: now for address in sign_ins.right if (key := block_key(address))}
        self._right = {key: at for key, at in self._right.items() if at > oldest} | right
        guessed = set()
        for address, count in sign_ins.wrong.items():
            if key := block_key(address):
                self._attempts.add(key, count, now)
                guessed.add(key)
        return guessed

    def _why_spared(self, key: str, phone_addresses: Callable[[], Collection[str]], block_count: int) -> str:
        """Return why an address is not blocked, or ""."""
        reason, at = self._spared.get(key, ("", 0.0))
        if not reason or self._clock() - at > SPARED_SECONDS:
            self._spared = {one: found for one, found in self._spared.items() if one in self._exceeded}
            reason = self._find_reason(key, phone_addresses) or ("full" if block_count >= MAX_BLOCKS else "")
            self._spared[key] = reason, self._clock()
        return reason

    def _find_reason(self, key: str, phone_addresses: Callable[[], Collection[str]]) -> str:
        if overlaps(key, self._ctx.trusted_networks):
            return "trusted"
        elsewhere = host_statuses.phones_at_other_hosts(self._ctx).values()
        phones = [*phone_addresses(), *(status.host_part(phone.address) for phone in elsewhere)]
        if key in self._right or key in _keys(phones) or _was_registered(key):
            return "phone"
        if key in _host_keys():
            return "host"
        trunks = host_addresses.resolve([trunk.host for trunk in live_generation(self._ctx)[1].trunks])
        return "trunk" if key in _keys(trunks) else ""

    def _store(self, new: Collection[str], ended: Collection[str], late: Collection[str]) -> None:
        """Begin and end blocks, and count what was tried from blocked addresses before Asterisk denied them."""
        now = utc_now()
        with transaction(bump_revision=False) as session:
            for key in sorted(new):
                length = block_length(*_last_block(session, key), now)
                attempts = self._attempts.count(key, 0)
                session.add(AddressBlock(address=key, begun_at=now, ends_at=now + length, attempts=attempts))
            active = update(AddressBlock).where(AddressBlock.ends_at > now)
            for key in sorted({*late, *ended}):  # the monitors of all hosts in the same order, else they may deadlock
                block = active.where(AddressBlock.address == key)
                if key in late:
                    attempts = self._attempts.count(key, 0)
                    fewer = AddressBlock.attempts < attempts  # another host may have counted more
                    session.execute(block.where(fewer).values(attempts=attempts))
                if key in ended:
                    session.execute(block.values(ends_at=now))
        for key in new:
            security_event("excess_rate_limit_exceeded", key, LIMIT)

    def _let_asterisk_know(self, addresses: Collection[str], reload: Callable[[], None]) -> None:
        """Write the file and reload, if Asterisk denies other addresses than these."""
        text = file_text(addresses)
        try:
            is_written = self._file.read() == text
            if is_written and (self._loaded == text or not (self._loaded or addresses)):
                self._log.succeeded()
                return
            if not is_written:
                self._file.write(text)
            with generation_lock(self._ctx, LOCK_TIMEOUT):
                reload()
        except OperationRefused as error:  # a generation is running, or Asterisk is starting: at the next poll
            logger.info("Blocked addresses are not in effect yet: %s", error)
        except OSError as error:
            self._log.failed(str(error))
            self.problem = "file"
        else:
            self._loaded, self._loaded_at, self.problem = text, self._clock(), ""
            self._log.succeeded()

    def _check_denial(self, blocks: Mapping[str, BlockView], guessed: Collection[str]) -> None:
        """Asterisk reports no attempts from addresses that it denies."""
        if any(key in blocks and f"deny={key}\n" in self._loaded for key in guessed):
            self.problem = "not_denied"
        elif not blocks:
            self.problem = ""

    def _attacks(self, blocks: Mapping[str, BlockView]) -> Iterable[Attack]:
        """Yield the guessing in progress, that with the most attempts first."""
        since = utc_now() - timedelta(seconds=ATTACK_SECONDS)
        recent = {key for key, block in blocks.items() if block.begun_at > since}  # also of an earlier monitor
        attacks = []
        for key in recent | self._exceeded.keys():
            block, spared = blocks.get(key), self._spared.get(key, ("", 0.0))[0]
            if block:
                attempts = self._attempts.count(key, 0) or block.attempts
                attacks.append(Attack(key, attempts, blocked_until=block.ends_at.timestamp()))
            elif spared:
                attacks.append(Attack(key, self._attempts.count(key, 0), spared=spared))
        return sorted(attacks, key=lambda attack: (-attack.attempts, attack.address))


def _keys(addresses: Iterable[str]) -> set[str]:
    return {block_key(address) for address in addresses} - {""}


def _host_keys() -> set[str]:
    """Return the addresses of all PBX hosts, which call each other."""
    return _keys(host_addresses.resolve([host.address for host in hosts.addresses()]))


def _last_block(session: Session, key: str) -> tuple[timedelta | None, datetime | None]:
    """Return length and end of the last block of an address that ended by itself."""
    query = select(AddressBlock).where(AddressBlock.address == key, AddressBlock.unblocked_by == "")
    row = session.scalar(query.order_by(AddressBlock.id.desc()).limit(1))
    return (row.ends_at - row.begun_at, row.ends_at) if row else (None, None)


def _was_registered(key: str) -> bool:
    """Return whether a phone was registered from an address within the last day."""
    registered = Event.kind.in_(("registered", "moved", "unregistered")), Event.account_id.is_not(None)
    recent = select(Event.address).where(*registered, Event.created_at > utc_now() - RIGHT_PASSWORD).distinct()
    return key in _keys(status.host_part(address) for address in db.session.scalars(recent))
