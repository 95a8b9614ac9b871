"""The same accounts and users into the database that SIPWEB_INSTANCE names; `flask setup` has run.

With the argument `renew`: another secret and another user's name for each account, all of them active. With `routing`:
10 trunks with passwords and 100 rules. With `usage`: 30 days of account usage.
"""

import os
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import NullPool, create_engine, delete, insert, select, text, update
from sqlalchemy.orm import Session

from benchmarks.data import ACCOUNTS, PASSWORD, USERS
from sipweb import config, crypto
from sipweb.models import Account, AccountUsage, OutboundRoute, Trunk, User


def main() -> None:
    settings = config.load(os.environ)
    keys = crypto.load_keys(settings.instance / "keys.json")
    safe = crypto.SecretCipher(keys.secrets_keys, keys.fingerprint_key)
    with Session(create_engine(settings.database_url)) as session, session.begin():
        session.execute(text("UPDATE revision SET value = value + 1"))
        {"renew": _renew, "routing": _add_routing, "usage": _add_usage}.get("".join(sys.argv[1:]), _seed)(session, safe)


def change(database: Path, number: int, level: int) -> None:
    """One account's level, as another process's transaction would change it."""
    with Session(create_engine(f"sqlite:///{database}", poolclass=NullPool)) as session, session.begin():
        session.execute(text("UPDATE revision SET value = value + 1"))
        session.execute(update(Account).where(Account.number == number).values(level=level))


def password_checks() -> list[float]:
    """Milliseconds of one password check: the median of nine."""
    hashed, found = crypto.hash_password(PASSWORD), []
    for _ in range(9):
        started = time.perf_counter()
        crypto.password_matches(PASSWORD, hashed)
        found.append((time.perf_counter() - started) * 1000)
    return [statistics.median(found)]


def _seed(session: Session, safe: crypto.SecretCipher) -> None:
    password, count = crypto.hash_password(PASSWORD), int(os.environ["BENCH_ACCOUNTS"])
    people = [{"login": u, "name": n, "password_hash": password, "role": "agent"} for u, n in USERS[:count]]
    owners = list(session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), people))
    session.execute(delete(Account))
    rows = [row | {"user_id": owner} | _secret(safe) for row, owner in zip(ACCOUNTS[:count], owners, strict=True)]
    session.execute(insert(Account), rows)


def _renew(session: Session, safe: crypto.SecretCipher) -> None:
    session.execute(update(User).where(User.role == "agent").values(name=User.name + "x"))
    rows = [{"id": key, "active": True} | _secret(safe) for key in session.scalars(select(Account.id))]
    session.execute(update(Account), rows)


def _add_routing(session: Session, safe: crypto.SecretCipher) -> None:
    trunks = [
        {"name": f"Provider {n}", "host": f"127.0.0.{n}", "port": 5090, "username": f"customer{n}"} | _secret(safe)
        for n in range(1, 11)
    ]
    keys = list(session.scalars(insert(Trunk).returning(Trunk.id, sort_by_parameter_order=True), trunks))
    rules = [
        {"name": f"Rule {n}", "position": n, "pattern": f"{n:03}[0-9]{{6}}|0048{n:03}.*", "level": n % 100,
         "trunk_id": keys[n % 10], "strip_digits": n % 4, "prepend_digits": "+48"}
        for n in range(1, 101)
    ]  # fmt: skip
    session.execute(insert(OutboundRoute), rules)


def _add_usage(session: Session, _safe: crypto.SecretCipher) -> None:
    start = datetime.now(UTC).replace(second=0, microsecond=0) - timedelta(days=30)
    minutes = [(start + timedelta(days=d, minutes=m), m % 20) for d in range(30) for m in range(0, 600, 2)]
    rows = [
        {"minute": at, "total": 20, "in_use": n, "peak": n, "needed": n, "refused": 0, "audit_id": 0}
        for at, n in minutes
    ]
    session.execute(insert(AccountUsage), rows)


def _secret(safe: crypto.SecretCipher) -> dict[str, str]:
    secret = crypto.generate_password()
    return {"secret": safe.encrypt(secret), "fingerprint": safe.fingerprint(secret)}


if __name__ == "__main__":
    main()
