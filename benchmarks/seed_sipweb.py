"""The same accounts and users into the database that SIPWEB_INSTANCE names; `flask setup` has run.

With the argument `renew`: another secret and another user's name for each account, all of them active.
"""

import os
import sys
from pathlib import Path

from sqlalchemy import NullPool, create_engine, delete, insert, select, text, update
from sqlalchemy.orm import Session

from benchmarks.data import ACCOUNTS, PASSWORD, USERS
from sipweb import config, vault
from sipweb.models import Account, User


def main() -> None:
    settings = config.load(os.environ)
    keys = vault.load_keys(settings.instance / "keys.json")
    safe = vault.Vault(keys.secrets_keys, keys.fingerprint_key)
    with Session(create_engine(settings.database_url)) as session, session.begin():
        session.execute(text("UPDATE revision SET value = value + 1"))
        (_renew if sys.argv[1:] == ["renew"] else _seed)(session, safe)


def change(database: Path, number: int, level: int) -> None:
    """One account's level, as another process's transaction would change it."""
    with Session(create_engine(f"sqlite:///{database}", poolclass=NullPool)) as session, session.begin():
        session.execute(text("UPDATE revision SET value = value + 1"))
        session.execute(update(Account).where(Account.number == number).values(level=level))


def _seed(session: Session, safe: vault.Vault) -> None:
    password = vault.hash_password(PASSWORD)
    people = [{"login": u, "name": n, "password_hash": password, "role": "agent"} for u, n in USERS]
    owners = list(session.scalars(insert(User).returning(User.id, sort_by_parameter_order=True), people))
    session.execute(delete(Account))
    rows = [row | {"user_id": owner} | _secret(safe) for row, owner in zip(ACCOUNTS, owners, strict=True)]
    session.execute(insert(Account), rows)


def _renew(session: Session, safe: vault.Vault) -> None:
    session.execute(update(User).where(User.role == "agent").values(name=User.name + "x"))
    rows = [{"id": key, "active": True} | _secret(safe) for key in session.scalars(select(Account.id))]
    session.execute(update(Account), rows)


def _secret(safe: vault.Vault) -> dict[str, str]:
    secret = vault.new_secret()
    return {"secret": safe.encrypt(secret), "fingerprint": safe.fingerprint(secret)}


if __name__ == "__main__":
    main()
